"""The time machine: what a report says of a moment equals what plain Python wrote down at that moment."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voronka.accounts.tests import make as people
from voronka.analytics.forms import Criteria
from voronka.analytics.querysets import tally_differences
from voronka.analytics.reports import run
from voronka.core import actions as kernel
from voronka.core.models import Company
from voronka.opportunities import actions, rules
from voronka.opportunities.models import Opportunity, OwnerTally, StageTally, Tally, fold_tally, rebuild_tally
from voronka.opportunities.tests import make
from voronka.partners.tests import make as partners

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
# Not the zone of the server or the tests: the company's days count.
ZONE = ZoneInfo("Asia/Vladivostok")
KINDS = ("open", "open", "move", "amount", "percentage", "owner", "date", "win", "lose", "reopen", "delete")
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 10**6), st.integers(1, 1500)),
    min_size=2,
    max_size=9,
)


@dataclass
class Deal:
    """One opportunity as plain Python remembers it."""

    stage: str
    owner: str
    potential: Decimal
    percentage: Decimal
    closes_on: date
    status: str = "open"
    closed_on: date | None = None

    @property
    def weighted(self):
        return rules.weighted(self.potential, self.percentage)

    @property
    def month(self):
        return (self.closed_on or self.closes_on).replace(day=1)


@pytest.fixture
def house(db):
    Company.objects.create(pk=1, name="Our Company", language="en", time_zone=ZONE.key)
    alice, charlie, dana = people.user("Alice"), people.user("Charlie"), people.user("Dana", "director")
    stages = list(make.pipeline().stages.all())
    return alice, charlie, dana, stages, partners.partner(alice), make.reason()


def play(house, kind, deals, place, number, now):
    """One act on the database, and the same on the plain deals."""
    alice, charlie, dana, stages, partner, reason = house
    if kind == "open":
        owner, stage = (alice, charlie)[number % 2], stages[number % 4]
        closes_on = now.astimezone(ZONE).date() + timedelta(days=number % 400 + 1)
        made = make.opportunity(owner, Decimal(number) / 100, partner, stage, predicted_close_on=closes_on)
        deals[made.pk] = Deal(stage.name, owner.name, Decimal(number) / 100, stage.percentage, closes_on)
        return
    keys = sorted(deals)
    if not keys:
        return
    key = keys[place % len(keys)]
    row, deal = Opportunity.objects.select_related("partner", "stage").get(pk=key), deals[key]
    if kind == "delete":
        kernel.delete(row, by=dana)
        del deals[key]
    elif kind == "reopen" and deal.status != "open":
        actions.reopen(row, by=dana)
        deal.status, deal.closed_on = "open", None
    elif deal.status == "open" and kind in ("win", "lose"):
        getattr(actions, kind)(row, reasons=[reason], by=dana)
        deal.status, deal.closed_on = {"win": "won", "lose": "lost"}[kind], now.astimezone(ZONE).date()
    elif deal.status == "open":
        change(row, deal, kind, number, now, house)


def change(row, deal, kind, number, now, house):
    alice, charlie, dana, stages, _partner, _reason = house
    if kind == "move":
        stage = stages[number % 4]
        if stage.name != deal.stage:
            actions.move_to_stage(row, stage, by=dana)
            deal.stage, deal.percentage = stage.name, stage.percentage
    elif kind == "amount":
        deal.potential = Decimal(number) / 100
        actions.change(row, potential=deal.potential, by=dana)
    elif kind == "percentage":
        deal.percentage = Decimal(number % 10001) / 100
        actions.change(row, percentage=deal.percentage, by=dana)
    elif kind == "owner":
        owner = (alice, charlie)[number % 2]
        actions.change(row, owner=owner, by=dana)
        deal.owner = owner.name
    elif kind == "date":
        deal.closes_on = now.astimezone(ZONE).date() + timedelta(days=number % 900)
        actions.change(row, predicted_close_on=deal.closes_on, by=dana)


def figures(deals):
    """(funnel by stage and owner, forecast by month and owner) of plain deals, as the reports should say."""
    funnel = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    forecast = defaultdict(
        lambda: dict.fromkeys(("open_amount", "weighted", "won_amount", "lost_amount", "open", "won", "lost"), 0)
    )
    for deal in deals:
        cell = forecast[deal.month, deal.owner]
        cell[deal.status] += 1
        cell[f"{deal.status}_amount"] += deal.potential
        if deal.status == "open":
            cell["weighted"] += deal.weighted
            for place, value in enumerate((1, deal.potential, deal.weighted)):
                funnel[deal.stage, deal.owner][place] += value
    return {key: tuple(value) for key, value in funnel.items()}, dict(forecast)


def reported(user, as_of=None):
    criteria = Criteria(as_of=as_of, by="salesperson")
    funnel = run("pipeline", user, criteria).rows
    forecast = run("forecast-over-time", user, criteria).rows
    keys = ("open_amount", "weighted", "won_amount", "lost_amount", "open", "won", "lost")
    return (
        {(row["stage"], row["salesperson"]): (row["count"], row["potential"], row["weighted"]) for row in funnel},
        {(row["period"].value, row["salesperson"]): {key: row[key] for key in keys} for row in forecast},
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_moment_is_reported_as_it_was(house, steps):
    alice, _charlie, dana, *_rest = house
    deals, now, written = {}, START, []
    with transaction.atomic():
        for kind, place, number, hours in steps:
            now += timedelta(hours=hours)
            with time_machine.travel(now, tick=False):
                with timezone.override(ZONE):
                    play(house, kind, deals, place, number, now)
                everybodys, hers = figures(deals.values()), figures(d for d in deals.values() if d.owner == "Alice")
                written.append((now, everybodys, hers))
                assert reported(dana) == everybodys
        assert tally_differences() == {"tally": 0, "ownertally": 0, "stagetally": 0, "last_spans": 0, "gaps": 0}
        with time_machine.travel(now + timedelta(days=1), tick=False):
            for moment, everybodys, hers in written:
                assert reported(dana, moment) == everybodys
                assert reported(alice, moment) == hers
            assert reported(dana, START) == ({}, {})
            before, rows = reported(dana), Tally.objects.count()
            fold_tally()
            assert reported(dana) == before
            assert Tally.objects.count() <= rows
            assert tally_differences()["tally"] == 0
        transaction.set_rollback(True)


def test_folding_leaves_one_row_for_each_group(world):
    for potential in (1, 2, 3):
        actions.change(world.opportunity, potential=potential, by=world.alice)
    assert Tally.objects.count() == 4
    fold_tally()
    row = Tally.objects.get()
    assert (row.count, row.potential, row.owner) == (1, 3, world.alice)


def test_a_spoilt_tally_is_found(world):
    Tally.objects.update(count=2)
    OwnerTally.objects.all().delete()
    StageTally.objects.update(status="won")
    found = tally_differences()
    assert (found["tally"], found["ownertally"], found["stagetally"]) == (2, 1, 2)


def test_a_tally_made_anew_is_what_the_opportunities_are(world):
    make.opportunity(world.charlie, 7)
    kernel.delete(make.opportunity(world.alice, 9), by=world.alice)
    Tally.objects.update(count=2)
    OwnerTally.objects.all().delete()
    StageTally.objects.all().delete()
    assert rebuild_tally() > 0
    assert rebuild_tally() == 0
    assert tally_differences() == {"tally": 0, "ownertally": 0, "stagetally": 0, "last_spans": 0, "gaps": 0}
    actions.change(world.opportunity, potential=3, by=world.alice)
    assert tally_differences()["ownertally"] == 0


def test_the_tally_without_people_is_shown_to_nobody_who_does_not_see_everything(world):
    make.opportunity(world.charlie, 7)
    shown = {person: StageTally.objects.visible_to(person).exists() for person in (world.alice, world.bob, world.dana)}
    assert shown == {world.alice: False, world.bob: False, world.dana: True}


def test_the_tally_without_people_writes_nothing_when_a_deal_changes_hands(world):
    before = StageTally.objects.count()
    deals = Opportunity.objects.filter(pk=world.opportunity.pk)
    assert actions.change_owner(deals, owner=world.charlie, by=world.dana) == 1
    assert StageTally.objects.count() == before
