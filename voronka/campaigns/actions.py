"""What people do with segments, consents and persons' data."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.campaigns import audience, filling, jobs, persons, rules
from voronka.campaigns.models import (
    Consent,
    ConsentText,
    Erasure,
    Filling,
    Objection,
    PersonExport,
    Segment,
    SegmentMember,
)
from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken
from voronka.partners.models import Contact, Partner

if TYPE_CHECKING:
    from voronka.accounts.models import User


def save_segment(segment: Segment, *, seen_version: int | None = None, by: User) -> Segment:
    """Create a segment or change its name and sharing. Raises RuleBroken where the role may not share, StaleRecord."""
    shared_before = Segment.objects.filter(pk=segment.pk, is_shared=True).exists()
    if segment.is_shared and not shared_before and not by.has_perm("core.share_views"):
        raise RuleBroken(
            _("Your role can't share with everyone. Ask your head."), code="may_not_share", field="is_shared"
        )
    return kernel.save(segment, by=by, seen_version=seen_version)


@transaction.atomic
def keep_filters(segment: Segment, query: str, *, by: User) -> Segment:
    """A new dynamic segment of what the filters of the list of partners find. Raises RuleBroken for filters that can't be read."""
    segment.kind, segment.query = Segment.Kind.DYNAMIC, query
    if names := audience.broken(segment, by):
        words = {"filters": ", ".join(names)}
        raise RuleBroken(_("These filters can't be read: %(filters)s.") % words, code="bad_filters")
    return save_segment(segment, by=by)


@transaction.atomic
def add(segment: Segment, rows: QuerySet[Any], *, by: User) -> int:
    """Put partners (into a segment of contacts: their contacts) or contacts into a static segment, in one statement; returns how many are new.

    The caller fetched the rows as visible. Raises RuleBroken for a dynamic segment.
    """
    _require_static(segment)
    return filling.put(segment, rows, by)


def collect(segment: Segment, *, query: str = "", other: Segment | None = None, by: User) -> int | None:
    """Put all the list of partners finds by its filters, or another segment's members, into a static segment; returns how many are new.

    More than a few thousand are left to the background worker, and None is returned: the segment's `Filling` says how far it is.
    Raises RuleBroken for a dynamic segment, and where one is being filled already.
    """
    _require_static(segment)
    asked = Filling(segment=segment, query=query, other=other, by=by)
    rows = filling.wanted(asked).order_by()
    if rows[: filling.FEW + 1].count() <= filling.FEW:
        return add(segment, rows, by=by)
    asked.total = rows.count()
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError as fault:
        words = _("This segment is being filled. Wait until that is done, or call it off.")
        raise RuleBroken(words, code="being_filled") from fault
    transaction.on_commit(lambda: jobs.hand_to_worker(asked))
    return None


def stop_filling(segment: Segment, *, by: User) -> bool:
    """Call a segment's filling off; the members that are in stay. False where there is none any more."""
    return segment.fillings.busy().update(status=Filling.Status.CANCELLED) > 0


@transaction.atomic
def remove(segment: Segment, rows: QuerySet[Any], *, by: User) -> int:
    """Take members out of a static segment, in one statement; returns how many. Raises RuleBroken for a dynamic one."""
    _require_static(segment)
    column = "contact" if segment.is_of_contacts else "partner"
    kept = SegmentMember.objects.filter(segment=segment, **{f"{column}__in": rows.order_by().values("pk")})
    count = kept.delete()[0]
    segment.touch()
    return count


@transaction.atomic
def combine(segment: Segment, other: Segment, *, how: str, by: User) -> int | None:
    """Set algebra: "add" the other's members, keep only those "common" to both, or "subtract" the other's. Returns by how many the
    segment changed, None where the background worker adds many. Only members this person may see take part: what they can't see is neither added nor taken out.

    Raises RuleBroken for a dynamic segment, one of another kind of record, or an unknown `how`.
    """
    _require_static(segment)
    if segment.about != other.about and not (how == "add" and segment.is_of_contacts):
        raise RuleBroken(_("Choose a segment of the same kind of record."), code="other_kind", field="other")
    if how == "add":
        return collect(segment, other=other, by=by)
    theirs = audience.members(other, by).order_by()
    mine = audience.members(segment, by).order_by()
    if how == "common":
        return remove(segment, mine.exclude(pk__in=theirs.values("pk")), by=by)
    if how == "subtract":
        return remove(segment, mine.filter(pk__in=theirs.values("pk")), by=by)
    raise RuleBroken(_("Say how the segments are combined."), code="unknown_way", field="how")


