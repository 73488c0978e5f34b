"""Headers and values of foreign files: plain functions of plain text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

# Currency words at the end of a header or an amount say what we know already.
_CURRENCY: Final = re.compile(r"[,\s]*(?:руб\.?|рублей|rub|usd|eur|₽|\$|€|р\.)\s*$", re.IGNORECASE)
_SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2009\ufeff]+")
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")
EARLIEST, LATEST = date(1950, 1, 1), date(2090, 12, 31)
_YES: Final = {"да", "yes", "true", "1", "y", "истина", "+"}
_NO: Final = {"нет", "no", "false", "0", "n", "ложь", "-", ""}


def normalise_header(text: str) -> str:
    """A header as it is compared: without byte-order mark, stars, colons, currency and underscores; small letters, ё as е."""
    bare = _DASHES.sub("-", _SPACES.sub(" ", unicodedata.normalize("NFKC", text).replace("\ufeff", "")))
    bare = bare.strip().strip("*:").strip().lower().replace("ё", "е").replace("_", " ")
    return _CURRENCY.sub("", bare).strip()


def match_headers(headers: Sequence[str], aliases: Mapping[str, Iterable[str]]) -> dict[int, str]:
    """Column index -> field, by alias and by the field's own name; of two columns of one field the first wins."""
    by_alias = {normalise_header(alias): field for field, words in aliases.items() for alias in (field, *words)}
    found: dict[int, str] = {}
    for index, header in enumerate(headers):
        field = by_alias.get(normalise_header(header))
        if field and field not in found.values():
            found[index] = field
    return found


def clean(text: str) -> str:
    """A cell as one line of text."""
    return _SPACES.sub(" ", text).strip()


def parse_decimal(text: str) -> Decimal:
    """An amount as people write it: "1 234,50", "1,234.50", "1.234,50 руб.". Raises ValueError for anything else.

    Where both marks occur the last one is decimal; a lone comma is decimal unless exactly three digits follow a short head
    with no other hint, which is read as Russian decimal too: files with English thousands have a point or more than one comma.
    """
    bare = _CURRENCY.sub("", _SPACES.sub("", text)).replace("'", "")
    if bare.count(",") > 1 and "." not in bare:
        bare = bare.replace(",", "")
    elif "," in bare and "." in bare:
        bare = bare.replace("," if bare.rfind(".") > bare.rfind(",") else ".", "")
    try:
        value = Decimal(bare.replace(",", "."))
    except InvalidOperation as fault:
        raise ValueError("number") from fault
    if not value.is_finite() or abs(value) >= Decimal(10) ** 16:
        raise ValueError("number")
    return value


_DATE: Final = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[T ,].*)?$")


def parse_date(text: str, day_first: bool = True) -> date:
    """A day: ISO, DD.MM.YYYY, or by the file's habit DD/MM or MM/DD; a serial number of a spreadsheet. A time is cut off.

    Raises ValueError: "date" for what is none, "date_range" for one before 1950 or after 2090.
    """
    bare = text.strip()
    if bare.isdigit() and 18264 <= int(bare) <= 69763:
        return date(1899, 12, 30) + timedelta(days=int(bare))
    parts = _DATE.match(bare)
    if not parts:
        raise ValueError("date")
    one, two, three = (int(part) for part in parts.groups())
    try:
        if one > 31:
            day = date(one, two, three)
        else:
            year = three + 2000 if three < 100 else three
            first = day_first or "." in bare
            day = date(year, two, one) if first else date(year, one, two)
    except ValueError as fault:
        raise ValueError("date") from fault
    if not EARLIEST <= day <= LATEST:
        raise ValueError("date_range")
    return day


def is_day_first(samples: Iterable[str]) -> bool:
    """Whether dates with slashes begin with the day: a first number over 12 proves it, a second over 12 disproves it."""
    for text in samples:
        parts = _DATE.match(text.strip())
        if parts and "/" in text and len(parts.group(1)) <= 2:
            if int(parts.group(1)) > 12:
                return True
            if int(parts.group(2)) > 12:
                return False
    return True


def parse_bool(text: str) -> bool:
    bare = text.strip().lower()
    if bare in _YES:
        return True
    if bare in _NO:
        return False
    raise ValueError("bool")
