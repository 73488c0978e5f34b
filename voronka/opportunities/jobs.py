"""Slow or regular work on opportunities."""

from __future__ import annotations

from procrastinate.contrib.django import app

from voronka.opportunities.models import fold_tally


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="fold_tally", name="opportunities.fold_tally")
def fold(timestamp: int) -> None:
    """Fold the tally's shares together every ten minutes."""
    fold_tally()
