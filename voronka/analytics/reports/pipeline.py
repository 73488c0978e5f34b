"""The funnel: open opportunities by stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import (
    CENT,
    COMMON,
    Column,
    Grouping,
    Measure,
    ReportResult,
    Row,
    added_up,
    grouped,
    report,
)
from voronka.analytics.reports import behind as criteria_behind
from voronka.analytics.rules import share
from voronka.core.periods import end_of_day
from voronka.opportunities.models import Stage

FIGURES = (
    Column("count", _("Count"), "count", "open"),
    Column("potential", _("Potential"), "money", "open"),
    Column("weighted", _("Weighted"), "money", "open"),
    Column("share", _("Share"), "percent"),
    Column("percentage", _("Closing percentage"), "percent"),
)
CHANGES = {
    "count": Column("count_change", _("± count"), "count"),
    "potential": Column("potential_change", _("± potential"), "money"),
    "weighted": Column("weighted_change", _("± weighted"), "money", shown=False),
}
MEASURES = (
    Measure("potential", _("Potential"), ("potential",)),
    Measure("weighted", _("Weighted"), ("weighted",)),
    Measure("count", _("Count"), ("count",)),
)


@report(
    "pipeline",
    title=_("Funnel"),
    about=_("Open opportunities by stage: how many, how much, and what to expect."),
    charts=("funnel", "bars", "pie"),
    measures=MEASURES,
    dimensions=[name for name in COMMON if name not in ("stage", "pipeline", "status", "reason")],
    asks=("as_of", "compare", "time", "category", "group", "filters", "ranges"),
    order=10,
    template="analytics/pipeline.html",
)
def pipeline(user: User, criteria: Criteria) -> ReportResult:
    """Open opportunities by stage, in the pipelines' order; with a dimension, one row per stage and value.

    Potential and weighted are in the company's currency; weighted is each deal's potential × percentage / 100, rounded half up to
    the cent, then added. Share is the row's part of the whole potential (of the count where there is no amount), rounded half up
    to one place, so that shares may add up to 99.9 or 100.1. Percentage is the stage's own of today. Active stages without
    deals are shown unless a dimension or a filter of people, territory, source or industry was chosen. With `compare` the columns `count_change`,
    `potential_change` and `weighted_change` say how much more or less it is than at the end of that day.
    """
    grouping, open_cells = _open(user, criteria)
    then = _then(user, criteria, grouping) if criteria.compare else {}
    open_cells = {key: _nothing() for key in then} | open_cells
    stages = Stage.objects.visible_to(user).select_related("pipeline")
    rows, keys = [], []
    for stage in stages.order_by("pipeline__position", "pipeline__name", "position", "pk"):
        own = [(key, found) for key, found in open_cells.items() if key[0] == stage.pk]
        for key, found in sorted(own, key=lambda one: -one[1]["total"]):
            rows.append(grouping.words(key) | _row(stage, found, then.get(key)))
            keys.append(grouping.behind(key))
        if not own and _is_wanted(stage, criteria):
            rows.append({"stage": stage.name} | _row(stage, _nothing()))
            keys.append(criteria_behind(criteria, stage=stage.pk))
    columns = _columns(grouping, rows, criteria)
    totals = added_up(columns, rows)
    _add_shares(rows, totals)
    return ReportResult(columns, rows, totals, keys, criteria.currency, [_colour(row["percentage"]) for row in rows])


def _open(user: User, criteria: Criteria) -> tuple[Grouping, dict[Any, Row]]:
    """The figures of open opportunities by stage and the dimensions."""
    grouping, cells = grouped(user, replace(criteria, status="open"), ("stage", criteria.by, criteria.then))
    return grouping, {key: cell["open"] for key, cell in cells.items() if "open" in cell}


def _then(user: User, criteria: Criteria, grouping: Grouping) -> dict[Any, Row]:
    """The figures of the day compared with; the grouping learns its names."""
    day = criteria.compare
    moment = end_of_day(day, criteria.zone) if day else None
    earlier, found = _open(user, replace(criteria, as_of=day, moment=moment))
    for name, names in earlier.names.items():
        grouping.names[name] = names | grouping.names.get(name, {})
    return found


def _nothing() -> Row:
    return {"n": 0, "total": CENT * 0, "expected": CENT * 0}


def _is_wanted(stage: Stage, criteria: Criteria) -> bool:
    """A stage of the chosen pipeline where nothing lies is shown, unless the rows are split."""
    chosen = criteria.pipeline in (None, stage.pipeline_id) and criteria.stage in (None, stage.pk)
    return chosen and not criteria.by and not criteria.then and stage.is_active and stage.pipeline.is_active


def _row(stage: Stage, figures: Row, then: Row | None = None) -> Row:
    before = then or _nothing()
    return {
        "count_change": int(figures["n"] - before["n"]), "potential_change": (figures["total"] - before["total"]).quantize(CENT),
        "weighted_change": (figures["expected"] - before["expected"]).quantize(CENT),
        "pipeline": stage.pipeline.name, "count": int(figures["n"]), "potential": figures["total"].quantize(CENT),
        "weighted": figures["expected"].quantize(CENT), "percentage": stage.percentage,
    }  # fmt: skip


def _columns(grouping: Grouping, rows: list[Row], criteria: Criteria) -> list[Column]:
    """The pipeline is named only where there is more than one; in a comparison each figure has its change beside it instead of shares."""
    several = len({row["pipeline"] for row in rows}) > 1
    first = [Column("pipeline", _("Pipeline"))] if several else []
    if not criteria.compare:
        return [*first, *grouping.columns, *FIGURES]
    compared = [(replace(c, shown=c.status != ""), CHANGES.get(c.key)) for c in FIGURES]
    return [*first, *grouping.columns, *(column for pair in compared for column in pair if column)]


def _add_shares(rows: list[Row], totals: Row) -> None:
    key = "potential" if totals["potential"] else "count"
    for row in rows:
        row["share"] = share(row[key], totals[key])


def _colour(percentage: Any) -> str:
    return f"--s{min(int(percentage) // 10, 9)}"
