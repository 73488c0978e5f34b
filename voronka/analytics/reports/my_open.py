"""My open opportunities."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import COMMON, DEAL_COLUMNS, ReportResult, listed, report
from voronka.analytics.reports.opportunities import AMOUNTS


@report(
    "my-open",
    title=_("My open opportunities"),
    about=_("What I answer for, by stage."),
    measures=AMOUNTS,
    dimensions=[name for name in COMMON if name not in ("salesperson", "status", "reason")],
    by="stage",
    order=100,
)
def my_open(user: User, criteria: Criteria) -> ReportResult:
    """The person's own open opportunities, as of a past moment those they answered for then, by stage at first."""
    keys = [key for key in DEAL_COLUMNS if key not in ("salesperson", "status", "reason", "closed_on")]
    return listed(user, replace(criteria, status="open", owner=user.pk or -1), keys, shown=("days", "last_activity"))
