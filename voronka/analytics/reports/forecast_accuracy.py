"""Forecast accuracy: what was expected some weeks before a period ended, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.history import moment_of, week_of
from voronka.analytics.models import ForecastSnapshot
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
from voronka.analytics.rules import WEEKS_BEFORE
from voronka.core.errors import RuleBroken
from voronka.core.periods import Period, period_of, periods_between

KINDS: Final = ("month", "quarter")
FIGURES: Final = (
    Column("target", _("Target"), "money", shown=False),
    Column("won_then", _("Won by then"), "money", "won", then=True, shown=False),
    Column("weighted", _("Open then, weighted"), "money", "open", then=True, shown=False),
    Column("commit", _("Commit"), "money", "open", then=True, asks=(("category", "commit"),)),
    Column("best", _("Best case"), "money", "open", then=True, asks=(("category", "best"),)),
    Column("forecast", _("Forecast"), "money"),
    Column("corrected", _("With the head's word"), "money"),
    Column("won_amount", _("What came"), "money", "won"),
    Column("error", _("Error"), "money"),
    Column("bias", _("Bias, %"), "percent", of=("error", "won_amount")),
    Column("missed", _("Missed by"), "money", shown=False),
    Column("miss", _("Missed by, %"), "percent", of=("missed", "won_amount")),
    Column("head_error", _("Error of the head's word"), "money", shown=False),
)
MEASURES: Final = (
    Measure("money", _("Forecast and what came"), ("forecast", "won_amount"), ("--c0", "--v-good")),
    Measure("head", _("The head's word and what came"), ("corrected", "won_amount"), ("--c1", "--v-good")),
    Measure("error", _("Error"), ("error",), ("--c1",)),
    Measure("bias", _("Bias, %"), ("bias",), ("--c1",)),
)
SUMS: Final = ("target", "won_then", "weighted", "commit", "best", "forecast", "corrected", "won_amount", "error", "missed", "head_error")  # fmt: skip


@report(
    "forecast-accuracy",
    title=_("Forecast accuracy"),
    about=_("What was expected some weeks before a month or quarter ended, and what came, by person."),
    measures=MEASURES,
    dimensions=("salesperson", "pipeline"),
    charts=("bars", "lines"),
    asks=("as_of", "period", "weeks", "dates", "group", "people"),
    periods=KINDS,
    over_time=True,
    order=24,
)
def forecast_accuracy(user: User, criteria: Criteria) -> ReportResult:
    """By month or quarter that has ended, and by person or pipeline: the forecast kept `weeks` weeks before its end, and what was won in it.

    Forecast = won by then + weighted amount of what was open then and predicted to close in the period (`ForecastSnapshot`), of the Monday on or
    before the day that lies so many weeks before the day after the period; a period whose week was not kept is left out. With the head's word: the correction
    that counted then instead of the forecast of that person, where there was one; by pipeline there is none. Error = forecast - what came; bias
    = error / what came × 100: above 0 too much was promised. Missed by = |error| of each person (by pipeline: of each person in it), added:
    errors of two people do not make up for each other. Both are rounded half up to one place, and empty where nothing came. What
    came counts for who answers for the deal now (as of a past moment: then). `from` and `to` are widened to whole periods. Forecasts are kept by
    person and pipeline: nothing else is asked of them, nor of what came.
    """
    criteria = criteria.only("owner", "pipeline")
    kind = criteria.unit
    if kind not in KINDS:
        raise RuleBroken(gettext("Forecasts are kept for months and quarters."), code="bad_period", field="period")
    periods = _ended(criteria)
    kept = _kept(user, criteria, periods)
    by_pipeline = "pipeline" in (criteria.by, criteria.then) or criteria.pipeline is not None
    base = [kind, "salesperson", *(["pipeline"] if by_pipeline else [])]
    limits = (min(periods, default=date.max), max((one.last for one in periods.values()), default=date.min))
    asked = replace(criteria.without_dates(), status="")
    grouping, cells = grouped(user, replace(asked, status="won"), base, limits)
    each = _each(kept, cells, grouping, by_pipeline)
    return _laid_out(user, criteria, base, {key: row for key, row in each.items() if key[0] in kept.weeks}, kept.weeks)


@dataclass(frozen=True)
class Kept:
    """The kept rows of the periods, and the week each period's rows are of."""

    rows: Sequence[ForecastSnapshot]
    weeks: dict[date, date]


