"""What people do to partners."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override
from procrastinate.exceptions import AlreadyEnqueued

from voronka.accounts.actions import notify
from voronka.core import actions as kernel
from voronka.core.access import Scope
from voronka.core.audit import acting
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.partners import assignment, duplicates, jobs
from voronka.partners.models import (
    AccessRequest,
    Address,
    Assignment,
    AssignmentRule,
    BankAccount,
    Contact,
    ContactRole,
    DuplicatePair,
    DuplicateScan,
    Partner,
    PaymentTerms,
    Tag,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from voronka.accounts.models import User
    from voronka.partners.duplicates import Typed
    from voronka.partners.querysets import PartnerQuerySet


@transaction.atomic
def save_partner(
    partner: Partner, *, tags: Iterable[Tag] | None = None, seen_version: int | None = None, by: User
) -> Partner:
    """Create or change a partner and its tags; a connected partner is linked back; what new payment terms propose fills what is empty.

    Raises StaleRecord.
    """
    is_new = partner._state.adding
    before: Any = {}
    if not is_new:
        rows = Partner._base_manager.filter(pk=partner.pk).values("connected_id", "payment_terms_id")
        before = rows.first() or before
    if partner.payment_terms_id and partner.payment_terms_id != before.get("payment_terms_id"):
        _take_terms(partner)
    if partner.kind == Partner.Kind.CUSTOMER and partner.became_customer_at is None:
        partner.became_customer_at = timezone.now()
    kernel.save(partner, by=by, verb="change", seen_version=seen_version)
    if tags or (tags is not None and not is_new):
        partner.tags.set(tags)
    _link_back(partner, before.get("connected_id"), by=by)
    return partner


def _take_terms(partner: Partner) -> None:
    for name in PaymentTerms.PROPOSED:
        if getattr(partner, name) in (None, ""):
            setattr(partner, name, getattr(partner.payment_terms, name))


def must_not_be_frozen(partner: Partner) -> None:
    """Nothing new is started with a frozen partner: raises RuleBroken with the reason somebody gave."""
    if not partner.is_frozen_on(timezone.localdate()):
        return
    if partner.frozen_remark:
        words = _("Nothing new can be started with %(partner)s: the partner is frozen. Reason: %(reason)s")
    else:
        words = _("Nothing new can be started with %(partner)s: the partner is frozen.")
    raise RuleBroken(words % {"partner": partner.name, "reason": partner.frozen_remark}, code="frozen", field="partner")


def _link_back(partner: Partner, previous: int | None, *, by: User) -> None:
    if partner.connected_id == previous:
        return
    with acting(by, "connect"):
        if previous:
            Partner._base_manager.filter(pk=previous, connected=partner).update(connected=None)
        if partner.connected_id:
            Partner._base_manager.filter(pk=partner.connected_id).update(connected=partner)


def convert_to_customer(partner: Partner, *, by: User) -> Partner:
    """A lead becomes a customer in the same record; code and history stay. Raises RuleBroken for anything but a lead."""
    if partner.kind != Partner.Kind.LEAD:
        raise RuleBroken(_("Only a lead can become a customer."), code="not_a_lead")
    partner.kind = Partner.Kind.CUSTOMER
    partner.became_customer_at = timezone.now()
    return kernel.save(partner, by=by, verb="convert")


@transaction.atomic
def save_part(
    part: Contact | Address | BankAccount,
    *,
    roles: Iterable[ContactRole] | None = None,
    seen_version: int | None = None,
    by: User,
) -> Any:
    """Create or change a contact (with its roles), address or bank account; a new default takes the place of the old one."""
    kernel.save(part, by=by, seen_version=seen_version)
    if roles is not None and isinstance(part, Contact):
        part.roles.set(roles)
    if part.is_default:
        with acting(by, "change"):
            _other_defaults(part).update(is_default=False)
    return part


@transaction.atomic
def restore_part(part: Contact | Address | BankAccount, *, by: User) -> Any:
    """Take a part back out of the recycle bin; another default chosen meanwhile stays the default."""
    kernel.restore(part, by=by)
    if part.is_default and _other_defaults(part).exists():
        part.is_default = False
        kernel.save(part, by=by)
    return part


def _other_defaults(part: Contact | Address | BankAccount) -> QuerySet[Any]:
    same_kind = {"kind": part.kind} if isinstance(part, Address) else {}
    return type(part).objects.of(part.partner).filter(is_default=True, **same_kind).exclude(pk=part.pk)


def change_owner(partners: QuerySet[Partner], *, owner: User, by: User) -> int:
    """Give many partners to one person; returns how many."""
    return kernel.change_many(partners, by=by, verb="change_owner", owner=owner)


@transaction.atomic
def distribute(leads: QuerySet[Partner], *, by: User) -> tuple[int, int]:
    """Give leads to those whose turn it is by the rules of assignment; each receiver is told once. Returns how many were given, and how many no
    rule fits or nobody may take today.
    """
    found = list(leads.filter(kind=Partner.Kind.LEAD).order_by("created_at", "pk"))
    given = _give(found, by=by)
    return given, len(found) - given


@transaction.atomic
def save_new_lead(partner: Partner, *, tags: Iterable[Tag] | None = None, by: User) -> Partner:
    """Create a partner nobody was named for: a lead goes to whose turn it is by the rules of assignment, all else stays with `by`."""
    saved = save_partner(partner, tags=tags, by=by)
    if saved.kind == Partner.Kind.LEAD and Partner.objects.allows(by, "edit", saved):
        _give([saved], by=by)
    return saved


def _give(leads: list[Partner], *, by: User) -> int:
    made = assignment.assigned(leads)
    for person in {one.person for one in made}:
        keys = [one.partner_id for one in made if one.person == person]
        moved = Partner._base_manager.filter(pk__in=keys).exclude(owner=person)
        if change_owner(moved, owner=person, by=by) and person.pk != by.pk:
            _tell_of_leads(person, keys)
    if made:
        Assignment.objects.bulk_create(made)
    return len(made)


def _tell_of_leads(person: User, keys: list[int]) -> None:
    with override(person.language_or_default()):
        words = ngettext("%(count)s new lead is yours", "%(count)s new leads are yours", len(keys))
        title = words % {"count": len(keys)}
    address = reverse("partners:detail", args=keys) if len(keys) == 1 else reverse("partners:leads")
    notify(person, title, url=address, kind="lead", mail=True)


def answered(partners: Iterable[int], at: datetime) -> None:
    """We had a word with these partners: of those that had none before, how long they waited is known from now on. A moment before the partner
    came in counts as at once.
    """
    waiting = Partner._base_manager.filter(pk__in=list(partners), answered_at=None)
    waiting.update(answered_at=Greatest(F("created_at"), Value(at)))


@transaction.atomic
def save_assignment_rule(rule: AssignmentRule, people: Iterable[User], *, by: User) -> AssignmentRule:
    """Create or change a rule of assignment and who take turns by it."""
    kernel.save(rule, by=by, verb="assignment_rule")
    rule.people.set(people)
    return rule


def add_tag(partners: QuerySet[Partner], *, tag: Tag, by: User) -> int:
    """Stick a tag on many partners; those that have it keep it. Returns how many partners were named."""
    through = Partner.tags.through
    ids = list(partners.values_list("pk", flat=True))
    with acting(by, "tag"):
        through._default_manager.bulk_create(
            [through(partner_id=pk, tag_id=tag.pk) for pk in ids], ignore_conflicts=True
        )
    return len(ids)


@transaction.atomic
def add_role(contacts: QuerySet[Contact], *, role: ContactRole, by: User) -> int:
    """Give many contacts a role in a purchase; those that have it keep it. Returns how many contacts were named."""
    through = Contact.roles.through
    ids = list(contacts.values_list("pk", flat=True))
    with acting(by, "change"):
        through._default_manager.bulk_create(
            [through(contact_id=pk, contactrole_id=role.pk) for pk in ids], ignore_conflicts=True
        )
    return len(ids)


@transaction.atomic
def set_active(contacts: QuerySet[Contact], *, active: bool, by: User) -> int:
    """Mark many contacts as working there or as gone; returns how many."""
    return kernel.change_many(contacts, by=by, is_active=active)


def delete_inactive(partners: PartnerQuerySet, *, since: datetime, by: User) -> tuple[int, datetime]:
    """Move all partners of the rows that are inactive since the moment to the recycle bin, in one statement; a partner that was contacted or sold to
    meanwhile stays. Returns how many, and the moment by which they can be taken out again together.
    """
    return kernel.delete_many(partners.inactive(since), by=by)


# A scan that gave no sign of life for so long was killed with its worker.
SILENT: Final = timedelta(minutes=5)


def find_duplicates(*, by: User) -> None:
    """Let the background worker look through the whole base for partners that may be one; one scan waits or runs at a time."""
    if DuplicateScan.objects.busy(timezone.now() - SILENT).filter(status=DuplicateScan.Status.RUNNING).exists():
        return
    with suppress(AlreadyEnqueued), transaction.atomic():
        jobs.find_duplicates.defer(scan_id=DuplicateScan.objects.create(by=by).pk)


def stop_scan(scan: DuplicateScan, *, by: User) -> None:
    """Call a scan off; the pairs of the one before stay."""
    busy = DuplicateScan.objects.filter(pk=scan.pk, status__in=["waiting", "running"])
    busy.update(status=DuplicateScan.Status.CANCELLED)


@transaction.atomic
def ask_for(typed: Typed, owner: User, message: str, *, by: User) -> list[AccessRequest]:
    """Ask the owner for the partners that are theirs, are hidden from `by` and look like what was typed; they are told by a notice.

    Raises RuleBroken where there is no such partner, or none that was not asked for already.
    """
    hidden = duplicates.hidden_of(typed, owner, user=by)
    asked = [_asked(partner, typed, message.strip()[:1000], by) for partner in hidden]
    made = [one for one in asked if one]
    if not made:
        raise RuleBroken(
            _("There is nothing to ask for: it was answered, or you have asked already."), code="nothing_to_ask"
        )
    for one in made:
        for person in _who_answers(owner):
            _tell(
                person, gettext_lazy("%(person)s asks for your partner %(name)s"), {"person": by.name, "name": one.partner.name}, one.message,
                f"access-request-{one.pk}",
            )  # fmt: skip
    return made


def _asked(partner: Partner, typed: Typed, message: str, by: User) -> AccessRequest | None:
    """A new request, or None where the person's earlier one waits still."""
    try:
        with transaction.atomic():
            return AccessRequest.objects.create(
                partner=partner, asked_by=by, asked_of=partner.owner, typed=typed.given(), message=message
            )
    except IntegrityError:
        return None


