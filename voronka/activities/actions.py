"""What people do with activities: plan, log, complete, cancel, reopen, reassign, reschedule, follow up."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.core.files import File
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from voronka.accounts.actions import notify
from voronka.activities import correspondence, jobs, letters, rules
from voronka.activities.attachments import attach as attach
from voronka.activities.models import (
    Activity,
    ActivitySubject,
    Kind,
    Letter,
    LetterTemplate,
    Mailbox,
    Outcome,
    RunStep,
    Sequence,
    SequenceRun,
    SequenceStep,
    Status,
)
from voronka.activities.rules import Plan
from voronka.core import actions as kernel
from voronka.core import mail
from voronka.core.audit import acting
from voronka.core.errors import RuleBroken
from voronka.core.sealing import seal
from voronka.core.tables import moment_words
from voronka.partners import actions as partners

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.activities.querysets import ActivityQuerySet
    from voronka.partners.models import Partner

RECIPIENTS_MOST: Final = 50
LETTER_MOST_BYTES: Final = 20 * 2**20
MANY = 500  # rows changed by one bulk act, each by the rules of one
_GIVEN = gettext_noop("%(who)s gave you: %(what)s")
_INVITED = gettext_noop("%(who)s invited you: %(what)s")


def write_note(
    partner: Partner, text: str, *, opportunity: Any = None, at: datetime | None = None, by: User
) -> Activity:
    """Put a note on the partner's timeline, and on the opportunity's. Raises RuleBroken for an empty text."""
    if not text.strip():
        raise RuleBroken(_("Write something first."), code="empty", field="text")
    note = Activity(
        partner=partner, opportunity=opportunity, text=text.strip(), owner=by, happened_at=at or timezone.now()
    )
    return kernel.save(note, by=by, verb="note")


@transaction.atomic
def plan(activity: Activity, when: Plan | None = None, *, participants: Iterable[User] = (), by: User) -> Activity:
    """Put work on somebody's list: the activity's owner does it, `when` (default: the moments it has) says by when.

    Raises RuleBroken for a note, for work without a partner that is not private, without words where nobody is to be called or met, and for
    dates the wrong way round.
    """
    _check(activity)
    if activity.kind == Kind.NOTE:
        raise RuleBroken(_("A note is written, not planned. Choose a task."), code="note_planned", field="kind")
    _schedule(activity, when or plan_of(activity))
    activity.status, activity.closed_at = Status.OPEN, None
    activity.assigned_by = by if activity.owner_id != by.pk else None
    kernel.save(activity, by=by, verb="plan")
    invited = list(participants)
    activity.participants.set(invited)
    _tell(activity, [activity.owner], _GIVEN, by=by)
    _tell(activity, invited, _INVITED, by=by)
    return activity


@transaction.atomic
def log(activity: Activity, when: Plan | None = None, *, participants: Iterable[User] = (), by: User) -> Activity:
    """Keep what has happened: a call that was made, a meeting that was held; `when` defaults to now.

    A plan for a day without a time stands at the end of that day, or now on the day itself. Raises RuleBroken for what has not come yet, and as
    `plan`.
    """
    _check(activity)
    now = timezone.now()
    at = when.starts_at or min(when.due, now) if when else now
    if at > now + timedelta(minutes=1) or (when and when.due.date() > timezone.localdate(now, when.due.tzinfo)):
        raise RuleBroken(_("That is still to come: plan it instead."), code="not_yet", field="day")
    if when is not None:
        activity.starts_at, activity.ends_at, activity.all_day = when.starts_at, when.ends_at, when.all_day
    activity.happened_at, activity.closed_at, activity.status = at, now, Status.DONE
    kernel.save(activity, by=by, verb="log")
    _answer(activity)
    activity.participants.set(participants)
    return activity


@transaction.atomic
def record(
    said: Activity | None, step: Activity | None, when: Plan | None, *, partner: Partner, opportunity: Any = None, by: User
) -> list[Activity]:  # fmt: skip
    """What was said and what follows, in one go; either may be missing. Returns what was kept. Raises RuleBroken as `log` and `plan`."""
    kept = []
    for one in (said, step):
        if one is not None:
            one.partner, one.opportunity = partner, opportunity
    if said is not None:
        kept.append(log(said, by=by) if said.kind != Kind.NOTE else kernel.save(said, by=by, verb="note"))
    if step is not None:
        kept.append(follow_up(said, step, when, by=by) if said is not None else plan(step, when, by=by))
    return kept


@transaction.atomic
def complete(
    activity: Activity, *, outcome: Outcome | None = None, result: str = "", next_step: Activity | None = None,
    next_when: Plan | None = None, by: User,
) -> Activity:  # fmt: skip
    """It is done: with what came of it, and the next step at once. Raises RuleBroken when it is closed already."""
    _open(activity)
    now = timezone.now()
    activity.happened_at = rules.happened_when(plan_of(activity), now)
    activity.outcome, activity.result = outcome, result.strip() or activity.result
    activity.status, activity.closed_at, activity.remind_at = Status.DONE, now, None
    kernel.save(activity, by=by, verb="complete")
    _answer(activity)
    _settle([activity.pk])
    if next_step is not None:
        follow_up(activity, next_step, next_when, by=by)
    return activity


def cancel(activity: Activity, *, reason: str = "", by: User) -> Activity:
    """It will not be done. It stays on the timeline, crossed out. Raises RuleBroken when it is closed already."""
    _open(activity)
    activity.result = reason.strip() or activity.result
    activity.status, activity.closed_at, activity.remind_at = Status.CANCELLED, timezone.now(), None
    with transaction.atomic():
        kernel.save(activity, by=by, verb="cancel")
        _settle([activity.pk])
    return activity


def reopen(activity: Activity, *, by: User) -> Activity:
    """It is to be done after all, at the time it had. Raises RuleBroken for a note and for what is open."""
    if activity.kind == Kind.NOTE or activity.is_open or Letter.objects.filter(pk=activity.pk).exists():
        raise RuleBroken(_("Only finished work can be reopened."), code="not_closed")
    activity.status, activity.closed_at, activity.outcome = Status.OPEN, None, None
    _schedule(activity, plan_of(activity))
    with transaction.atomic():
        kernel.save(activity, by=by, verb="reopen")
        SequenceRun.objects.filter(steps__activity=activity, status="done").update(status="open")
    return activity


def save_activity(
    activity: Activity,
    when: Plan | None = None,
    *,
    participants: Iterable[User] | None = None,
    seen_version: int | None = None,
    by: User,
) -> Activity:
    """Change what an open activity says and when it is due, or the words of a note. Raises RuleBroken for a closed one: reopen it first."""
    if activity.kind != Kind.NOTE and not activity.is_open:
        raise RuleBroken(_("It is closed. Reopen it to change it."), code="closed")
    _check(activity)
    if activity.is_open:
        _schedule(activity, when or plan_of(activity))
    with transaction.atomic():
        kernel.save(activity, by=by, seen_version=seen_version)
        if participants is not None:
            before, invited = set(activity.participants.all()), set(participants)
            activity.participants.set(invited)
            _tell(activity, invited - before, _INVITED, by=by)
    return activity


def reschedule(activity: Activity, when: Plan, *, seen_version: int | None = None, by: User) -> Activity:
    """Do it at another time. Raises RuleBroken when it is closed, StaleRecord when somebody else moved it first."""
    _open(activity)
    _schedule(activity, when)
    return kernel.save(activity, by=by, verb="reschedule", seen_version=seen_version)


def reassign(activity: Activity, to: User, *, by: User) -> Activity:
    """Somebody else does it. Raises RuleBroken when it is closed or the person left."""
    _open(activity)
    if not to.is_active:
        raise RuleBroken(_("%(person)s does not work here any more.") % {"person": to}, code="inactive", field="owner")
    activity.owner, activity.assigned_by = to, by if to.pk != by.pk else None
    with transaction.atomic():
        kernel.save(activity, by=by, verb="reassign")
        _tell(activity, [to], _GIVEN, by=by)
    return activity


def follow_up(previous: Activity, step: Activity, when: Plan | None = None, *, by: User) -> Activity:
    """Plan the step after an activity: about the same partner, deal and contact, on the same person's list unless `step` names others."""
    step.follow_up_of = previous
    if step.partner_id is None:
        step.partner_id, step.is_private = previous.partner_id, previous.is_private
    if step.opportunity_id is None and step.partner_id == previous.partner_id:
        step.opportunity_id = previous.opportunity_id
    if step.contact_id is None and step.partner_id == previous.partner_id:
        step.contact_id = previous.contact_id
    if not step.owner_id:
        step.owner = previous.owner
    return plan(step, when, by=by)


