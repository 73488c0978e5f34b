"""What tiles and the forecast by person ask of today."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce, TruncDate

from voronka.analytics.querysets.fitting import DATE, Figures, Month, smallest_tally
from voronka.opportunities.models import Forecast, Opportunity, OpportunityState, OwnerTally
from voronka.opportunities.querysets import in_forecast
from voronka.partners.models import Partner

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.core.periods import Period

QUARTER_DAYS: Final = 92


def closing_soon(user: User, first: date, last: date) -> QuerySet[Opportunity]:
    """Open deals predicted to close between two days, the earliest first."""
    rows = Opportunity.objects.visible_to(user).open().closing_between(first, last)
    return rows.select_related("partner", "stage", "owner").order_by("predicted_close_on", "pk")


def silent(user: User, since: datetime) -> QuerySet[Opportunity]:
    """Open deals without a word and without a move since then, the largest first."""
    rows = Opportunity.objects.visible_to(user).silent_since(since)
    return rows.select_related("partner", "stage", "owner").order_by("-potential_company", "-pk")


def without_next_step(user: User) -> QuerySet[Opportunity]:
    """Open deals nobody has planned anything for, the largest first."""
    rows = Opportunity.objects.visible_to(user).open().with_plans(False)
    return rows.select_related("partner", "stage", "owner").order_by("-potential", "-pk")


def waiting_leads(user: User, since: datetime) -> QuerySet[Partner]:
    """Leads of this person's reach with nothing planned, no open deal and no word since then, the newest first."""
    leads = Partner.objects.visible_to(user).of_kind("lead")
    rows = leads.with_plans(False).unspoken_since(since).without_open_opportunity()
    return rows.select_related("owner").order_by("-created_at", "-pk")


def won_by_person(user: User, month: date) -> Figures:
    """Won count and amount by person in the month that begins on this day, from the tally."""
    rows = OwnerTally.objects.visible_to(user).filter(status="won", month=month).order_by()
    return (
        rows.values("owner_id", "owner__name")
        .annotate(n=Sum("count"), total=Sum("potential"))
        .filter(~Q(n=0))
        .order_by("-total")
    )


def people_with_deals(user: User) -> QuerySet[Any, tuple[int, str]]:
    """Ids and names of those whose deals this person sees."""
    return OwnerTally.objects.visible_to(user).order_by("owner__name").values_list("owner_id", "owner__name").distinct()


def forecast_shares(moment: datetime, zone: tzinfo, last: date) -> list[dict[str, Any]]:
    """What was open or won at a moment by owner, pipeline and month (of predicted closing, of closing when won): `won`, `weighted` and the
    open amounts `commit`, `best`, `pipeline`. Of everybody; of days from a quarter before the moment to `last`. One statement.
    """
    ended = TruncDate("since", tzinfo=zone)
    day = Case(When(status="open", then=F("predicted_close_on")), default=ended, output_field=DATE)
    rows = OpportunityState.objects.at(moment).filter(status__in=("open", "won")).annotate(day=day)
    rows = rows.filter(day__gte=moment.date() - timedelta(days=QUARTER_DAYS), day__lte=last).order_by()
    is_open, category = Q(status="open"), in_forecast()
    sums: dict[str, Any] = {
        "won": Sum("potential_company", filter=Q(status="won")),
        "weighted_open": Sum("weighted_company", filter=is_open),
        **{
            name: Sum("potential_company", filter=is_open & Q(category=name)) for name in ("commit", "best", "pipeline")
        },
    }
    found = rows.annotate(month=Month("day"), category=category, pipeline_id=F("stage__pipeline_id"))
    found = found.values("owner_id", "pipeline_id", "month").annotate(**sums)
    return [
        row | {name: row[name] or Decimal(0) for name in sums} | {"weighted": row["weighted_open"] or Decimal(0)}
        for row in found
    ]


def standing(user: User, month: date) -> dict[str, Any]:
    """Count, potential and weighted of the open deals within reach, and what was won in the month that begins on this day; one statement."""
    is_open = Q(status="open")
    return (
        smallest_tally(user, set())
        .objects.visible_to(user)
        .aggregate(
            number=Coalesce(Sum("count", filter=is_open), 0),
            total=Sum("potential", filter=is_open),
            expected=Sum("weighted", filter=is_open),
            came=Sum("potential", filter=Q(status="won", month=month)),
        )
    )


def expected_by_person(user: User, period: Period) -> dict[int, tuple[Decimal, Decimal]]:
    """Won and expected (weighted, predicted to close) within the period by owner, from the tally."""
    shares = OwnerTally.objects.visible_to(user).filter(month__range=(period.first, period.last)).order_by()
    sums: dict[str, Any] = {
        "came": Sum("potential", filter=Q(status="won")),
        "hoped": Sum("weighted", filter=Q(status="open")),
    }
    rows: Any = shares.values("owner_id").annotate(**sums)
    found = {row["owner_id"]: (row["came"] or Decimal(0), row["hoped"] or Decimal(0)) for row in rows}
    return {key: pair for key, pair in found.items() if any(pair)}


def forecast_by_person(user: User, period: Period) -> list[dict[str, Any]]:
    """What a period holds by owner: `won`, `expected` (weighted) and the open amounts by category. One statement over the deals of the period."""
    days = period.first, period.last
    within = Q(status="open", predicted_close_on__range=days) | Q(status="won", closed_on__range=days)
    rows = Opportunity.objects.visible_to(user).filter(within).annotate(category=in_forecast()).order_by()
    is_open = Q(status="open")
    sums: dict[str, Any] = {
        "won": Sum("potential_company", filter=Q(status="won")),
        "expected": Sum("weighted_company", filter=is_open),
        **{name: Sum("potential_company", filter=is_open & Q(category=name)) for name in Forecast.values},
    }
    found = rows.values("owner_id").annotate(**{f"sum_{name}": value for name, value in sums.items()})
    return [{"owner_id": row["owner_id"]} | {name: row[f"sum_{name}"] or Decimal(0) for name in sums} for row in found]


def expected_of(person: User, period: Period) -> tuple[Decimal, Decimal]:
    """What a person won in a period and the weighted amount of what is open and predicted to close in it, from the tally."""
    shares = OwnerTally._base_manager.filter(owner=person, month__range=(period.first, period.last))
    found = shares.aggregate(
        won=Sum("potential", filter=Q(status="won")), weighted_open=Sum("weighted", filter=Q(status="open"))
    )
    return found["won"] or Decimal(0), found["weighted_open"] or Decimal(0)
