"""Information sources over time: which bring leads and deals, and what comes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.accounts.models import User
from voronka.analytics import querysets
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import (
    CENT,
    Cells,
    Column,
    Grouping,
    Measure,
    ReportResult,
    Row,
    added_up,
    figures,
    filled,
    grouped,
    report,
)
from voronka.core.periods import period_of

FIGURES = (
    Column("leads", _("Leads"), "count"),
    Column("customers", _("Became customers"), "count"),
    Column("deals", _("Opportunities"), "count", "any"),
    Column("open", pgettext_lazy("number of opportunities", "Open"), "count", "open"),
    Column("won", pgettext_lazy("number of opportunities", "Won"), "count", "won"),
    Column("lost", pgettext_lazy("number of opportunities", "Lost"), "count", "lost"),
    Column("conversion", _("Conversion, %"), "percent", of=("won", "deals")),
    Column("won_amount", _("Won, amount"), "money", "won"),
)
MEASURES = (
    Measure("deals", _("Opportunities"), ("deals",)),
    Measure("leads", _("Leads"), ("leads",)),
    Measure("won_amount", _("Won, amount"), ("won_amount",)),
)


@report(
    "source-distribution",
    title=_("Information sources"),
    about=_("Which sources bring leads and deals, when, and what comes of them."),
    measures=MEASURES,
    dimensions=("source", "salesperson", "territory", "industry"),
    by="source",
    charts=("bars", "lines"),
    asks=("as_of", "period", "dated", "dates", "group", "filters", "ranges"),
    over_time=True,
    order=70,
)
def source_distribution(user: User, criteria: Criteria) -> ReportResult:
    """By period and source, or another dimension or two: partners that came in, opportunities and what became of them.

    An opportunity belongs to the period it was opened in; `dated` asks for that of its predicted closing (SAP Business One) or of closing instead.
    A lead belongs to the period its partner was entered in; vendors are none. Conversion = won / opportunities of the same period and
    source × 100, rounded half up to one place. Of partners, unlike of opportunities, today's source and owner count; filters on opportunities
    do not narrow them. `from` and `to` are widened to whole periods.
    """
    dated = replace(criteria, dated=criteria.dated or "opened")
    first, last = _limits(dated)
    grouping, cells = grouped(user, dated.without_dates(), (dated.unit, dated.by, dated.then), (first, last))
    leads = _leads(user, dated, grouping, (first, last))
    grouping.read_names({*cells, *leads})
    keys = sorted({*cells, *leads}, key=grouping.order)
    rows = [filled(FIGURES, _row(grouping, key, cells, leads)) for key in keys]
    columns = [Column("period", _("Period"), "period", group=True), *grouping.columns[1:], *FIGURES]
    return ReportResult(
        columns, rows, added_up(columns, rows), [grouping.behind(key) for key in keys], criteria.currency
    )


def _limits(criteria: Criteria) -> tuple[date, date]:
    first = period_of(criteria.first, criteria.unit, criteria.year_start).first if criteria.first else date.min
    return first, period_of(criteria.last, criteria.unit, criteria.year_start).last if criteria.last else date.max


def _leads(user: User, criteria: Criteria, grouping: Grouping, limits: tuple[date, date]) -> dict[tuple[Any, ...], Row]:
    found: dict[tuple[Any, ...], Row] = {}
    for row in querysets.leads_by_day(user, criteria, grouping.sql_columns[1:]):
        if limits[0] <= row["day"] <= limits[1]:
            kept = found.setdefault(grouping.key(row | {"month": row["day"]}), {"leads": 0, "customers": 0})
            kept["leads"] += row["leads"]
            kept["customers"] += row["customers"]
    return found


def _row(grouping: Grouping, key: tuple[Any, ...], cells: Cells, leads: dict[tuple[Any, ...], Row]) -> Row:
    is_open, won, lost = figures(cells.get(key, {}))
    words = grouping.words(key)
    counts = {"open": int(is_open["n"]), "won": int(won["n"]), "lost": int(lost["n"])}
    return (
        {"period": words.pop(grouping.dimensions[0])}
        | words
        | leads.get(key, {"leads": 0, "customers": 0})
        | counts
        | {"deals": sum(counts.values()), "won_amount": won["total"].quantize(CENT)}
    )
