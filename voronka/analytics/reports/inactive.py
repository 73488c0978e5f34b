"""Inactive partners: nobody was in contact with them and nothing was sold for a while."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics import querysets
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import Column, Measure, ReportResult, below_groups, report
from voronka.analytics.rules import DIMENSIONS, INACTIVE_DAYS
from voronka.partners.models import Partner

COLUMNS = (
    Column("code", _("Code"), path="code"),
    Column("name", _("Partner"), "partner", path="name"),
    Column("kind", _("Kind"), path="kind", words=tuple(Partner.Kind.choices)),
    Column("salesperson", _("Salesperson"), path="owner__name"),
    Column("phone", _("Phone"), path="phone"),
    Column("email", _("E-mail"), path="email"),
    Column("group", _("Partner group"), path="group__name", shown=False),
    Column("territory", _("Territory"), path="territory__name", shown=False),
    Column("source", _("Information source"), path="source__name", shown=False),
    Column("industry", _("Industry"), path="industry__name", shown=False),
    Column("created", _("Known since"), "day", path="created_at"),
    Column("last_contact", _("Last contact"), "day", path="last_contact"),
)


@report(
    "inactive",
    title=_("Inactive partners"),
    about=_("Partners nobody was in contact with and nothing was sold to for a while."),
    measures=(Measure("count", _("Count"), ("count",)),),
    dimensions=("salesperson", "territory", "source", "industry", "group"),
    by="salesperson",
    asks=("as_of", "bucket", "group", "partners"),
    drill="inactive",
    order=120,
)
def inactive(user: User, criteria: Criteria) -> ReportResult:
    """Partners known before, without an activity, an open opportunity or one opened or closed in the last `bucket` days (180), longest silent first.

    As of a past moment the activities and opportunities until then count; of the partners themselves (owner, group, ...) only today's are known.
    """
    moment = criteria.moment or timezone.now()
    rows = querysets.inactive(user, criteria, moment, moment - timedelta(days=criteria.bucket or INACTIVE_DAYS))
    told = rows.annotate(seen=Value(True), partner_pk=F("pk")).order_by(F("last_contact").asc(nulls_first=True), "pk")
    return below_groups(user, querysets.of_today(criteria), COLUMNS, rows, told, {}, DIMENSIONS | {"group": "group_id"})
