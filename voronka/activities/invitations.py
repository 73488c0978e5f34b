"""Letters that invite to a meeting or to what repeats, tell of changes and call off (RFC 5546), and who was told what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from voronka.activities import ics, occurrences, recurrence
from voronka.activities.ics import Known
from voronka.activities.models import Activity, Invitation, Series, Status
from voronka.core import mail
from voronka.core.models import Company

SEEN_BY_GUESTS: Final = ("title", "location", "kind", "owner_id", "is_tentative")


class Guest(NamedTuple):
    """Somebody to invite, and the language to write in."""

    email: str
    name: str
    language: str


def tell_of_series(series: Series) -> None:
    """Tell the guests of a series its rule, the days it does not take place and the occurrences that differ; or that it is over.

    This speaks for all rows of the series but those with guests of their own, which get a letter each. Raises one of MAIL_FAULTS.
    """
    told = {guest.email: guest for guest in series.invitations.all()}
    wanted = _guests(series) if series.deleted_at is None else {}
    for email in told.keys() - wanted.keys():
        _send_of_series(series, told[email], "CANCEL", ics.invitation_to_series(series, [told[email]], method="CANCEL"))
        told[email].delete()
    rows = _rows_of(series) if wanted else []
    alike = [row for row in rows if _guests(row).keys() == wanted.keys()]
    content = ics.invitation_to_series(
        series, wanted.values(), method="REQUEST", gaps=_gaps(series, rows), changed=[row for row in alike if _differs(series, row)]
    )  # fmt: skip
    for email, guest in wanted.items():
        _send_of_series(series, guest, "REQUEST", content)
        if email not in told:
            Invitation.objects.create(series=series, event=ics.key_of(series), **guest._asdict())
    _spoken_for(rows, {row.pk for row in alike} | {row.pk for row in rows if row.is_gone})


def tell_of(row: Activity) -> None:
    """Tell the guests of one meeting where and when, or that it does not take place. A meeting that was held is not called off.

    An occurrence of a series that was told of is told of as such. Raises one of MAIL_FAULTS.
    """
    known, of_series = _known(row), {}
    if known.instance is not None and row.series is not None:
        of_series = {guest.email: guest for guest in row.series.invitations.all()}
    own = {guest.email: guest for guest in row.invitations.all()}
    wanted = _guests(row) if not row.is_gone and row.is_open else {}
    for email, guest in ({} if row.status == Status.DONE else of_series | own).items():
        was = _was_known(guest, row) if email in own else known
        if email not in wanted or was != known:
            _send(row, guest, [guest], "CANCEL", was)
        if email in own and (email not in wanted or was != known):
            own.pop(email).delete()
    for email, invited in wanted.items():
        _send(row, invited, wanted.values(), "REQUEST", known)
        if email not in own and email not in of_series:
            Invitation.objects.create(activity=row, event=known.event, instance=known.instance, **invited._asdict())


def _guests(one: Any) -> dict[str, Guest]:
    """Participants, and the contact with an e-mail, by address; the owner is who invites."""
    people = [person for person in one.participants.all() if person.is_active and person.pk != one.owner_id]
    guests = {person.email: Guest(person.email, person.name, person.language_or_default()) for person in people}
    if one.contact is not None and one.contact.email:
        guests[one.contact.email] = Guest(one.contact.email, one.contact.name, Company.current().language)
    return guests


def _known(row: Activity) -> Known:
    """An occurrence of a series whose guests are told is known by the series, unless its day is none of the rule's any more."""
    series, start = row.series, row.original_start
    if series is None or start is None or not series.invites or series.deleted_at is not None:
        return Known(ics.key_of(row))
    return Known(ics.key_of(series), start) if recurrence.is_start(series.pattern, start) else Known(ics.key_of(row))


def _was_known(guest: Invitation, row: Activity) -> Known:
    return Known(guest.event or ics.key_of(row), guest.instance)


def _rows_of(series: Series) -> list[Activity]:
    """The rows a letter about the series can speak of: those on days of its rule."""
    rows = Activity.objects.filter(series=series, original_start__isnull=False).select_related("owner", "contact")
    found = []
    for row in rows.prefetch_related("participants", "invitations").order_by("original_start"):
        row.series = series
        if _known(row).instance is not None:
            found.append(row)
    return found


def _gaps(series: Series, rows: Iterable[Activity]) -> list[datetime]:
    starts = {row.original_start for row in rows if row.is_gone}
    starts |= {start for start in series.excluded if recurrence.is_start(series.pattern, start)}
    return sorted(start for start in starts if start is not None)


def _differs(series: Series, row: Activity) -> bool:
    """Whether a guest would see anything but what the rule says."""
    return not row.is_gone and row.original_start is not None and not ics.is_as(series, row, SEEN_BY_GUESTS)


def _spoken_for(rows: Iterable[Activity], spoken_for: set[int]) -> None:
    """Rows the letter spoke for are told of as they were read; the others are to be told of."""
    by_version = defaultdict(list)
    for row in rows:
        has_own_guests = bool(row.invitations.all())
        by_version[row.version if row.pk in spoken_for and not has_own_guests else 0].append(row.pk)
    for version, keys in by_version.items():
        told = Activity.objects.filter(pk__in=keys, invites=True)
        (told.filter(version=version) if version else told).update(invited_version=version)


def _send(row: Activity, guest: Any, guests: Iterable[Any], method: str, known: Known) -> None:
    series = row.series if known.instance is not None else None
    sequence = ics.sequence_of(row, series)
    content = ics.invitation(row, guests, method=method, known=known, sequence=sequence)
    _mail(row, guest, f"{row.pk}-{sequence}", {"activity": row, "called_off": method == "CANCEL"}, (method, content))


def _send_of_series(series: Series, guest: Any, method: str, content: bytes) -> None:
    start = recurrence.moment(series.pattern.first, ZoneInfo(series.zone))
    shown = Activity(
        title=series.title, kind=series.kind, owner=series.owner, location=series.location, all_day=series.clock is None, starts_at=start, ends_at=series.end_of(start)
    )  # fmt: skip
    is_over = series.last_on is not None and series.last_on < timezone.localdate(timezone=ZoneInfo(series.zone))
    with translation.override(guest.language):
        repeats = occurrences.repeat_words(series)
    context = {"activity": shown, "called_off": method == "CANCEL" or is_over, "repeats": repeats}
    _mail(series, guest, f"{ics.key_of(series)}-{series.version}", context, (method, content))


def _mail(one: Any, guest: Any, key: str, context: dict[str, Any], calendar: tuple[str, bytes]) -> None:
    zone = one.owner.zone
    with timezone.override(zone):
        mail.send(
            guest.email, "activities/mail/invitation", context | {"zone": str(zone), "guest": guest}, language=guest.language,
            key=f"invitation-{key}-{guest.email.replace('@', '-at-')}", calendar=calendar, reply_to=one.owner.email,
        )  # fmt: skip
