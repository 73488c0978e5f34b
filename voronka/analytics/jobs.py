"""The digest of the day: what waits for each person, told once in the morning of their own time zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from voronka.accounts.actions import notify
from voronka.accounts.models import User
from voronka.activities.models import Activity
from voronka.analytics import querysets
from voronka.core.models import Company

MORNING = timedelta(hours=3)  # how late the digest may still come, after a night without a worker


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
