"""Stage analysis: how often a deal that reached a stage was won, and how long it stayed there."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics import querysets
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import (
    COMMON,
    Column,
    Grouping,
    Measure,
    ReportResult,
    Row,
    filled,
    grouped,
    report,
)
from voronka.analytics.rules import share
from voronka.opportunities.models import Stage

FIGURES = (
    Column("defined", _("Defined, %"), "percent"),
    Column("actual", _("Actual, %"), "percent", of=("won", "concluded")),
    Column("concluded", _("Concluded"), "count", "closed"),
    Column("won", _("Won"), "count", "won"),
    Column("visits", _("Times in stage"), "count"),
    Column("seconds", _("Seconds in stage"), "count", shown=False),
    Column("stays", _("Stays"), "count", shown=False),
    Column("days", _("Average days in stage"), "number"),
)
MEASURES = (
    Measure("percent", _("Defined and actual, %"), ("defined", "actual"), ("--c7", "--v-good")),
    Measure("days", _("Average days in stage"), ("days",), ("--c1",)),
    Measure("concluded", _("Concluded"), ("concluded", "won"), ("--c7", "--v-good")),
)
DAY = 86400


@report(
    "stage-analysis",
    title=_("Stage analysis"),
    about=_("How often deals that reached a stage were won in the end, and how long they stayed."),
    measures=MEASURES,
    dimensions=[name for name in COMMON if name not in ("stage", "status", "reason", "pipeline")],
    charts=("bars", "lines"),
    asks=("as_of", "expired", "dates", "group", "filters", "ranges"),
    over_time=True,
    order=60,
)
def stage_analysis(user: User, criteria: Criteria) -> ReportResult:
    """By stage, of the deals that are closed at the moment: how many had the stage, how many of them were won, how often and how long.

    Actual % = won / concluded deals that had the stage × 100, rounded half up to one place; defined % is the stage's of today (SAP Business
    One: Stage Analysis). Times in stage counts each entering of the stage. Average days is the time in the stage while open, divided by
    the number of stays, rounded half up to one place. `expired` adds open deals whose predicted closing has passed; they are not won. A deal
    counts for the salesperson who answers for it at the moment. Totals are of deals, each once.
    """
    closed = replace(criteria, status="closed")
    grouping = Grouping(user, closed, list(dict.fromkeys(filter(None, ("stage", criteria.by, criteria.then)))))
    found = _found(grouping, querysets.visits(user, closed, grouping.sql_columns[1:]))
    grouping.read_names(found)
    stages = {
        stage.pk: stage
        for stage in Stage.objects.visible_to(user).order_by("pipeline__position", "pipeline__name", "position", "pk")
    }
    places = {key: place for place, key in enumerate(stages)}
    rows, keys = [], []
    for key in sorted(found, key=lambda key: (places[key[0]], grouping.order(key)[1:])):
        row = grouping.words(key) | found[key] | {"defined": stages[key[0]].percentage}
        rows.append(filled(FIGURES, row) | {"days": _days(found[key])})
        behind = grouping.behind(key)
        keys.append(
            {name: value for name, value in behind.items() if name != "stage"}
            | {"visited": key[0]}
            | _expired(criteria)
        )
    columns = [*grouping.columns, *FIGURES]
    return ReportResult(columns, rows, _totals(user, closed, rows), keys, criteria.currency)


def _found(grouping: Grouping, visits: list[Row]) -> dict[tuple[Any, ...], Row]:
    found: dict[tuple[Any, ...], Row] = {}
    for visit in visits:
        kept = found.setdefault(grouping.key(visit), {"concluded": 0, "won": 0, "visits": 0, "seconds": 0, "stays": 0})
        for name in kept:
            kept[name] += visit[name]
    return found


def _days(row: Row) -> Decimal | None:
    """The average stay in days."""
    return (Decimal(row["seconds"]) / DAY / row["stays"]).quantize(Decimal("0.1")) if row["stays"] else None


def _expired(criteria: Criteria) -> Row:
    return {"expired": "1"} if criteria.expired else {}


def _totals(user: User, criteria: Criteria, rows: list[Row]) -> Row:
    """The concluded deals, each once."""
    _grouping, cells = grouped(user, criteria, ())
    counts = {status: int(figures["n"]) for status, figures in cells.get((), {}).items()}
    concluded, won = sum(counts.values()), counts.get("won", 0)
    return {
        "concluded": concluded, "won": won, "actual": share(won, concluded), "visits": sum(row["visits"] for row in rows),
    }  # fmt: skip
