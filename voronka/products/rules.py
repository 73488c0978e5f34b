"""How a file of exchange rates is read: plain functions of plain text."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

MOST_ROWS: Final = 50_000
PLACES: Final = Decimal("0.00000001")
BIGGEST: Final = Decimal(10) ** 10
# The words a column goes by, those of the Bank of Russia's files among them.
HEADERS: Final = {
    "day": ("day", "date", "дата", "data"),
    "code": ("currency", "code", "валюта", "код", "буквенный код", "букв. код"),
    "rate": ("rate", "curs", "курс", "value"),
    "nominal": ("nominal", "номинал", "единиц", "units"),
}
FORMATS: Final = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y")


class Unreadable(Exception):
    """A file that can't be read: `code` says why, `line` where (0: the file as a whole)."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(code)
        self.code, self.line = code, line


@dataclass(frozen=True)
class RateRow:
    """Units of the company's currency for one unit of `code`, from `day` on."""

    code: str
    day: date
    rate: Decimal


def is_code(text: str) -> bool:
    """Whether the text is a currency's code of ISO 4217: three capital Latin letters."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def per_unit(value: Decimal, nominal: Decimal) -> Decimal:
    """The rate of one unit where banks quote ten or a hundred, rounded half even to eight places."""
    return (value / nominal).quantize(PLACES)


def read_rates(text: str, code: str = "") -> list[RateRow]:
    """The rates of a CSV file with a header; `code` is the currency of a file that has no such column. Raises Unreadable."""
    lines = text.lstrip("\ufeff").splitlines()
    if not lines:
        raise Unreadable("empty")
    if len(lines) > MOST_ROWS:
        raise Unreadable("too_long")
    delimiter = max(";\t,", key=lines[0].count)
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    places = _places(rows[0])
    if not {"day", "rate"} <= places.keys() or not (code or "code" in places):
        raise Unreadable("no_columns")
    return [_row(row, places, code, number) for number, row in enumerate(rows[1:], 2) if any(map(str.strip, row))]


def _places(header: list[str]) -> dict[str, int]:
    words = [word.strip().lower() for word in header]
    return {name: words.index(word) for name, known in HEADERS.items() for word in reversed(known) if word in words}


def _row(row: list[str], places: dict[str, int], code: str, line: int) -> RateRow:
    cell = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
    found = cell.get("code", "").upper() or code
    if not is_code(found):
        raise Unreadable("bad_code", line)
    nominal = _number(cell.get("nominal") or "1", line)
    rate = per_unit(_number(cell["rate"], line), nominal)
    if not 0 < rate < BIGGEST:
        raise Unreadable("bad_rate", line)
    return RateRow(found, _day(cell["day"], line), rate)


def _number(text: str, line: int) -> Decimal:
    try:
        value = Decimal(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except InvalidOperation as fault:
        raise Unreadable("bad_rate", line) from fault
    if not value.is_finite() or not Decimal(0) < value < BIGGEST:
        raise Unreadable("bad_rate", line)
    return value


def _day(text: str, line: int) -> date:
    for known in FORMATS:
        try:
            found = datetime.strptime(text.split(" ")[0].split("T")[0], known).date()
        except ValueError:
            continue
        if 1990 <= found.year <= 2090:
            return found
    raise Unreadable("bad_day", line)
