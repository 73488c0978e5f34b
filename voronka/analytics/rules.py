"""Periods and shares: plain functions of plain values."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

STEPS: Final = ("month", "quarter", "year")


def period_start(day: date, step: str, fiscal_start: int = 1) -> date:
    """The first day of the month, fiscal quarter or fiscal year `day` lies in; the fiscal year begins with month `fiscal_start`."""
    if step == "month":
        return day.replace(day=1)
    since_start = (day.month - fiscal_start) % 12
    length = 3 if step == "quarter" else 12
    return add_months(day.replace(day=1), -(since_start % length))


def period_end(start: date, step: str) -> date:
    """The last day of the period that begins on `start`."""
    return add_months(start, {"month": 1, "quarter": 3, "year": 12}[step]) - timedelta(days=1)


def add_months(first: date, months: int) -> date:
    """The first day of a month some months away."""
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def periods(first: date, last: date, step: str, fiscal_start: int = 1) -> list[date]:
    """The starts of all periods that touch first..last, at most 400 of them."""
    length = {"month": 1, "quarter": 3, "year": 12}[step]
    start, found = period_start(first, step, fiscal_start), []
    while start <= last and len(found) < 400:
        found.append(start)
        start = add_months(start, length)
    return found


def share(part: Decimal, whole: Decimal) -> Decimal:
    """Part of the whole in per cent, rounded half up to one place; 0 of nothing. Shares of a table may add up to 99.9 or 100.1."""
    return (part * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else Decimal("0.0")
