"""Repeating work by RFC 5545: on which days a rule falls in a zone, how a rule is split, what a form asks. Plain values only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import takewhile
from typing import Final

from dateutil.rrule import rrulestr

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"})
MOST_TIMES: Final = 999
MOST_INTERVAL: Final = 99
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Pattern:
    """When a series takes place: an RRULE without UNTIL, the first day and the time of day (None: whole days) in a zone, the last day or None.

    Time of day is what the clock on the wall shows: 10:00 stays 10:00 over daylight saving. What the wall clock skips takes place as much later
    (02:30 at 03:30), of an hour it shows twice the first is meant, as RFC 5545 says (3.3.5).
    """

    rule: str
    first_on: date
    clock: time | None
    zone: tzinfo
    last_on: date | None = None

    @property
    def first(self) -> datetime:
        """The first start on the wall clock, without a zone."""
        return datetime.combine(self.first_on, self.clock or time.min)


def checked(rule: str) -> str:
    """The rule in capital letters and a fixed order. Raises ValueError for what is no rule, or one we do not offer (seconds, week numbers)."""
    pairs = [
        part.partition("=")[::2] for part in rule.upper().replace(" ", "").removeprefix("RRULE:").split(";") if part
    ]
    parts = dict(pairs)
    if len(parts) != len(pairs) or not set(parts) <= PARTS or parts.get("FREQ") not in FREQUENCIES:
        raise ValueError(f"not a rule we know: {rule[:100]}")
    for name, most in (("INTERVAL", MOST_INTERVAL), ("COUNT", MOST_TIMES)):
        if name in parts and not (parts[name].isdigit() and 1 <= int(parts[name]) <= most):
            raise ValueError(f"{name} is from 1 to {most}")
    text = ";".join(f"{name}={parts[name]}" for name in ("FREQ", *sorted(set(parts) - {"FREQ"})))
    rrulestr(text, dtstart=datetime(2000, 1, 1))
    return text


def walls(pattern: Pattern, after: datetime | None = None) -> Iterator[datetime]:
    """Starts on the wall clock from `after` (without a zone, included) on, in order; endless for a rule without an end."""
    rule = rrulestr(pattern.rule, dtstart=pattern.first)
    for wall in rule.xafter(after or pattern.first, inc=True):
        if pattern.last_on is not None and wall.date() > pattern.last_on:
            return
        yield wall


def moment(wall: datetime, zone: tzinfo) -> datetime:
    """The moment a wall clock shows this, in UTC."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def starts(pattern: Pattern, after: datetime, before: datetime) -> list[datetime]:
    """The moments the series starts at within [after, before), in UTC and in order."""
    found = []
    for wall in walls(pattern, after.astimezone(pattern.zone).replace(tzinfo=None) - DAY):
        if wall - DAY > before.astimezone(pattern.zone).replace(tzinfo=None):
            break
        at = moment(wall, pattern.zone)
        if after <= at < before:
            found.append(at)
    return found


def is_start(pattern: Pattern, at: datetime) -> bool:
    """Whether the series has an occurrence that starts at this moment."""
    return starts(pattern, at, at + timedelta(microseconds=1)) != []


def aligned(pattern: Pattern) -> Pattern | None:
    """The pattern with its first day moved to the first day of the rule; None when the rule never falls within the days given."""
    first = next(walls(pattern), None)
    return replace(pattern, first_on=first.date()) if first is not None else None


def split(pattern: Pattern, at: datetime) -> tuple[Pattern | None, str]:
    """Cut a series before the occurrence starting at `at`: the pattern of what remains before (None: nothing), and the rule of what follows.

    Both together name the days the whole named, as long as nothing else changes.
    """
    rest = remaining(pattern.rule, pattern, at)
    if not _before(pattern, at):
        return None, rest
    parts = dict(part.split("=") for part in pattern.rule.split(";"))
    parts.pop("COUNT", None)
    return replace(pattern, rule=_text(parts), last_on=at.astimezone(pattern.zone).date() - DAY), rest


