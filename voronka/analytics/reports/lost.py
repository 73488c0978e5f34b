"""Lost opportunities: where, why and after what."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import COMMON, DEAL_COLUMNS, Measure, ReportResult, listed, report

MEASURES = (
    Measure("potential", _("Lost, amount"), ("potential",), ("--v-bad",)),
    Measure("count", _("Count"), ("count",), ("--v-bad",)),
)


@report(
    "lost",
    title=_("Lost opportunities"),
    about=_("In which stage and why they were lost, and how much was done about them before."),
    measures=MEASURES,
    dimensions=[name for name in COMMON if name != "status"],
    by="reason",
    asks=("as_of", "dates", "group", "filters", "ranges"),
    order=90,
)
def lost(user: User, criteria: Criteria) -> ReportResult:
    """Lost opportunities with reasons, last stage, closing comment, number of activities and the last of them.

    Activities are those until the moment asked for; reasons are those of the latest closing. Days in pipeline = closing day − opening day.
    """
    keys = [key for key in DEAL_COLUMNS if key not in ("status", "level", "channel")]
    shown = ("reason", "comment", "activities", "last_activity", "closed_on", "days")
    result = listed(user, replace(criteria, status="lost"), keys, shown=shown)
    usual = [
        key for key in ("number", "name", "partner", "salesperson", "stage", "potential", *shown) if key != criteria.by
    ]
    return result if criteria.columns else result.with_columns(",".join(["count", *usual]))
