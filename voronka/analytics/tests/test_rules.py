"""Shares and periods."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from voronka.analytics.rules import share
from voronka.core.periods import end_of_day, period_of, periods_between


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(1, 3, "33.3"), (2, 3, "66.7"), (5, 1000, "0.5"), (Decimal("0.05"), 100, "0.1"), (0, 0, "0.0"), (7, 7, "100.0")],
)
def test_a_share_is_rounded_half_up_to_one_place(part, whole, percent):
    assert str(share(part, whole)) == percent


def test_a_fiscal_year_from_april_has_its_fourth_quarter_in_winter():
    period = period_of(date(2026, 2, 28), "quarter", 4)
    assert (period.first, period.last, period.number) == (date(2026, 1, 1), date(2026, 3, 31), 4)
    year = period_of(date(2026, 2, 28), "year", 4)
    assert (year.first, year.last) == (date(2025, 4, 1), date(2026, 3, 31))


def test_months_do_not_follow_the_fiscal_year():
    assert period_of(date(2024, 2, 29), "month", 4).last == date(2024, 2, 29)


def test_periods_tile_the_days_between():
    found = periods_between(date(2025, 11, 20), date(2026, 8, 1), "quarter", 2)
    assert [period.first for period in found] == [
        date(2025, 11, 1),
        date(2026, 2, 1),
        date(2026, 5, 1),
        date(2026, 8, 1),
    ]
    assert periods_between(date(2026, 2, 1), date(2026, 1, 1), "month") == []


def test_a_day_ends_before_the_next_midnight_of_its_zone():
    end = end_of_day(date(2026, 3, 31), ZoneInfo("Europe/Moscow"))
    assert end.astimezone(ZoneInfo("UTC")) == datetime(2026, 3, 31, 20, 59, 59, 999999, ZoneInfo("UTC"))
