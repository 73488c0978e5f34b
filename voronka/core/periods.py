"""Arithmetic of days, weeks, months, quarters and years, without Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from dateutil.relativedelta import relativedelta

DAYS: Final = {"day": 1, "week": 7}
MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, order=True)
class Period:
    """A day, week, month, quarter or year: both days belong to it. `number` counts quarters within the fiscal year from 1."""

    first: date
    last: date
    kind: str = "month"
    number: int = 1


@lru_cache(maxsize=4096)  # a report asks for the same few months again and again
def period_of(day: date, kind: str, year_start: int = 1) -> Period:
    """The week, month, quarter or year a day lies in, or the day; weeks begin on Monday (ISO 8601), quarters and years follow a fiscal year
    that starts in month `year_start`.

    Raises KeyError for another kind and OverflowError beyond the calendar.
    """
    if kind in DAYS:
        first = day - timedelta(days=day.weekday()) if kind == "week" else day
        return Period(first, first + timedelta(days=DAYS[kind] - 1), kind)
    length = MONTHS[kind]
    into_year = (day.month - (year_start if length > 1 else 1)) % 12
    first = day.replace(day=1) - relativedelta(months=into_year % length)
    return Period(first, first + relativedelta(months=length, days=-1), kind, into_year // length + 1)


def periods_between(first: date, last: date, kind: str, year_start: int = 1) -> list[Period]:
    """Every period that touches the days from `first` to `last`, in order; none when the days are the wrong way round."""
    found: list[Period] = []
    day = first
    while day <= last:
        found.append(period_of(day, kind, year_start))
        day = found[-1].last + timedelta(days=1)
    return found


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The last microsecond of a day in a zone: what begins at the next midnight is not part of it."""
    return datetime.combine(day + timedelta(days=1), time.min, zone) - timedelta(microseconds=1)


def fiscal_year(day: date, year_start: int = 1) -> tuple[int, int]:
    """The calendar years a fiscal year begins and ends in, equal when it is the calendar year."""
    year = period_of(day, "year", year_start)
    return year.first.year, year.last.year
