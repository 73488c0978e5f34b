"""Letters that came: whose they are, which thread they continue, kept once however many colleagues got them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models.functions import Lower
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from voronka.accounts.models import User
from voronka.activities import letters
from voronka.activities.attachments import attach
from voronka.activities.models import Activity, Kind, Letter, Mailbox, MailFolder, Status
from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken
from voronka.partners.models import Contact, Partner

if TYPE_CHECKING:
    from voronka.activities.letters import Headers, Incoming

LOCK = 726003  # the first half of the advisory locks of letters


@dataclass(frozen=True)
class Place:
    """Where a letter belongs: a partner, perhaps one of its contacts and a deal; `thread` is the key it all began with."""

    partner_id: int
    contact_id: int | None
    opportunity_id: int | None
    thread: str


class Places:
    """The places of a batch of letters, found by four statements for all of them."""

    def __init__(self, batch: Iterable[Headers], user: User) -> None:
        listed = list(batch)
        self.user = user
        self.ours = _ours()
        self.known = self._known({one for headers in listed for one in headers.addresses} - self.ours)
        self.threads = self._threads([key for headers in listed for key in headers.answers])

    def of(self, headers: Headers) -> Place | None:
        """The place of a letter, or None for one that is nobody's business: without an address outside, or without a known one."""
        outside = [one for one in headers.addresses if one not in self.ours]
        before = next((self.threads[key] for key in reversed(headers.answers) if key in self.threads), None)
        thread = before.thread if before else next(iter(headers.answers), headers.key)
        found = [match for address in outside for match in self.known.get(address, ())]
        if before is not None and before.activity.partner_id is not None and outside:
            own = [match for match in found if match[0] == before.activity.partner_id]
            if own or not found:
                contact = own[0][1] if own else None
                return Place(before.activity.partner_id, contact, _living_deal(before.activity), thread)
        if not found:
            return None
        partner, contact, _owner = min(found, key=lambda match: (match[2] != self.user.pk, match[1] is None))
        return Place(partner, contact, None, thread)

    def _known(self, addresses: set[str]) -> dict[str, list[tuple[int, int | None, int]]]:
        """(partner, contact, owner) of every address that is known."""
        found: dict[str, list[tuple[int, int | None, int]]] = defaultdict(list)
        contacts = Contact._base_manager.annotate(small=Lower("email")).exclude(email="")
        rows = contacts.filter(small__in=addresses, partner__deleted_at=None).order_by("-is_active", "pk")
        for small, partner, contact, owner in rows.values_list("small", "partner_id", "pk", "partner__owner_id"):
            found[small].append((partner, contact, owner))
        partners = Partner._base_manager.annotate(small=Lower("email")).exclude(email="")
        owned = partners.filter(small__in=addresses, deleted_at=None).order_by("pk")
        for small, partner, owner in owned.values_list("small", "pk", "owner_id"):
            found[small].append((partner, None, owner))
        return dict(found)

    def _threads(self, keys: list[str]) -> dict[str, Letter]:
        rows = Letter.objects.of_threads(keys).filter(activity__partner__deleted_at=None).defer("html")
        found: dict[str, Letter] = {}
        for letter in rows.select_related("activity__opportunity").order_by("activity__happened_at", "pk"):
            found[letter.thread] = found[letter.key] = letter
        return found


def _ours() -> set[str]:
    """Addresses of everybody who works here, or did."""
    people = User.objects.annotate(small=Lower("email")).values_list("small", flat=True)
    boxes = Mailbox.objects.annotate(small=Lower("address")).values_list("small", flat=True)
    return {*people, *boxes}


def _living_deal(activity: Activity) -> int | None:
    deal: Any = activity.opportunity
    return deal.pk if deal is not None and deal.deleted_at is None else None


@transaction.atomic
def advance(folder: MailFolder, number: int) -> bool:
    """Note that a folder was read up to a number; False where somebody else got there first, or the numbering changed."""
    rows = MailFolder.objects.filter(pk=folder.pk, numbering=folder.numbering, last_number__lt=number)
    return bool(rows.update(last_number=number))


