"""Items and contacts of opportunities come in from plain files, once, and only into opportunities one may change."""

import random
from decimal import Decimal
from pathlib import Path

import pytest

from voronka.imports import actions, dialects
from voronka.imports.tests.make import run_of
from voronka.imports.tests.test_dialects import DEALS, read
from voronka.opportunities.models import DealContact, DealItem, Opportunity
from voronka.partners.importing import REASONS
from voronka.partners.models import Contact

FOLDER = Path(__file__).parent / "plain"
FILES = sorted(FOLDER.glob("*.csv"))
ITEMS = FOLDER / "deal-items_ru.csv"
CONTACTS = FOLDER / "deal-contacts_ru.csv"


@pytest.fixture
def deals(world):
    """Two opportunities of one partner with two contacts; Dana brought them in."""
    run_of(DEALS, world.dana)
    flax = Opportunity.objects.get(external_id="1").partner
    for name, email in (("Мария Лунина", ""), ("Пётр Ткач", "petr@flax.example")):
        Contact.objects.create(partner=flax, name=name, email=email)
    return world


def parts():
    """What hangs on opportunities, in words."""
    items = DealItem.objects.order_by("pk").values_list(
        "opportunity__external_id", "name", "quantity", "unit", "price", "discount"
    )
    contacts = DealContact.objects.order_by("pk").values_list(
        "opportunity__external_id", "contact__name", "role", "details"
    )
    return list(items), list(contacts)


def reasons(run):
    return dict(run.outcome["refused"]["reasons"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_plain_file_is_recognised_and_comes_in_whole(deals, file):
    run = run_of(file, deals.dana)
    rows = len(read(file)) - 1
    assert (run.kind, run.facts["dialect"], len(run.mapping)) == (file.stem.split("_")[0], "", len(run.headers))
    assert (run.status, run.rows, run.created, run.refused) == ("done", rows, rows, 0)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mutated_file_is_recognised_too(db, file):
    """Other order, capitals, columns of one's own, the last column missing: the same kind, the same fields."""
    headers, chance = read(file)[0], random.Random(file.stem)
    whole = dialects.recognise(headers)
    places = list(range(len(headers) - 1))
    chance.shuffle(places)
    found = dialects.recognise([headers[place].upper() for place in places] + ["Our own field", "UF_CRM_1"])
    assert (found.dialect, found.kind) == (None, file.stem.split("_")[0])
    assert set(found.mapping.values()) == {whole.mapping[place] for place in places}


def test_items_come_in_once_with_what_is_not_said_filled_in(deals):
    before = parts()
    assert run_of(ITEMS, deals.dana, write=False).created == 4
    assert parts() == before
    run = run_of(ITEMS, deals.dana)
    assert parts()[0] == [
        ("1", "Стол письменный", 2, "шт.", Decimal("1200.50"), 10), ("1", "Сборка", 1, "час", 500, 0),
        ("1", "Стол письменный", 1, "шт.", 1000, 0), ("006A", "Стул «Лён»", Decimal("0.5"), "уп.", 3000, 0),
    ]  # fmt: skip
    assert Opportunity.objects.get(external_id="1").potential == 1200, "the amount stays as it was said"
    again = run_of(ITEMS, deals.dana)
    assert (again.created, again.skipped, len(parts()[0])) == (0, 4, 4)
    actions.undo_now(run, by=deals.dana)
    assert (run.status, run.removed, parts()) == ("undone", 4, before)


def test_an_item_is_updated_where_asked_to_and_put_back(deals):
    run_of(ITEMS, deals.dana)
    before = parts()
    dearer = "ID сделки;Товар;Количество;Цена\n1;стол письменный;;1200,50\n1;Стол письменный;3;1100\n006A;Стул «Лён»;1;3000\n"
    Opportunity.objects.filter(external_id="006A").update(status="won", closed_on="2024-02-01")
    run = run_of(dearer, deals.dana, on_duplicate="update")
    assert (run.kind, run.created, run.updated, run.skipped) == ("deal-items", 0, 1, 2)
    assert {reason for reason, _rows in run.outcome["skipped"]["reasons"]} == {"same", "closed"}
    assert parts()[0][2] == ("1", "Стол письменный", 3, "шт.", 1100, 0)
    actions.undo_now(run, by=deals.dana)
    assert (run.restored, parts()) == (1, before)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("1;Стол;-2;100;", "quantity"),
        ("1;Стол;0;100;", "quantity"),
        ("1;Стол;два;100;", "number"),
        ("1;Стол;2;-100;", "negative"),
        ("1;Стол;2;;", "no_price"),
        ("1;Стол;99999999999;9999999999999;", "long_value"),
        ("1;Стол;2;100;101", "percent"),
        ("1;;2;100;", "empty"),
        (f"1;{'Стол' * 51};2;100;", "long_value"),
        ("404;Стол;2;100;", "no_opportunity"),
    ],
)
def test_an_item_that_can_not_be_taken_says_why(deals, cells, reason):
    run = run_of(f"ID сделки;Товар;Количество;Цена;Скидка\n1;Полка;1;100;100\n{cells}\n", deals.dana)
    assert (run.kind, run.created, reasons(run)) == ("deal-items", 1, {reason: 1})
    assert reason in REASONS
    assert [name for _deal, name, *_rest in parts()[0]] == ["Полка"]


