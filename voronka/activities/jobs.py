"""Reminders on time; the recycle bin of activities and files."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from voronka.accounts.actions import notify
from voronka.accounts.models import User
from voronka.activities.models import Activity, Attachment, LeftBytes
from voronka.core.actions import purge
from voronka.core.tables import moment_words


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
