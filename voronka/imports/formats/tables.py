"""Where the table in a sheet begins, what its columns are called, and which rows are its totals: plain functions of rows of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

Row = Sequence[str]
DEEPEST: Final = 25
# Digits, dates, amounts, addresses of mail: what a value may be and a header is not.
_VALUE: Final = re.compile(r"^[+\-]?[\d\s.,:/()%\u00a0-]*\d[\d\s.,:/()%\u00a0-]*$|@")
_TOTAL: Final = re.compile(r"^(итого|всего|итог|total|grand total|subtotal)\b\s*(по\s.*|for\s.*)?[:.]?$", re.IGNORECASE)


def filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def header_place(rows: Sequence[Row]) -> tuple[int, int]:
    """(index of the first row of the headers, how many rows they take). Titles above a table are narrower than it."""
    widths = sorted(filled(row) for row in rows if filled(row))
    usual = widths[int(len(widths) * 0.7)] if widths else 0
    least = min(2, usual) if usual < 4 else usual / 2
    for place, row in enumerate(rows[:DEEPEST]):
        if filled(row) >= max(1, least):
            return place, 2 if place + 1 < len(rows) and completes(row, rows[place + 1]) else 1
    first = next(place for place, row in enumerate(rows) if filled(row))
    return first, 1


def completes(upper: Row, lower: Row) -> bool:
    """Whether the second row belongs to the headers: it names what merged cells above leave open, and holds no value."""
    width = max(len(upper), len(lower))
    above, below = list(upper) + [""] * (width - len(upper)), list(lower) + [""] * (width - len(lower))
    opened = [place for place in range(width) if not above[place].strip() and below[place].strip()]
    has_gap = any(not cell.strip() for cell in below)
    has_value = any(_VALUE.search(cell.strip()) for cell in (*above, *below) if cell.strip())
    covered = all(above[place].strip() or below[place].strip() for place in range(width))
    return bool(opened) and has_gap and covered and not has_value


def joined(headers: Sequence[Row]) -> list[str]:
    """The headers of one row, or of two read together: "Contact" over "Name" and "Phone" gives "Contact Name", "Contact Phone"."""
    if len(headers) == 1:
        return [" ".join(cell.split()) for cell in headers[0]]
    upper, lower = headers
    width, group, names = max(len(upper), len(lower)), "", []
    for place in range(width):
        above = upper[place].strip() if place < len(upper) else ""
        below = lower[place].strip() if place < len(lower) else ""
        group = above or group
        names.append(" ".join(f"{group if below else above} {below}".split()))
    return names


def named(headers: list[str], rows: Sequence[Row]) -> list[str]:
    """Headers as wide as the rows below; trailing columns without header and values are left out."""
    width = max([len(headers), *(len(row) for row in rows)])
    used = [
        place
        for place in range(width)
        if (place < len(headers) and headers[place]) or any(place < len(r) and r[place].strip() for r in rows)
    ]
    return [headers[place] if place < len(headers) else "" for place in range(max(used, default=0) + 1)]


def is_total(row: Row) -> bool:
    """Whether the row sums the others up: its first cell says so, and most others are empty."""
    first = next((cell.strip() for cell in row if cell.strip()), "")
    return bool(_TOTAL.match(first)) and filled(row) <= max(2, len(row) // 2)
