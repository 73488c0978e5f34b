"""What stands in a calendar: entries of a window, occurrences not kept yet, busy time of others, clashes, free days. A fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.accounts.models import User
from voronka.activities import recurrence
from voronka.activities.models import Absence, Activity, Holiday, Kind, Series, Status
from voronka.activities.querysets import ActivityQuerySet, Window
from voronka.activities.rules import LONGEST, search_terms
from voronka.core.access import Scope
from voronka.core.models import Company
from voronka.core.prepared import Prepared, Slot

if TYPE_CHECKING:
    from voronka.activities.querysets import SeriesQuerySet

MOST_ENTRIES: Final = 2000
MOST_SERIES: Final = 300
MOST_PEOPLE: Final = 20
KINDS: Final = tuple(kind for kind in Kind if kind not in (Kind.NOTE, Kind.EMAIL))


@dataclass(frozen=True)
class Wanted:
    """What somebody asks of the calendar: a window [first, last) and whose days; kinds, words, and whether finished work is shown."""

    first: datetime
    last: datetime
    people: tuple[int, ...]
    kinds: tuple[str, ...] = ()
    text: str = ""
    finished: bool = True


@dataclass(frozen=True)
class Entry:
    """One thing in the calendar. `row` is the activity, or the occurrence as it would be; busy time of others has neither words nor an address."""

    row: Activity
    people: tuple[int, ...]
    is_busy: bool = False
    may_edit: bool = False
    clashes: bool = False

    @property
    def at(self) -> datetime:
        """Where it stands in the order of a list: whole days first."""
        if self.row.starts_at is not None and not self.row.all_day:
            return self.row.starts_at
        return datetime.combine(self.row.first_day, time.min, timezone.get_current_timezone())

    @property
    def is_whole_day(self) -> bool:
        return self.row.all_day or self.row.starts_at is None

    @property
    def first_day(self) -> date:
        """The first day it stands in. Whole days begin at a midnight of whoever planned them, wherever the reader is."""
        return self.row.first_day

    @property
    def last_day(self) -> date:
        return self.row.last_day

    @property
    def series_key(self) -> str:
        """An occurrence that is no row yet is named by its series and the moment it starts."""
        start = self.row.original_start
        return f"{self.row.series_id}/{start:%Y%m%dT%H%M%SZ}" if start is not None else ""

    @property
    def stamp(self) -> str:
        """The moment of an occurrence, as addresses name it."""
        return self.series_key.partition("/")[2]

    @property
    def words(self) -> str:
        return _("Busy") if self.is_busy else str(self.row)


@dataclass(frozen=True)
class Found:
    """The entries of a window in their order; `is_cut` when there were more than are shown."""

    entries: list[Entry] = field(default_factory=list)
    is_cut: bool = False


def _rows(scope: Scope, kinds: tuple[str, ...], finished: bool, worded: bool) -> ActivityQuerySet:
    rows = Activity.objects.known_to(scope).in_calendar(Window.of_slots(), Slot("shown"))
    rows = rows.exclude(status=Status.CANCELLED) if finished else rows.open()
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if worded:
        rows = rows.filter(is_seen=True).saying(Slot("terms"))
    return rows.for_calendar()[: MOST_ENTRIES + 1]


def _repeating(scope: Scope, kinds: tuple[str, ...]) -> SeriesQuerySet:
    rows = Series.objects.known_to(scope).running_on(Slot("since"), Slot("until")).of_people(Slot("shown"))
    rows = rows.filter(kind__in=kinds) if kinds else rows
    return rows.with_guests().select_related("partner", "owner").order_by("pk")[:MOST_SERIES]


_ROWS, _REPEATING = Prepared(_rows), Prepared(_repeating)


def entries(wanted: Wanted, user: User) -> Found:
    """Everything these people do in the window as far as this person may know it. Three statements at most, whatever the window holds, and one
    more for who oversees a team.
    """
    scope = user.scope_for(ActivityQuerySet.scope_of, "see")
    asked = {"user": user.pk, "people": user.people_within(scope), "shown": list(wanted.people)}
    window = Window.of(wanted.first, wanted.last)._asdict()
    shape = (scope, wanted.kinds, wanted.finished, bool(wanted.text))
    rows = _ROWS(*shape, **asked, **window, terms=search_terms(wanted.text))
    may_edit = partial(Activity.objects.none().allows, user, "edit")
    found = [_entry(row, row, may_edit) for row in rows[:MOST_ENTRIES]]
    found += [_entry(row, series, may_edit) for row, series in _later(wanted, scope, asked)]
    ordered = sorted(found, key=lambda one: (one.at, one.row.pk or 0))
    return Found(_with_clashes(ordered, wanted.people), len(rows) > MOST_ENTRIES)


def _entry(row: Activity, known: Any, may_edit: Callable[[Any], bool]) -> Entry:
    """A row as far as somebody may know it; `known` is the activity or the series that says so."""
    if not known.is_seen:
        return Entry(_bare(row), (row.owner_id,), is_busy=True)
    return Entry(row, (row.owner_id, *known.guests), may_edit=row.status == Status.OPEN and may_edit(known))


def _participants(keys: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for row, person in Activity.objects.people_of(keys) if keys else ():
        found[row].append(person)
    return found


def _bare(row: Activity) -> Activity:
    """Its time and nothing else."""
    return Activity(
        starts_at=row.starts_at, ends_at=row.ends_at, all_day=row.all_day, due_on=row.due_on, happened_at=row.happened_at, owner_id=row.owner_id, status=row.status,
    )  # fmt: skip


def _later(wanted: Wanted, scope: Scope, asked: dict[str, Any]) -> list[tuple[Activity, Series]]:
    """Occurrences that are no rows yet, with their series. Those the series has rows for, moved and deleted ones included, are left out."""
    since, until = wanted.first.date() - LONGEST, wanted.last.date() + timedelta(days=1)
    series = _REPEATING(scope, wanted.kinds, **asked, since=since, until=until)
    if words := wanted.text.lower().split():
        series = [one for one in series if one.is_seen and all(word in one.title.lower() for word in words)]
    if not series:
        return []
    taken = _taken(series, wanted)
    return [(row, one) for one in series for row in _expanded(one, wanted, taken)]


def _taken(series: list[Series], wanted: Wanted) -> set[tuple[int, datetime]]:
    """(series, start) of the occurrences that are rows."""
    return set(Activity.objects.starts_of([one.pk for one in series], wanted.first - LONGEST, wanted.last))


def _expanded(series: Series, wanted: Wanted, taken: set[tuple[int, datetime]]) -> Iterator[Activity]:
    for start in recurrence.starts(series.pattern, wanted.first - series.length, wanted.last):
        end = series.end_of(start)
        # What is past and no row was never on anybody's list.
        if (series.pk, start) in taken or start in series.excluded or end <= wanted.first or start < timezone.now():
            continue
        yield Activity(
            series=series, original_start=start, starts_at=start, ends_at=end, all_day=series.clock is None, happened_at=start, kind=series.kind, title=series.title,
            text=series.text, owner_id=series.owner_id, partner=series.partner, location=series.location, is_private=series.is_private, status=Status.OPEN,
        )  # fmt: skip


def _with_clashes(found: list[Entry], people: Iterable[int]) -> list[Entry]:
    """The same entries; timed ones that overlap another of one person say so."""
    places: dict[int, list[int]] = {person: [] for person in people}
    for place, one in enumerate(found):
        if one.row.status == Status.OPEN and one.row.ends_at is not None and not one.is_whole_day:
            for person in {*one.people} & places.keys():
                places[person].append(place)
    for theirs in places.values():
        spans: list[Any] = [(found[place].row.starts_at, found[place].row.ends_at) for place in theirs]
        for place, clashes in zip(theirs, recurrence.overlaps(spans), strict=True):
            if clashes and not found[place].clashes:
                found[place] = replace(found[place], clashes=True)
    return found


def unplanned(user: User, most: int = 40) -> list[Activity]:
    """Open work of a person that has no time yet, what is due first."""
    rows = (
        Activity.objects.visible_to(user)
        .open()
        .filter(owner=user, starts_at__isnull=True)
        .exclude(kind__in=("note", "email"))
    )
    return list(rows.select_related("partner").order_by("happened_at", "pk")[:most])


@dataclass(frozen=True)
class FreeDays:
    """Days of a window that are not worked: of the company (day -> name), and of people."""

    holidays: dict[date, Holiday]
    absences: list[Absence]

    def is_worked(self, day: date) -> bool:
        """Monday to Friday but holidays, and the weekend days that are worked."""
        found = self.holidays.get(day)
        return found.works if found is not None else day.weekday() < 5


def free_days(first: date, last: date, people: Iterable[int], user: User) -> FreeDays:
    """Holidays and absences between two days, both included. Two statements."""
    holidays = {one.day: one for one in Holiday.objects.visible_to(user).filter(day__gte=first, day__lte=last)}
    absences = Absence.objects.visible_to(user).of_people(people).touching(first, last).select_related("owner")
    return FreeDays(holidays, list(absences.order_by("first_on", "pk")))


def warnings(
    people: Iterable[User], start: datetime, end: datetime, *, user: User, without: int = 0, of_series: int = 0
) -> list[str]:
    """What speaks against a time for these people, as sentences; nothing of it forbids. Times in the reader's zone.

    Others' work the reader may not see is told as busy time, without words.
    """
    asked = {person.pk: person for person in people}
    free = free_days(timezone.localdate(start), timezone.localdate(end - timedelta(seconds=1)), asked, user)
    sentences = [
        _("%(person)s is away from %(first)s to %(last)s.") % {"person": one.owner, "first": _day(one.first_on), "last": _day(one.last_on)}
        for one in free.absences
    ]  # fmt: skip
    sentences += [
        _("%(day)s: %(holiday)s.") % {"day": _day(day), "holiday": one}
        for day, one in free.holidays.items()
        if not one.works
    ]
    return (
        sentences
        + list(dict.fromkeys(_overlapping(asked, start, end, user, without, of_series)))
        + _outside(start, end)
    )


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _overlapping(
    people: dict[int, User], start: datetime, end: datetime, user: User, without: int, of_series: int
) -> Iterator[str]:
    rows = Activity.objects.occupying(people, start, end).exclude(pk=without)
    rows = rows.exclude(series=of_series) if of_series else rows
    found = list(rows.order_by("starts_at")[:50])
    known = set(Activity.objects.visible_to(user).filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True))
    joined = _participants([one.pk for one in found])
    later = _ghosts(people, start, end, of_series)
    for one in [*found, *later]:
        for person in {one.owner_id, *joined[one.pk or 0]} & set(people):
            values = {
                "person": people[person], "from": f"{timezone.localtime(one.starts_at):%H:%M}", "to": f"{timezone.localtime(one.ends_at):%H:%M}", "what": one,
            }  # fmt: skip
            words = (
                _("%(person)s: “%(what)s” from %(from)s to %(to)s.")
                if one.pk in known
                else _("%(person)s is busy from %(from)s to %(to)s.")
            )
            yield words % values


def _ghosts(people: dict[int, User], start: datetime, end: datetime, without: int) -> list[Activity]:
    wanted = Wanted(start, end, tuple(people))
    series = list(Series.objects.occupying(people, start, end).exclude(pk=without)[:MOST_SERIES])
    taken = _taken(series, wanted) if series else set()
    return [row for one in series for row in _expanded(one, wanted, taken)]


def _outside(start: datetime, end: datetime) -> list[str]:
    company = Company.lately()
    first, last = timezone.localtime(start), timezone.localtime(end)
    if first.date() == last.date() and (first.time() < company.work_starts or last.time() > company.work_ends):
        return [
            _("Outside working hours (%(from)s to %(to)s).")
            % {"from": f"{company.work_starts:%H:%M}", "to": f"{company.work_ends:%H:%M}"}
        ]
    return []
