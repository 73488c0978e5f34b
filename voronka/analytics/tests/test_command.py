"""`voronka report` on the terminal."""

import json

import pytest
from typer.testing import CliRunner

from voronka.cli.main import build
from voronka.core.errors import RuleBroken
from voronka.opportunities.models import Competitor, DealCompetitor, DealPartner
from voronka.opportunities.tests import make
from voronka.partners.models import Tag
from voronka.partners.tests import make as partners


@pytest.fixture
def report(world, monkeypatch):
    """Runs the command on the test's own database."""
    from contextlib import nullcontext

    monkeypatch.setattr("voronka.cli.commands.report.django_ready", nullcontext)

    def call(*arguments):
        done = CliRunner().invoke(build(), ["report", *arguments])
        if isinstance(done.exception, RuleBroken):
            raise done.exception
        return done

    return call


def test_a_partner_is_named_by_its_code_or_number(world, report):
    own = make.opportunity(world.charlie, 700)
    make.opportunity(world.charlie, 50, partner=partners.partner(world.charlie, "Another"))
    own.partner.refresh_from_db()
    for named in (own.partner.code.lower(), str(own.partner_id)):
        told = json.loads(report("opportunities", "--partner", named, "--json").stdout)
        assert [row["potential"] for row in told["rows"]] == ["700.00"]
    with pytest.raises(RuleBroken, match="no partner with the code"):
        report("opportunities", "--partner", "nobody")


def test_who_and_what_hangs_on_a_deal_is_named_in_words(world, report):
    own, _other = make.opportunity(world.charlie, 700), make.opportunity(world.dana, 50)
    own.partner.tags.add(Tag.objects.create(name="important"))
    DealCompetitor.objects.create(opportunity=own, competitor=Competitor.objects.create(name="Acme"))
    DealPartner.objects.create(opportunity=own, partner=world.partner)
    own.partner.refresh_from_db()
    code = own.partner.code.lower()
    for named in (
        ("--tag", "Important"),
        ("--competitor", "acme"),
        ("--also", world.partner.code),
        ("--opener", "Charlie@example.com"),
        ("--opener", str(world.charlie.pk)),
        ("--code-from", code, "--code-to", code),
    ):
        told = json.loads(report("opportunities", *named, "--json").stdout)
        assert [row["potential"] for row in told["rows"]] == ["700.00"], named
    for named in (("--tag", "none"), ("--competitor", "none")):
        told = json.loads(report("opportunities", *named, "--json").stdout)
        assert told["totals"]["potential"] == "250050.00", named


def test_json_has_names_figures_as_text_and_nothing_else(world, report):
    make.opportunity(world.charlie, "0.10")
    answer = json.loads(report("pipeline", "--format", "json").stdout)
    assert answer["report"] == "pipeline"
    assert answer["as_of"] is None
    first = answer["rows"][0]
    assert (first["stage"], first["count"], first["potential"], first["weighted"]) == (
        "First contact",
        2,
        "250000.10",
        "25000.01",
    )
    assert answer["totals"] == {"count": 2, "potential": "250000.10", "weighted": "25000.01"}


def test_a_person_sees_their_own(world, report):
    make.opportunity(world.charlie, 1)
    answer = json.loads(
        report(
            "pipeline", "--json", "--user", "charlie@example.com", "--as-of", str(world.opportunity.opened_on)
        ).stdout
    )
    assert answer["totals"]["potential"] == "1.00"
    assert answer["as_of"] == str(world.opportunity.opened_on)


def test_table_csv_and_workbook(report, tmp_path):
    assert "250,000" in report("pipeline").stdout
    assert "250000.00" in report("forecast-over-time", "--format", "csv", "--by", "salesperson").stdout
    file = tmp_path / "funnel.xlsx"
    report("pipeline", "--format", "xlsx", "--output", str(file))
    assert file.read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["horoscope"], "There is no report “horoscope”. Reports: "),
        (["pipeline", "--as-of", "soon"], "not understood"),
        (["pipeline", "--user", "nobody@example.com"], "Nobody signs in"),
        (["pipeline", "--pipeline", "Yachts"], "There is no pipeline “Yachts”"),
        (["pipeline", "--tag", "rare"], "There is no tag “rare”"),
        (["pipeline", "--competitor", "Nobody"], "There is no competitor “Nobody”"),
        (["pipeline", "--also", "nobody"], "no partner with the code"),
        (["pipeline", "--opener", "nobody@example.com"], "Nobody signs in"),
        (["pipeline", "--code-from", "P" * 21], "a code of up to 20 characters"),
        (["pipeline", "-o", "/nowhere/x.csv", "--format", "csv"], "cannot be written"),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(report, arguments, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        report(*arguments)