@transaction.atomic
def reschedule_many(rows: ActivityQuerySet, to: date, *, by: User) -> int:
    """Move open work to another day; each keeps its time of day and its length. Returns how many of the rows were open.

    The caller fetched the rows as editable; at most MANY of them.
    """
    found = list(rows.open().select_related("owner")[:MANY])
    for activity in found:
        reschedule(activity, rules.moved(plan_of(activity), to, activity.owner.zone), by=by)
    return len(found)


def reassign_many(rows: ActivityQuerySet, to: User, *, by: User) -> int:
    """Give open work to somebody else in one statement; returns how many. Raises RuleBroken when the person left."""
    if not to.is_active:
        raise RuleBroken(_("%(person)s does not work here any more.") % {"person": to}, code="inactive", field="owner")
    giver = by if to.pk != by.pk else None
    with transaction.atomic():
        count = kernel.change_many(rows.open().exclude(owner=to), by=by, verb="reassign", owner=to, assigned_by=giver)
        if count and giver:
            with translation.override(to.language_or_default()):
                words = ngettext(
                    "%(who)s gave you %(count)s activity.", "%(who)s gave you %(count)s activities.", count
                )
                title = words % {"who": by, "count": count}
            notify(to, title, url=f"{reverse('activities:list')}?whose=me&status=open", kind="activity", mail=True)
    return count


