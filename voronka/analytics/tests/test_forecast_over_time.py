"""Forecast over time: which date puts a deal into which period, and what is added up."""

from datetime import date
from decimal import Decimal

import pytest

from voronka.analytics.forms import Criteria
from voronka.analytics.reports import run
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.opportunities import actions
from voronka.opportunities.tests import make


@pytest.fixture
def april(time_machine):
    time_machine.move_to("2026-04-02T09:00:00Z")


@pytest.fixture
def world(april, world):
    """The shared world, made in April, without its deal."""
    world.opportunity.delete()
    Company.objects.update(time_zone="Asia/Vladivostok")  # neither the server's zone nor Greenwich
    return world


@pytest.fixture
def history(world, time_machine):
    """Alice won in May, lost in June, and has open deals for July and next January."""
    deals = {
        name: make.opportunity(world.alice, amount, partner=world.partner, predicted_close_on=day)
        for name, amount, day in [
            ("won", 100, date(2026, 9, 9)),
            ("lost", 40, date(2026, 9, 9)),
            ("july", 10, date(2026, 7, 31)),
            ("january", 7, date(2027, 1, 15)),
        ]
    }
    time_machine.move_to("2026-05-31T13:30:00Z")  # still May in Vladivostok
    actions.win(deals["won"], by=world.alice)
    time_machine.move_to("2026-05-31T14:30:00Z")  # June in Vladivostok, May in Greenwich
    actions.lose(deals["lost"], reasons=[make.reason()], by=world.alice)
    return deals


def by_period(user, **wanted):
    result = run("forecast-over-time", user, Criteria.parse(wanted))
    return {str(row["period"]): row for row in result.rows}, result.totals


@pytest.mark.parametrize("wanted", [{}, {"as_of": "2026-06-01"}])
def test_open_by_predicted_closed_by_actual_month_of_the_companys_zone(world, history, wanted):
    rows, totals = by_period(world.alice, **wanted)
    assert list(rows)[:3] == ["May 2026", "June 2026", "July 2026"]
    assert len(rows) == 9
    assert (rows["May 2026"]["won_amount"], rows["May 2026"]["won"], rows["May 2026"]["closed"]) == (100, 1, 1)
    assert (rows["June 2026"]["lost_amount"], rows["June 2026"]["lost"], rows["June 2026"]["won"]) == (40, 1, 0)
    assert (rows["July 2026"]["open_amount"], rows["July 2026"]["weighted"]) == (10, 1)
    assert rows["August 2026"]["open"] == 0
    assert (totals["open_amount"], totals["won_amount"], totals["lost_amount"], totals["closed"]) == (17, 100, 40, 2)


def test_quarters_and_years_follow_the_fiscal_year(world, history):
    Company.objects.update(fiscal_year_start=7)
    rows, _totals = by_period(world.alice, period="year")
    assert {name: (row["won_amount"], row["open_amount"]) for name, row in rows.items()} == {
        "2025/26": (100, 0),
        "2026/27": (0, 17),
    }
    rows, _totals = by_period(world.alice, period="quarter")
    assert list(rows) == ["Q4 2025/26", "Q1 2026/27", "Q2 2026/27", "Q3 2026/27"]


def test_days_asked_for_are_widened_to_whole_periods(world, history):
    rows, totals = by_period(world.alice, **{"from": "2026-05-20", "to": "2026-06-02"})
    assert (list(rows), totals["won_amount"], totals["lost_amount"], totals["open"]) == (
        ["May 2026", "June 2026"],
        100,
        40,
        0,
    )
    rows, _totals = by_period(world.alice, **{"from": "2030-01-01", "to": "2030-03-31"})
    assert [row["open"] for row in rows.values()] == [0, 0, 0]


def test_more_months_than_anybody_reads_are_refused(world):
    with pytest.raises(RuleBroken, match="too many periods"):
        by_period(world.alice, **{"from": "1900-01-01", "to": "2199-01-01"})


def test_a_date_far_away_does_not_fill_the_table_with_nothing(world, history):
    make.opportunity(world.alice, 250000, predicted_close_on=date(2099, 1, 1))
    rows, totals = by_period(world.alice)
    assert list(rows) == ["May 2026", "June 2026", "July 2026", "January 2027", "January 2099"]
    assert totals["open_amount"] == Decimal(250017)


def test_split_by_people_and_the_json_of_it(world, history):
    make.opportunity(world.bob, 3, opened_on=date(2026, 5, 5), predicted_close_on=date(2026, 7, 1))
    criteria = Criteria.parse({"by": "salesperson", "from": "2026-07-01", "to": "2026-07-31"})
    answer = run("forecast-over-time", world.dana, criteria).as_json("forecast-over-time", criteria)
    assert [(row["period"], row["salesperson"], row["open_amount"]) for row in answer["rows"]] == [
        ("2026-07-01", "Alice", "10.00"), ("2026-07-01", "Bob", "3.00"),
    ]  # fmt: skip
    assert answer["totals"]["open_amount"] == "13.00"
    assert answer["as_of"] is None
