"""Keys and check digits of partners, without a database."""

import pytest

from voronka.partners import rules


@pytest.mark.parametrize(
    ("value", "right"), [("7707083893", True), ("7707083894", False), ("500100732259", True), ("12", False)]
)
def test_inn(value, right):
    assert rules.is_inn(value) is right


@pytest.mark.parametrize(("value", "right"), [("1027700132195", True), ("1027700132190", False)])
def test_ogrn(value, right):
    assert rules.is_ogrn(value) is right


def test_account_key_depends_on_the_bank():
    assert rules.account_key_is_right("40702810900000005555", "044525225") != rules.account_key_is_right(
        "40702810900000005555", "044525226"
    )
    assert rules.account_key_is_right("30101810400000000225", "044525225", correspondent=True)
    assert not rules.account_key_is_right("30101810500000000225", "044525225", correspondent=True)


@pytest.mark.parametrize("text", ["8 (495) 123-45-67", "+7 495 1234567", "84951234567"])
def test_spellings_of_one_phone(text):
    assert rules.phone_e164(text) == "+74951234567"


@pytest.mark.parametrize("text", ["нет", "12", ""])
def test_what_is_no_phone(text):
    assert rules.phone_e164(text) == ""


def test_spellings_of_one_name():
    assert rules.name_key('ООО "Ёлки-Палки"') == rules.name_key("Елки палки, ООО") == "елки палки"


def test_a_phone_is_searched_by_its_digits():
    assert rules.search_words("8 (495) 123-45-67") == ["4951234567"]
    assert rules.search_words("Ромашка Москва") == ["ромашка", "москва"]