@transaction.atomic
def start_sequence(sequence: Sequence, partner: Partner, *, owner: User, by: User) -> SequenceRun:
    """Plan every step of a sequence with a partner, counted from today where the owner is; a step on a weekend moves to Monday.

    Raises RuleBroken for a sequence without steps, and for one that is under way with this partner already.
    """
    steps = list(sequence.steps.all())
    if not steps:
        raise RuleBroken(_("This sequence has no steps."), code="no_steps", field="sequence")
    if SequenceRun.objects.open().filter(sequence=sequence, partner=partner).exists():
        raise RuleBroken(_("This sequence is under way with this partner already."), code="under_way", field="sequence")
    run = kernel.save(SequenceRun(sequence=sequence, partner=partner, owner=owner), by=by, verb="plan")
    today = timezone.localdate(timezone=owner.zone)
    for step in steps:
        when = rules.plan_on(rules.working_day(today + timedelta(days=step.after_days)), owner.zone)
        activity = plan(Activity(kind=step.kind, title=step.title, partner=partner, owner=owner), when, by=by)
        RunStep.objects.create(run=run, activity=activity, due=when.due)
    return run


@transaction.atomic
def stop_sequence(run: SequenceRun, *, by: User) -> None:
    """Cancel the steps that are open still. Raises RuleBroken when it is over already."""
    if not SequenceRun.objects.filter(pk=run.pk, status="open").update(status=SequenceRun.Status.STOPPED):
        raise RuleBroken(_("This sequence is over already."), code="closed")
    close_many(Activity.objects.alive().filter(run_step__run=run), Status.CANCELLED, by=by)


@transaction.atomic
def save_sequence(
    sequence: Sequence, steps: Iterable[SequenceStep], removed: Iterable[SequenceStep], *, by: User
) -> Sequence:
    """Create or change a template with its steps; sequences at work keep theirs. Raises RuleBroken where no step is left."""
    kernel.save(sequence, by=by, verb="sequence")
    for gone in removed:
        gone.delete()
    for step in steps:
        step.sequence = sequence
        kernel.save(step, by=by, verb="sequence")
    if not sequence.steps.exists():
        raise RuleBroken(_("A sequence needs at least one step."), code="no_steps")
    return sequence


