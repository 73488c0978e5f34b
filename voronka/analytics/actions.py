"""What people do in analytics: have a report sent again and again, and stop it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.analytics import jobs
from voronka.analytics.models import Schedule
from voronka.analytics.rules import next_time
from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken
from voronka.core.models import Company

if TYPE_CHECKING:
    from voronka.accounts.models import User


@transaction.atomic
def save_schedule(schedule: Schedule, *, recipients: Iterable[User], by: User) -> Schedule:
    """Keep a regular report; its next time is the first one after now (company's time zone). Raises RuleBroken without a recipient."""
    chosen = list(recipients)
    if not chosen:
        raise RuleBroken(_("Say who gets the report."), code="no_recipients", field="recipients")
    zone = ZoneInfo(Company.current().time_zone)
    schedule.next_at = next_time(timezone.now(), schedule.every, schedule.weekday, schedule.day, schedule.hour, zone)
    kernel.save(schedule, by=by, verb="schedule")
    schedule.recipients.set(chosen)
    return schedule


def delete_schedule(schedule: Schedule, *, by: User) -> None:
    """Stop sending a regular report."""
    kernel.delete(schedule, by=by)


def send_now(schedule: Schedule, *, by: User) -> int:
    """Send a regular report at once, besides its times; returns to how many people."""
    people = list(schedule.recipients.values_list("pk", flat=True))
    for person in people:
        jobs.send_one.defer(schedule_id=schedule.pk, user_id=person, due=int(timezone.now().timestamp()))
    return len(people)
