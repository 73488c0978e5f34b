"""The funnel: figures, splits, rights."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from voronka.accounts.tests import make as people
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import run
from voronka.core import actions as kernel
from voronka.opportunities import actions
from voronka.opportunities.tests import make
from voronka.partners.models import Source


def funnel(user, **wanted):
    result = run("pipeline", user, Criteria.parse(wanted))
    return {tuple(row[key] for key in ("stage", wanted.get("by")) if key): row for row in result.rows}, result.totals


def test_open_deals_by_stage(world):
    make.opportunity(world.alice, 750000, stage=world.stages[2], partner=world.partner)
    make.opportunity(world.alice, "0.05", stage=world.stages[2], partner=world.partner)
    won = make.opportunity(world.alice, 99, partner=world.partner)
    actions.win(won, by=world.alice)
    rows, totals = funnel(world.alice)
    assert list(rows) == [(stage.name,) for stage in world.stages]
    quotation = rows[("Quotation",)]
    assert (quotation["count"], quotation["potential"], quotation["weighted"]) == (
        2,
        Decimal("750000.05"),
        Decimal("450000.03"),
    )
    assert (quotation["share"], quotation["percentage"]) == (Decimal("75.0"), Decimal("60.00"))
    assert rows[("Meeting",)]["count"] == 0
    assert totals == {"count": 3, "potential": Decimal("1000000.05"), "weighted": Decimal("475000.03")}


def test_each_sees_the_sums_of_their_own_reach(world):
    make.opportunity(world.bob, 10)
    make.opportunity(world.charlie, 100)
    seen = {name: funnel(getattr(world, name))[1]["potential"] for name in ("alice", "bob", "charlie", "dana")}
    assert seen == {"alice": 250000, "bob": 250010, "charlie": 100, "dana": 250110}


@pytest.mark.parametrize("as_of", ["", "today"])
def test_split_by_people_and_sources(world, as_of):
    fair = Source.objects.create(name="Fair")
    make.opportunity(world.bob, 10, source=fair)
    moment = {"as_of": str(world.opportunity.opened_on)} if as_of else {}
    rows, totals = funnel(world.dana, by="salesperson", **moment)
    assert {key: row["count"] for key, row in rows.items()} == {
        ("First contact", "Alice"): 1,
        ("First contact", "Bob"): 1,
    }
    rows, _totals = funnel(world.dana, by="source", **moment)
    assert {key: row["potential"] for key, row in rows.items()} == {
        ("First contact", "Fair"): 10,
        ("First contact", None): 250000,
    }
    rows, totals = funnel(world.dana, source="none", **moment)
    assert totals["count"] == 1


def test_two_pipelines_are_told_apart_and_one_can_be_chosen(world):
    other = make.pipeline("Projects")
    make.opportunity(world.alice, 5, stage=other.stages.first())
    result = run("pipeline", world.alice, Criteria())
    assert result.columns[0].key == "pipeline"
    assert len(result.rows) == 8
    rows, totals = funnel(world.alice, pipeline=str(other.pk))
    assert (len(rows), totals["potential"]) == (4, 5)


def test_deleted_deals_are_gone_today_and_present_yesterday(world, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=3))
    kernel.delete(world.opportunity, by=world.alice)
    assert funnel(world.alice)[1]["count"] == 0
    assert funnel(world.alice, as_of=str(world.opportunity.opened_on))[1]["count"] == 1


def test_a_past_report_follows_the_owner_of_that_day(world, time_machine):
    opened = str(world.opportunity.opened_on)
    time_machine.move_to(timezone.now() + timedelta(days=3))
    actions.change(world.opportunity, owner=world.charlie, by=world.dana)
    assert funnel(world.alice)[1]["count"] == 0
    assert funnel(world.alice, as_of=opened)[1]["count"] == 1
    assert funnel(world.charlie, as_of=opened)[1]["count"] == 0


def test_a_role_without_reports_is_told_so(world):
    with pytest.raises(PermissionDenied):
        run("pipeline", people.user("Fred", "service-engineer"), Criteria())