def _settle(activities: Iterable[int]) -> None:
    """Sequences whose last open step was closed are done."""
    left = RunStep.objects.filter(run=OuterRef("pk"), activity__status=Status.OPEN)
    touched = RunStep.objects.filter(activity__in=list(activities)).values("run")
    SequenceRun.objects.open().filter(~Exists(left), pk__in=touched).update(status=SequenceRun.Status.DONE)


@transaction.atomic
def hand_over(rows: ActivityQuerySet, to: User, *, by: User) -> int:
    """Somebody takes over open work, however much, without being told of each; who assigned it stays. Returns how many.

    Work for a day is due when the day ends where the new owner is.
    """
    keys = list(rows.open().values_list("pk", flat=True))
    count = kernel.change_many(Activity._base_manager.filter(pk__in=keys), by=by, verb="hand_over", owner=to)
    for_a_day = Activity._base_manager.filter(pk__in=keys, starts_at=None, due_on__isnull=False)
    with acting(by, "hand_over"):
        for day in for_a_day.order_by().values_list("due_on", flat=True).distinct():
            end = rules.end_of(day, to.zone)  # type: ignore[arg-type]
            for_a_day.filter(due_on=day).exclude(happened_at=end).update(happened_at=end)
    return count


@transaction.atomic
def close_many(rows: ActivityQuerySet, status: str, *, by: User) -> int:
    """Mark open work as done or cancelled, without an outcome, in one statement; returns how many."""
    now = timezone.now()
    closing = list(rows.open().values_list("pk", "kind", "direction", "partner"))
    if status == Status.DONE:
        partners.answered({one[3] for one in closing if one[3] and rules.is_answer(one[1], one[2])}, now)
    with acting(by, "complete" if status == Status.DONE else "cancel"):
        closed = Activity._base_manager.filter(pk__in=[one[0] for one in closing], status=Status.OPEN)
        count = kernel.change_many(closed, by=by, status=status, closed_at=now, remind_at=None)
    _settle(one[0] for one in closing)
    return count


def save_subject(subject: ActivitySubject, name: str, *, by: User) -> ActivitySubject:
    """Add or rename a subject of a type. Raises RuleBroken without a name, or when its type has one of that name."""
    subject.name = " ".join(name.split())[:100]
    if not subject.name:
        raise RuleBroken(_("Write a name."), code="name_required", field="name")
    others = ActivitySubject.objects.filter(type=subject.type, name__iexact=subject.name).exclude(pk=subject.pk)
    if others.exists():
        raise RuleBroken(_("This name is taken."), code="name_taken", field="name")
    return kernel.save(subject, by=by)


def plan_of(activity: Activity) -> Plan:
    """The moments an activity has, as a plan; what has neither a start nor a day is due where it stands in time.

    Raises RuleBroken for an end before the start.
    """
    if activity.starts_at is None:
        if activity.due_on is None:
            return Plan(activity.happened_at)
        return rules.plan_on(activity.due_on, activity.owner.zone)
    end = activity.ends_at
    if end is not None and end < activity.starts_at:
        raise RuleBroken(_("The end lies before the start."), code="end_before_start", field="ends_at")
    if activity.all_day and end is not None:
        return Plan(end - timedelta(seconds=1), activity.starts_at, end, all_day=True)
    return rules.plan_at(activity.starts_at, end=end)


def _answer(activity: Activity) -> None:
    """The partner had a word from us."""
    if activity.partner_id is not None and rules.is_answer(activity.kind, activity.direction):
        partners.answered([activity.partner_id], activity.happened_at)


