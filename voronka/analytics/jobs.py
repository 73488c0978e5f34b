"""Sending reports by mail at their time."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from voronka.accounts.models import User
from voronka.analytics.models import Schedule
from voronka.analytics.rules import next_time
from voronka.core import mail
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.core.registry import reports

log = logging.getLogger(__name__)


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
