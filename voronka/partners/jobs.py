"""Slow or regular work on partners."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from voronka.core.actions import purge
from voronka.partners import duplicates
from voronka.partners.models import Address, BankAccount, Contact, DuplicateScan, Partner


@app.periodic(cron="30 3 * * *")
@app.task(queueing_lock="partners.purge", name="partners.purge")
def empty_bin(timestamp: int) -> None:
    """Delete for good, every night, what lay in the recycle bin for BIN_DAYS and nothing refers to."""
    before = timezone.now() - timedelta(days=settings.BIN_DAYS)
    for model in (Contact, Address, BankAccount, Partner):
        purge(model, before)


@app.task(name="partners.find_duplicates", queueing_lock="partners.find_duplicates")
def find_duplicates(scan_id: int) -> None:
    """Look through the whole base for partners that may be one; how far it is stands in the scan, where it can be called off."""
    waiting = DuplicateScan.objects.filter(pk=scan_id, status=DuplicateScan.Status.WAITING)
    if not waiting.update(status=DuplicateScan.Status.RUNNING, seen_at=timezone.now()):
        return
    began, running = time.monotonic(), DuplicateScan.objects.filter(pk=scan_id, status=DuplicateScan.Status.RUNNING)

    def progress(done: int, whole: int) -> None:
        if not running.update(rows=done, total=whole, seen_at=timezone.now()):
            raise duplicates.CalledOff

    with suppress(duplicates.CalledOff):
        found = duplicates.scan(progress)
        running.update(status=DuplicateScan.Status.DONE, found=found, seconds=time.monotonic() - began)
