"""Headers and values of foreign files: plain functions of plain text."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
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


def decimal_mark(samples: Iterable[str]) -> str:
    """The decimal mark of a file's amounts, "," or "."; "" where nothing proves one.

    The last of two different marks is decimal, a mark that comes twice is none, and a mark not followed by exactly three digits is one.
    """
    for text in samples:
        bare = _bare_number(text)
        marks = [(sign, place) for place, sign in enumerate(bare) if sign in ",."]
        if len({sign for sign, _place in marks}) == 2:
            return marks[-1][0]
        if len(marks) > 1:
            return "." if marks[0][0] == "," else ","
        if marks and len(bare) - marks[0][1] != 4:
            return marks[0][0]
    return ""


def _bare_number(text: str) -> str:
    return _CURRENCY.sub("", _SPACES.sub("", text)).replace("'", "")


def parse_decimal(text: str, decimal: str = "") -> Decimal:
    """An amount as people write it: "1 234,50", "1,234.50", "1.234,50 руб.", "(5.00)". Raises ValueError for anything else.

    `decimal` is the file's decimal mark where it is known. Otherwise the last of both marks is decimal, and a lone one is, unless it comes twice.
    """
    bare = _bare_number(text)
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    if decimal:
        bare = bare.replace("." if decimal == "," else ",", "")
    elif "," in bare and "." in bare:
        bare = bare.replace("," if bare.rfind(".") > bare.rfind(",") else ".", "")
    elif bare.count(",") > 1 or bare.count(".") > 1:
        bare = bare.replace(",", "").replace(".", "")
    try:
        value = Decimal(bare.replace(",", "."))
    except InvalidOperation as fault:
        raise ValueError("number") from fault
    if not value.is_finite() or abs(value) >= Decimal(10) ** 16:
        raise ValueError("number")
    return value


_DATE: Final = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[T ,].*)?$")
_NAMED_DATE: Final = re.compile(
    r"(?:(\d{1,2})[ -]([a-zа-я]{3,9})\.?|([a-z]{3,9})\.? (\d{1,2})),?[ -](\d{4})(?: ?г\.?)?(?:[T ,].*)?$", re.IGNORECASE
)
_MONTHS: Final = {
    word: month
    for words in ("jan feb mar apr may jun jul aug sep oct nov dec", "янв фев мар апр май июн июл авг сен окт ноя дек", "янв фев мар апр мая июн июл авг сен окт ноя дек")
    for month, word in enumerate(words.split(), 1)
}  # fmt: skip
_TIME: Final = re.compile(r"(?:^|[T ,])(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([ap]m)?", re.IGNORECASE)


def parse_date(text: str, day_first: bool = True) -> date:
    """A day: ISO, YYYYMMDD, DD.MM.YYYY, "5 марта 2024", "Mar 5, 2024", by the file's habit DD/MM or MM/DD; a serial number of a spreadsheet.
    A time is cut off; two digits of a year up to 69 are of this century.

    Raises ValueError: "date" for what is none, "date_range" for one before 1950 or after 2090.
    """
    bare = text.strip()
    if bare.isascii() and bare.isdigit() and 18264 <= int(bare) <= 69763:
        return date(1899, 12, 30) + timedelta(days=int(bare))
    try:
        day = date(*_parts_of_date(bare, day_first))
    except ValueError as fault:
        raise ValueError("date") from fault
    if not EARLIEST <= day <= LATEST:
        raise ValueError("date_range")
    return day


def _parts_of_date(bare: str, day_first: bool) -> tuple[int, int, int]:
    """Year, month, day. Raises ValueError for what is no date."""
    if len(bare) == 8 and bare.isascii() and bare.isdigit():
        return int(bare[:4]), int(bare[4:6]), int(bare[6:])
    if named := _NAMED_DATE.match(bare):
        month = _MONTHS.get((named[2] or named[3])[:3].lower(), 0)
        return int(named[5]), month, int(named[1] or named[4])
    parts = _DATE.match(bare)
    if not parts:
        raise ValueError("date")
    one, two, three = (int(part) for part in parts.groups())
    if one > 31:
        return one, two, three
    year = three + (2000 if three < 70 else 1900) if three < 100 else three
    return (year, two, one) if day_first or "." in bare else (year, one, two)


def parse_moment(text: str, day_first: bool = True) -> datetime:
    """A day with its time, midnight where none is written, in nobody's time zone. Raises ValueError as `parse_date` does."""
    day, clock = parse_date(text, day_first), _TIME.search(text)
    if not clock:
        return datetime.combine(day, time())
    hour, half = int(clock[1]), (clock[4] or "").lower()
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    try:
        return datetime.combine(day, time(hour, int(clock[2]), int(clock[3] or 0)))
    except ValueError as fault:
        raise ValueError("date") from fault


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


def signature(headers: Sequence[str]) -> str:
    """What files with the same headers share, whatever their order: SHA-256 of the headers as they are compared."""
    names = sorted(filter(None, map(normalise_header, headers)))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
