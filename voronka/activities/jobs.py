"""Reminders on time, rows of what repeats, invitations by mail, holidays; the recycle bin of activities and files."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from voronka.accounts.actions import notify
from voronka.accounts.models import User
from voronka.activities import freedays, ics, occurrences
from voronka.activities.models import Activity, Attachment, Holiday, Invitation, LeftBytes, Series, Status
from voronka.core import mail
from voronka.core.actions import purge
from voronka.core.models import Company
from voronka.core.tables import moment_words

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="activities.remind", queueing_lock="activities.remind")
def remind(timestamp: int = 0) -> None:
    """Remind of everything whose reminder has come, every minute."""
    while remind_next():
        pass


@transaction.atomic
def remind_next() -> bool:
    """Remind of one activity and say whether there was one.

    The notices and the note that they were given are one transaction: a crash undoes both, and the key keeps a second worker from telling twice.
    """
    rows = Activity.objects.alive().to_remind(timezone.now()).select_related("owner", "partner")
    if (activity := rows.select_for_update(of=("self",), skip_locked=True).first()) is None:
        return False
    for person in {activity.owner, *activity.participants.all()}:
        _remind(person, activity)
    # No change anybody made: the version stays, so that a page open on it is not stale.
    Activity.objects.filter(pk=activity.pk).update(remind_at=None)
    return True


def _remind(person: User, activity: Activity) -> None:
    with translation.override(person.language_or_default()), timezone.override(person.zone):
        when = moment_words(activity.happened_at, timezone.now(), timed=activity.is_timed)
        title = _("%(when)s: %(what)s") % {"when": when[:1].upper() + when[1:], "what": activity}
        text = activity.partner.name if activity.partner else ""
    key = f"remind-{activity.pk}-{activity.happened_at:%Y%m%d%H%M}-{activity.remind_before}"
    notify(person, title, text=text, url=activity.get_absolute_url(), kind="reminder", key=key, mail=True)


# After the partners' and the opportunities': what went with them is removed in the same night.
@app.periodic(cron="45 3 * * *")
@app.task(queueing_lock="activities.purge", name="activities.purge")
def empty_bin(timestamp: int) -> None:
    """Delete for good, every night, what lay in the recycle bin for BIN_DAYS, and the bytes of every file whose row is gone."""
    before = timezone.now() - timedelta(days=settings.BIN_DAYS)
    for model in (Attachment, Activity):
        purge(model, before)
    remove_left_bytes()


def remove_left_bytes() -> int:
    """Remove from the storage what committed deletions left there; returns how many. A file that can't be removed now is tried again."""
    removed = 0
    for left in LeftBytes.objects.order_by("pk").iterator():
        default_storage.delete(left.place)
        left.delete()
        removed += 1
    return removed


# Before the recycle bin is emptied: what was deleted from a series must not come back.
@app.periodic(cron="15 3 * * *")
@app.task(queueing_lock="activities.keep_ahead", name="activities.keep_ahead")
def keep_ahead(timestamp: int = 0) -> None:
    """Make, every night, the rows of what repeats for the coming weeks. A series that can't be is left for the next night, the others go on."""
    now = timezone.now()
    for series in Series.objects.alive().filter(owner__is_active=True).order_by("pk").iterator():
        occurrences.remember_deleted(series)
        occurrences.keep_ahead(series, now)


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="activities.holidays", name="activities.holidays")
def holidays_of_next_year(timestamp: int = 0) -> None:
    """Take over the published holidays of this year and the next, once each; a year somebody filled in stays as it is."""
    company, this_year = Company.current(), timezone.localdate().year
    for year in (this_year, this_year + 1):
        if not Holiday.objects.filter(day__year=year).exists():
            Holiday.objects.bulk_create(
                freedays.published(company.country, year, company.language), ignore_conflicts=True
            )


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="activities.invite", name="activities.invite")
def mail_invitations(timestamp: int = 0) -> None:
    """Mail .ics letters about every meeting that changed since its guests were told, every minute."""
    if not mail.is_set_up():
        return
    refused: list[int] = []
    while (key := invite_next(refused)) is not None:
        refused += [key] if key else []


@transaction.atomic
def invite_next(without: list[int]) -> int | None:
    """Tell the guests of one meeting where, when, or that it does not take place. None when nobody waits; the key of a meeting whose letters
    the mail server did not take (they are tried again with the next run), else 0.

    Meetings are locked while their letters go, so that two workers never send one. A crash after sending sends again under the same
    Message-ID and SEQUENCE, which calendars and mailboxes take for the same letter.
    """
    rows = Activity.objects.to_invite().exclude(pk__in=without).select_related("owner", "contact")
    if (row := rows.select_for_update(of=("self",), skip_locked=True).first()) is None:
        return None
    try:
        _send_invitations(row)
    except mail.MAIL_FAULTS as fault:
        log.warning("invitations of activity %s could not be mailed: %s", row.pk, type(fault).__name__)
        return row.pk
    Activity.objects.filter(pk=row.pk).update(invited_version=row.version)
    return 0


def _send_invitations(row: Activity) -> None:
    told = {guest.email: guest for guest in row.invitations.all()}
    wanted = {guest.email: guest for guest in _guests(row)} if row.is_open and row.deleted_at is None else {}
    # A meeting that was held is not called off.
    gone = [guest for email, guest in told.items() if email not in wanted] if row.status != Status.DONE else []
    for guest in gone:
        _send_invitation(row, guest, [guest], "CANCEL")
        guest.delete()
    for email, guest in wanted.items():
        _send_invitation(row, guest, list(wanted.values()), "REQUEST")
        if email not in told:
            guest.save()


def _guests(row: Activity) -> list[Invitation]:
    """Participants, and the contact with an e-mail; the owner is who invites."""
    people = [person for person in row.participants.all() if person.is_active and person.pk != row.owner_id]
    guests = [
        Invitation(activity=row, email=one.email, name=one.name, language=one.language_or_default()) for one in people
    ]
    if row.contact is not None and row.contact.email:
        guests.append(
            Invitation(
                activity=row, email=row.contact.email, name=row.contact.name, language=Company.current().language
            )
        )
    return guests


def _send_invitation(row: Activity, guest: Invitation, guests: list[Invitation], method: str) -> None:
    with timezone.override(row.owner.zone):
        mail.send(
            guest.email, "activities/mail/invitation",
            {"activity": row, "called_off": method == "CANCEL", "zone": str(row.owner.zone), "guest": guest},
            language=guest.language, key=f"invitation-{row.pk}-{row.version}-{guest.email.replace('@', '-at-')}",
            calendar=(method, ics.invitation(row, guests, method=method)), reply_to=row.owner.email,
        )  # fmt: skip
