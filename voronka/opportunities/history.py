"""The states of opportunities over time: a new one for every change, and old ones put right. The header equals the last one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import F
from django.utils import timezone

from voronka.opportunities import rules
from voronka.opportunities.models import HistoryCorrection, Opportunity, OpportunityState
from voronka.products.models import CompanyValue

if TYPE_CHECKING:
    from voronka.accounts.models import User

# The header's columns that every state repeats.
STATE_COLUMNS: Final = (
    "status", "stage_id", "percentage", "potential", "currency", "potential_company", "gross_profit_percent", "forecast_category", "predicted_close_on", "owner_id",
    "territory_id", "source_id", "industry_id",
)  # fmt: skip

# What the database reckons out of them.
FIGURES: Final = ["potential_company", "weighted", "weighted_company", "gross_profit"]
_COLUMNS: Final = ", ".join(STATE_COLUMNS)
# The moment may lie before the current span's start (two clocks differ): the new span then starts a microsecond after it.
_CLOSE_SPANS: Final = """
    UPDATE opportunities_opportunitystate
    SET until = greatest(%(at)s, since + interval '1 microsecond')
    WHERE opportunity_id = ANY(%(ids)s) AND until IS NULL
"""
_START_SPANS: Final = f"""
    INSERT INTO opportunities_opportunitystate (opportunity_id, since, {_COLUMNS}, changed_by_id, comment)
    SELECT id, coalesce((SELECT max(until) FROM opportunities_opportunitystate s WHERE s.opportunity_id = o.id), %(at)s),
           {_COLUMNS}, %(by)s, %(comment)s
    FROM opportunities_opportunity o WHERE id = ANY(%(ids)s)
"""


def respan(ids: list[int], *, at: datetime | None = None, comment: str = "", by: User | None) -> None:
    """End the current state of these opportunities and start one equal to their headers; two statements however many.

    The callers hold the header rows' locks, so nobody else writes states of these opportunities meanwhile.
    """
    values: dict[str, Any] = {"ids": ids, "at": at or timezone.now(), "by": by.pk if by else None, "comment": comment}
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE_SPANS, values)
        cursor.execute(_START_SPANS, values)


def company_value(opportunity: Opportunity, *, at: datetime) -> CompanyValue:
    """What the opportunity's amount is worth in the company's currency at the rate of that day: an expression for a write."""
    return CompanyValue(opportunity.potential, opportunity.currency, at)


def worth_at(at: datetime, potential: Any = None) -> CompanyValue:
    """The rows' amounts (or a new one) in the company's currency at the rate of that day."""
    return CompanyValue(F("potential") if potential is None else potential, F("currency"), at)


def complete(opportunity: Opportunity, states: Sequence[OpportunityState], *, by: User) -> None:
    """Give new states (those without a key) what they don't say, and who made them: gross profit, territory, source and industry of the one
    before, with its word for the forecast; the first takes them from the first that was there, else from the header.
    """
    for previous, state in pairwise([None, *states]):
        if state is not None and state._state.adding:
            like = previous or next((one for one in states if not one._state.adding), opportunity)
            for name in ("gross_profit_percent", "forecast_category", "territory_id", "source_id", "industry_id"):
                setattr(state, name, getattr(like, name))
            state.changed_by = by


def replace(opportunity: Opportunity, states: Sequence[OpportunityState], *, reason: str, by: User) -> None:
    """Write these complete states, in order, in the place of those there are; what was there is kept in a HistoryCorrection.

    Each is valued at the rate of the day it begins. The caller has written the header, whose lock keeps others away.
    """
    kept = OpportunityState.objects.of(opportunity)
    before = list(kept.values("since", "until", "changed_by_id", "comment", *STATE_COLUMNS))
    HistoryCorrection.objects.create(opportunity=opportunity, by=by, reason=reason, before=before)
    kept.delete()
    ends = [*(state.since for state in states[1:]), None]
    for state, until in zip(states, ends, strict=True):
        state.pk, state.opportunity, state.until = None, opportunity, until
        state.potential_company = CompanyValue(state.potential, state.currency, state.since)
    OpportunityState.objects.bulk_create(states)


def in_stage_since(states: Sequence[OpportunityState]) -> datetime:
    """When the last stay in the last state's stage began; a reopening begins one anew."""
    since = states[-1].since
    for later, earlier in pairwise(reversed(states)):
        reopened = later.status == rules.OPEN != earlier.status
        if reopened or earlier.stage_id != later.stage_id:
            break
        since = earlier.since
    return since
