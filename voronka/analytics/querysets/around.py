"""What is told of partners and activities beside opportunities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, TruncDate, TruncMonth
from django.utils import timezone

from voronka.activities.models import Activity
from voronka.analytics.querysets.fitting import DATE, tagged
from voronka.opportunities.models import OpportunityState
from voronka.partners.models import Partner

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.analytics.forms import Criteria

# What partners have like opportunities.
_OF_PARTNERS: Final = ("owner", "territory", "source", "industry")


def leads_by_day(user: User, criteria: Criteria, columns: Sequence[str]) -> list[dict[str, Any]]:
    """How many partners, vendors left out, were entered on a day (company's zone) by columns, and how many of them are customers then."""
    moment = criteria.moment or timezone.now()
    rows = _partners(user, criteria).exclude(kind="vendor").filter(created_at__lte=moment)
    by_day = rows.annotate(day=TruncDate("created_at", tzinfo=criteria.zone)).order_by().values("day", *columns)
    became = Count("pk", filter=Q(became_customer_at__lte=moment))
    return list(by_day.annotate(leads=Count("pk"), customers=became))


def _partners(user: User, criteria: Criteria) -> Any:
    """The partners within the person's reach, as they are today, that fit what the criteria ask of partners."""
    own = {name: value for name, value in criteria.filters().items() if name.split("__")[0] in _OF_PARTNERS}
    own |= {
        "pk" if name == "partner" else name.removeprefix("partner__"): value
        for name, value in criteria.further().items()
        if name.startswith("partner")
    }
    return Partner.objects.visible_to(user).filter(tagged(criteria, OuterRef("pk")), **own)


def inactive(user: User, criteria: Criteria, moment: datetime, since: datetime) -> QuerySet[Any]:
    """Partners known before `since` with whom nothing happened from then to the moment; with `last_contact`."""
    if criteria.moment is None:
        return _partners(user, criteria).inactive(since).with_last_contact()
    contacts = Activity.objects.alive().happened().filter(partner=OuterRef("pk"), happened_at__lte=moment)
    deals = OpportunityState.objects.at(moment).filter(opportunity__partner=OuterRef("pk"))
    lively = deals.filter(
        Q(status="open") | Q(since__gte=since) | Q(opportunity__opened_on__gte=since.astimezone(criteria.zone).date())
    )
    latest = contacts.order_by("-happened_at").values("happened_at")[:1]
    rows = _partners(user, criteria).filter(created_at__lt=since)
    return rows.filter(~Exists(contacts.filter(happened_at__gte=since)), ~Exists(lively)).annotate(
        last_contact=Subquery(latest)
    )


def activities(user: User, criteria: Criteria) -> QuerySet[Activity]:
    """What happened until the criteria's moment between its days, with `day` and `month` in the company's zone. What is asked of its partner is
    told of partners within the person's reach alone.
    """
    rows = Activity.objects.visible_to(user).happened().filter(happened_at__lte=criteria.moment or timezone.now())
    own = {name: getattr(criteria, name) for name in ("owner", "partner")}
    rows = rows.filter(**{name: value for name, value in own.items() if value is not None})
    if criteria.asks_partners:
        rows = rows.filter(partner__in=_partners(user, replace(criteria, owner=None, partner=None)))
    rows = rows.annotate(
        day=TruncDate("happened_at", tzinfo=criteria.zone),
        month=Cast(TruncMonth("happened_at", tzinfo=criteria.zone), DATE),
    )
    within = {"day__gte": criteria.first, "day__lte": criteria.last}
    return rows.filter(**{name: day for name, day in within.items() if day})
