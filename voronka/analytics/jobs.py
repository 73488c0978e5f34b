"""Reports sent by mail at their time; the forecast kept every week; the digest of the day: what waits for each person, told once in the morning of their own time zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from voronka.accounts.actions import notify
from voronka.accounts.models import User
from voronka.activities.models import Activity
from voronka.analytics import history, querysets
from voronka.analytics.models import Schedule
from voronka.analytics.rules import next_time
from voronka.core import mail
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.core.registry import reports

MORNING = timedelta(hours=3)  # how late the digest may still come, after a night without a worker


@app.periodic(cron="*/5 * * * *")
@app.task(name="analytics.send_due", queueing_lock="analytics.send_due")
def send_due(timestamp: int = 0) -> None:
    """Hand over, every five minutes, what is due: one letter for each recipient, as a job of its own."""
    now = timezone.now()
    for schedule in Schedule.objects.due(now):
        hand_over(schedule)


@transaction.atomic
def hand_over(schedule: Schedule) -> int:
    """Move the schedule on to its next time and queue its letters, in one transaction; returns how many. Of two workers one does it."""
    due_at, now = schedule.next_at, timezone.now()
    following = next_time(
        now, schedule.every, schedule.weekday, schedule.day, schedule.hour, ZoneInfo(Company.current().time_zone)
    )
    if not Schedule.objects.filter(pk=schedule.pk, next_at=due_at).update(next_at=following, sent_at=now):
        return 0
    people = list(schedule.recipients.values_list("pk", flat=True))
    for person in people:
        send_one.defer(schedule_id=schedule.pk, user_id=person, due=int(due_at.timestamp()))
    return len(people)


@app.task(
    name="analytics.send_one",
    retry=RetryStrategy(max_attempts=5, exponential_wait=5, retry_exceptions=list(mail.MAIL_FAULTS)),
)
def send_one(schedule_id: int, user_id: int, due: int) -> None:
    """Send one letter. The report is what the recipient may see now, in their language and time zone; who may see none gets none.

    Tried again when the mail server fails, with the same Message-ID, so that a mailbox keeps one of two.
    """
    schedule = Schedule.objects.filter(pk=schedule_id).first()
    person = User.objects.select_related("role").filter(pk=user_id, is_active=True).first()
    found = reports.get(schedule.report) if schedule else None
    if schedule is None or person is None or found is None or not person.has_perm(found.permission):
        return
    language = person.language_or_default()
    with translation.override(language), timezone.override(person.zone):
        try:
            file, words = found.letter(person, schedule.query, schedule.format)
        except RuleBroken as broken:  # a criterion that no longer exists: the letter says so instead
            file, words = None, str(broken)
        context = {
            "schedule": schedule,
            "words": words,
            "address": mail.address(found.address(schedule.query)),
            "has_file": file is not None,
        }
        attachments = [(f"{schedule.report}.{schedule.format}", *file)] if file else []
        key = f"report-{schedule.pk}-{person.pk}-{due}"
        mail.send(person.email, "analytics/mail/report", context, language=language, key=key, attachments=attachments)


@app.periodic(cron="5 * * * *")
@app.task(name="analytics.keep_forecast", queueing_lock="analytics.keep_forecast")
def keep_forecast(timestamp: int = 0) -> None:
    """Keep the forecast of the week that runs, as it was when the week began; every hour, so that a worker that slept on Monday does it later."""
    company = Company.current()
    history.keep_forecast(history.week_of(timezone.localdate(timezone=ZoneInfo(company.time_zone))))


@app.periodic(cron="*/15 * * * *")
@app.task(name="analytics.digest", queueing_lock="analytics.digest")
def digest(timestamp: int = 0) -> None:
    """Tell everybody whose working day has begun what it holds. Who was told today is not told again, also after a crash."""
    company, now = Company.current(), timezone.now()
    for person in User.objects.active().select_related("role", "team").iterator():
        begins = datetime.combine(now.astimezone(person.zone).date(), company.work_starts, person.zone)
        if begins.weekday() < 5 and begins <= now < begins + MORNING:
            tell(person, company, now)


def tell(person: User, company: Company, now: datetime) -> bool:
    """One person's digest of today; False where nothing waits or the person was told already."""
    today = now.astimezone(person.zone).date()
    with translation.override(person.language_or_default()), timezone.override(person.zone):
        sentences = _sentences(person, company, now)
        if not sentences:
            return False
        title = _("Your day: %(first)s") % {"first": sentences[0]}
    told = notify(
        person, title, text="\n".join(sentences[1:]), url=reverse("analytics:home"), kind="digest", key=f"digest-{today}", mail=True,
    )  # fmt: skip
    return told is not None


def _sentences(person: User, company: Company, now: datetime) -> list[str]:
    """What waits, most pressing first. Of deals only one's own: a head hears of the team's from the pages."""
    midnight = datetime.combine(now.astimezone(person.zone).date() + timedelta(days=1), time.min, person.zone)
    own = Activity.objects.to_do_by(person, midnight).order_by()
    late = own.overdue(now).count()
    due = own.filter(happened_at__gte=now).count()
    silent = querysets.silent(person, now - timedelta(days=company.silent_days)).filter(owner=person).count()
    free = querysets.without_next_step(person).filter(owner=person).count() if company.next_step_required else 0
    words = [
        (due, ngettext("%(n)s activity for today", "%(n)s activities for today", due)),
        (late, ngettext("%(n)s activity is overdue", "%(n)s activities are overdue", late)),
        (silent, ngettext("%(n)s opportunity is silent", "%(n)s opportunities are silent", silent)),
        (free, ngettext("%(n)s opportunity has no next step", "%(n)s opportunities have no next step", free)),
    ]
    return [sentence % {"n": number} for number, sentence in words if number]