def remaining(rule: str, pattern: Pattern, at: datetime) -> str:
    """A rule whose number of times counts from the first day of a pattern, as it counts from the occurrence starting at `at`; at least once."""
    parts = dict(part.split("=") for part in rule.split(";"))
    if "COUNT" not in parts:
        return rule
    return _text(parts | {"COUNT": str(max(1, int(parts["COUNT"]) - _before(pattern, at)))})


def _before(pattern: Pattern, at: datetime) -> int:
    """How many occurrences lie on days before the one starting at a moment."""
    day = at.astimezone(pattern.zone).date()
    return sum(1 for _one in takewhile(lambda wall: wall.date() < day, walls(pattern)))


def _text(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def rule_of(
    frequency: str, interval: int = 1, days: tuple[str, ...] = (), nth: int = 0, count: int | None = None
) -> str:
    """The rule of a form. `days` are those of a week; by month, `nth` with one day means its nth such day (-1: the last), else the day of the month."""
    parts = {"FREQ": frequency}
    if interval > 1:
        parts["INTERVAL"] = str(interval)
    if frequency == "WEEKLY" and days:
        parts["BYDAY"] = ",".join(day for day in WEEKDAYS if day in days)
    if frequency == "MONTHLY" and nth and days:
        parts["BYDAY"] = f"{nth}{days[0]}"
    if count:
        parts["COUNT"] = str(count)
    return checked(_text(parts))


@dataclass(frozen=True)
class Asked:
    """A rule as a form asks it."""

    frequency: str
    interval: int
    days: tuple[str, ...]
    nth: int
    count: int | None


def asked(rule: str) -> Asked:
    """The answers a rule was made of."""
    parts = dict(part.split("=") for part in rule.split(";"))
    days = tuple(part for part in parts.get("BYDAY", "").split(",") if part)
    nth = int(days[0][:-2] or 0) if days and len(days[0]) > 2 else 0
    count = int(parts["COUNT"]) if "COUNT" in parts else None
    return Asked(parts["FREQ"], int(parts.get("INTERVAL", 1)), tuple(day[-2:] for day in days), nth, count)


def nth_of(day: date) -> int:
    """Which such weekday of its month a day is: 1 to 4, the last one -1."""
    return -1 if (day + 7 * DAY).month != day.month else (day.day - 1) // 7 + 1


def overlaps(spans: list[tuple[datetime, datetime]]) -> list[bool]:
    """For each span [start, end) whether another one overlaps it, in n log n."""
    order = sorted(range(len(spans)), key=lambda place: spans[place])
    clashes, latest, holder = [False] * len(spans), None, -1
    for place in order:
        start, end = spans[place]
        if latest is not None and start < latest and start < end:
            clashes[place] = clashes[holder] = True
        if latest is None or end > latest:
            latest, holder = end, place
    return clashes


def shifted(rule: str, days: int, to: date) -> str:
    """The rule after its occurrence was moved by so many days to the day `to`: weekdays go along, an nth weekday becomes that of the new day."""
    if not days:
        return rule
    parts = dict(part.split("=") for part in rule.split(";"))
    named = parts.get("BYDAY", "").split(",") if "BYDAY" in parts else []
    if named and len(named[0]) == 2 and len(named) < len(WEEKDAYS):
        moved = {WEEKDAYS[(WEEKDAYS.index(day) + days) % 7] for day in named}
        parts["BYDAY"] = ",".join(day for day in WEEKDAYS if day in moved)
    elif named and len(named[0]) > 2:
        parts["BYDAY"] = f"{nth_of(to)}{WEEKDAYS[to.weekday()]}"
    if "BYMONTHDAY" in parts:
        parts["BYMONTHDAY"] = str(to.day)
    return _text(parts)