@transaction.atomic
def deliver(mailbox: Mailbox, folder: MailFolder, number: int, letter: Incoming, place: Place, ours: set[str]) -> bool:
    """Keep a letter and the place in its folder, both or neither; False where it was delivered already."""
    if not advance(folder, number):
        return False
    _one_at_a_time(letter.headers.key)
    if join(mailbox, letter.headers):
        return True
    key = letter.headers.key
    if Letter.objects.filter(key=key).exists():  # another letter under the same Message-ID
        key = letters.own_key(letter.headers)
        if (same := Letter.objects.filter(key=key).first()) is not None:
            _take_part(same.activity, mailbox.user)
            return True
    _keep(mailbox, letter, key, place, ours)
    return True


def _one_at_a_time(key: str) -> None:
    """Two mailboxes that bring the same letter at the same moment wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, key])


def join(mailbox: Mailbox, headers: Headers) -> bool:
    """Let the holder of a mailbox take part in a letter that is kept already; False where it is not.

    It must be the same letter, not only the same Message-ID, which anybody can write: sender and date agree.
    """
    found = Letter.objects.select_related("activity").filter(key=headers.key).first()
    if found is None or (found.sender, found.dated) != (headers.sender, headers.sent_at):
        return False
    _take_part(found.activity, mailbox.user)
    return True


def _take_part(activity: Activity, user: User) -> None:
    if activity.owner_id != user.pk:
        activity.participants.add(user)


def _keep(mailbox: Mailbox, letter: Incoming, key: str, place: Place, ours: set[str]) -> Letter:
    headers, now = letter.headers, timezone.now()
    activity = Activity(
        kind=Kind.EMAIL, status=Status.DONE, owner=mailbox.user, is_private=mailbox.is_private,
        partner_id=place.partner_id, contact_id=place.contact_id, opportunity_id=place.opportunity_id,
        direction=Activity.Direction.OUT if headers.sender in ours else Activity.Direction.IN,
        title=headers.subject[:200], text=letter.text, happened_at=min(headers.sent_at or now, now), closed_at=now,
    )  # fmt: skip
    kernel.save(activity, by=mailbox.user, verb="mail")
    kept = Letter.objects.create(
        activity=activity, key=key, thread=place.thread if place.thread != headers.key else key,
        answers=list(headers.answers), sender=headers.sender, sender_name=headers.sender_name, to=list(headers.to),
        cc=list(headers.cc), dated=headers.sent_at, html=letter.html,
    )  # fmt: skip
    left_out = _enclose(activity, letter, mailbox.user)
    kept.enclosed, kept.left_out = len(letter.files) - len(left_out), left_out
    kept.save(update_fields=["enclosed", "left_out"])
    Mailbox.objects.filter(pk=mailbox.pk).update(last_letter_at=_later(mailbox, activity.happened_at))
    return kept


def _later(mailbox: Mailbox, moment: datetime) -> datetime:
    mailbox.last_letter_at = max(mailbox.last_letter_at or moment, moment)
    return mailbox.last_letter_at


def _enclose(activity: Activity, letter: Incoming, by: User) -> list[str]:
    """Keep the files of a letter; the sentences of those that can't be kept."""
    refused: list[str] = []
    if activity.partner is None:
        return refused
    with translation.override(by.language_or_default()):
        for file in letter.files:
            try:
                attach(ContentFile(file.content), file.name, partner=activity.partner, activity=activity, by=by)
            except RuleBroken as broken:
                refused.append(str(broken)[:400])
    return refused


def sender_of(user: User) -> tuple[str, str]:
    """(name, address) a person's letters come from: the person's mailbox, else the address they sign in with."""
    box = Mailbox.objects.visible_to(user).filter(is_active=True).first()
    return user.name, box.address if box else user.email


def introduction(letter: Letter) -> str:
    """The line above what an answer quotes."""
    when = timezone.localtime(letter.activity.happened_at)
    words = {"when": when.strftime("%d.%m.%Y %H:%M"), "who": letter.sender_name or letter.sender}
    return _("%(when)s, %(who)s wrote:") % words
