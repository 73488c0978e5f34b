"""What people do with the calendar: repeat work, change a series, drag it to another time; absences, holidays, the address of one's calendar."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.activities import actions, freedays, occurrences, recurrence, rules
from voronka.activities.models import Absence, Activity, Attachment, CalendarFeed, Holiday, Kind, Series
from voronka.activities.occurrences import COPIED
from voronka.activities.recurrence import Pattern
from voronka.activities.rules import Plan
from voronka.core import actions as kernel
from voronka.core.audit import acting
from voronka.core.errors import RuleBroken
from voronka.core.models import Company

if TYPE_CHECKING:
    from voronka.accounts.models import User

REPEATABLE: Final = (Kind.CALL, Kind.MEETING, Kind.TASK, Kind.CAMPAIGN, Kind.OTHER)


@dataclass(frozen=True)
class Repeat:
    """A rule as people gave it (RRULE without UNTIL), and the last day or None."""

    rule: str
    last_on: date | None = None


@transaction.atomic
def repeat(activity: Activity, when: Plan, how: Repeat, *, participants: Iterable[User] = (), by: User) -> Activity:
    """Plan work that repeats, by the wall clock of its owner; returns the first occurrence. An open activity at hand becomes the first.

    When the plan's day is none of the rule's, the first that is counts. Raises RuleBroken for work without a start, a note or letter, and a rule
    that never falls within its days; otherwise as `actions.plan`.
    """
    if activity.kind not in REPEATABLE:
        raise RuleBroken(_("Only calls, meetings and tasks repeat."), code="not_repeatable", field="repeats")
    pattern, length = _pattern(when, how, activity.owner.zone)
    people = list(participants)
    first = recurrence.moment(pattern.first, pattern.zone)
    series = _series(activity, pattern, length)
    kernel.save(series, by=by, verb="plan")
    series.participants.set(people)
    activity.series, activity.original_start = series, first
    plan = _plan(series, first)
    if activity._state.adding:
        actions.plan(activity, plan, participants=people, by=by)
    else:
        actions.save_activity(activity, plan, participants=people, by=by)
    occurrences.keep_ahead(series, timezone.now(), people)
    return activity


def _pattern(when: Plan, how: Repeat, zone: ZoneInfo) -> tuple[Pattern, timedelta]:
    """The pattern of a plan that is its first occurrence, and how long each takes."""
    if when.starts_at is None or when.ends_at is None:
        raise RuleBroken(_("What repeats needs a time, or whole days."), code="no_start", field="clock")
    start, end = (at.astimezone(zone).replace(tzinfo=None) for at in (when.starts_at, when.ends_at))
    pattern = Pattern(how.rule, start.date(), None if when.all_day else start.time(), zone, how.last_on)
    found = recurrence.aligned(pattern)
    if found is None:
        raise RuleBroken(_("It never takes place before its last day."), code="never", field="repeat_until")
    return found, end - start if when.all_day else when.ends_at - when.starts_at


def _series(activity: Activity, pattern: Pattern, length: timedelta) -> Series:
    made = Series(**{name: getattr(activity, name) for name in COPIED})
    _set_pattern(made, pattern, length)
    return made


def _set_pattern(series: Series, pattern: Pattern, length: timedelta) -> None:
    series.rule, series.starts_on, series.clock = pattern.rule, pattern.first_on, pattern.clock
    series.zone, series.last_on, series.length = str(pattern.zone), pattern.last_on, length


def _plan(series: Series, start: datetime) -> Plan:
    """The occurrence of a series that starts at a moment, as a plan."""
    end = series.end_of(start)
    return (
        Plan(end - timedelta(seconds=1), start, end, all_day=True)
        if series.clock is None
        else rules.plan_at(start, end=end)
    )


def occurrence(series: Series, start: datetime) -> Activity:
    """The row of one occurrence, made if it was not there yet. Raises RuleBroken where the series has none (any more)."""
    found = occurrences.touched(series, start, timezone.now())
    if found is None:
        raise RuleBroken(_("It does not take place any more."), code="no_occurrence")
    return found


@transaction.atomic
def change_series(
    activity: Activity, when: Plan, how: Repeat, *, scope: str, participants: Iterable[User] | None = None, by: User
) -> Activity:
    """Change a series by one of its occurrences: `activity` has the new values, `when` its new time; scope "following" or "all".

    "following" begins with this occurrence, "all" with the first from today on: what was before today stays as it was. Days the rule no longer
    names are removed, what somebody changed on single days stays. A number of times counts the whole series. Returns the row of the same
    occurrence, or the first. Raises RuleBroken as `repeat`.
    """
    series, original = Series.objects.select_for_update().get(pk=activity.series_id), activity.original_start
    if original is None:
        raise RuleBroken(_("It does not take place any more."), code="no_occurrence")
    since = original if scope == "following" else _first_from_today(series)
    pattern, length = _pattern(when, how, ZoneInfo(series.zone))
    away = pattern.first_on - original.astimezone(pattern.zone).date()
    first_on = since.astimezone(pattern.zone).date() + away
    rule = recurrence.remaining(pattern.rule, series.pattern, since)
    pattern = recurrence.aligned(replace(pattern, first_on=first_on, rule=rule)) or pattern
    tail = _cut(series, since, activity, by)
    was = Series.objects.get(pk=series.pk)
    for name in COPIED:
        setattr(tail, name, getattr(activity, name))
    _set_pattern(tail, pattern, length)
    kernel.save(tail, by=by, verb="reschedule")
    people = list(series.participants.all() if participants is None else participants)
    _carry_over(series, was, tail, since, away, people, by)
    tail.participants.set(people)
    occurrences.keep_ahead(tail, timezone.now(), people)
    rows = Activity.objects.filter(series=tail, deleted_at__isnull=True).order_by("original_start")
    new = _rebased(original, tail, away)
    return (
        rows.filter(original_start=new).first()
        or rows.filter(original_start__gte=new).first()
        or rows.first()
        or activity
    )


def _first_from_today(series: Series) -> datetime:
    today = timezone.now().astimezone(ZoneInfo(series.zone)).replace(tzinfo=None)
    pattern = series.pattern
    wall = next(recurrence.walls(pattern, datetime.combine(today.date(), time.min)), pattern.first)
    return recurrence.moment(max(wall, pattern.first), pattern.zone)


def _cut(series: Series, since: datetime, like: Activity, by: User) -> Series:
    """The series that goes on from a moment: a new one, with the old one ended before it, or the same where nothing was before."""
    head, _rest = recurrence.split(series.pattern, since)
    if head is None:
        return series
    series.rule, series.last_on = head.rule, head.last_on
    kernel.save(series, by=by, verb="reschedule")
    return _series(like, series.pattern, series.length)


def _carry_over(
    series: Series, was: Series, tail: Series, since: datetime, away: timedelta, people: list[User], by: User
) -> None:
    """Rows from a moment on go along: each takes what is new where it was as the series; days that are none any more go unless somebody changed them."""
    rows = Activity.objects.filter(series=series, original_start__gte=since).select_related("owner")
    for row in rows.order_by("-original_start" if away > timedelta(0) else "original_start"):
        start = _rebased(row.original_start, tail, away)
        stays, alike = recurrence.is_start(tail.pattern, start), _is_as(was, row)
        if not stays and alike and not Attachment.objects.filter(activity=row).exists():
            with acting(by, "reschedule"):
                row.delete()
            continue
        unmoved = row.starts_at == row.original_start
        row.series, row.original_start = tail, start if stays else row.original_start
        if row.is_open and row.deleted_at is None:
            _renew(row, was, tail)
            if stays and unmoved:
                _set_plan(row, _plan(tail, start))
            row.participants.set(people)
        kernel.save(row, by=by, verb="reschedule")


def _rebased(original: Any, tail: Series, away: timedelta) -> datetime:
    """The start an occurrence has by the new pattern: as many days away, at the new time of day."""
    day = original.astimezone(ZoneInfo(tail.zone)).date() + away
    return recurrence.moment(datetime.combine(day, tail.clock or time.min), ZoneInfo(tail.zone))


def _is_as(series: Series, row: Activity) -> bool:
    """Whether nobody has changed this occurrence."""
    same = all(getattr(row, name) == getattr(series, name) for name in COPIED)
    return same and row.is_open and row.starts_at == row.original_start and not row.result and row.deleted_at is None


def _renew(row: Activity, was: Series, tail: Series) -> None:
    for name in COPIED:
        if getattr(row, name) == getattr(was, name):
            setattr(row, name, getattr(tail, name))


def _set_plan(row: Activity, when: Plan) -> None:
    row.starts_at, row.ends_at, row.all_day, row.happened_at = when.starts_at, when.ends_at, when.all_day, when.due
    row.remind_at = rules.remind_at(when.due, row.remind_before, timezone.now())


@transaction.atomic
def stop(series: Series, since: datetime, *, keep: Activity | None = None, by: User) -> int:
    """It does not take place from an occurrence on. Open rows but `keep` go to the recycle bin, finished ones stay; returns how many went."""
    series = Series.objects.select_for_update().get(pk=series.pk)
    head, _rest = recurrence.split(series.pattern, since)
    if head is None:
        kernel.delete(series, by=by)
    else:
        series.rule, series.last_on = head.rule, head.last_on
        kernel.save(series, by=by, verb="cancel")
    rows = Activity.objects.alive().open().filter(series=series, original_start__gte=since)
    rows = rows.exclude(pk=keep.pk) if keep is not None else rows
    return kernel.change_many(rows, by=by, verb="delete", deleted_at=timezone.now(), deleted_by=by)


@transaction.atomic
def stop_after(activity: Activity, when: Plan | None, *, participants: Iterable[User], by: User) -> Activity:
    """It repeats no more: this occurrence stays, as work of its own, with what was changed; the following ones go."""
    series: Any = activity.series
    if activity.original_start is not None:
        stop(series, activity.original_start, by=by, keep=activity)
    activity.series = activity.original_start = None
    return actions.save_activity(activity, when, participants=participants, by=by)


@transaction.atomic
def drag(
    activity: Activity,
    when: Plan,
    *,
    scope: str = "one",
    to: User | None = None,
    seen_version: int | None = None,
    by: User,
) -> Activity:
    """Put it elsewhere in the calendar: another time, perhaps another person's column. Scope "one", or of its series "following", "all".

    Raises RuleBroken for what is closed, StaleRecord when somebody moved it first.
    """
    if scope != "one" and activity.series_id is not None and activity.original_start is not None:
        return _drag_series(activity, when, scope, to, by)
    actions.reschedule(activity, when, seen_version=seen_version, by=by)
    if to is not None and to.pk != activity.owner_id:
        actions.reassign(activity, to, by=by)
    return activity


def _drag_series(activity: Activity, when: Plan, scope: str, to: User | None, by: User) -> Activity:
    series: Any = activity.series
    zone = ZoneInfo(series.zone)
    start, old = (at.astimezone(zone).date() for at in (when.starts_at or when.due, activity.original_start))  # type: ignore[union-attr]
    how = Repeat(recurrence.shifted(series.rule, (start - old).days, start), series.last_on)
    if to is not None and to.pk != activity.owner_id:
        activity.owner, activity.assigned_by = to, by if to.pk != by.pk else None
    return change_series(activity, when, how, scope=scope, by=by)


def save_absence(absence: Absence, *, seen_version: int | None = None, by: User) -> Absence:
    """Keep the days somebody is away. Raises RuleBroken for days the wrong way round and for a second absence on the same days."""
    if absence.last_on < absence.first_on:
        raise RuleBroken(_("The last day lies before the first."), code="end_before_start", field="last_on")
    others = Absence.objects.alive().filter(owner=absence.owner).exclude(pk=absence.pk)
    if other := others.touching(absence.first_on, absence.last_on).first():
        words = _("Away on these days already: %(kind)s.") % {"kind": other.get_kind_display()}
        raise RuleBroken(words, code="absent_already", field="first_on")
    return kernel.save(absence, by=by, seen_version=seen_version)


def fill_holidays(year: int, *, by: User) -> int:
    """Take over a year's holidays of the company's country, moved days included, as published; days that are known stay.

    Returns how many were added. Raises RuleBroken for a country whose holidays are not known.
    """
    company = Company.current()
    found = freedays.published(company.country, year, company.language)
    if not found:
        raise RuleBroken(_("The holidays of this country and year are not known. Add them one by one."), code="unknown")
    before = Holiday.objects.count()
    with acting(by, "change"):
        Holiday.objects.bulk_create(found, ignore_conflicts=True)
    return Holiday.objects.count() - before


def save_holiday(holiday: Holiday, *, by: User) -> Holiday:
    """Add or change a day of the company's calendar. Raises RuleBroken for a day that is in it already."""
    if Holiday.objects.filter(day=holiday.day).exclude(pk=holiday.pk).exists():
        raise RuleBroken(_("This day is in the calendar already."), code="day_taken", field="day")
    return kernel.save(holiday, by=by)


def remove_holiday(holiday: Holiday, *, by: User) -> None:
    kernel.delete(holiday, by=by)


def digest(secret: str) -> str:
    """What is kept of the secret of an address: SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_feed(*, by: User) -> str:
    """A new secret address of one's calendar; an old one stops working. Returns the secret, which is not kept and can't be shown again."""
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user=by, defaults={"digest": digest(secret), "created_at": timezone.now(), "read_at": None}
    )
    return secret


def close_feed(*, by: User) -> None:
    """The address stops working."""
    CalendarFeed.objects.filter(user=by).delete()


def feed_of(secret: str) -> CalendarFeed | None:
    """The calendar a secret opens, of somebody who still works here; when it was read last is noted at most once an hour."""
    feed = CalendarFeed.objects.select_related("user__role").filter(digest=digest(secret), user__is_active=True).first()
    now = datetime.now(UTC)
    if feed is not None and (feed.read_at is None or now - feed.read_at > timedelta(hours=1)):
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
    return feed
