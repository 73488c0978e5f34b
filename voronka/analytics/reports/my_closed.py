"""My closed opportunities."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import COMMON, DEAL_COLUMNS, ReportResult, listed, report
from voronka.analytics.reports.opportunities import AMOUNTS


@report(
    "my-closed",
    title=_("My closed opportunities"),
    about=_("What I won and what I lost."),
    measures=AMOUNTS,
    dimensions=[name for name in COMMON if name != "salesperson"],
    by="status",
    asks=("as_of", "dates", "group", "filters", "ranges"),
    order=105,
)
def my_closed(user: User, criteria: Criteria) -> ReportResult:
    """The person's own won and lost opportunities, as of a past moment those they answered for then."""
    keys = [key for key in DEAL_COLUMNS if key not in ("salesperson", "level")]
    own = replace(criteria, status="closed", owner=user.pk or -1)
    return listed(user, own, keys, shown=("closed_on", "days", "reason"))
