"""What is risky about a partner that changes hands: plain values only, no clock read secretly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

# Predicted closings that were put off so often make a risk.
SLIPS: Final = 2
Risk = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Deal:
    """What the risks of an open opportunity are told from."""

    name: str
    predicted_close_on: date
    stage: str
    stage_since: datetime
    usual_days: int | None
    slips: int
    has_step: bool


def risks(
    deals: list[Deal],
    *,
    last_word_at: datetime | None,
    overdue: list[datetime],
    objections: list[str],
    silent_days: int,
    steps_wanted: bool,
    now: datetime,
) -> list[Risk]:
    """(code, values) of every risk, the most pressing first: overdue promises, silence, what is wrong with each deal, channels one may not use.

    `overdue` are the moments open work was due; days are whole days of 24 hours up to `now`; `usual_days` is how long deals usually stay in the stage.
    """
    found: list[Risk] = []
    if overdue:
        found.append(("overdue", {"count": len(overdue), "days": (now - min(overdue)).days}))
    if last_word_at is None:
        found.append(("no_word", {}))
    elif (silence := now - last_word_at) >= timedelta(days=silent_days):
        found.append(("silent", {"days": silence.days}))
    for deal in deals:
        found += _of_deal(deal, steps_wanted, now)
    return found + [("objection", {"channel": channel}) for channel in objections]


def _of_deal(deal: Deal, steps_wanted: bool, now: datetime) -> list[Risk]:
    found: list[Risk] = []
    in_stage = (now - deal.stage_since).days
    if deal.predicted_close_on < now.date():
        found.append(("late", {"deal": deal.name, "day": deal.predicted_close_on.isoformat()}))
    if deal.usual_days and in_stage > deal.usual_days:
        found.append(("stuck", {"deal": deal.name, "days": in_stage, "stage": deal.stage}))
    if deal.slips >= SLIPS:
        found.append(("slipped", {"deal": deal.name, "count": deal.slips}))
    if steps_wanted and not deal.has_step:
        found.append(("no_step", {"deal": deal.name}))
    return found


def may_give(giver: int, by: int, *, runs: bool, reach: list[int] | None) -> bool:
    """Whether somebody may hand over a person's work: one's own always, that of others with the permission and within reach (None: everybody)."""
    return giver == by or (runs and (reach is None or giver in reach))
