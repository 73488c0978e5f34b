"""The funnel: open opportunities by stage."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.querysets import summed
from voronka.analytics.reports import (
    CENT,
    DIMENSION_LABELS,
    Column,
    Measure,
    ReportResult,
    Row,
    added_up,
    behind,
    names_of,
    report,
)
from voronka.analytics.rules import DIMENSIONS, share
from voronka.opportunities.models import Stage

FIGURES = (
    Column("count", _("Count"), "count", "open"),
    Column("potential", _("Potential"), "money", "open"),
    Column("weighted", _("Weighted"), "money", "open"),
    Column("share", _("Share"), "percent"),
    Column("percentage", _("Closing percentage"), "percent"),
)
MEASURES = (
    Measure("potential", _("Potential"), ("potential",)),
    Measure("weighted", _("Weighted"), ("weighted",)),
    Measure("count", _("Count"), ("count",)),
)


@report(
    "pipeline",
    title=_("Funnel"),
    about=_("Open opportunities by stage: how many, how much, and what to expect."),
    chart="funnel",
    measures=MEASURES,
    dimensions=tuple(DIMENSIONS),
)
def pipeline(user: User, criteria: Criteria) -> ReportResult:
    """Open opportunities by stage, in the pipelines' order; with a dimension, one row per stage and value.

    Potential and weighted are in the company's currency; weighted is each deal's potential × percentage / 100, rounded half up to
    the cent, then added. Share is the row's part of the whole potential (of the count where there is no amount), rounded half up
    to one place, so that shares may add up to 99.9 or 100.1. Percentage is the stage's own of today. Active stages without
    deals are shown unless a dimension or a filter of people, territory, source or industry was chosen.
    """
    field = f"{DIMENSIONS[criteria.by]}_id" if criteria.by else ""
    found = list(summed(user, criteria, "stage_id", *filter(None, [field])).filter(status="open"))
    stages = list(
        Stage.objects.visible_to(user)
        .select_related("pipeline")
        .order_by("pipeline__position", "pipeline__name", "position", "pk")
    )
    names = names_of(criteria.by, (row[field] for row in found), user) if field else {}
    rows, keys = [], []
    for stage in stages:
        for figures in sorted(_of(stage, found, criteria), key=lambda row: -row["total"]):
            rows.append(_row(stage, figures, names.get(figures.get(field)), criteria.by))
            narrower = {DIMENSIONS[criteria.by]: figures[field]} if field else {}
            keys.append(behind(criteria, stage=stage.pk, **narrower))
    columns = _columns(criteria, rows)
    totals = added_up(columns, rows)
    _add_shares(rows, totals)
    return ReportResult(columns, rows, totals, keys, criteria.currency, [_colour(row["percentage"]) for row in rows])


def _of(stage: Stage, found: list[Row], criteria: Criteria) -> list[Row]:
    """The figures of one stage; an empty row for a stage of the chosen pipeline where nothing lies."""
    own = [row for row in found if row["stage_id"] == stage.pk]
    wanted = stage.is_active and stage.pipeline.is_active and criteria.pipeline in (None, stage.pipeline_id)
    if own or criteria.by or not wanted or criteria.stage not in (None, stage.pk):
        return own
    return [{"n": 0, "total": CENT * 0, "expected": CENT * 0}]


def _row(stage: Stage, figures: Row, name: Any, by: str) -> Row:
    split = {by: name} if by else {}
    return {
        "pipeline": stage.pipeline.name, "stage": stage.name, **split, "count": int(figures["n"]),
        "potential": figures["total"].quantize(CENT), "weighted": figures["expected"].quantize(CENT), "percentage": stage.percentage,
    }  # fmt: skip


def _columns(criteria: Criteria, rows: list[Row]) -> list[Column]:
    """The pipeline is named only where there is more than one."""
    several = len({row["pipeline"] for row in rows}) > 1
    first = [Column("pipeline", _("Pipeline"))] if several else []
    split = [Column(criteria.by, DIMENSION_LABELS[criteria.by])] if criteria.by else []
    return [*first, Column("stage", _("Stage")), *split, *FIGURES]


def _add_shares(rows: list[Row], totals: Row) -> None:
    key = "potential" if totals["potential"] else "count"
    for row in rows:
        row["share"] = share(row[key], totals[key])


def _colour(percentage: Any) -> str:
    return f"--s{min(int(percentage) // 10, 9)}"
