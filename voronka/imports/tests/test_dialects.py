"""Files of other systems are recognised by their headers and come in without a hand on the mapping."""

import csv
import random
from pathlib import Path

import pytest

from voronka.imports import dialects
from voronka.imports.formats.csv_file import delimiter_of, encoding_of
from voronka.imports.tests.make import run_of
from voronka.opportunities.models import Opportunity
from voronka.partners.models import Contact, Partner

FOLDER = Path(__file__).parent / "dialects"
FILES = sorted(FOLDER.glob("*.csv"))
# Columns no field of ours holds: bookkeeping, other systems' keys and figures computed from others.
UNKNOWN = {
    "amocrm_opportunities": 18, "amocrm_contacts": 3, "amocrm_partners": 3, "bitrix24_partners": 18, "bitrix24_opportunities": 5, "pipedrive_opportunities": 3,
    "pipedrive_contacts": 1, "hubspot_opportunities": 5, "hubspot_contacts": 4, "hubspot_partners": 2, "salesforce_opportunities": 7,
    "salesforce_report_opportunities": 5, "salesforce_contacts": 2, "zoho_opportunities": 6, "zoho_partners": 3, "odoo_partners": 5, "odoo_opportunities": 2,
    "espocrm_opportunities": 7, "espocrm_contacts": 2, "sap-b1_partners": 0, "sap-b1_contacts": 1, "sap-b1_opportunities": 0, "1c_partners": 3,
    "sap-b1_addresses": 11, "sap-b1_accounts": 12, "sap-b1_stages": 10, "sap-b1_competitors": 1, "sap-b1_interests": 1, "sap-b1_reasons": 1, "salesforce_stages": 6,
    "pipedrive_activities": 1, "salesforce_activities": 4, "sap-b1_activities": 25, "zoho_activities": 2, "sap-b1_deal-partners": 1, "bitrix24_contacts": 7,
    "espocrm_partners": 3, "pipedrive_partners": 1, "salesforce_partners": 3, "zoho_contacts": 4,
}  # fmt: skip


DEALS = "ID;Сделка;Компания;Этап;Сумма;Дата открытия\n1;Стол;Лён;Meeting;1200;10.01.2024\n006A;Стул;Лён;Proposal;1000;10.01.2024\n"
# What must be there before files that hang on it.
_PARTNERS = FOLDER / "sap-b1_partners.csv"
BEFORE = {
    **{kind: [DEALS] for kind in ("stages", "competitors", "interests", "reasons", "deal-partners")},
    "addresses": [_PARTNERS],
    "accounts": [_PARTNERS],
    "activities": [_PARTNERS, DEALS],
}


def expected(file):
    slug, *_rest, kind = file.stem.split("_")
    return slug, kind


def read(file):
    encoding = encoding_of(file)
    text = file.read_text(encoding)
    return list(csv.reader(text.splitlines(), delimiter=delimiter_of(text)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_recognised_and_comes_in_whole(world, file):
    slug, kind = expected(file)
    for earlier in BEFORE.get(kind, []):
        run_of(earlier, world.dana)
    run = run_of(file, world.dana, without_partner="placeholder")
    assert (run.facts["dialect"], run.kind) == (slug, kind)
    data = [row for row in read(file)[1:] if not dialects.dialect_of(slug).is_comment(row)]
    assert (run.status, run.rows, run.created, run.refused) == ("done", len(data), len(data), 0)
    assert len(run.headers) - len(run.mapping) == UNKNOWN[file.stem], sorted(
        header for place, header in enumerate(run.headers) if str(place) not in run.mapping
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mutated_file_is_recognised_too(world, file):
    """Other order, other case, extra columns, one column missing: the same dialect, the same fields."""
    slug, kind = expected(file)
    table, chance = read(file), random.Random(file.stem)
    whole = dialects.recognise([header.strip() for header in table[0]])
    places = list(range(len(table[0])))
    chance.shuffle(places)
    places.remove(
        max(place for place in places if place not in whole.mapping) if len(whole.mapping) < len(places) else places[-1]
    )
    headers = [table[0][place].upper() for place in places] + ["Our own field", "UF_CRM_1"]
    found = dialects.recognise(headers)
    assert found.dialect is not None
    assert (found.dialect.slug, found.kind) == (slug, kind)
    kept = {field for place, field in whole.mapping.items() if place in places}
    assert kept <= set(found.mapping.values())


def test_a_deal_of_amocrm_brings_its_company_and_contact(world):
    run_of(next(file for file in FILES if file.stem == "amocrm_opportunities"), world.dana)
    deal = Opportunity.objects.select_related("partner", "contact", "stage", "owner").get(external_id="101")
    assert (deal.name, deal.potential, deal.status, deal.stage.name) == (
        "Поставка стульев",
        120000,
        "open",
        "Переговоры",
    )
    assert (deal.partner.name, deal.contact.name, deal.contact.phone) == ("ООО Лютик", "Мария Лунина", "+74951112233")
    assert (deal.owner, deal.opened_on.isoformat()) == (world.alice, "2025-02-03")
    closed = {deal.external_id: deal for deal in Opportunity.objects.filter(partner__name="АО Клён")}
    assert (closed["102"].status, closed["103"].status) == ("won", "lost")
    assert closed["102"].closed_on.isoformat() == "2025-02-15"
    assert [(s.status, s.since.date().isoformat()) for s in closed["102"].states.order_by("since")] == [
        ("open", "2024-12-31"), ("won", "2025-02-15"),
    ]  # fmt: skip


def test_files_of_business_one_belong_together(world):
    for name in ("sap-b1_partners", "sap-b1_contacts", "sap-b1_opportunities"):
        run_of(next(file for file in FILES if file.stem == name), world.dana)
    partner = Partner.objects.get(external_id="C20000")
    assert (partner.kind, Partner.objects.get(external_id="L10000").kind) == ("customer", "lead")
    assert Contact.objects.get(name="Max Teq").partner == partner
    assert set(partner.opportunities.values_list("name", "status")) == {("Printers", "open"), ("Paper", "won")}


def test_plain_headers_are_nobodys_dialect():
    for headers in (
        ["Name", "Phone", "E-mail"],
        ["Наименование", "ИНН", "Телефон"],
        ["opportunity_id", "deal_stage", "close_value"],
    ):
        assert dialects.recognise(headers).dialect is None


def test_every_kind_of_every_dialect_has_a_file_and_every_dialect_a_title():
    assert {expected(file) for file in FILES} == {(one.slug, kind) for one in dialects.dialects() for kind in one.kinds}
    assert all(one.title and one.signs and one.kinds for one in dialects.dialects())
