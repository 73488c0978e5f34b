"""Forecasts as they were: what was expected of each person when a week began is written once, so that it can be compared with what came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from voronka.analytics import querysets
from voronka.analytics.models import ForecastCorrection, ForecastSnapshot
from voronka.core.models import Company
from voronka.core.periods import Period, period_of
from voronka.opportunities.models import Target

# How far each week's forecast looks: the period that runs and so many after it.
AHEAD: Final = {"month": 3, "quarter": 1}
# Figure of a snapshot -> the column of `querysets.forecast_shares`.
FIGURES: Final = {
    "won": "won",
    "weighted": "weighted",
    "commit": "commit",
    "best": "best",
    "pipeline_amount": "pipeline",
}
Key = tuple[int, int | None, str, date]


def week_of(day: date) -> date:
    """The Monday a day's week begins with."""
    return period_of(day, "week").first


def moment_of(week: date, zone: ZoneInfo) -> datetime:
    """The first moment of a week in the company's time zone: a forecast kept is of that moment."""
    return datetime.combine(week, time.min, zone)


@transaction.atomic
def keep_forecast(week: date) -> int:
    """Keep the forecast as it was when the week that begins on this Monday began; returns how many rows were written, 0 for a week that is kept.

    Two statements read, one writes, however many opportunities. What people put right in the past afterwards leaves it as it is.
    """
    if ForecastSnapshot.objects.filter(week=week).exists():
        return 0
    company = Company.current()
    rows = [_snapshot(week, company.currency, key, figures) for key, figures in _figures(week, company).items()]
    return len(ForecastSnapshot.objects.bulk_create(rows, ignore_conflicts=True))


def periods_from(week: date, year_start: int) -> list[Period]:
    """The months and quarters a week's forecast is about: the one its first day lies in and those AHEAD."""
    found = []
    for kind, ahead in AHEAD.items():
        period = period_of(week, kind, year_start)
        for _step in range(ahead + 1):
            found.append(period)
            period = period_of(period.last + timedelta(days=1), kind, year_start)
    return found


def _figures(week: date, company: Company) -> dict[Key, dict[str, Any]]:
    """The figures of a week by person, pipeline and period; targets and words of the head stand without a pipeline."""
    moment = moment_of(week, ZoneInfo(company.time_zone))
    periods = periods_from(week, company.fiscal_year_start)
    found: dict[Key, dict[str, Any]] = {}
    shares = querysets.forecast_shares(moment, ZoneInfo(company.time_zone), max(one.last for one in periods))
    for period in periods:
        for share in shares:
            if period.first <= share["month"] <= period.last:
                key = share["owner_id"], share["pipeline_id"], period.kind, period.first
                kept = found.setdefault(key, dict.fromkeys(FIGURES, Decimal(0)))
                for name, column in FIGURES.items():
                    kept[name] += share[column]
    for key, name, amount in (*_targets(periods), *_words(periods, moment)):
        found.setdefault(key, {})[name] = amount
    return found


def _targets(periods: Iterable[Period]) -> Iterator[tuple[Key, str, Decimal]]:
    rows = Target.objects.filter(person__isnull=False, first__in=[one.first for one in periods])
    wanted = {(one.kind, one.first) for one in periods}
    for person, kind, first, amount in rows.values_list("person_id", "kind", "first", "amount"):
        if (kind, first) in wanted:
            yield (person, None, kind, first), "target", amount


def _words(periods: Iterable[Period], moment: datetime) -> Iterator[tuple[Key, str, Decimal]]:
    """What heads expected at the moment."""
    for one in ForecastCorrection.objects.filter(first__in=[one.first for one in periods]).standing(moment):
        if one.amount is not None:
            yield (one.owner_id, None, one.kind, one.first), "corrected", one.amount


def _snapshot(week: date, currency: str, key: Key, figures: dict[str, Any]) -> ForecastSnapshot:
    owner, pipeline, kind, first = key
    return ForecastSnapshot(
        week=week, owner_id=owner, pipeline_id=pipeline, kind=kind, first=first, currency=currency, **figures
    )