def manages_others(user: User) -> bool:
    """Whether this person may change the partners of others: they give waiting leads away and answer for who left."""
    return user.scope_for("partners.partner", "edit") in (Scope.TEAM, Scope.ALL)


def _who_answers(owner: User) -> list[User]:
    """The owner; for somebody who left, those of the team who may change all its partners."""
    if owner.is_active:
        return [owner]
    mates = type(owner).objects.active().filter(team=owner.team_id).select_related("role") if owner.team_id else []
    return [one for one in mates if manages_others(one)]


@transaction.atomic
def answer_request(wanted: AccessRequest, verdict: str, words: str, *, by: User) -> AccessRequest:
    """Hand the partner over to who asked ("granted"), answer with words ("answered"), or refuse with words ("refused"); they are told.

    Open opportunities stay with their owners. Raises RuleBroken for a missing word of explanation or somebody who left, StaleRecord where somebody
    answered before.
    """
    words = words.strip()[:1000]
    if verdict not in (GRANTED, ANSWERED, REFUSED):
        raise RuleBroken(_("Choose from the list first."), code="nothing_chosen")
    if verdict != GRANTED and not words:
        raise RuleBroken(
            _("Write a few words: they are all that is seen of your answer."), code="words_required", field="answer"
        )
    if verdict == GRANTED and not wanted.asked_by.is_active:
        raise RuleBroken(_("%(person)s does not work here any more.") % {"person": wanted.asked_by.name}, code="gone")
    waiting = AccessRequest.objects.filter(pk=wanted.pk, status=AccessRequest.Status.OPEN)
    if not waiting.update(status=verdict, answer=words, answered_by=by, answered_at=timezone.now()):
        raise StaleRecord(_("Somebody has answered this request already."), code="stale")
    if verdict == GRANTED:
        change_owner(Partner.objects.editable_by(by).filter(pk=wanted.partner_id), owner=wanted.asked_by, by=by)
    address = wanted.partner.get_absolute_url() if verdict == GRANTED else ""
    _tell(wanted.asked_by, _TOLD[verdict], {"person": by.name}, words, f"access-answer-{wanted.pk}", address)
    wanted.refresh_from_db()
    return wanted


def _tell(person: User, sentence: Any, names: dict[str, str], text: str, key: str, address: str = "") -> None:
    with override(person.language_or_default()):
        title = sentence % names
    notify(
        person, title, text=text, url=address or reverse("partners:requests"), kind="access_request", key=key, mail=True
    )


GRANTED, ANSWERED, REFUSED = (
    AccessRequest.Status.GRANTED,
    AccessRequest.Status.ANSWERED,
    AccessRequest.Status.REFUSED,
)
_TOLD: Final[dict[str, Any]] = {
    GRANTED: gettext_lazy("%(person)s has handed over to you the partner you asked for"),
    ANSWERED: gettext_lazy("%(person)s has answered your request for a partner"),
    REFUSED: gettext_lazy("%(person)s has refused your request for a partner"),
}


def dismiss_pair(pair: DuplicatePair, *, by: User) -> None:
    """Say that two partners are different; no later scan asks again."""
    DuplicatePair.objects.filter(pk=pair.pk, status="open").update(
        status="dismissed", decided_by=by, decided_at=timezone.now()
    )
