"""Occurrences of a series as rows: those of the coming weeks, and any somebody touches; how it repeats, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.activities import recurrence, rules
from voronka.activities.models import Activity, Series, Status

if TYPE_CHECKING:
    from voronka.accounts.models import User

# Lists, My day and reminders know rows only: this much of each series is always there as rows.
AHEAD: Final = timedelta(weeks=6)
# What an occurrence takes over from its series.
COPIED: Final = (
    "kind", "type_id", "subject_id", "partner_id", "contact_id", "opportunity_id", "owner_id", "assigned_by_id", "title", "text", "location", "phone", "priority",
    "direction", "is_private", "is_tentative", "remind_before", "invites",
)  # fmt: skip


def built(series: Series, start: datetime, now: datetime) -> Activity:
    """The occurrence that starts at a moment, not yet kept."""
    end = series.end_of(start)
    one = Activity(series=series, original_start=start, status=Status.OPEN, starts_at=start, ends_at=end)
    for name in COPIED:
        setattr(one, name, getattr(series, name))
    one.all_day = series.clock is None
    one.happened_at = end - timedelta(seconds=1) if one.all_day else start
    one.created_by_id = series.created_by_id
    one.invited_version = one.version  # the series' letter speaks for it
    one.remind_at = rules.remind_at(one.happened_at, one.remind_before, now)
    return one


@transaction.atomic
def keep_ahead(series: Series, now: datetime, people: Iterable[User] | None = None) -> int:
    """Make the rows of the occurrences that begin within AHEAD and are not there yet; returns how many. Can be repeated.

    What is past is not made up for, except on the series' first day: who plans for this morning means it.
    """
    first = datetime.combine(series.starts_on, series.clock or datetime.min.time(), ZoneInfo(series.zone))
    midnight = datetime.combine(now.astimezone(first.tzinfo).date(), datetime.min.time(), first.tzinfo)
    made = _missing(series, first if first >= midnight else now, now + AHEAD, now)
    Activity.objects.bulk_create(made, ignore_conflicts=True)
    _invite(series, [one.original_start for one in made], people)
    return len(made)


def _missing(series: Series, first: datetime, last: datetime, now: datetime) -> list[Activity]:
    rows = Activity.objects.filter(series=series, original_start__gte=first, original_start__lt=last)
    taken = {*rows.values_list("original_start", flat=True), *series.excluded}
    wanted = recurrence.starts(series.pattern, first.astimezone(UTC), last)
    return [built(series, start, now) for start in wanted if start not in taken]


def _invite(series: Series, starts: list[datetime | None], people: Iterable[User] | None) -> None:
    """Rows made without a word to the database's triggers of the relation: those who take part are named in one statement."""
    keys = [one.pk for one in (people if people is not None else series.participants.all())]
    if not keys or not starts:
        return
    through = Activity.participants.through
    made = Activity.objects.filter(series=series, original_start__in=starts).values_list("pk", flat=True)
    through._base_manager.bulk_create(
        [through(activity_id=row, user_id=person) for row in made for person in keys], ignore_conflicts=True
    )


@transaction.atomic
def touched(series: Series, start: datetime, now: datetime) -> Activity | None:
    """The row of an occurrence, made if it was not there; None where the series has none at that moment, or it was deleted."""
    Series.objects.select_for_update().get(pk=series.pk)
    found = Activity.objects.filter(series=series, original_start=start).select_related("owner").first()
    if found is not None:
        return found if found.deleted_at is None else None
    if start in series.excluded or not recurrence.is_start(series.pattern, start):
        return None
    made = built(series, start, now)
    made.save(force_insert=True)
    made.participants.set(series.participants.all())
    return made


def remember_deleted(series: Series) -> None:
    """Keep the starts of occurrences in the recycle bin, before they are purged and would come back."""
    gone = Activity.objects.filter(series=series, deleted_at__isnull=False).values_list("original_start", flat=True)
    starts = sorted({*series.excluded, *(start for start in gone if start is not None)})
    if starts != series.excluded:
        Series.objects.filter(pk=series.pk).update(excluded=starts)
        series.excluded = starts


def repeat_words(series: Series) -> str:
    """How a series repeats, as one sentence."""
    asked = recurrence.asked(series.rule)
    one = {"DAILY": _("Every day"), "WEEKLY": _("Every week"), "MONTHLY": _("Every month"), "YEARLY": _("Every year")}
    n = asked.interval
    several = {
        "DAILY": ngettext("Every %(n)s day", "Every %(n)s days", n), "WEEKLY": ngettext("Every %(n)s week", "Every %(n)s weeks", n),
        "MONTHLY": ngettext("Every %(n)s month", "Every %(n)s months", n), "YEARLY": ngettext("Every %(n)s year", "Every %(n)s years", n),
    }  # fmt: skip
    every = one[asked.frequency] if n == 1 else several[asked.frequency] % {"n": n}
    if series.last_on:
        return _("%(every)s until %(day)s") % {"every": every, "day": f"{series.last_on:%d.%m.%Y}"}
    if asked.count:
        times = ngettext("%(every)s, %(count)s time", "%(every)s, %(count)s times", asked.count)
        return times % {"every": every, "count": asked.count}
    return every
