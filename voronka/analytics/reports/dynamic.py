"""Dynamic analysis: the pipeline frame by frame, as data to be played."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics import querysets
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import (
    CENT,
    Column,
    Grouping,
    Measure,
    ReportResult,
    Row,
    Shown,
    behind,
    period_words,
    report,
)
from voronka.analytics.rules import DIMENSIONS, MOST_BUBBLES, MOST_FRAMES
from voronka.core.errors import RuleBroken
from voronka.core.periods import end_of_day, period_of, periods_between
from voronka.opportunities.models import Opportunity, Stage

FIGURES = (
    Column("count", _("Count"), "count", "open"),
    Column("potential", _("Potential"), "money", "open"),
    Column("weighted", _("Weighted"), "money", "open"),
)
MEASURES = (
    Measure("potential", _("Potential"), ("potential",)),
    Measure("count", _("Count"), ("count",)),
)
USUAL_DAYS = 90


@report(
    "dynamic",
    title=_("Dynamic analysis"),
    about=_("The pipeline day by day: how deals came, moved, were won and lost."),
    measures=MEASURES,
    dimensions=("salesperson", "source", "territory", "industry", "group"),
    charts=("lines", "bars"),
    asks=("as_of", "period", "dates", "filters", "ranges"),
    over_time=True,
    order=50,
)
def dynamic(user: User, criteria: Criteria) -> ReportResult:
    """Open opportunities by stage at the end of each day, week, month, ... from `from` to `to` (by day the last 90 days, if not given).

    One row per frame and stage with count, potential and weighted; won and lost ones are counted from the first frame on. `extra` holds what the
    playing page draws: `frames` (days) and `bubbles`, of up to 2,000 deals one entry per span with its first frame and the frame it ends before; of
    more, sums by stage and value of `by` (salesperson, if not given) instead, with `is_aggregated`. Deals of others are not told by name.
    """
    days = _frames(criteria)
    moments = [min(end_of_day(day, criteria.zone), criteria.moment or timezone.now()) for day in days]
    grouping = Grouping(user, criteria, [criteria.by or "salesperson"])
    found = querysets.frames(user, criteria, moments, grouping.sql_columns[0])
    rows, keys = _rows(user, criteria, days, found)
    columns = [Column("frame", _("Day"), "period", group=True), Column("stage", _("Stage"), group=True), *FIGURES]
    last = [row for row in rows if row["frame"].value == days[-1] and row["stage_id"] is not None]
    totals = {"count": sum(row["count"] for row in last)} | {
        key: sum((row[key] for row in last), Decimal("0.00")) for key in ("potential", "weighted")
    }
    extra = {"frames": [day.isoformat() for day in days]} | _bubbles(user, criteria, grouping, moments, found)
    return ReportResult(columns, rows, totals, keys, criteria.currency, extra=extra)


def _frames(criteria: Criteria) -> list[date]:
    """The last day of each frame. Raises RuleBroken when there are more than anybody watches."""
    today = timezone.localdate(criteria.moment or timezone.now(), criteria.zone)
    last, kind = min(criteria.last or today, today), criteria.period or "day"
    first = min(criteria.first or last - timedelta(days=USUAL_DAYS), last)
    if (last - first).days / {"day": 1, "week": 7}.get(kind, 28) > MOST_FRAMES:
        raise RuleBroken(
            gettext("These are too many periods. Choose longer ones, or days nearer to each other."),
            code="too_many",
            field="from",
        )
    return [min(period.last, last) for period in periods_between(first, last, kind, criteria.year_start)]


def _rows(user: User, criteria: Criteria, days: list[date], found: list[Row]) -> tuple[list[Row], list[Row]]:
    """The sums of each frame by stage, made from the frames at which spans begin and end."""
    sums: dict[Any, list[list[Any]]] = {}
    for row in found:
        key = row["stage_id"] if row["status"] == "open" else row["status"]
        steps = sums.setdefault(key, [[0, Decimal(0), Decimal(0)] for _day in range(len(days) + 1)])
        for place, sign in ((row["begins"], 1), (row["ends"], -1)):
            for number, name in enumerate(("n", "potential", "weighted")):
                steps[place][number] += sign * row[name]
    stages = Stage.objects.visible_to(user).order_by("pipeline__position", "pipeline__name", "position", "pk")
    names: dict[Any, str] = {**dict(stages.values_list("pk", "name")), "won": gettext("Won"), "lost": gettext("Lost")}
    rows, keys = [], []
    running: dict[Any, list[Any]] = {key: [0, Decimal(0), Decimal(0)] for key in sums}
    for place, day in enumerate(days):
        words = Shown(day, period_words(period_of(day, "day")))
        for key in (key for key in names if key in sums):
            running[key] = [now + step for now, step in zip(running[key], sums[key][place], strict=True)]
            n, potential, weighted = running[key]
            figures = {"count": n, "potential": potential.quantize(CENT), "weighted": weighted.quantize(CENT)}
            rows.append(
                {"frame": words, "stage": names[key], "stage_id": key if isinstance(key, int) else None} | figures
            )
            keys.append(_behind(criteria, day, key))
    return rows, keys


def _behind(criteria: Criteria, day: date, key: Any) -> Row:
    own = {name: value for name, value in behind(criteria).items() if name not in ("from", "to")}
    return own | {"as_of": day.isoformat()} | ({"stage": key} if isinstance(key, int) else {})


def _bubbles(user: User, criteria: Criteria, grouping: Grouping, moments: list[Any], found: list[Row]) -> Row:
    """What the playing page draws."""
    column = DIMENSIONS[grouping.dimensions[0]]
    if querysets.moving(user, criteria, moments) > MOST_BUBBLES:
        grouping.read_names({(row[column],) for row in found})
        bubbles = [
            {
                "stage": row["stage_id"], "status": row["status"], "value": grouping.words((row[column],))[grouping.dimensions[0]],
                "begins": row["begins"], "ends": row["ends"], "count": row["n"], "potential": str(row["potential"]),
            }
            for row in found
        ]  # fmt: skip
        return {"is_aggregated": True, "bubbles": bubbles}
    tracks = querysets.tracks(user, criteria, moments, column)
    grouping.read_names({(row[column],) for row in tracks})
    deals = Opportunity.objects.visible_to(user).filter(pk__in={row["opportunity_id"] for row in tracks})
    names = dict(deals.values_list("pk", "name"))
    bubbles = [
        {
            "opportunity": row["opportunity_id"], "name": names.get(row["opportunity_id"], "") or f"№ {row['opportunity_id']}",
            "stage": row["stage_id"], "status": row["status"], "value": grouping.words((row[column],))[grouping.dimensions[0]],
            "begins": row["begins"], "ends": row["ends"], "potential": str(row["potential"]),
        }
        for row in tracks
    ]  # fmt: skip
    return {"is_aggregated": False, "bubbles": bubbles}
