"""Arithmetic of opportunities, without a database."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from voronka.opportunities import rules

AMOUNTS = st.decimals(0, 10**9, places=2)
PERCENTS = st.decimals(0, 100, places=2)


@given(AMOUNTS, PERCENTS)
def test_weighted_is_a_share_of_the_potential(potential, percentage):
    assert 0 <= rules.weighted(potential, percentage) <= potential


def test_weighted_rounds_half_up():
    assert rules.weighted(Decimal("0.05"), Decimal(50)) == Decimal("0.03")


def test_a_month_after_the_end_of_january_is_the_end_of_february():
    assert rules.predicted_close(date(2026, 1, 31), 1, "M") == date(2026, 2, 28)


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 500), st.sampled_from("DW"))
def test_days_and_weeks_go_both_ways(opened, number, unit):
    assert rules.closes_in(opened, rules.predicted_close(opened, number, unit), unit) == number