def _ended(criteria: Criteria) -> dict[date, Period]:
    """The periods asked for that are over, by their first day."""
    today = timezone.localdate(criteria.moment or timezone.now(), criteria.zone)
    kind, start = criteria.unit, criteria.year_start
    running = period_of(today, kind, start)
    first = criteria.first or running.first - timedelta(days=YEAR)
    last = min(criteria.last or running.first, running.first - timedelta(days=1))
    return {one.first: one for one in periods_between(first, last, kind, start) if one.last < running.first}


YEAR: Final = 366


def _kept(user: User, criteria: Criteria, periods: dict[date, Period]) -> Kept:
    weeks = {first: week_before(period, criteria.weeks or WEEKS_BEFORE) for first, period in periods.items()}
    rows = ForecastSnapshot.objects.visible_to(user).filter(
        kind=criteria.unit, first__in=weeks, week__in=weeks.values()
    )
    rows = rows.filter(owner=criteria.owner) if criteria.owner else rows
    rows = rows.filter(pipeline=criteria.pipeline) if criteria.pipeline else rows
    found = [row for row in rows if row.week == weeks[row.first]]
    return Kept(found, {row.first: row.week for row in found})


def week_before(period: Period, weeks: int) -> date:
    """The Monday on or before the day that lies so many weeks before the day after the period."""
    return week_of(period.last + timedelta(days=1) - timedelta(weeks=weeks))


def _each(kept: Kept, cells: Cells, grouping: Grouping, by_pipeline: bool) -> dict[tuple[Any, ...], Row]:
    """The figures of each person (in each pipeline) in each period."""
    found: dict[tuple[Any, ...], Row] = {}
    words: dict[tuple[Any, ...], Decimal] = {}
    for row in kept.rows:
        key = (row.first, row.owner_id, row.pipeline_id) if by_pipeline else (row.first, row.owner_id)
        if row.pipeline_id is None:
            if by_pipeline:
                continue
            words |= {key: row.corrected} if row.corrected is not None else {}
        mine = found.setdefault(key, dict.fromkeys(SUMS, Decimal("0.00")))
        for name, amount in _of_snapshot(row).items():
            mine[name] += amount
    for key, cell in cells.items():
        if key[0] in kept.weeks:
            _open, won, _lost = figures(cell)
            found.setdefault(key, dict.fromkeys(SUMS, Decimal("0.00")))["won_amount"] = won["total"].quantize(CENT)
    return {key: _judged(row, words.get(key)) for key, row in found.items()}


def _of_snapshot(row: ForecastSnapshot) -> Row:
    return {
        "target": row.target or Decimal(0), "won_then": row.won, "weighted": row.weighted, "commit": row.commit, "best": row.best,
        "forecast": row.won + row.weighted,
    }  # fmt: skip


def _judged(row: Row, word: Decimal | None) -> Row:
    """The figures with the head's word and the errors."""
    corrected = row["forecast"] if word is None else word
    error = row["forecast"] - row["won_amount"]
    return row | {
        "corrected": corrected,
        "error": error,
        "missed": abs(error),
        "head_error": corrected - row["won_amount"],
    }


def _laid_out(
    user: User, criteria: Criteria, base: Sequence[str], each: dict[tuple[Any, ...], Row], weeks: dict[date, date]
) -> ReportResult:
    """The figures added up by the groups asked for."""
    wanted = list(dict.fromkeys([criteria.unit, *filter(None, (criteria.by, criteria.then))]))
    grouping = Grouping(user, replace(criteria.without_dates(), status=""), wanted)
    sums: dict[tuple[Any, ...], Row] = {}
    for key, row in each.items():
        group = tuple(key[base.index(name)] for name in wanted)
        kept = sums.setdefault(group, dict.fromkeys(SUMS, Decimal("0.00")))
        for name in SUMS:
            kept[name] += row[name]
    grouping.read_names(sums)
    rows, behind = [], []
    for key in sorted(sums, key=grouping.order):
        words = grouping.words(key)
        rows.append({"period": words.pop(criteria.unit)} | words | filled(FIGURES, sums[key]))
        then = moment_of(weeks[key[0]], criteria.zone)
        behind.append(grouping.behind(key) | {"then": then.isoformat()})
    columns = [Column("period", _("Period"), "period", group=True), *grouping.columns[1:], *FIGURES]
    return ReportResult(columns, rows, added_up(columns, rows), behind, criteria.currency)