@transaction.atomic
def freeze(segment: Segment, name: str, *, about: str = "", by: User) -> Segment:
    """A static copy, under a name, of what the segment consists of now as far as this person sees it; `about` "contacts" makes a list of
    the partners' contacts. Many are put in by the background worker. Raises RuleBroken without a name.
    """
    if not name.strip():
        raise RuleBroken(_("Write a name."), code="name_required", field="name")
    copy = Segment(name=name.strip()[:120], about=about or segment.about, kind=Segment.Kind.STATIC, owner=by)
    if segment.is_of_contacts and not copy.is_of_contacts:
        raise RuleBroken(_("A list of contacts can't become a list of partners."), code="other_kind", field="about")
    save_segment(copy, by=by)
    collect(copy, other=segment, by=by)
    return copy


def _require_static(segment: Segment) -> None:
    if not segment.is_static:
        raise RuleBroken(
            _("Members of a dynamic segment come from its filters. Make a fixed copy and change that."), code="dynamic"
        )


def write_text(title: str, text: str, *, by: User) -> ConsentText:
    """A wording of a consent; under a title that exists a new version of it, the same text again makes none.

    Raises RuleBroken for an empty title or text, or when two people write the same version at once.
    """
    title, text = " ".join(title.split())[:120], text.replace("\x00", "").strip()
    for field, given in (("title", title), ("text", text)):
        if not given:
            raise RuleBroken(_("Write something first."), code="empty", field=field)
    latest = ConsentText.objects.filter(title=title).order_by("-version").first()
    if latest and latest.text == text:
        return latest
    version = (ConsentText.objects.filter(title=title).aggregate(last=Max("version"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            return ConsentText.objects.create(title=title, version=version, text=text, created_by=by)
    except IntegrityError as fault:
        raise RuleBroken(_("Somebody else just wrote a new version. Look at it first."), code="stale") from fault


def record_consent(
    partner: Partner,
    contact: Contact | None = None,
    *,
    channels: list[str],
    text: ConsentText,
    purpose: str = "marketing",
    how: str = "paper",
    source: str = "",
    given_at: datetime | None = None,
    until: date | None = None,
    by: User | None,
) -> list[Consent]:
    """Record what a person agreed to, one consent a channel; an earlier one in force for the same channel and purpose stays as it is.

    An objection to the channel is lifted only by hand. Raises RuleBroken for a moment in the future or no channel.
    """
    given_at = given_at or timezone.now()
    if given_at > timezone.now():
        raise RuleBroken(_("A consent can't be given in the future."), code="future", field="given_at")
    if not channels:
        raise RuleBroken(_("Choose at least one channel."), code="no_channel", field="channels")
    made = [
        Consent(
            partner=partner, contact=contact, channel=channel, purpose=purpose, text=text, how=how, source=source, given_at=given_at,
            until=until, given_to=by,
        )
        for channel in channels
    ]  # fmt: skip
    return Consent.objects.bulk_create(made)


def withdraw(consent: Consent, *, how: str, by: User | None) -> Consent:
    """A consent ends now; the second of two withdrawals changes nothing."""
    values = {"withdrawn_at": timezone.now(), "withdrawn_how": how, "withdrawn_by": by}
    if not Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(**values):
        consent.refresh_from_db()
        return consent
    for name, value in values.items():
        setattr(consent, name, value)
    return consent


def consent_of_link(token: str) -> Consent | None:
    """The consent a link leads to, or None: whoever has the link is answered, nobody guesses one."""
    return Consent.objects.filter(token=token).first()


def withdraw_by_link(token: str) -> Consent | None:
    """The person followed the link of a message: this consent and every other of theirs for the channel and purpose end. None for an
    unknown link; once more changes nothing.
    """
    consent = Consent.objects.filter(token=token).select_related("contact", "partner").first()
    if consent is None:
        return None
    same = Consent.objects.of_subject(consent.partner, consent.contact)
    same = same.filter(channel=consent.channel, purpose=consent.purpose, withdrawn_at=None)
    same.update(withdrawn_at=timezone.now(), withdrawn_how=Consent.Withdrawn.LINK)
    consent.refresh_from_db()
    return consent


def object_to(
    partner: Partner, contact: Contact | None = None, *, channels: list[str], reason: str, by: User | None
) -> int:
    """A person does not want to be reached by these channels; those objected to before keep their reason. Returns how many are new.

    Raises RuleBroken without a reason or a channel.
    """
    if not reason.strip():
        raise RuleBroken(_("Write why: it is asked later."), code="no_reason", field="reason")
    if not channels:
        raise RuleBroken(_("Choose at least one channel."), code="no_channel", field="channels")
    standing = Objection.objects.of_subject(partner, contact).standing().values_list("channel", flat=True)
    new = [channel for channel in channels if channel not in set(standing)]
    Objection.objects.bulk_create(
        [
            Objection(partner=partner, contact=contact, channel=channel, reason=reason.strip()[:300], recorded_by=by)
            for channel in new
        ],
        ignore_conflicts=True,
    )
    return len(new)


def lift_objection(objection: Objection, *, by: User) -> None:
    """The person may be reached by the channel again; the objection stays in the history."""
    Objection.objects.filter(pk=objection.pk, lifted_at=None).update(lifted_at=timezone.now(), lifted_by=by)


def ask_export(subject: Partner | Contact, *, by: User) -> PersonExport:
    """Let the background worker gather everything about a person into a file. Raises RuleBroken for a company."""
    _require_person(subject)
    kind = persons.kind_of(subject)
    with transaction.atomic():
        made = PersonExport.objects.create(subject=kind, subject_id=subject.pk, by=by)
        transaction.on_commit(lambda: jobs.export_person.defer(export_id=made.pk))
    return made


def fetched(export: PersonExport, *, by: User) -> PersonExport:
    """Note that the file was taken. Raises RuleBroken for one that is not there, or not any more."""
    if not export.file or (export.expires_at and export.expires_at < timezone.now()):
        raise RuleBroken(_("This file is no longer kept. Ask for a new one."), code="expired")
    PersonExport.objects.filter(pk=export.pk).update(fetched_at=timezone.now())
    return export


def ask_erasure(subject: Partner | Contact, *, confirmation: str, reason: str, by: User) -> Erasure:
    """Let the background worker erase everything personal about a person, for good.

    `confirmation` is the person's name as it stands on the card. Raises RuleBroken for a company, another name, no reason, or an erasure
    under way.
    """
    _require_person(subject)
    if rules.normal(confirmation) != rules.normal(subject.name):
        raise RuleBroken(
            _("Type the name exactly as it stands above: what is erased can't be brought back."),
            code="not_confirmed",
            field="confirmation",
        )
    if not reason.strip():
        raise RuleBroken(_("Write why: the register keeps it."), code="no_reason", field="reason")
    kind = persons.kind_of(subject)
    if Erasure.objects.filter(subject=kind, subject_id=subject.pk, status=Erasure.Status.WAITING).exists():
        raise RuleBroken(_("This person is being erased already."), code="under_way")
    with transaction.atomic():
        made = Erasure.objects.create(subject=kind, subject_id=subject.pk, by=by, reason=reason.strip()[:300])
        transaction.on_commit(lambda: jobs.erase_person.defer(erasure_id=made.pk))
    return made


def _require_person(subject: Partner | Contact) -> None:
    if not persons.is_person(subject):
        raise RuleBroken(
            _(
                "This partner is a company. Personal data belong to its contacts, or to a partner who is a natural person."
            ),
            code="not_a_person",
        )
