"""Activities overview: who was in contact with whom, when and about what."""

from __future__ import annotations

from django.db.models import F, Value
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.activities.models import Activity
from voronka.analytics import querysets
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import PERIOD_LABELS, Column, Measure, ReportResult, below_groups, report

COLUMNS = (
    Column("when", _("When"), "day", path="happened_at"),
    Column("kind", _("Kind"), path="kind", words=tuple(Activity.Kind.choices)),
    Column("salesperson", _("Salesperson"), path="owner__name"),
    Column("partner", _("Partner"), "partner", path="partner__name"),
    Column("opportunity", _("Opportunity"), path="opportunity__name"),
    Column("text", _("Text"), path="text"),
)


@report(
    "activities",
    title=_("Activities"),
    about=_("Who was in contact with whom, when and about what."),
    measures=(Measure("count", _("Count"), ("count",)),),
    dimensions=("salesperson", "partner", *PERIOD_LABELS),
    by="salesperson",
    charts=("bars", "pie", "lines"),
    asks=("as_of", "dates", "group", "partners", "partner"),
    drill="activities",
    order=110,
)
def activities(user: User, criteria: Criteria) -> ReportResult:
    """Activities that happened between `from` and `to`, and not after the moment asked for, the latest first, by who did them.

    Those of the partners the person sees today; what was deleted since is not told.
    """
    rows = querysets.activities(user, criteria)
    told = rows.annotate(seen=Value(True), partner_pk=F("partner_id")).order_by("-happened_at", "-pk")
    return below_groups(user, querysets.of_today(criteria), COLUMNS, rows, told, {})