def _tell(activity: Activity, people: Iterable[User], words: str, *, by: User) -> None:
    """Tell people of work they were given or are to take part in, in their language and time; nobody is told of their own doing."""
    for person in people:
        if person.pk == by.pk:
            continue
        with translation.override(person.language_or_default()), timezone.override(person.zone):
            when = moment_words(activity.happened_at, timezone.now(), timed=activity.is_timed)
            title = _(words) % {"who": by, "what": activity}
        notify(person, title, text=when, url=activity.get_absolute_url(), kind="activity", mail=True)


def _schedule(activity: Activity, when: Plan) -> None:
    if rules.is_too_long(when):
        words = _("Nothing lasts longer than %(days)s days.") % {"days": rules.LONGEST.days}
        raise RuleBroken(words, code="too_long", field="lasts")
    activity.starts_at, activity.ends_at = when.starts_at, when.ends_at
    activity.due_on, activity.all_day, activity.happened_at = when.due_on, when.all_day, when.due
    activity.remind_at = rules.remind_at(when.due, activity.remind_before, timezone.now())


def _open(activity: Activity) -> None:
    if not activity.is_open:
        words = {
            Status.DONE: _("It is done already."),
            Status.CANCELLED: _("It was cancelled already."),
        }
        raise RuleBroken(words[Status(activity.status)], code="closed")


def _check(activity: Activity) -> None:
    """What holds for every activity, planned or past."""
    if activity.partner_id is None and not activity.is_private:
        raise RuleBroken(_("Choose a partner, or mark it as private."), code="partner_required", field="partner")
    if activity.contact is not None and activity.contact.partner_id != activity.partner_id:
        raise RuleBroken(_("This person belongs to another partner."), code="foreign_contact", field="contact")
    deal: Any = activity.opportunity
    if deal is not None and deal.partner_id != activity.partner_id:
        raise RuleBroken(_("This opportunity belongs to another partner."), code="foreign_deal", field="opportunity")
    if activity.subject is not None and activity.subject.type_id != activity.type_id:
        raise RuleBroken(_("This subject belongs to another type."), code="foreign_subject", field="subject")
    if not (activity.title.strip() or activity.text.strip()) and activity.kind not in (Kind.CALL, Kind.MEETING):
        raise RuleBroken(_("Say in a word what it is about."), code="empty", field="title")


@transaction.atomic
def write_letter(
    activity: Activity, *, to: list[str], cc: Iterable[str] = (), files: Iterable[File] = (), answers: Letter | None = None, by: User
) -> Activity:  # fmt: skip
    """Put a letter on the timeline and into the queue of the mail server; `activity` has subject, text, partner and perhaps contact and deal.

    It goes out after the commit, under a Message-ID made here. An answer continues the thread of what it answers. Raises RuleBroken where no mail
    server is set up, without a recipient or words, and for files that can't be kept or are too large together.
    """
    cc, enclosed = [one for one in cc if one not in to], list(files)
    name, sender = correspondence.sender_of(by)
    _may_be_sent(activity, [*to, *cc], by)
    now = timezone.now().replace(microsecond=0)
    activity.kind, activity.status, activity.direction, activity.owner = Kind.EMAIL, Status.DONE, "out", by
    activity.happened_at = activity.closed_at = now
    _check(activity)
    kernel.save(activity, by=by, verb="letter")
    key = f"{uuid.uuid4().hex}@{sender.rpartition('@')[2]}"
    thread = [*answers.answers, answers.key][-letters.THREAD_MOST :] if answers else []
    Letter.objects.create(
        activity=activity, key=key, thread=answers.thread if answers else key, answers=thread, sender=sender.lower(), sender_name=name,
        to=to, cc=cc, dated=now, state=Letter.State.WAITING, send_after=now, enclosed=len(enclosed),
    )  # fmt: skip
    _enclose(activity, enclosed, by)
    transaction.on_commit(_send_soon)
    return activity


