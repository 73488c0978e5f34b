"""Opportunities: all that fit the criteria, as they are or as they were at a moment."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import COMMON, DEAL_COLUMNS, Measure, ReportResult, listed, report

AMOUNTS = (
    Measure("potential", _("Potential"), ("potential",)),
    Measure("weighted", _("Weighted"), ("weighted",)),
    Measure("count", _("Count"), ("count",)),
)


@report(
    "opportunities",
    title=_("Opportunities"),
    about=_("The list of opportunities as they are, or as they were at any moment."),
    measures=AMOUNTS,
    dimensions=COMMON,
    asks=("as_of", "status", "category", "dates", "group", "filters", "ranges"),
    order=45,
)
def opportunities(user: User, criteria: Criteria) -> ReportResult:
    """One row per opportunity with amount and percentage of its stage then; totals over all of them.

    Every figure of the other reports that counts opportunities opens this list. `from` and `to` limit the day of closing (predicted while
    open), or of opening or the predicted one where `dated` says so.
    """
    return listed(user, criteria, list(DEAL_COLUMNS))
