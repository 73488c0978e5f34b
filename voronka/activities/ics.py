"""Activities as iCalendar (RFC 5545, 5546): the feed of a person, and letters that invite and call off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vRecur, vText

from voronka.activities import recurrence
from voronka.activities.models import Activity, Series, Status
from voronka.activities.querysets import Window
from voronka.core import mail

if TYPE_CHECKING:
    from voronka.accounts.models import User


PRODUCT: Final = "-//Voronka//Calendar//EN"
PAST, COMING, MOST = timedelta(days=90), timedelta(days=370), 5000
# More than changes of one occurrence between two of its series.
CHANGES_MOST: Final = 1000
SEEN_BY_OWNER: Final = ("title", "text", "location", "kind", "partner_id", "contact_id")


def feed(user: User, name: str, now: datetime) -> bytes:
    """A person's calendar: what they do or take part in, PAST back and COMING ahead; series as rules with their exceptions. Five statements."""
    rows = Activity.objects.visible_to(user).exclude(status=Status.CANCELLED)
    rows = rows.in_calendar(Window.of(now - PAST, now + COMING), [user.pk]).select_related("partner", "contact")
    series = list(
        Series.objects.visible_to(user)
        .of_people([user.pk])
        .running(now - PAST, now + COMING)
        .select_related("partner", "contact")
    )
    own = list(rows.order_by("pk")[:MOST])
    calendar = _calendar(name)
    known = {one.pk for one in series}
    for row in own:
        if row.series_id not in known:
            calendar.add_component(_event(row, key_of(row)))
    _add_series(calendar, series, {row.pk for row in own})
    calendar.add_missing_timezones(last_date=(now + COMING).date())
    return calendar.to_ical()


def _add_series(calendar: Calendar, series: list[Series], own: set[int]) -> None:
    """Each series as one rule; every row that is not as the rule says it is an exception, one that is none of the person's any more a gap."""
    kept: dict[Any, list[Activity]] = defaultdict(list)
    for row in (
        Activity.objects.filter(series__in=[one.pk for one in series])
        .select_related("partner", "contact")
        .order_by("original_start")
    ):
        kept[row.series_id].append(row)
    for one in series:
        pattern, rows = one.pattern, kept[one.pk]
        gaps = {*one.excluded, *(row.original_start for row in rows if _is_gap(row, own))}
        calendar.add_component(
            _master(one, sorted(at for at in gaps if at is not None and recurrence.is_start(pattern, at)))
        )
        for row in rows:
            if _is_gap(row, own) or is_as(one, row, SEEN_BY_OWNER):
                continue
            ours = row.original_start is not None and recurrence.is_start(pattern, row.original_start)
            event = _event(row, key_of(one if ours else row), ZoneInfo(one.zone))
            if ours:
                event.add("recurrence-id", _at(row.original_start, ZoneInfo(one.zone), one.clock is None))
            calendar.add_component(event)


def _is_gap(row: Activity, own: set[int]) -> bool:
    # Old rows were not fetched; they are no reason to change the past.
    return row.is_gone or (row.pk not in own and row.is_open)


def is_as(series: Series, row: Activity, seen: Iterable[str]) -> bool:
    """Whether a row is when the rule says, and the fields that are `seen` are those of the series."""
    start = row.starts_at
    return (
        start is not None
        and (start, row.ends_at) == (row.original_start, series.end_of(start))
        and all(getattr(series, name) == getattr(row, name) for name in seen)
    )


def _calendar(name: str = "", method: str = "") -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", timedelta(minutes=30))
    return calendar


def _at(moment: Any, zone: ZoneInfo, is_day: bool) -> Any:
    """A moment on the wall clock of a zone, or the day."""
    local = moment.astimezone(zone)
    return local.date() if is_day else local


def _uid(key: str) -> str:
    host = settings.SITE_URL.rpartition("//")[2].strip("/").partition(":")[0]
    return f"{key}@{host}"


def _event(row: Activity, key: str, zone: ZoneInfo | None = None) -> Event:
    event = Event()
    event.add("uid", _uid(key))
    event.add("dtstamp", row.updated_at.astimezone(UTC))
    event.add("sequence", row.version)
    if row.starts_at is None or row.ends_at is None:
        day: Any = row.due_on or row.happened_at.date()
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    elif row.all_day:
        event.add("dtstart", row.first_day)
        event.add("dtend", row.last_day + timedelta(days=1))
    else:
        event.add("dtstart", row.starts_at.astimezone(zone) if zone else row.starts_at.astimezone(UTC))
        event.add("dtend", row.ends_at.astimezone(zone) if zone else row.ends_at.astimezone(UTC))
    _describe(event, row, row.get_absolute_url())
    event.add("status", "TENTATIVE" if row.is_tentative else "CONFIRMED")
    return event


def _master(series: Series, gaps: list[datetime]) -> Event:
    event, pattern, zone = Event(), series.pattern, ZoneInfo(series.zone)
    is_day = series.clock is None
    event.add("uid", _uid(key_of(series)))
    event.add("dtstamp", series.updated_at.astimezone(UTC))
    event.add("sequence", series.version)
    start = recurrence.moment(pattern.first, zone)
    event.add("dtstart", _at(start, zone, is_day))
    event.add("dtend", _at(series.end_of(start), zone, is_day))
    event.add("rrule", _rule(series))
    for gap in gaps:
        event.add("exdate", _at(gap, zone, is_day))
    _describe(event, series, "/calendar/")
    return event