def _may_be_sent(activity: Activity, addresses: list[str], by: User) -> None:
    own_server = Mailbox.objects.visible_to(by).filter(is_active=True).exclude(smtp_host="").exists()
    if not (own_server or mail.is_set_up()):
        raise RuleBroken(
            _("No mail server is set up. Ask the administrator, or name yours in your mailbox."), code="no_server"
        )
    if not addresses:
        raise RuleBroken(_("Say whom it is for."), code="no_recipient", field="to")
    if len(addresses) > RECIPIENTS_MOST:
        raise RuleBroken(
            _("A letter goes to at most %(most)s people.") % {"most": RECIPIENTS_MOST}, code="too_many", field="to"
        )
    if not activity.title.strip():
        raise RuleBroken(_("A letter needs a subject."), code="no_subject", field="title")
    if not activity.text.strip():
        raise RuleBroken(_("Write something first."), code="empty", field="text")


def _enclose(activity: Activity, enclosed: list[File], by: User) -> None:
    if sum(file.size for file in enclosed) > LETTER_MOST_BYTES:
        words = {"most": LETTER_MOST_BYTES // 2**20}
        raise RuleBroken(
            _("The files are larger than %(most)s MB together; mail servers refuse that.") % words,
            code="too_large",
            field="files",
        )
    for file in enclosed:
        try:
            attach(file, file.name or "", partner=activity.partner, activity=activity, by=by)  # type: ignore[arg-type]
        except RuleBroken as broken:
            raise RuleBroken(broken.message, code=broken.code, field="files") from broken


def _send_soon() -> None:
    kernel.defer_once(jobs.send_letters)


@transaction.atomic
def send_again(letter: Letter, *, by: User) -> Letter:
    """Try once more to send a letter that was given up. Raises RuleBroken for any other."""
    now = timezone.now()
    rows = Letter.objects.filter(pk=letter.pk, state=Letter.State.FAILED)
    if not rows.update(state=Letter.State.WAITING, send_after=now, tries=0, error=""):
        raise RuleBroken(_("This letter is on its way already."), code="not_failed")
    transaction.on_commit(_send_soon)
    letter.refresh_from_db()
    return letter


@transaction.atomic
def save_mailbox(mailbox: Mailbox, *, password: str = "", by: User) -> Mailbox:
    """Keep how a person's mailbox is reached and look into it at once. An empty password leaves the present one, unless the server changed:
    a password is never shown to another server than the one it was typed for. Raises RuleBroken without a password.
    """
    before = Mailbox.objects.filter(pk=mailbox.pk).first()
    moved = before is not None and (before.host, before.smtp_host) != (mailbox.host, mailbox.smtp_host)
    if not password and (before is None or moved):
        raise RuleBroken(_("Type the password of the mailbox."), code="password", field="password")
    if password:
        mailbox.sealed = seal(password)
    mailbox.user, mailbox.look_after = by, timezone.now()
    mailbox.trouble, mailbox.detail, mailbox.tries, mailbox.broken_since, mailbox.looked_at = "", "", 0, None, None
    kernel.save(mailbox, by=by, verb="mailbox")
    if before is not None and (before.host, before.login) != (mailbox.host, mailbox.login):
        mailbox.folders.all().delete()
    if mailbox.is_active:
        transaction.on_commit(partial(jobs.look_soon, mailbox.pk))
    return mailbox


@transaction.atomic
def look_now(mailbox: Mailbox, *, by: User) -> None:
    """Look into a mailbox without waiting for its turn."""
    Mailbox.objects.filter(pk=mailbox.pk).update(look_after=timezone.now())
    transaction.on_commit(partial(jobs.look_soon, mailbox.pk))


def forget_mailbox(mailbox: Mailbox, *, by: User) -> None:
    """Disconnect a mailbox: its password is gone at once; letters that came stay where they are."""
    mailbox.delete()


def save_template(template: LetterTemplate, *, by: User) -> LetterTemplate:
    """Keep a template. Raises RuleBroken for a field nobody fills in."""
    if unknown := letters.unknown_fields(f"{template.title} {template.text}"):
        words = {"field": "{" + unknown[0] + "}", "known": ", ".join("{" + one + "}" for one in letters.FIELDS)}
        raise RuleBroken(
            _("Nobody knows the field %(field)s. There are: %(known)s.") % words, code="field", field="text"
        )
    return kernel.save(template, by=by, verb="template")
