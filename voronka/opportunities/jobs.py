"""Slow or regular work on opportunities."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from voronka.core.actions import purge
from voronka.opportunities.models import Opportunity, fold_tally, value_anew


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="fold_tally", name="opportunities.fold_tally")
def fold(timestamp: int) -> None:
    """Fold the tally's shares together every ten minutes."""
    fold_tally()


# Before the partners': an opportunity in the bin keeps its partner there.
@app.periodic(cron="15 3 * * *")
@app.task(queueing_lock="opportunities.purge", name="opportunities.purge")
def empty_bin(timestamp: int) -> None:
    """Delete for good, every night, the opportunities that lay in the recycle bin for BIN_DAYS, with their states."""
    purge(Opportunity, timezone.now() - timedelta(days=settings.BIN_DAYS))


@app.task(name="opportunities.revalue")
def revalue(code: str) -> None:
    """Bring the figures of opportunities in a currency up to date after its rates changed."""
    value_anew(code)
