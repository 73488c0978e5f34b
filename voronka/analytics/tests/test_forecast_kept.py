"""Forecasts kept: a week's is the as-of forecast of its first moment, written once; accuracy compares it with what came."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from voronka.accounts.tests import make as people
from voronka.analytics import actions as verbs
from voronka.analytics.forms import Criteria
from voronka.analytics.history import keep_forecast, moment_of, week_of
from voronka.analytics.jobs import keep_forecast as job
from voronka.analytics.models import ForecastSnapshot
from voronka.analytics.reports import run
from voronka.analytics.tests.test_as_of import START, STEPS, ZONE, house, play  # noqa: F401
from voronka.analytics.tests.test_pages import figures_with_links, text
from voronka.core.money import money_text
from voronka.opportunities import actions, rules
from voronka.opportunities.models import Forecast, Target
from voronka.opportunities.tests import make

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


def kept_figures(week):
    rows = ForecastSnapshot.objects.filter(week=week, kind="month", pipeline__isnull=False)
    return {(row.owner.name, row.first): (row.won, row.weighted) for row in rows if row.won or row.weighted}


def as_of_figures(user, moment, periods):
    rows = run("forecast-over-time", user, Criteria(as_of=moment, by="salesperson")).rows
    found = {(r["salesperson"], r["period"].value): (r["won_amount"], r["weighted"]) for r in rows}
    return {key: value for key, value in found.items() if any(value) and key[1] in periods}


def test_a_snapshot_is_the_forecast_of_its_moment_and_stays_so(world, time_machine):
    time_machine.move_to(FIRST)
    deal = make.opportunity(world.alice, 1000, stage=world.stages[2], predicted_close_on=date(2026, 3, 20))
    make.opportunity(world.charlie, 500, stage=world.stages[3], predicted_close_on=date(2026, 4, 2))
    time_machine.move_to(FIRST + timedelta(days=9))
    actions.win(deal, by=world.alice)
    job()
    week = date(2026, 3, 9)
    rows = ForecastSnapshot.objects.filter(week=week, kind="month")
    assert {(r.owner, r.first, r.won, r.weighted, r.best, r.commit) for r in rows if r.first < date(2026, 5, 1)} >= {
        (world.alice, date(2026, 3, 1), 0, 600, 1000, 0), (world.charlie, date(2026, 4, 1), 0, 400, 0, 500),
    }  # fmt: skip
    before = list(ForecastSnapshot.objects.values())
    actions.reopen(deal, by=world.dana)
    job()
    assert keep_forecast(week) == 0
    assert list(ForecastSnapshot.objects.values()) == before


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_week_kept_equals_the_time_machine(house, steps):  # noqa: F811
    import time_machine
    from django.db import transaction

    _alice, _charlie, dana, *_rest = house
    deals, now = {}, START
    with transaction.atomic():
        for kind, place, number, hours in steps:
            now += timedelta(hours=hours)
            with time_machine.travel(now, tick=False):
                play(house, kind, deals, place, number, now)
        with time_machine.travel(now + timedelta(days=1), tick=False):
            for week in {week_of(START.date()), week_of(now.date())}:
                keep_forecast(week)
                # A quarter begins with a month that may be over: months are compared with the months that were kept.
                kept = ForecastSnapshot.objects.filter(week=week, kind="month")
                periods = set(kept.values_list("first", flat=True))
                assert kept_figures(week) == as_of_figures(dana, moment_of(week, ZONE), periods)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("said", "percentage", "category"),
    [("", 80, "commit"), ("", 79, "best"), ("", 50, "best"), ("", 49, "pipeline"), ("", 0, "omitted"), ("omitted", 90, "omitted"), ("commit", 0, "commit")],
)  # fmt: skip
def test_what_was_said_comes_before_the_percentage(world, said, percentage, category):
    assert rules.forecast_category(said, Decimal(percentage)) == category
    actions.change(world.opportunity, forecast_category=said, percentage=percentage, by=world.alice)
    assert world.opportunity.in_forecast == Forecast(category)
    for as_of in (None, datetime.now(UTC)):
        for word in Forecast.values:
            asked = Criteria(category=word, as_of=as_of)
            assert run("forecast", world.alice, asked).totals["count"] == (word == category)


def past_month(world, time_machine):
    """March: Alice expected 600 + 0, the head 900, 1000 came; Charlie expected 400, nothing came."""
    time_machine.move_to(FIRST)
    deal = make.opportunity(world.alice, 1000, stage=world.stages[2], predicted_close_on=date(2026, 3, 20))
    make.opportunity(world.charlie, 500, stage=world.stages[3], predicted_close_on=date(2026, 3, 30))
    Target.objects.create(kind="month", first=date(2026, 3, 1), person=world.alice, amount=1500)
    verbs.correct_forecast(world.alice, "month", date(2026, 3, 1), Decimal(900), comment="Nearly signed", by=world.bob)
    time_machine.move_to(FIRST + timedelta(days=8))
    job()
    actions.win(deal, by=world.alice)
    time_machine.move_to(datetime(2026, 4, 15, 9, tzinfo=UTC))


def test_accuracy_compares_the_forecast_with_what_came(world, time_machine):
    past_month(world, time_machine)
    criteria = Criteria(by="salesperson", weeks=3)
    rows = {row["salesperson"]: row for row in run("forecast-accuracy", world.dana, criteria).rows}
    alice, charlie = rows["Alice"], rows["Charlie"]
    names = ("forecast", "corrected", "won_amount", "error", "bias", "target", "head_error")
    assert [alice[name] for name in names] == [600, 900, 1000, -400, Decimal("-40.0"), 1500, -100]
    assert (charlie["forecast"], charlie["won_amount"], charlie["bias"]) == (400, 0, None)
    totals = run("forecast-accuracy", world.dana, Criteria(weeks=3)).totals
    assert (totals["error"], totals["bias"], totals["missed"], totals["miss"]) == (0, 0, 800, 80)


@pytest.mark.parametrize(
    "query", ["weeks=3", "weeks=3&by=salesperson&columns=won_then,weighted,commit,best,won_amount"]
)
def test_each_figure_of_the_accuracy_opens_its_deals_of_then(world, sign_in, time_machine, query):
    past_month(world, time_machine)
    client = sign_in(world.dana)
    links = list(figures_with_links(text(client.get(f"/reports/forecast-accuracy/?{query}"))))
    assert links
    for words, href in links:
        totals = json.loads(text(client.get(f"{href}&export=json")))["totals"]
        amounts = {money_text(Decimal(totals[key]), "RUB") for key in ("potential", "weighted")}
        assert words in amounts, f"{href} gives {totals}, not {words}"


def test_nothing_is_asked_of_what_came_that_the_kept_forecasts_do_not_know(world, time_machine):
    past_month(world, time_machine)
    known = run("forecast-accuracy", world.dana, Criteria(weeks=3, owner=world.alice.pk)).totals
    asked = Criteria(
        weeks=3, owner=world.alice.pk, competitor=1, source=1, ranges=(("code_from", "P9"),), category="best"
    )
    assert known["won_amount"] == 1000
    assert run("forecast-accuracy", world.dana, asked).totals == known


def test_everybody_sees_the_accuracy_of_their_own_reach(world, time_machine):
    past_month(world, time_machine)
    nobody = people.user("Nina", "observer")
    nobody.role.scopes = {}
    seen = {
        user.name: {
            row["salesperson"] for row in run("forecast-accuracy", user, Criteria(by="salesperson", weeks=3)).rows
        }
        for user in (world.alice, world.bob, world.dana, world.charlie, nobody)
    }
    assert seen == {
        "Alice": {"Alice"},
        "Bob": {"Alice"},
        "Dana": {"Alice", "Charlie"},
        "Charlie": {"Charlie"},
        "Nina": set(),
    }


def test_a_period_whose_week_was_not_kept_is_left_out(world, time_machine):
    past_month(world, time_machine)
    assert list(run("forecast-accuracy", world.dana, Criteria(weeks=8)).rows) == []
