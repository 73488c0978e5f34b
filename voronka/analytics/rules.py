"""Arithmetic and names of reports: plain functions of plain values."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

# What a report may be split by -> the column of opportunities, their states and the tally.
DIMENSIONS: Final = {"salesperson": "owner", "territory": "territory", "source": "source", "industry": "industry"}
PERIODS: Final = ("month", "quarter", "year")
SOON_DAYS: Final = 14
MOST_PERIODS: Final = 600
TENTH: Final = Decimal("0.1")


def share(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """The part in percent of the whole, rounded half up to one place; 0 of nothing. Rounded shares may add up to 99.9 or 100.1."""
    return (Decimal(part) * 100 / Decimal(whole)).quantize(TENTH, ROUND_HALF_UP) if whole else Decimal("0.0")
