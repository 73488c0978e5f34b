"""What this month will bring: committed, best case, computed, and what the head says."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from voronka.analytics import querysets
from voronka.analytics.models import ForecastCorrection
from voronka.analytics.tables import Row, forecast_lines, forecast_total
from voronka.analytics.tiles import Viewer, tile
from voronka.opportunities.models import Target


@tile(
    "forecast",
    title=_("Forecast of the month"),
    about=_("Won, committed, best case, the computed figure and the head's word."),
    permission="analytics.view",
    order=56,
)
def forecast(viewer: Viewer) -> Row:
    user, month = viewer.user, viewer.month
    rows = querysets.forecast_by_person(user, month)
    words = list(ForecastCorrection.objects.visible_to(user).of_period("month", month.first).standing())
    targets = dict(
        Target.objects.visible_to(user)
        .filter(kind="month", first=month.first, person__isnull=False)
        .values_list("person_id", "amount")
    )
    total = forecast_total(forecast_lines({}, rows, words, targets))
    return {
        "total": total,
        "is_corrected": any(one.amount is not None for one in words),
        "more": f"{reverse('analytics:forecast')}?kind=month&day={month.first}",
        "month": month.first,
    }
