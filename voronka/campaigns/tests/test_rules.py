"""Patterns that find a person in a text, and nobody else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voronka.campaigns import rules


def finds(pattern, text):
    return bool(pattern) and rules.python_pattern(pattern).search(text) is not None


@pytest.mark.parametrize(
    "text", ["+79161234567", "8 (916) 123-45-67", "тел. 79161234567", "9161234567", "+7 916 123 45 67, доб. 5"]
)
def test_a_phone_is_found_however_it_is_written(text):
    assert finds(rules.phone_pattern("+79161234567"), text)


def test_another_phone_is_not():
    assert not finds(rules.phone_pattern("+79161234567"), "+79161234568")
    assert rules.phone_pattern("12-34") == ""


@pytest.mark.parametrize("text", ["Анна Петрова", "петрова анна просила", "Пётр и Анна  Петрова", "«Анна\nПетрова»"])
def test_a_full_name_is_found_in_both_orders(text):
    assert finds(rules.name_pattern("Анна Петрова"), text)


def test_a_single_word_is_nobodys_full_name():
    assert rules.name_pattern("Анна") == ""
    assert not finds(rules.name_pattern("Анна Петрова"), "Анна Петровановна")


@pytest.mark.parametrize("text", ["звонил Петровой", "у Анны", "с Петровым", "Алексею", "алексеем", "Марией", "Марии"])
def test_a_word_is_found_in_all_cases(text):
    assert finds(rules.word_pattern("Анна Петрова Алексей Мария"), text)


@pytest.mark.parametrize("text", ["верно", "верный", "поверил", "Верхний"])
def test_a_word_that_only_begins_alike_is_not(text):
    assert not finds(rules.word_pattern("Вера"), text)


@given(st.text(max_size=30))
def test_any_name_makes_a_pattern_that_can_be_used(name):
    for pattern in (rules.name_pattern(name), rules.word_pattern(name), rules.phone_pattern(name)):
        rules.python_pattern(rules.joined([pattern]))


def test_json_loses_texts_keys_and_numbers():
    pattern = re.compile("79161234567")
    value = {"a 79161234567": ["x", 79161234567, {"b": "t 79161234567"}], "n": 5, "f": True}
    assert rules.replaced(value, pattern, "—") == {"a —": ["x", "—", {"b": "t —"}], "n": 5, "f": True}
    assert rules.mentioning([["Anna", "79161234567"], ["Boris", "1"]], pattern) == [["Anna", "79161234567"]]
