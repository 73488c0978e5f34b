"""Forecast: the open opportunities by the month they are predicted to close."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import COMMON, DEAL_COLUMNS, Measure, ReportResult, listed, report

MEASURES = (
    Measure("expected", _("Money"), ("potential", "weighted"), ("--c0", "--v-good")),
    Measure("weighted", _("Weighted"), ("weighted",)),
    Measure("count", _("Count"), ("count",)),
)


@report(
    "forecast",
    title=_("Forecast"),
    about=_("Open opportunities by the month they are predicted to close: what income to expect, and from whom."),
    measures=MEASURES,
    dimensions=[name for name in COMMON if name not in ("status", "reason")],
    by="month",
    charts=("bars", "lines", "pie"),
    asks=("as_of", "dates", "category", "group", "filters", "ranges"),
    order=25,
)
def forecast(user: User, criteria: Criteria) -> ReportResult:
    """Open opportunities with potential, weighted and gross profit, and their sums by one or two dimensions, by predicted month at first.

    Gross profit is potential × gross profit % / 100 of each deal, rounded half up to the cent (SAP Business One: gross profit total).
    """
    keys = [key for key in DEAL_COLUMNS if key not in ("status", "reason", "comment", "closed_on")]
    return listed(user, replace(criteria, status="open"), keys, shown=("category", "gross_profit", "days"))
