"""Forecast over time: what is expected and what came, by month, quarter or year."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.querysets import summed
from voronka.analytics.reports import (
    DIMENSION_LABELS,
    Column,
    Measure,
    ReportResult,
    Row,
    Shown,
    added_up,
    behind,
    names_of,
    report,
)
from voronka.analytics.rules import DIMENSIONS, MOST_PERIODS
from voronka.core.errors import RuleBroken
from voronka.core.periods import Period, fiscal_year, period_of, periods_between

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
    chart="bars",
    measures=MEASURES,
    dimensions=tuple(DIMENSIONS),
    over_time=True,
)
def forecast_over_time(user: User, criteria: Criteria) -> ReportResult:
    """Amounts and counts by month, quarter or year of the fiscal year; with a dimension, one row per period and value.

    An open opportunity stands in the period of its predicted closing, a won or lost one in that of its actual closing (as of a past
    moment: the day its closing state began, in the company's time zone). Amounts are in the company's currency; weighted is
    each deal's potential × percentage / 100, rounded half up to the cent, then added. `from` and `to` are widened to whole periods;
    without them every period from the first to the last with a deal is shown.
    """
    field = f"{DIMENSIONS[criteria.by]}_id" if criteria.by else ""
    found = list(summed(user, criteria, "month", "status", *filter(None, [field])))
    cells = _cells(found, field, criteria)
    names = names_of(criteria.by, {key for _first, key in cells}, user) if field else {}
    rows, keys = [], []
    for period in _periods(criteria, [first for first, _key in cells]):
        values = (
            sorted((key for first, key in cells if first == period.first), key=lambda key: names.get(key) or "")
            if field
            else [None]
        )
        for key in values:
            split = {criteria.by: names.get(key)} if field else {}
            rows.append(
                {"period": Shown(period.first, period_words(period))} | split | _figures(cells[period.first, key])
            )
            narrower = {DIMENSIONS[criteria.by]: key} if field else {}
            keys.append(
                behind(criteria, **narrower, **{"from": period.first.isoformat(), "to": period.last.isoformat()})
            )
    split_by = [Column(criteria.by, DIMENSION_LABELS[criteria.by])] if criteria.by else []
    columns = [Column("period", _("Period"), "period"), *split_by, *FIGURES]
    return ReportResult(columns, rows, added_up(columns, rows), keys, criteria.currency)


Cells = dict[tuple[date, Any], dict[str, Row]]


def _cells(found: list[Row], field: str, criteria: Criteria) -> Cells:
    """(first day of the period, dimension) -> status -> figures, within the days asked for."""
    cells: Cells = defaultdict(dict)
    first, last = _limits(criteria)
    for row in found:
        if not first <= row["month"] <= last:
            continue
        period = period_of(row["month"], criteria.period, criteria.year_start)
        kept = cells[period.first, row[field] if field else None].setdefault(
            row["status"], {"n": 0, "total": Decimal(0), "expected": Decimal(0)}
        )
        for name in kept:
            kept[name] += row[name]
    return cells


def _limits(criteria: Criteria) -> tuple[date, date]:
    """The days asked for, widened to whole periods."""
    kind, start = criteria.period, criteria.year_start
    first = period_of(criteria.first, kind, start).first if criteria.first else date.min
    return first, period_of(criteria.last, kind, start).last if criteria.last else date.max


def _periods(criteria: Criteria, filled: list[date]) -> list[Period]:
    """The periods to show, in order. Raises RuleBroken when more were asked for than anybody can read."""
    kind, start = criteria.period, criteria.year_start
    first, last = criteria.first or min(filled, default=None), criteria.last or max(filled, default=None)
    if first is None or last is None or first > last:
        return []
    days = (last - first).days
    asked = criteria.first is not None and criteria.last is not None
    if asked and kind == "month" and days > MOST_PERIODS * 30:
        raise RuleBroken(
            gettext("These are too many months. Choose quarters or years, or days nearer to each other."),
            code="too_many",
            field="from",
        )
    if not asked and days > MOST_GAPS * 30:
        return [period_of(day, kind, start) for day in sorted(set(filled))]
    return periods_between(first, last, kind, start)


def _figures(cell: dict[str, Row]) -> Row:
    nothing: Row = {"n": 0, "total": Decimal(0), "expected": Decimal(0)}
    is_open, won, lost = (cell.get(status, nothing) for status in ("open", "won", "lost"))
    cent = Decimal("0.01")
    return {
        "open_amount": is_open["total"].quantize(cent), "weighted": is_open["expected"].quantize(cent),
        "won_amount": won["total"].quantize(cent), "lost_amount": lost["total"].quantize(cent),
        "open": int(is_open["n"]), "won": int(won["n"]), "lost": int(lost["n"]), "closed": int(won["n"] + lost["n"]),
    }  # fmt: skip


def period_words(period: Period) -> str:
    """ "March 2026", "Q1 2026", "2026"; a fiscal year that is no calendar year is named by both its years."""
    if period.kind == "month":
        return date_format(period.first, "F Y")
    year_start = (
        period.first.month if period.kind == "year" else (period.first.month - 3 * (period.number - 1) - 1) % 12 + 1
    )
    begins, ends = fiscal_year(period.first, year_start)
    year = str(begins) if begins == ends else f"{begins}/{ends % 100:02d}"
    return year if period.kind == "year" else gettext("Q%(number)s %(year)s") % {"number": period.number, "year": year}
