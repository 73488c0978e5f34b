"""Reminders on time, rows of what repeats, invitations by mail, holidays; letters out and in; the recycle bin of activities and files."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime, formataddr
from typing import Any, Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from imap_tools import BaseMailBox
from procrastinate.contrib.django import app

from voronka.accounts.actions import notify
from voronka.accounts.models import User
from voronka.activities import correspondence, freedays, ics, invitations, letters, mailboxes, occurrences
from voronka.activities.models import (
    Activity,
    Attachment,
    Holiday,
    LeftBytes,
    Letter,
    Mailbox,
    MailFolder,
    Series,
)
from voronka.core import mail
from voronka.core.actions import defer_once, purge
from voronka.core.models import Company
from voronka.core.sealing import Unreadable, unseal
from voronka.core.tables import moment_words

MOST_TRIES: Final = 10
LOOK_EVERY: Final = timedelta(minutes=2)
LOOK_LATEST: Final = timedelta(hours=1)
BATCHES_AT_ONCE: Final = 20  # of `mailboxes.AT_ONCE` letters; then others have their turn
LOCK: Final = 726002  # the first half of the advisory locks of mailboxes
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
    """Mail .ics letters about every series and every meeting that changed since its guests were told, every minute."""
    if not mail.is_set_up():
        return
    for next_one in (invite_next_series, invite_next):
        refused: list[int] = []
        while (key := next_one(refused)) is not None:
            refused += [key] if key else []


@transaction.atomic
def invite_next_series(without: list[int]) -> int | None:
    """As `invite_next`, of what repeats."""
    rows = Series.objects.to_invite().exclude(pk__in=without).select_related("owner", "contact")
    return _invited(rows.select_for_update(of=("self",), skip_locked=True).first(), invitations.tell_of_series)


@transaction.atomic
def invite_next(without: list[int]) -> int | None:
    """Tell the guests of one meeting where, when, or that it does not take place. None when nobody waits; the key of a meeting whose letters
    the mail server did not take (they are tried again with the next run), else 0.

    Meetings are locked while their letters go, so that two workers never send one. A crash after sending sends again under the same
    Message-ID and SEQUENCE, which calendars and mailboxes take for the same letter.
    """
    rows = Activity.objects.to_invite().exclude(pk__in=without).select_related("owner", "contact", "series")
    return _invited(rows.select_for_update(of=("self",), skip_locked=True).first(), invitations.tell_of)


def _invited(one: Any, tell: Callable[[Any], None]) -> int | None:
    if one is None:
        return None
    try:
        tell(one)
    except mail.MAIL_FAULTS as fault:
        log.warning("invitations of %s could not be mailed: %s", ics.key_of(one), type(fault).__name__)
        return one.pk
    type(one).objects.filter(pk=one.pk).update(invited_version=one.version)
    return 0


@app.periodic(cron="* * * * *")
@app.task(name="activities.send_letters", queueing_lock="activities.send_letters")
def send_letters(timestamp: int = 0) -> None:
    """Send every letter whose turn has come. Each is locked while it is sent, so that two workers never send one."""
    while send_next():
        pass


@transaction.atomic
def send_next() -> bool:
    """Send one waiting letter and say whether there was one.

    What the mail server took but a crash kept from being noted goes out again under the same Message-ID and date; a passing failure is tried again
    after 1, 2, 4 ... minutes, MOST_TRIES times; a refusal for good is told at once.
    """
    now = timezone.now()
    rows = (
        Letter.objects.to_send(now).select_related("activity__owner").select_for_update(of=("self",), skip_locked=True)
    )
    if (letter := rows.first()) is None:
        return False
    letter.tries += 1
    try:
        refused = _post(letter)
    except mail.MAIL_FAULTS as fault:
        _not_sent(letter, mail.reason(fault), for_good=mail.is_for_good(fault))
    except Unreadable:
        _not_sent(letter, "", for_good=True)
    else:
        letter.state, letter.sent_at, letter.send_after = Letter.State.SENT, now, None
        letter.error = "; ".join(f"{address}: {said}" for address, said in refused.items())[:500]
    letter.save(update_fields=["tries", "state", "sent_at", "send_after", "error"])
    if letter.error and letter.state != Letter.State.WAITING:
        _tell_of(letter)
    return True


def _not_sent(letter: Letter, error: str, *, for_good: bool) -> None:
    letter.error = error[:500] or "-"
    letter.send_after = timezone.now() + timedelta(minutes=2 ** (letter.tries - 1))
    if for_good or letter.tries >= MOST_TRIES:
        letter.state, letter.send_after = Letter.State.FAILED, None
    log.warning("letter %s was not sent (try %s)", letter.pk, letter.tries)


def _tell_of(letter: Letter) -> None:
    activity = letter.activity
    with translation.override(activity.owner.language_or_default()):
        title = _("Not delivered: %(letter)s") % {"letter": activity}
    notify(
        activity.owner,
        title,
        text=letter.error,
        url=activity.get_absolute_url(),
        kind="letter",
        key=f"letter-{letter.pk}-{letter.tries}",
    )


def _post(letter: Letter) -> dict[str, str]:
    activity, server = letter.activity, _server(letter)
    headers = {"Message-ID": f"<{letter.key}>"}
    if letter.dated:
        headers["Date"] = format_datetime(letter.dated)
    if letter.answers:
        headers["In-Reply-To"] = f"<{letter.answers[-1]}>"
        headers["References"] = " ".join(f"<{key}>" for key in letter.answers)
    sent_by = formataddr((letter.sender_name, letter.sender))
    made = EmailMessage(activity.title, activity.text + "\n", sent_by, letter.to, cc=letter.cc, headers=headers)
    for file in Attachment.objects.alive().of(activity=activity):
        with file.file.open("rb") as content:
            made.attach(file.name, content.read(), file.media_type)
    return mail.post(made, server)


def _server(letter: Letter) -> BaseEmailBackend:
    """The mail server of the writer's own mailbox, else the company's."""
    box = Mailbox.objects.filter(user=letter.activity.owner_id, is_active=True, address__iexact=letter.sender).first()
    if box is None or not box.smtp_host:
        return get_connection()
    return get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host=box.smtp_host, port=box.smtp_port,
        username=box.login if box.smtp_security != Mailbox.Security.NONE else "", password=unseal(box.sealed),
        use_ssl=box.smtp_security == Mailbox.Security.SSL, use_tls=box.smtp_security == Mailbox.Security.STARTTLS,
    )  # fmt: skip


@app.periodic(cron="* * * * *")
@app.task(name="activities.look_into_mailboxes", queueing_lock="activities.look_into_mailboxes")
def look_into_mailboxes(timestamp: int = 0) -> None:
    """Give every mailbox whose turn has come a job of its own: a slow one keeps nobody else waiting."""
    for key in Mailbox.objects.to_look(timezone.now()).values_list("pk", flat=True):
        look_soon(key)


def look_soon(mailbox_id: int) -> None:
    defer_once(look_into, lock=f"mailbox-{mailbox_id}", mailbox_id=mailbox_id)


@app.task(name="activities.look_into")
def look_into(mailbox_id: int) -> None:
    """Bring what is new from one mailbox, and note how it went. Each letter is kept together with the place in its folder, so a crash loses
    none and brings none twice.
    """
    with _alone(mailbox_id) as alone:
        mailbox = Mailbox.objects.select_related("user__role").filter(pk=mailbox_id, is_active=True).first()
        if not alone or mailbox is None or not mailbox.user.is_active:
            return
        try:
            more = _bring(mailbox)
        except mailboxes.Trouble as trouble:
            _broken(mailbox, trouble)
        else:
            _well(mailbox, more=more)


@contextmanager
def _alone(mailbox_id: int) -> Iterator[bool]:
    """One worker at a time in a mailbox. The database lets go when a worker dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, mailbox_id])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, mailbox_id])