def _rule(series: Series) -> vRecur:
    """The rule with its end: a moment in UTC where the start has a time, a day where it has none; never a number of times beside it (RFC 5545, 3.3.10)."""
    rule = vRecur.from_ical(series.rule)
    if series.last_on is not None:
        last = series.last_on
        if rule.pop("COUNT", None):
            last = max((wall.date() for wall in recurrence.walls(series.pattern)), default=last)
        end = datetime.combine(last, time(23, 59, 59), ZoneInfo(series.zone))
        rule["UNTIL"] = [last if series.clock is None else end.astimezone(UTC)]
    return rule


def _describe(event: Event, one: Any, path: str) -> None:
    event.add("summary", str(one) if one.partner is None else f"{one} — {one.partner.name}")
    if one.text:
        event.add("description", one.text)
    if one.location:
        event.add("location", one.location)
    if one.is_private:
        event.add("class", "PRIVATE")
    event.add("categories", [str(one.get_kind_display())])
    event.add("url", mail.address(path))


class Guest(Protocol):
    """Somebody to invite."""

    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...


class Known(NamedTuple):
    """What calendars know an event by: the key of its UID, and of an occurrence of a series the start it had in it."""

    event: str
    instance: datetime | None = None


def invitation(row: Activity, guests: Iterable[Guest], *, method: str, known: Known, sequence: int) -> bytes:
    """The .ics of a letter about one meeting: METHOD "REQUEST" invites and tells of changes, "CANCEL" calls off.

    What stands in it goes to people outside: the title, the place and the time, never the text or the partner.
    """
    calendar = _calendar(method=method)
    calendar.add_component(_invited(row, guests, method, known, sequence))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def invitation_to_series(
    series: Series, guests: Iterable[Guest], *, method: str, gaps: Iterable[datetime] = (), changed: Iterable[Activity] = ()
) -> bytes:  # fmt: skip
    """The .ics of a letter about a series: its rule with the days it does not take place, and the occurrences that are not as the rule says."""
    calendar, event, zone = _calendar(method=method), Event(), ZoneInfo(series.zone)
    people, is_day = list(guests), series.clock is None
    start = recurrence.moment(series.pattern.first, zone)
    event.add("uid", _uid(key_of(series)))
    event.add("dtstamp", datetime.now(UTC))
    event.add("sequence", _sequence_of_series(series))
    event.add("dtstart", _at(start, zone, is_day))
    event.add("dtend", _at(series.end_of(start), zone, is_day))
    event.add("rrule", _rule(series))
    for gap in gaps:
        event.add("exdate", _at(gap, zone, is_day))
    _tell(event, series, people, method)
    calendar.add_component(event)
    for row in changed:
        here = Known(key_of(series), row.original_start)
        calendar.add_component(_invited(row, people, method, here, sequence_of(row, series)))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def key_of(one: Activity | Series) -> str:
    """The part of a UID that names it."""
    return f"{'series' if isinstance(one, Series) else 'activity'}-{one.pk}"


def sequence_of(row: Activity, series: Series | None) -> int:
    """Grows with every change. What is said of a series comes after all that was said of its occurrences before, and the other way round: calendars
    drop news whose number is lower.
    """
    return row.version + (_sequence_of_series(series) if series is not None else 0)


def _sequence_of_series(series: Series) -> int:
    return series.version * CHANGES_MOST


def _invited(row: Activity, guests: Iterable[Guest], method: str, known: Known, sequence: int) -> Event:
    event = Event()
    event.add("uid", _uid(known.event))
    event.add("dtstamp", datetime.now(UTC))
    event.add("sequence", sequence)
    start, end = row.starts_at or row.happened_at, row.ends_at or row.happened_at
    zone = row.owner.zone
    if known.instance is not None and row.series is not None:
        event.add("recurrence-id", _at(known.instance, ZoneInfo(row.series.zone), row.series.clock is None))
    event.add("dtstart", _at(start, zone, row.all_day))
    event.add("dtend", _at(end, zone, row.all_day))
    _tell(event, row, guests, method)
    return event


def _tell(event: Event, one: Activity | Series, guests: Iterable[Guest], method: str) -> None:
    """What people outside read: title, place, who invites and who is invited."""
    event.add("summary", one.title or str(one.get_kind_display()))
    if one.location:
        event.add("location", one.location)
    event.add("organizer", _address(one.owner.email, one.owner.name))
    for guest in guests:
        event.add("attendee", _address(guest.email, guest.name, attending=method == "REQUEST"))
    event.add("status", "CANCELLED" if method == "CANCEL" else "TENTATIVE" if one.is_tentative else "CONFIRMED")


def _address(email: str, name: str, *, attending: bool = False) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if name:
        address.params["CN"] = vText(name)
    if attending:
        address.params |= {"ROLE": vText("REQ-PARTICIPANT"), "PARTSTAT": vText("NEEDS-ACTION"), "RSVP": vText("TRUE")}
    return address