def test_contacts_come_in_once_in_each_role(deals):
    before = parts()
    assert run_of(CONTACTS, deals.dana, write=False).created == 4
    assert parts() == before
    run = run_of(CONTACTS, deals.dana)
    assert parts()[1] == [
        ("1", "Мария Лунина", "decides", "подписывает договор"), ("1", "Пётр Ткач", "influences", ""),
        ("1", "Мария Лунина", "pays", ""), ("006A", "Мария Лунина", "decides", ""),
    ]  # fmt: skip
    again = run_of(CONTACTS, deals.dana)
    assert (again.created, again.skipped, len(parts()[1])) == (0, 4, 4)
    actions.undo_now(run, by=deals.dana)
    assert (run.status, run.removed, parts(), Contact.objects.filter(name="Мария Лунина").count()) == (
        "undone",
        4,
        before,
        1,
    )


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("1;Некто Другой;;ЛПР", "no_contact"),
        ("1;;;ЛПР", "no_contact"),
        ("1;;other@flax.example;ЛПР", "no_contact"),
        ("1;Мария Лунина;;Тамада", "role"),
        ("404;Мария Лунина;;ЛПР", "no_opportunity"),
    ],
)
def test_a_contact_that_can_not_be_taken_says_why(deals, cells, reason):
    run = run_of(f"ID сделки;Контакт;E-mail;Роль\n1;Пётр Ткач;;ЛПР\n1;пётр ткач;;ЛПР\n{cells}\n", deals.dana)
    assert (run.kind, run.created, run.skipped, reasons(run)) == ("deal-contacts", 1, 1, {reason: 1})
    assert reason in REASONS
    assert [name for _deal, name, *_rest in parts()[1]] == ["Пётр Ткач"]


def test_the_e_mail_tells_namesakes_apart_and_another_company_has_none_of_them(deals):
    flax = Opportunity.objects.get(external_id="1").partner
    Contact.objects.create(partner=flax, name="Пётр Ткач", email="other@flax.example")
    Contact.objects.create(partner=deals.partner, name="Анна Чужая", email="anna@example.com")
    rows = "1;Пётр Ткач;Other@Flax.example;пользуется\n1;Анна Чужая;anna@example.com;пользуется\n"
    run = run_of(f"ID сделки;Контакт;E-mail;Роль\n{rows}", deals.dana)
    assert (run.created, reasons(run)) == (1, {"no_contact": 1})
    assert DealContact.objects.get().contact.email == "other@flax.example"


@pytest.mark.parametrize("file", [ITEMS, CONTACTS], ids=lambda file: file.stem)
def test_nothing_is_hung_on_a_strangers_deal(deals, file):
    before = parts()
    run = run_of(file, deals.charlie)
    assert (run.created, reasons(run)) == (0, {"no_opportunity": 4})
    assert parts() == before


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Фамилия;Имя;E-mail;Роль", "contacts"),
        ("Name;Email;Role;Company", "contacts"),
        ("Name;First name;Last name;Email;Role", "contacts"),
        ("Номер сделки;Контрагент;Роль в сделке", "deal-partners"),
        ("Номер сделки;Контрагент;Контакт;Роль в сделке", "deal-contacts"),
        ("Сделка;Контакт;Роль", "deal-contacts"),
        ("Сделка;Контакт;Этап;Сумма", "opportunities"),
        ("Название сделки;Товар;Количество;Цена;Сумма;Этап", "opportunities"),
        ("Сделка;Позиция;Количество;Цена", "deal-items"),
        ("Наименование;ИНН;Телефон", "partners"),
        ("Наименование;Цена;Количество", "partners"),
    ],
)
def test_files_that_look_alike_are_told_apart(headers, kind):
    assert dialects.recognise(headers.split(";")).kind == kind


def test_the_result_tells_prices_exactly_and_roles_in_words(deals, sign_in):
    client = sign_in(deals.dana)
    page = client.get(f"/imports/{run_of(ITEMS, deals.dana).pk}/").content.decode()
    assert "1,200.50" in page
    assert ">0.5<" in "".join(page.split())
    contacts = run_of("ID сделки;Контакт;Роль\n1;Мария Лунина;Влияет\n1;Мария Лунина;Тамада\n", deals.dana)
    created, refused = (
        client.get(f"/imports/{contacts.pk}/?tab={tab}").content.decode() for tab in ("created", "refused")
    )
    assert "influences" in created
    assert "Тамада" in refused