def _bring(mailbox: Mailbox) -> bool:
    """Read the folders on from where they were left; whether more is waiting."""
    try:
        password = unseal(mailbox.sealed)
    except Unreadable as fault:
        raise mailboxes.Trouble("sealed") from fault
    with mailboxes.opened(mailbox.host, mailbox.port, mailbox.security, mailbox.login, password) as box:
        names = [mailboxes.INBOX, mailbox.sent_folder or mailboxes.sent_folder(box)]
        waiting = [_read_on(mailbox, box, name) for name in names if name]
    return any(waiting)


def _read_on(mailbox: Mailbox, box: BaseMailBox, name: str) -> bool:
    folder, _made = MailFolder.objects.get_or_create(mailbox=mailbox, name=name)
    numbering = mailboxes.enter(box, name)
    if folder.numbering != numbering:
        # The server numbered anew: all is read again, and what is kept is known by its Message-ID.
        folder.numbering, folder.last_number = numbering, 0
        folder.save(update_fields=["numbering", "last_number"])
    numbers = mailboxes.numbers_after(box, folder.last_number, mailbox.since)
    now = numbers[: BATCHES_AT_ONCE * mailboxes.AT_ONCE]
    for start in range(0, len(now), mailboxes.AT_ONCE):
        _read_batch(mailbox, box, folder, now[start : start + mailboxes.AT_ONCE])
    return len(numbers) > len(now)


