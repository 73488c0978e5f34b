"""Dates as people say them, in Russian and English: "позвонить завтра в 15", "meet in 2 weeks at 3 pm". Plain Python, no clock read secretly.

A sentence is read from left to right for a day, a time and a length; what was understood is cut out, and the rest is the title. What is not sure is
not guessed: no day and no time is an answer too. Whoever uses it shows what was understood before anything is saved.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True)
class Understood:
    """What a sentence says: a day, perhaps a time of day and a length, and the words that are left. All in the zone of `now`."""

    day: date | None = None
    clock: time | None = None
    length: timedelta | None = None
    rest: str = ""
    kind: str = ""


def understand(text: str, now: datetime) -> Understood:
    """Read a sentence; `now` is an aware moment in the zone of who wrote it, days and times are meant there.

    A time without a day is today's, or tomorrow's when it has passed. Hours from 1 to 7 without "утра" or "am" are of the afternoon: nobody
    calls customers at night. A day without a year is the next one to come. A named weekday is the coming one, never today.
    """
    reader = _Reader(text, now)
    for pattern, read in _FORMS:
        reader.try_(pattern, read)
    return reader.answer()


@dataclass
class _Reader:
    """A sentence being read: the words still unread, and what was found."""

    text: str
    now: datetime
    plain: str = field(init=False)
    day: date | None = None
    clock: time | None = None
    length: timedelta | None = None
    moment: datetime | None = None

    def __post_init__(self) -> None:
        self.plain = self.text.lower().replace("ё", "е")
        if len(self.plain) != len(self.text):  # a letter that grows in lower case would shift what is cut out
            self.text = self.plain

    def try_(self, pattern: re.Pattern[str], read: Callable[[_Reader, re.Match[str]], bool]) -> None:
        for found in pattern.finditer(self.plain):
            if read(self, found):
                blank = " " * (found.end() - found.start())
                self.text = self.text[: found.start()] + blank + self.text[found.end() :]
                self.plain = self.plain[: found.start()] + blank + self.plain[found.end() :]
                return

    def answer(self) -> Understood:
        rest = re.sub(r"\s+([,.;:!?])", r"\1", " ".join(self.text.split())).strip(" ,;:-–—")
        kind = next((kind for kind, words in _KINDS if words.search(rest.lower())), "")
        if self.moment is not None:
            return Understood(self.moment.date(), self.moment.time(), self.length, rest, kind)
        day = self.day
        if day is None and self.clock is not None:
            passed = datetime.combine(self.now.date(), self.clock, self.now.tzinfo) <= self.now
            day = self.now.date() + timedelta(days=passed)
        return Understood(day, self.clock, self.length, rest, kind)


_KINDS: Final = (
    ("call", re.compile(r"звон|набрать|созвон|\bcall|\bphone\b|\bring\b")),
    ("meeting", re.compile(r"встреч|\bвизит|презентац|показ|\bmeet|\bvisit\b|\bdemo\b|\blunch\b|совещан")),
)
_NUMBERS: Final = {
    word: number
    for number, words in {
        1: "один одну одного one a an", 2: "два две пару two couple", 3: "три three", 4: "четыре four", 5: "пять five", 6: "шесть six",
        7: "семь seven", 8: "восемь eight", 9: "девять nine", 10: "десять ten", 11: "одиннадцать eleven", 12: "двенадцать twelve",
        15: "пятнадцать fifteen", 20: "двадцать twenty", 30: "тридцать thirty",
    }.items()
    for word in words.split()
}  # fmt: skip
_N: Final = r"(?P<n>\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_WEEKDAYS: Final = {
    stem: number
    for number, stems in enumerate(
        ("понедельник пн monday mon", "вторник вт tuesday tue", "сред ср wednesday wed", "четверг чт thursday thu", "пятниц пт friday fri",
         "суббот сб saturday sat", "воскресень вс sunday sun")
    )
    for stem in stems.split()
}  # fmt: skip
_WEEKDAY: Final = (
    r"(?P<weekday>понедельник|вторник|сред[ауеы]|четверг|пятниц[ауеы]|суббот[ауеы]|воскресень[ея]|пн|вт|ср|чт|пт|сб|вс|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun)"
)
_MONTHS: Final = (
    "январ january jan", "феврал february feb", "март march mar", "апрел april apr", "ма[йя] may", "июн june jun", "июл july jul", "август august aug",
    "сентябр september sep sept", "октябр october oct", "ноябр november nov", "декабр december dec",
)  # fmt: skip
_MONTH: Final = (
    r"(?P<month>январ[ья]|феврал[ья]|марта?|апрел[ья]|ма[йя]|июн[ья]|июл[ья]|августа?|сентябр[ья]|октябр[ья]|ноябр[ья]|декабр[ья]|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
)
_HOUR: Final = r"(?P<hour>[01]?\d|2[0-3])"
_HALF: Final = r"(?:\s*(?P<half>утра|дня|вечера|ночи|a\.?m\b\.?|p\.?m\b\.?))?"
_UNIT: Final = (
    r"(?P<unit>минут[уы]?|мин\b\.?|час(?:а|ов)?|ч\b\.?|д(?:ень|ня|ней)|недел(?:ю|и|ь)|месяц(?:а|ев)?|год(?:а)?|лет|"
    r"minutes?|mins?\b|hours?|hrs?\b|days?|weeks?|months?|years?)"
)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text]


def _unit(text: str) -> str:
    heads = {
        "мин": "minutes",
        "min": "minutes",
        "ч": "hours",
        "h": "hours",
        "д": "days",
        "d": "days",
        "н": "weeks",
        "w": "weeks",
        "г": "years",
    }
    for head, unit in heads.items():
        if text.startswith(head):
            return unit
    return "months" if text.startswith(("мес", "month")) else "years"


def _ahead(reader: _Reader, found: re.Match[str]) -> bool:
    """Через два часа, in 3 days."""
    number, unit = _number(found["n"]) if found["n"] else 1, _unit(found["unit"])
    return _go(reader, number, unit)


def _ago(reader: _Reader, found: re.Match[str]) -> bool:
    return _go(reader, -(_number(found["n"]) if found["n"] else 1), _unit(found["unit"]))


def _go(reader: _Reader, number: int, unit: str) -> bool:
    if reader.day or reader.moment:
        return False
    step = relativedelta(**{unit: number})  # type: ignore[arg-type]
    if unit in ("minutes", "hours"):
        reader.moment = (reader.now + step).replace(second=0, microsecond=0)
        return True
    try:
        reader.day = reader.now.date() + step
    except (OverflowError, ValueError):
        return False
    return True


def _half_an_hour(reader: _Reader, found: re.Match[str]) -> bool:
    minutes = 90 if found["more"] else 30
    reader.moment = (reader.now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    return True


def _named(days: int) -> Callable[[_Reader, re.Match[str]], bool]:
    def read(reader: _Reader, found: re.Match[str]) -> bool:
        if reader.day or reader.moment:
            return False
        reader.day = reader.now.date() + timedelta(days=days)
        return True

    return read


def _weekday(reader: _Reader, found: re.Match[str]) -> bool:
    """The coming one; with "next" or "следующий" the one of next week."""
    if reader.day or reader.moment:
        return False
    wanted = next(number for stem, number in _WEEKDAYS.items() if found["weekday"].startswith(stem))
    today = reader.now.date()
    if found["next"]:
        reader.day = today - timedelta(days=today.weekday()) + timedelta(days=7 + wanted)
    else:
        reader.day = today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    return True


def _next_week(reader: _Reader, found: re.Match[str]) -> bool:
    if reader.day or reader.moment:
        return False
    today = reader.now.date()
    reader.day = today + timedelta(days=7 - today.weekday())
    return True


def _next_month(reader: _Reader, found: re.Match[str]) -> bool:
    if reader.day or reader.moment:
        return False
    reader.day = reader.now.date().replace(day=1) + relativedelta(months=1)
    return True


def _end_of_week(reader: _Reader, found: re.Match[str]) -> bool:
    if reader.day or reader.moment:
        return False
    today = reader.now.date()
    reader.day = today + timedelta(days=(4 - today.weekday()) % 7)
    return True


def _end_of_month(reader: _Reader, found: re.Match[str]) -> bool:
    if reader.day or reader.moment:
        return False
    today = reader.now.date()
    reader.day = today.replace(day=monthrange(today.year, today.month)[1])
    return True


def _calendar_day(reader: _Reader, found: re.Match[str]) -> bool:
    """15.03, 15.03.2027, 2027-03-15, 15 марта, March 15; without a year the next one to come."""
    if reader.day or reader.moment:
        return False
    groups = found.groupdict()
    month = _month(groups["month"])
    year = groups.get("year")
    years = [int(year) + (2000 if len(year) == 2 else 0)] if year else [reader.now.year, reader.now.year + 1]
    for candidate in years:
        try:
            day = date(candidate, month, int(groups["day"]))
        except ValueError:
            continue
        if year or day >= reader.now.date():
            reader.day = day
            return True
    return False


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next(
        number for number, stems in enumerate(_MONTHS, 1) if any(re.match(stem, text) for stem in stems.split())
    )


def _day_of_month(reader: _Reader, found: re.Match[str]) -> bool:
    """15-го числа, on the 15th: of this month, or the next when it has passed."""
    if reader.day or reader.moment:
        return False
    for months in range(3):
        first = reader.now.date().replace(day=1) + relativedelta(months=months)
        try:
            day = first.replace(day=int(found["day"]))
        except ValueError:
            continue
        if day >= reader.now.date():
            reader.day = day
            return True
    return False


def _time(reader: _Reader, found: re.Match[str]) -> bool:
    if reader.clock or reader.moment:
        return False
    groups = found.groupdict()
    hour = _number(groups["hour"])
    clock = _clock(hour, groups.get("minute"), groups.get("half"))
    if clock is None:
        return False
    reader.clock = clock
    return True


def _span(reader: _Reader, found: re.Match[str]) -> bool:
    """С 15 до 16:30, from 3 to 4 pm, 15:00-16:30."""
    if reader.clock or reader.moment:
        return False
    half = found["half"]
    first = _clock(int(found["hour"]), found["minute"], half)
    last = _clock(int(found["hour2"]), found["minute2"], half)
    if first is None or last is None:
        return False
    start, end = (datetime.combine(date.min, clock) for clock in (first, last))
    if end <= start:
        return False
    reader.clock, reader.length = first, end - start
    return True


def _clock(hour: int, minute: str | None, half: str | None) -> time | None:
    """A time of day. 12 am is midnight and 12 pm noon; 1 to 7 without a word is of the afternoon."""
    half = (half or "").replace(".", "")
    if half in ("pm", "дня", "вечера") and hour < 12:
        hour += 12
    elif half in ("am", "ночи") and hour == 12:
        hour = 0
    elif not half and 1 <= hour <= 7:
        hour += 12
    return time(hour, int(minute or 0)) if hour < 24 and int(minute or 0) < 60 else None


def _spoken_hour(clock: time) -> Callable[[_Reader, re.Match[str]], bool]:
    def read(reader: _Reader, found: re.Match[str]) -> bool:
        if reader.clock or reader.moment:
            return False
        reader.clock = clock
        return True

    return read


def _lasts(reader: _Reader, found: re.Match[str]) -> bool:
    """На 2 часа, for 30 minutes."""
    if reader.length:
        return False
    number = _number(found["n"]) if found["n"] else 1
    reader.length = timedelta(**{_unit(found["unit"]): number})
    return True


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?:{pattern})(?![\w])")


_HOURS_IN_WORDS: Final = "два|три|четыре|пять|шесть|семь|восемь|девять|десять|одиннадцать|двенадцать"
# The more exact before the less: each form is tried once, and what it read is gone for the next.
_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[_Reader, re.Match[str]], bool]], ...]] = (
    (_form(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"), _calendar_day),
    (_form(r"(?P<day>[0-3]?\d)[./](?P<month>[01]?\d)[./](?P<year>\d{4}|\d\d)"), _calendar_day),
    (_form(rf"(?:(?:до|к|on|by)\s+)?(?P<day>[0-3]?\d)(?:-?го|th|st|nd|rd)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<year>\d{{4}})(?:\s*г(?:ода|\.)?)?)?"), _calendar_day),
    (_form(rf"(?:(?:on|by)\s+)?{_MONTH}\s+(?P<day>[0-3]?\d)(?:th|st|nd|rd)?(?:,?\s+(?P<year>\d{{4}}))?"), _calendar_day),
    (_form(r"(?:через|in)\s+(?:пол\s?часа|half an hour|(?P<more>полтора часа|an hour and a half))"), _half_an_hour),
    (_form(rf"через\s+(?:{_N}\s+)?{_UNIT}"), _ahead),
    (_form(rf"in\s+(?:(?:a\s+)?{_N}\s+(?:of\s+)?)?{_UNIT}"), _ahead),
    (_form(rf"(?:{_N}\s+)?{_UNIT}\s+(?:назад|ago)"), _ago),
    (_form(rf"{_N}\s+{_UNIT}\s+(?:спустя|from now|later)"), _ahead),
    (_form(r"(?:на\s+|до\s+|к\s+)?послезавтра|(?:the\s+)?day after tomorrow"), _named(2)),
    (_form(r"(?:на\s+|до\s+|к\s+)?завтра|(?:by\s+)?(?:tomorrow|tmrw|tmr)"), _named(1)),
    (_form(r"(?:на\s+|до\s+)?сегодня|today|tonight"), _named(0)),
    (_form(r"позавчера|(?:the\s+)?day before yesterday"), _named(-2)),
    (_form(r"вчера|yesterday"), _named(-1)),
    (_form(r"(?:в|к|до|на)\s+конц[еау]\s+недели|(?:at\s+|by\s+)?(?:the\s+)?end of (?:the\s+)?week"), _end_of_week),
    (_form(r"(?:в|к|до|на)\s+конц[еау]\s+месяца|(?:at\s+|by\s+)?(?:the\s+)?end of (?:the\s+)?month"), _end_of_month),
    (_form(rf"(?:(?:в|во|на|до|к|on|by)\s+)?(?P<next>(?:следующ(?:ий|ую|ее|ей)|next)\s+)?{_WEEKDAY}(?:\s+на\s+следующей\s+неделе)?"), _weekday),
    (_form(r"(?:на|к)\s+следующей\s+неделе|на\s+след\.?\s+неделе|next week"), _next_week),
    (_form(r"в\s+следующем\s+месяце|next month"), _next_month),
    (_form(rf"(?:с|from)?\s*{_HOUR}(?:[:.](?P<minute>[0-5]\d))?\s*(?:до|to|-|–|—)\s*(?P<hour2>[01]?\d|2[0-3])(?:[:.](?P<minute2>[0-5]\d))?{_HALF}(?:\s*час(?:ов|а)?)?"), _span),
    (_form(rf"(?:в|к|до|at|by|around|около)\s+{_HOUR}[:.](?P<minute>[0-5]\d){_HALF}"), _time),
    (_form(rf"{_HOUR}:(?P<minute>[0-5]\d){_HALF}"), _time),
    (_form(r"(?:до|к|on|by)?\s*(?P<day>[0-3]?\d)\.(?P<month>[01]?\d)"), _calendar_day),
    (_form(r"(?P<day>[0-3]?\d)/(?P<month>[01]?\d)"), _calendar_day),
    (_form(r"(?:до|к)?\s*(?P<day>[0-3]?\d)(?:-?го)(?:\s+числа)?"), _day_of_month),
    (_form(r"(?:on|by)?\s*the\s+(?P<day>[0-3]?\d)(?:th|st|nd|rd)"), _day_of_month),
    (_form(rf"(?:в|к|до|at|by|around|около)\s+{_HOUR}(?:\s*час(?:ов|а)?|\s*ч\.?|\s*o'?clock)?{_HALF}"), _time),
    (_form(rf"{_HOUR}\s*(?P<half>утра|дня|вечера|a\.?m\b\.?|p\.?m\b\.?)"), _time),
    (_form(rf"(?:в|к)\s+(?P<hour>{_HOURS_IN_WORDS}){_HALF}(?:\s+час(?:ов|а)?)?"), _time),
    (_form(r"(?:в\s+)?полдень|(?:at\s+)?noon"), _spoken_hour(time(12))),
    (_form(r"в\s+обед|(?:at\s+)?lunch ?time"), _spoken_hour(time(13))),
    (_form(r"(?:с\s+|рано\s+)?утром|с\s+утра|(?:in the\s+)?morning"), _spoken_hour(time(10))),
    (_form(r"днем|(?:in the\s+)?afternoon"), _spoken_hour(time(14))),
    (_form(r"вечером|(?:in the\s+)?evening"), _spoken_hour(time(18))),
    (_form(rf"(?:на|for)\s+(?:{_N}\s*)?(?P<unit>минут[уы]?|мин\b\.?|час(?:а|ов)?|minutes?|mins?\b|hours?)"), _lasts),
)  # fmt: skip


_LENGTH: Final = re.compile(
    r"\s*(?P<n>\d{1,4}(?:[.,]\d)?)\s*(?P<unit>m|min|minutes?|м|мин|минут[аы]?|h|hours?|ч|час(?:а|ов)?|d|days?|д|дн|день|дня|дней)?\.?\s*"
)


def length_of(text: str) -> timedelta | None:
    """A length as it is typed: 90, 90m, 90 мин, 2h, 1,5 ч, 1d; a bare number counts minutes. None for anything else and for nothing."""
    found = _LENGTH.fullmatch(text.lower())
    if found is None:
        return None
    number, unit = float(found["n"].replace(",", ".")), found["unit"] or "m"
    name = "minutes" if unit[0] in "mм" else "hours" if unit[0] in "hч" else "days"
    length = timedelta(**{name: number})
    return length if timedelta() < length <= timedelta(days=60) else None
