"""Partners come in from files: found again, filled in, refused with a reason; a check writes nothing."""

import pytest

from voronka.core.errors import RuleBroken
from voronka.imports import actions
from voronka.imports.tests.make import run_of
from voronka.partners.models import Address, Contact, Industry, Partner
from voronka.partners.tests import make as partners

FILE = """Наименование;ИНН;Телефон;E-mail;Город;Контактное лицо;Отрасль
ООО «Север»;7707083893;8 (495) 000-12-00;A@example.com;Москва;Иванов Иван;Торговля
АО Механика;;;b@example.com;Тверь;;торговля
;;;;;;
"""


def test_a_row_becomes_a_partner_with_contact_and_address(world):
    run = run_of(FILE.replace("7707083893", "7736050003"), world.dana)
    assert (run.kind, run.rows, run.created, run.refused) == ("partners", 2, 2, 0)
    partner = Partner.objects.get(tax_id="7736050003")
    assert (partner.name, partner.phone, partner.email, partner.owner) == (
        "ООО «Север»",
        "+74950001200",
        "a@example.com",
        world.dana,
    )
    assert Contact.objects.get(partner=partner).name == "Иванов Иван"
    assert Address.objects.get(partner=partner).city == "Москва"
    assert Industry.objects.count() == 1


def test_a_check_says_the_same_and_writes_nothing(world):
    run = run_of(FILE, world.dana, write=False)
    assert (run.status, run.created, run.skipped) == ("checked", 1, 1)
    assert Partner.objects.count() == 1
    assert run.missing == {"industry": ["торговля"]}


def test_the_same_file_twice_changes_nothing(world):
    run_of(FILE, world.dana)
    again = run_of(FILE, world.dana)
    assert (again.created, again.updated, again.skipped) == (0, 0, 2)
    assert Partner.objects.count() == 2


def test_update_fills_in_what_the_file_knows(world):
    run = run_of("Наименование;ИНН;Сайт\nRomashka LLC;7707083893;romashka.example\n", world.dana, on_duplicate="update")
    world.partner.refresh_from_db()
    assert (run.updated, world.partner.website, world.partner.phone) == (1, "romashka.example", "+74951234567")


def test_a_strangers_partner_is_not_updated(world):
    run = run_of("Наименование;ИНН;Сайт\nRomashka;7707083893;evil.example\n", world.charlie, on_duplicate="update")
    world.partner.refresh_from_db()
    assert (run.refused, world.partner.website) == (1, "")
    assert "may not change" in actions.refused_file(run).read_text("utf-8-sig")


def test_the_owner_is_a_colleague_by_name_or_becomes_one_nobody_signs_in_as(world):
    run_of("Name;Owner\nNew one;Bob\nNewer;Moses Frase\n", world.dana)
    assert Partner.objects.get(name="New one").owner == world.bob
    moses = Partner.objects.get(name="Newer").owner
    assert (moses.name, moses.is_active, moses.has_usable_password()) == ("Moses Frase", False, False)


def test_a_formula_stays_text(world):
    run_of('Name,Phone\n"=cmd|calc!A1",+74950000001\n', world.dana)
    assert Partner.objects.filter(name="=cmd|calc!A1").exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Name;Revenue\nA;-5\n", "negative"),
        ("Name;Revenue\nA;many\n", "can't be read"),
        (f"Name;Phone\n{'x' * 10000};1\n", "longer than 200"),
        ("Name;Phone\n;84950000000\n", "no name"),
    ],
)
def test_bad_rows_are_refused_with_a_reason_and_kept(world, text, reason):
    run = run_of(text, world.dana)
    assert (run.rows, run.created, run.refused) == (1, 0, 1)
    assert reason in actions.refused_file(run).read_text("utf-8-sig")


def test_a_run_is_not_started_without_a_name_column(world):
    with pytest.raises(RuleBroken, match="Say which column"):
        run_of("Colour;Weight\nred;5\n", world.dana)


def test_a_partner_linked_twice_in_a_file_comes_in_once(world):
    run = run_of("Name;ИНН\nOne;7736050003\nOne more;7736050003\n", world.dana)
    assert (run.created, run.skipped) == (1, 1)
    assert partners.Partner.objects.filter(tax_id="7736050003").count() == 1
