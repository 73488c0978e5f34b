"""Arithmetic of dates, durations and states of activities: plain values only, no clock read secretly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

DEFAULT_DURATION: Final = timedelta(minutes=15)
# Nothing in the calendar lasts longer: a window of it reads no more than this before its beginning.
LONGEST: Final = timedelta(days=62)
WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Plan:
    """When something is to be done: from start to end, or on a day without a time; `due` is the moment after which it is overdue."""

    due: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    due_on: date | None = None
    all_day: bool = False


def plan_at(start: datetime, duration: timedelta = DEFAULT_DURATION, end: datetime | None = None) -> Plan:
    """Timed work; the end wins over the duration. Raises ValueError for an end before the start."""
    end = end if end is not None else start + duration
    if end < start:
        raise ValueError("the end lies before the start")
    return Plan(start, start, end)


def is_too_long(plan: Plan) -> bool:
    """Whether it lasts longer than anything in the calendar may."""
    return plan.starts_at is not None and plan.ends_at is not None and plan.ends_at - plan.starts_at > LONGEST


def plan_on(day: date, zone: tzinfo) -> Plan:
    """Work for a day: due when the day is over in the zone of who does it."""
    return Plan(end_of(day, zone), due_on=day)


def plan_all_day(first: date, last: date, zone: tzinfo) -> Plan:
    """Whole days, both included: from midnight to the midnight after. Raises ValueError for days the wrong way round."""
    if last < first:
        raise ValueError("the last day lies before the first")
    start, end = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
    return Plan(end_of(last, zone), start, end, all_day=True)


def end_of(day: date, zone: tzinfo) -> datetime:
    """The last second of a day in a zone."""
    return datetime.combine(day, time(23, 59, 59), zone)


def moved(plan: Plan, to: date | datetime, zone: tzinfo) -> Plan:
    """The same work at another moment (keeps its length) or on another day (keeps its time of day)."""
    if isinstance(to, datetime):
        length = plan.ends_at - plan.starts_at if plan.starts_at and plan.ends_at and not plan.all_day else None
        return plan_at(to, length if length is not None else DEFAULT_DURATION)
    if plan.starts_at is None:
        return plan_on(to, zone)
    if plan.all_day and plan.ends_at is not None:
        days = (plan.ends_at.astimezone(zone).date() - plan.starts_at.astimezone(zone).date()).days
        return plan_all_day(to, to + timedelta(days=max(days - 1, 0)), zone)
    clock = plan.starts_at.astimezone(zone).time()
    return moved(plan, datetime.combine(to, clock, zone), zone)


def remind_at(due: datetime, before: int | None, now: datetime) -> datetime | None:
    """The moment of the reminder, `before` minutes ahead; None without one, or when what it reminds of is past."""
    if before is None or due <= now:
        return None
    return due - timedelta(minutes=before)


def happened_when(plan: Plan, closed_at: datetime) -> datetime:
    """Where done work stands in time: at its start if that has come, else when it was closed."""
    start = plan.starts_at if plan.starts_at and not plan.all_day else None
    return start if start is not None and start <= closed_at else closed_at


def search_terms(text: str) -> str:
    """A text as a query of stems: every word, each may go on."""
    words = WORD.findall(text.lower().replace("ё", "е"))
    return " & ".join(f"'{word}':*" for word in words)


def is_answer(kind: str, direction: str) -> bool:
    """Whether it is a word from us to the partner: a call, a meeting, a letter we wrote."""
    return kind in ("call", "meeting") or (kind == "email" and direction != "in")


def working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(7 - day.weekday(), 0) if day.weekday() > 4 else 0)


def step_state(status: str, due: datetime, closed_at: datetime | None, now: datetime) -> str:
    """How a step of a sequence was followed: "done", "late" (after the planned moment), "overdue", "planned" or "left_out"."""
    if status == "done":
        return "late" if closed_at is not None and closed_at > due else "done"
    if status == "cancelled":
        return "left_out"
    return "overdue" if due < now else "planned"