def _read_batch(mailbox: Mailbox, box: BaseMailBox, folder: MailFolder, numbers: list[int]) -> None:
    """Only letters with a place are fetched whole; of the others nothing is kept but that they were seen."""
    batch = [(number, letters.read_headers(raw)) for number, raw in mailboxes.envelopes(box, numbers)]
    places = correspondence.Places([headers for _number, headers in batch], mailbox.user)
    for number, headers in batch:
        if (place := places.of(headers)) is None or (raw := mailboxes.whole(box, number)) is None:
            continue
        letter = letters.read(raw)
        if letter.headers.answers:  # what it answers may have come in this very batch
            place = correspondence.Places([letter.headers], mailbox.user).of(letter.headers) or place
        correspondence.deliver(mailbox, folder, number, letter, place, places.ours)
    correspondence.advance(folder, numbers[-1])


def _broken(mailbox: Mailbox, trouble: mailboxes.Trouble) -> None:
    """Keep why, tell the holder once, and come back later and later."""
    now, fresh = timezone.now(), mailbox.broken_since is None
    mailbox.trouble, mailbox.detail, mailbox.tries = trouble.code, trouble.detail.replace("\x00", ""), mailbox.tries + 1
    mailbox.broken_since = mailbox.broken_since or now
    mailbox.look_after = now + min(LOOK_EVERY * 2 ** min(mailbox.tries, 6), LOOK_LATEST)
    _note(mailbox)
    if fresh:
        with translation.override(mailbox.user.language_or_default()):
            title, text = _("Your mailbox can't be read; letters do not come in."), mailbox.reason
        key = f"mailbox-{mailbox.pk}-{now:%Y%m%d%H%M%S}"
        notify(mailbox.user, title, text=text, url=mailbox.get_absolute_url(), kind="mailbox", key=key)


def _well(mailbox: Mailbox, *, more: bool) -> None:
    now = timezone.now()
    mailbox.trouble, mailbox.detail, mailbox.tries, mailbox.broken_since = "", "", 0, None
    mailbox.looked_at, mailbox.look_after = now, now if more else now + LOOK_EVERY
    _note(mailbox)


def _note(mailbox: Mailbox) -> None:
    mailbox.save(update_fields=["trouble", "detail", "tries", "broken_since", "looked_at", "look_after"])
