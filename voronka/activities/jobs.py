"""Slow or regular work on activities and files."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from procrastinate.contrib.django import app

from voronka.activities.models import Attachment, LeftBytes
from voronka.core.actions import purge


# After the partners' and the opportunities': what went with them is removed in the same night.
@app.periodic(cron="45 3 * * *")
@app.task(queueing_lock="activities.purge", name="activities.purge")
def empty_bin(timestamp: int) -> None:
    """Delete for good, every night, the files that lay in the recycle bin for BIN_DAYS, and the bytes of every file whose row is gone."""
    purge(Attachment, timezone.now() - timedelta(days=settings.BIN_DAYS))
    remove_left_bytes()


def remove_left_bytes() -> int:
    """Remove from the storage what committed deletions left there; returns how many. A file that can't be removed now is tried again."""
    removed = 0
    for left in LeftBytes.objects.order_by("pk").iterator():
        default_storage.delete(left.place)
        left.delete()
        removed += 1
    return removed
