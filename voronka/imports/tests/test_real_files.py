"""The main job: real files of other systems come in as they are. Skipped where the shared data are absent."""

import contextlib
import csv
import json
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Count, Sum

from voronka.core.errors import RuleBroken
from voronka.imports import formats
from voronka.imports.tests.make import SHARED, run_of
from voronka.opportunities.models import Opportunity, OpportunityState
from voronka.partners.models import Partner
from voronka.partners.rules import name_key

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not here")
MAVEN = SHARED / "maven_crm"


@pytest.fixture
def pipeline_rows():
    with (MAVEN / "sales_pipeline.csv").open() as file:
        return list(csv.DictReader(file))


def test_maven_comes_in_with_its_history(world, pipeline_rows):
    accounts = run_of(MAVEN / "accounts.csv", world.dana)
    deals = run_of(MAVEN / "sales_pipeline.csv", world.dana, without_partner="placeholder")
    assert (accounts.created, deals.created, deals.refused) == (85, 8800, 0)
    by_status = dict(Opportunity.objects.values_list("status").annotate(n=Count("pk")))
    by_stage = dict(
        Opportunity.objects.open().exclude(external_id="").values_list("stage__name").annotate(n=Count("pk"))
    )
    assert (by_status["won"], by_status["lost"], by_stage) == (4238, 2473, {"Engaging": 1589, "Prospecting": 500})
    won = sum(Decimal(row["close_value"]) for row in pipeline_rows if row["deal_stage"] == "Won")
    assert Opportunity.objects.won().aggregate(total=Sum("potential"))["total"] == won
    day = "2017-07-01"
    then = [
        r
        for r in pipeline_rows
        if r["engage_date"] and r["engage_date"] <= day and not (r["close_date"] and r["close_date"] <= day)
    ]
    moment = datetime.combine(date(2017, 7, 1), time.max, ZoneInfo("Europe/Moscow"))
    states = OpportunityState.objects.at(moment).visible_then(world.dana).filter(status="open")
    assert states.count() == len(then)
    assert states.aggregate(total=Sum("potential"))["total"] == sum(Decimal(r["close_value"] or 0) for r in then)
    again = run_of(MAVEN / "sales_pipeline.csv", world.dana, without_partner="placeholder")
    assert (again.created, again.skipped) == (0, 8800)


def test_rows_without_an_account_are_reported_by_default(world, pipeline_rows):
    run = run_of(MAVEN / "sales_pipeline.csv", world.dana)
    nameless = sum(1 for row in pipeline_rows if not row["account"])
    assert (run.created, run.refused) == (8800 - nameless, nameless) == (7375, 1425)


MESSY = [
    "01_cp1251_semicolon_crlf.csv", "02_utf8_bom_semicolon.csv", "03_utf16le_bom_tab_excel_unicode.txt", "04_cp866_semicolon_dos.csv",
    "05_koi8r_comma_lf.csv", "06_sep_line_excel.csv", "07_all_quoted_utf8_nobom_lf.csv", "08_mojibake_utf8_read_as_cp1251.csv",
    "09_ragged_title_total_mixed_eol.csv",
]  # fmt: skip  # fmt: skip


@pytest.mark.parametrize("name", MESSY)
def test_ten_right_records_of_each_messy_file(world, name):
    expected = json.loads((SHARED / "ru_messy" / "expected.json").read_text("utf-8"))
    run = run_of(SHARED / "ru_messy" / name, world.dana)
    assert (run.rows, run.created) == (10, 10)
    for row in expected:
        partner = Partner.objects.get(tax_id=row["inn"])
        # DOS and KOI8-R have no «quotes».
        assert (name_key(partner.name), partner.kpp, partner.phone, partner.email) == (
            name_key(row["name"]),
            row["kpp"],
            row["phone"],
            row["email"],
        )
        assert [c.name.replace("’", "'") for c in partner.contacts.all()] == (
            [row["person"].replace("’", "'")] if row["person"] else []
        )
        assert partner.addresses.get().city == row["city"]


def test_leads_in_a_workbook_called_csv(world):
    run = run_of(SHARED / "xeducation_leads" / "Leads.csv", world.dana)
    assert (run.rows, run.created) == (9240, 9240)
    sources = dict(Partner.objects.exclude(source=None).values_list("source__name").annotate(n=Count("pk")))
    assert sources["Google"] == 2873
    assert "Select" not in sources


@pytest.mark.parametrize(
    "path", sorted((SHARED / "xlsx_corner_cases").glob("*.*")) if SHARED.is_dir() else [], ids=lambda p: p.name
)
def test_every_odd_workbook_is_read_or_refused_in_words(path):
    found = None
    with contextlib.suppress(RuleBroken):
        found = formats.recognise(path)
    assert found is None or found.headers
