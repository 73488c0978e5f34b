"""The bridge: why the pipeline of one moment became that of another, deal by deal and to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics import querysets
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import (
    CENT,
    COMMON,
    PERIOD_LABELS,
    Column,
    Grouping,
    Measure,
    ReportResult,
    Row,
    Shown,
    added_up,
    behind,
    report,
)
from voronka.analytics.rules import MOVES, OUTWARDS
from voronka.core.errors import RuleBroken
from voronka.core.periods import end_of_day
from voronka.opportunities.models import Opportunity, Stage

FIGURES = (
    Column("deals", _("Opportunities"), "count", "any"),
    Column("count", _("Change of the number"), "count"),
    Column("potential", _("Potential"), "money", "any"),
    Column("weighted", _("Weighted"), "money", "any"),
)
MEASURES = (
    Measure("potential", _("Potential"), ("potential",)),
    Measure("weighted", _("Weighted"), ("weighted",)),
    Measure("count", _("Count"), ("count",)),
)
NAMES: Final = {
    "start": _("At the beginning"), "new": pgettext_lazy("bridge", "New"), "reopened": _("Reopened"), "grown": _("Grown"), "shrunk": _("Shrunk"),
    "won": pgettext_lazy("bridge", "Won"), "lost": pgettext_lazy("bridge", "Lost"), "moved-in": _("Moved in"), "moved-out": _("Moved out"), "end": _("At the end"),
}  # fmt: skip
_COLOURS: Final = {"start": "--c0", "end": "--c0"} | {
    name: "--v-bad" if name in OUTWARDS and name != "won" else "--v-good" for name in MOVES
}


@report(
    "bridge",
    title=_("Bridge"),
    about=_("Why the pipeline of one day became that of another: new, grown, won, lost, moved."),
    measures=MEASURES,
    dimensions=[name for name in COMMON if name not in (*PERIOD_LABELS, "status", "reason")],
    charts=("waterfall",),
    asks=("bridge", "category", "group", "filters", "ranges"),
    over_time=True,
    order=30,
)
def bridge(user: User, criteria: Criteria) -> ReportResult:
    """The open pipeline at the end of the day `from` (of last month, if not given), what happened until `as_of` (now), and the pipeline then.

    at the beginning + new + reopened + grown - shrunk - won - lost + moved in - moved out = at the end, exactly, in number, potential and weighted,
    for every filter and every value of a dimension. A deal is in the pipeline while it is open and fits the filter within the person's reach. New:
    it did not exist. Reopened: it was closed. Moved in or out: it was or is outside the filter, another's, or in the bin. A `category` of the
    forecast is asked of open deals alone: what left it by being won was won. Grown and shrunk are asked of potential and weighted apart: a deal may
    have grown in one and shrunk in the other; `deals` says how many did either. What was both opened and closed in between is in neither pipeline
    and not counted. With `move` the deals of one step are listed.
    """
    asked = _asked(criteria)
    if criteria.move:
        return _moved(user, asked)
    grouping = Grouping(user, asked, list(dict.fromkeys(filter(None, (criteria.by, criteria.then)))))
    found = querysets.bridge(user, asked, _start(asked), grouping.sql_columns)
    cells = _cells(grouping, found)
    grouping.read_names(key for _step, key in cells)
    rows, keys = [], []
    for step in NAMES:
        own = sorted((key for name, key in cells if name == step), key=grouping.order)
        for key in own or ([()] if not grouping.dimensions else []):
            figures = cells.get((step, key), _nothing())
            rows.append({"step": Shown(step, str(NAMES[step]))} | grouping.words(key) | figures)
            keys.append(_behind(asked, grouping, step, key))
    columns = [Column("step", _("Step"), group=True), *grouping.columns, *FIGURES]
    totals = added_up(columns, [row for row in rows if row["step"].value == "end"])
    return ReportResult(
        columns, rows, totals, keys, criteria.currency, [_COLOURS[row["step"].value] for row in rows],
        extra={"from": asked.first.isoformat() if asked.first else None},
    )  # fmt: skip


def _asked(criteria: Criteria) -> Criteria:
    """The criteria with both moments; only ranges that hold of a state at any moment are kept."""
    today = timezone.localdate(criteria.moment or timezone.now(), criteria.zone)
    first = criteria.first or today.replace(day=1) - timedelta(days=1)
    end = criteria.moment or timezone.now()
    if end_of_day(first, criteria.zone) > end:
        raise RuleBroken(gettext("The bridge must begin before it ends."), code="bad_from", field="from")
    return replace(criteria.of_any_time(), first=first, last=None, moment=end, status="", visited=None)


def _start(criteria: Criteria) -> datetime:
    return end_of_day(criteria.first or date.min, criteria.zone)


def _nothing() -> Row:
    return {"deals": 0, "count": 0, "potential": Decimal("0.00"), "weighted": Decimal("0.00")}


def _cells(grouping: Grouping, found: list[Row]) -> dict[tuple[str, tuple[Any, ...]], Row]:
    """(step, values of the dimensions) -> figures, outward steps negative."""
    cells: dict[tuple[str, tuple[Any, ...]], Row] = {}
    for row in found:
        cell = cells.setdefault((row["step"], grouping.key(row)), _nothing())
        sign = -1 if row["step"] in OUTWARDS else 1
        cell["deals"] += row["n"]
        cell["count"] += 0 if row["step"] in ("grown", "shrunk") else sign * row["n"]
        cell["potential"] += sign * row["potential"].quantize(CENT)
        cell["weighted"] += sign * row["weighted"].quantize(CENT)
    return cells


def _behind(criteria: Criteria, grouping: Grouping, step: str, key: tuple[Any, ...]) -> Row:
    """The deals of a step: the open ones of a moment, or those that moved."""
    own = grouping.behind(key) if key else behind(criteria)
    own = {name: value for name, value in own.items() if name not in ("from", "to")}
    day = criteria.first.isoformat() if criteria.first else ""
    if step == "start":
        return own | {"as_of": day, "status": "open"}
    return own | ({"status": "open"} if step == "end" else {"from": day, "move": step, "report": "bridge"})


MOVED = (
    Column("number", _("No."), "deal"),
    Column("name", _("Opportunity"), "deal"),
    Column("partner", _("Partner"), "partner"),
    Column("stage_before", _("Stage at the beginning")),
    Column("stage_after", _("Stage at the end")),
    Column("before", _("Potential at the beginning"), "money"),
    Column("after", _("Potential at the end"), "money"),
    Column("potential", _("Change of potential"), "money"),
    Column("weighted", _("Change of weighted"), "money"),
)


def _moved(user: User, criteria: Criteria) -> ReportResult:
    """The deals of one step, the largest change first; of those outside the person's reach today the number and figures alone."""
    found = querysets.bridge_deals(user, criteria, _start(criteria), criteria.move)
    shown = found[: criteria.most] if criteria.most else found
    deals = Opportunity.objects.visible_to(user).filter(pk__in=[row["opportunity_id"] for row in shown])
    names = {row[0]: row for row in deals.values_list("pk", "name", "partner_id", "partner__name")}
    stages = dict(Stage.objects.visible_to(user).values_list("pk", "name"))
    sign = -1 if criteria.move in OUTWARDS else 1
    rows = [_line(row, names.get(row["opportunity_id"]), stages, sign) for row in shown]
    every = [_figures(row, sign) for row in found]
    totals = added_up(MOVED, every) | {"count": len(found)}
    return ReportResult(MOVED, rows, totals, currency=criteria.currency, number=len(found))


def _figures(row: Row, sign: int) -> Row:
    return {
        "before": (row["before"] or Decimal(0)).quantize(CENT), "after": (row["after"] or Decimal(0)).quantize(CENT),
        "potential": sign * row["potential"].quantize(CENT), "weighted": sign * row["weighted"].quantize(CENT),
    }  # fmt: skip


def _line(row: Row, deal: Any, stages: dict[int, str], sign: int) -> Row:
    key = row["opportunity_id"]
    name = (deal[1] or f"№ {key}") if deal else gettext("now with somebody else")
    return _figures(row, sign) | {
        "pk": key, "number": key, "name": name, "partner": deal[3] if deal else None, "partner_pk": deal[2] if deal else None, "seen": bool(deal),
        "stage_before": stages.get(row["stage_before"]), "stage_after": stages.get(row["stage_after"]),
    }  # fmt: skip
