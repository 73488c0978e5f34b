"""Forecast over time: what is expected and what came, by month, quarter or year."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import (
    CENT,
    COMMON,
    PERIOD_LABELS,
    Column,
    Measure,
    ReportResult,
    Row,
    added_up,
    figures,
    grouped,
    report,
)
from voronka.analytics.rules import MOST_PERIODS
from voronka.core.errors import RuleBroken
from voronka.core.periods import Period, period_of, periods_between

FIGURES = (
    Column("open_amount", _("Open, potential"), "money", "open"),
    Column("weighted", _("Open, weighted"), "money", "open"),
    Column("won_amount", _("Won, amount"), "money", "won"),
    Column("lost_amount", _("Lost, amount"), "money", "lost"),
    Column("open", pgettext_lazy("number of opportunities", "Open"), "count", "open"),
    Column("won", pgettext_lazy("number of opportunities", "Won"), "count", "won"),
    Column("lost", pgettext_lazy("number of opportunities", "Lost"), "count", "lost"),
    Column("closed", pgettext_lazy("number of opportunities", "Closed"), "count", "closed"),
)
MEASURES = (
    Measure(
        "money",
        _("Money"),
        ("won_amount", "weighted", "lost_amount"),
        ("--v-good", "--c0", "--v-bad"),
        ("expected", "expected", ""),
    ),
    Measure("potential", _("Open, potential"), ("open_amount",), ("--c0",)),
    Measure("count", _("Count"), ("won", "open", "lost"), ("--v-good", "--c0", "--v-bad"), ("all", "all", "all")),
)
MOST_GAPS: Final = 120  # periods without a deal are shown unless the data reach further than this


@report(
    "forecast-over-time",
    title=_("Forecast over time"),
    about=_("Open opportunities by predicted closing, won and lost ones by the day they were closed."),
    charts=("bars", "lines"),
    measures=MEASURES,
    dimensions=[name for name in COMMON if name not in (*PERIOD_LABELS, "status", "reason")],
    asks=("as_of", "period", "dates", "group", "filters", "ranges"),
    over_time=True,
    order=20,
)
def forecast_over_time(user: User, criteria: Criteria) -> ReportResult:
    """Amounts and counts by month, quarter or year of the fiscal year, by week or day; with a dimension, one row per period and value.

    An open opportunity stands in the period of its predicted closing, a won or lost one in that of its actual closing (as of a past
    moment: the day its closing state began, in the company's time zone). Amounts are in the company's currency; weighted is
    each deal's potential × percentage / 100, rounded half up to the cent, then added. `from` and `to` are widened to whole periods;
    without them every period from the first to the last with a deal is shown.
    """
    within = _limits(criteria)
    grouping, cells = grouped(user, criteria.without_dates(), (criteria.unit, criteria.by, criteria.then), within)
    rows, keys = [], []
    for period in _periods(criteria, [key[0] for key in cells]):
        own = sorted((key for key in cells if key[0] == period.first), key=grouping.order)
        for key in own or ([(period.first,)] if len(grouping.dimensions) == 1 else []):
            words = grouping.words(key)
            rows.append({"period": words.pop(criteria.unit)} | words | _figures(cells.get(key, {})))
            keys.append(grouping.behind(key))
    columns = [Column("period", _("Period"), "period", group=True), *grouping.columns[1:], *FIGURES]
    return ReportResult(columns, rows, added_up(columns, rows), keys, criteria.currency)


def _limits(criteria: Criteria) -> tuple[date, date]:
    """The days asked for, widened to whole periods."""
    kind, start = criteria.unit, criteria.year_start
    first = period_of(criteria.first, kind, start).first if criteria.first else date.min
    return first, period_of(criteria.last, kind, start).last if criteria.last else date.max


def _periods(criteria: Criteria, filled: list[date]) -> list[Period]:
    """The periods to show, in order. Raises RuleBroken when more were asked for than anybody can read."""
    kind, start = criteria.unit, criteria.year_start
    first, last = criteria.first or min(filled, default=None), criteria.last or max(filled, default=None)
    if first is None or last is None or first > last:
        return []
    days, length = (last - first).days, {"day": 1, "week": 7, "month": 30}.get(kind, 90)
    asked = criteria.first is not None and criteria.last is not None
    if asked and kind in ("day", "week", "month") and days > MOST_PERIODS * length:
        raise RuleBroken(
            gettext("These are too many periods. Choose longer ones, or days nearer to each other."),
            code="too_many",
            field="from",
        )
    if not asked and days > MOST_GAPS * length:
        return [period_of(day, kind, start) for day in sorted(set(filled))]
    return periods_between(first, last, kind, start)


def _figures(cell: dict[str, Row]) -> Row:
    is_open, won, lost = figures(cell)
    return {
        "open_amount": is_open["total"].quantize(CENT), "weighted": is_open["expected"].quantize(CENT),
        "won_amount": won["total"].quantize(CENT), "lost_amount": lost["total"].quantize(CENT),
        "open": int(is_open["n"]), "won": int(won["n"]), "lost": int(lost["n"]), "closed": int(won["n"] + lost["n"]),
    }  # fmt: skip
