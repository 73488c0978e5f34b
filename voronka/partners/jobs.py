"""Slow or regular work on partners."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from voronka.core.actions import purge
from voronka.partners import duplicates
from voronka.partners.models import Address, BankAccount, Contact, Partner


@app.periodic(cron="30 3 * * *")
@app.task(queueing_lock="partners.purge", name="partners.purge")
def empty_bin(timestamp: int) -> None:
    """Delete for good, every night, what lay in the recycle bin for BIN_DAYS and nothing refers to."""
    before = timezone.now() - timedelta(days=settings.BIN_DAYS)
    for model in (Contact, Address, BankAccount, Partner):
        purge(model, before)


@app.task(name="partners.find_duplicates", queueing_lock="partners.find_duplicates")
def find_duplicates() -> None:
    """Look through the whole base for partners that may be one."""
    duplicates.scan()
