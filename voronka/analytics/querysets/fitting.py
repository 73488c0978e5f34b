"""What reports are about: opportunities, or their states at a moment, within a person's reach, that fit what was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.aggregates import StringAgg
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Round, TruncDate
from django.db.models.lookups import Exact
from django.utils import timezone

from voronka.activities.models import Activity
from voronka.core.access import Scope
from voronka.opportunities.models import (
    DealCompetitor,
    DealPartner,
    Opportunity,
    OpportunityState,
    OwnerTally,
    StageTally,
    Tally,
)
from voronka.opportunities.querysets import in_forecast
from voronka.partners.models import Partner

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.analytics.forms import Criteria

Figures = QuerySet[Any, Any]
PROFIT: Final = Round(F("potential_company") * F("gross_profit_percent") / 100, precision=2)
# What lists of opportunities add up, by column.
SUMS: Final = {"potential": F("potential_company"), "weighted": F("weighted_company"), "gross_profit": PROFIT}
# What only the opportunity itself holds: a state reaches it through its opportunity.
_OF_HEADER: Final = ("partner", "contact", "channel", "interest_level", "name", "opened_on", "pk")
_TALLIED: Final = {"pipeline_id", "stage_id", "status", "owner_id", "territory_id", "source_id", "industry_id", "month"}
DATE: Final = models.DateField()
NUMBER: Final = models.SmallIntegerField()


def path(criteria: Criteria, name: str) -> str:
    """Where a row of `facts` has a column of opportunities."""
    if criteria.moment is None:
        return name
    if _is_of_header(name):
        return f"opportunity__{name}"
    return f"stage__{name}" if name.split("__")[0].removesuffix("_id") == "pipeline" else name


def _is_of_header(name: str) -> bool:
    return name.split("__")[0].removesuffix("_id") in _OF_HEADER


def summed(user: User, criteria: Criteria, *columns: str) -> list[dict[str, Any]]:
    """Count `n`, potential `total` and weighted `expected` by columns of the tally (`stage_id`, `owner_id`, `month`, ...) or of `facts`.

    Without a moment of the past the tally answers, unless a criterion or column asks for more than it knows; otherwise the spans that held
    then, or the opportunities. All obey the criteria's choices, and all put an open opportunity into the month of its predicted closing and a
    closed one into the month of its closing, if no other day was asked for.
    """
    if not criteria.is_summed_up or not set(columns) <= _TALLIED:
        paths = {name: path(criteria, name) for name in columns}
        sums = {"n": Count("pk"), "total": Sum("potential_company"), "expected": Sum("weighted_company")}
        rows = facts(user, criteria)
        rows = with_reasons(rows, criteria) if "reason" in columns else rows
        found = rows.order_by().values(*paths.values()).annotate(**sums)
        return [{name: row[way] for name, way in paths.items()} | {key: row[key] for key in sums} for row in found]
    filters = criteria.filters()
    asked = {name.split("__")[0].removesuffix("_id") for name in (*columns, *filters)}
    rows = smallest_tally(user, asked).objects.visible_to(user).filter(**filters).order_by().values(*columns)
    return list(rows.annotate(n=Sum("count"), total=Sum("potential"), expected=Sum("weighted")).filter(~Q(n=0)))


def smallest_tally(user: User, asked: set[str]) -> type[Tally] | type[OwnerTally] | type[StageTally]:
    """The summary of the fewest rows that knows the dimensions asked for, and the people whose deals this person sees."""
    if asked & {"territory", "source", "industry"}:
        return Tally
    sees_all = user.scope_for("opportunities.opportunity", "see") == Scope.ALL
    return StageTally if sees_all and "owner" not in asked else OwnerTally


def facts(user: User, criteria: Criteria) -> QuerySet[Any]:
    """One row per opportunity within the person's reach that fits the criteria: its state at the criteria's moment, or without a moment itself.

    Rows of both kinds have what a state holds, and `closed` (the day of closing, None while open), `day` and `month` (of the period an
    opportunity belongs to), `days` (in the pipeline), `expected` (weighted), `profit`. What a state does not hold lies at `path`; that, the
    partner's tags and code, competitors and other companies are today's, at a moment of the past too.
    """
    return _fitting(_reached(user, criteria), user, criteria)


def spans_within(user: User, criteria: Criteria, moment: datetime) -> QuerySet[Any]:
    """The spans of all times within the person's reach of then that fit the criteria; closing and duration are asked of no single span."""
    dated = replace(criteria.of_any_time(), moment=moment)
    rows = OpportunityState.objects.all().visible_then(user)
    return rows.filter(of_deal(user, dated), of_state(dated), counted_so(dated))


def _reached(user: User, criteria: Criteria) -> QuerySet[Any]:
    if criteria.moment is None:
        return _dated(Opportunity.objects.visible_to(user).annotate(closed=F("closed_on")), criteria)
    return _dated(closing_day(OpportunityState.objects.at(criteria.moment).visible_then(user), criteria), criteria)


def closing_day(states: QuerySet[Any], criteria: Criteria) -> QuerySet[Any]:
    """States with `closed`: the day their closing began in the company's zone, None for open ones."""
    day = TruncDate("since", tzinfo=criteria.zone)
    return states.annotate(closed=Case(When(status="open", then=None), default=day, output_field=DATE))


def _dated(rows: QuerySet[Any], criteria: Criteria) -> QuerySet[Any]:
    days: dict[str, Any] = {"predicted": F("predicted_close_on"), "opened": F(path(criteria, "opened_on"))}
    day = days.get(criteria.dated) or Coalesce("closed", "predicted_close_on")
    return rows.annotate(day=day, month=Month(day))


def with_days(rows: QuerySet[Any], criteria: Criteria) -> QuerySet[Any]:
    """Facts with `days` (from opening to closing, or to the moment) and `predicted_days` (to the predicted closing)."""
    opened = F(path(criteria, "opened_on"))
    today = timezone.localdate(criteria.moment or timezone.now(), criteria.zone)
    lasted = Coalesce(F("closed"), Value(today), output_field=DATE) - opened
    return rows.annotate(days=Days(lasted), predicted_days=Days(F("predicted_close_on") - opened))


class Month(models.Func):
    """The first day of a day's month. Not TruncMonth, which goes over moments in a zone and takes four times as long."""

    template = "date_trunc('month', (%(expressions)s)::timestamp)::date"
    output_field = DATE


class Days(models.Func):
    """The whole days of a difference of two days."""

    template = "extract(day FROM %(expressions)s)::integer"
    output_field = models.IntegerField()


def _fitting(rows: QuerySet[Any], user: User, criteria: Criteria) -> QuerySet[Any]:
    if any("days" in name for name, _end in criteria.ranges):
        rows = with_days(rows, criteria)
    within = {"day__gte": criteria.first, "day__lte": criteria.last}
    rows = rows.filter(of_deal(user, criteria), **{name: day for name, day in within.items() if day})
    if criteria.expired and criteria.status == "closed":
        today = timezone.localdate(criteria.moment or timezone.now(), criteria.zone)
        rows = rows.filter(~Q(status="open") | Q(predicted_close_on__lt=today))
        criteria = replace(criteria, status="")
    rows = rows.filter(of_state(criteria))
    if criteria.category:
        rows = rows.filter(counted_so(criteria), status="open")
    if criteria.visited:
        spans = OpportunityState._base_manager.filter(
            opportunity=OuterRef(path(criteria, "pk")), stage=criteria.visited
        )
        rows = rows.filter(Exists(spans.filter(since__lte=criteria.moment or timezone.now())))
    return rows


def of_state(criteria: Criteria) -> Q:
    """What is asked of a row as it was then: of an opportunity itself, or of a span."""
    wanted = criteria.filters() | criteria.further()
    return Q(**{path(criteria, name): value for name, value in wanted.items() if not _is_of_header(name)})


def of_deal(user: User, criteria: Criteria) -> Q:
    """What is asked of the opportunity of a row, the same at all times: its own columns and what hangs on it and on its partner.

    Each thing that hangs on it is asked for by itself, so that no row comes twice. Competitors and other companies of an opportunity the
    person may not see today (a report of the past shows its figures) are not told: it counts as having none.
    """
    deal, partner = OuterRef(path(criteria, "pk")), OuterRef(path(criteria, "partner_id"))
    spans = OpportunityState._base_manager.all()
    earlier = spans.filter(opportunity=OuterRef("opportunity"), since__lt=OuterRef("since"))
    return (
        Q(**{path(criteria, name): value for name, value in criteria.further().items() if _is_of_header(name)})
        & tagged(criteria, partner)
        & _linked(_told_parts(DealCompetitor, user).filter(opportunity=deal), "competitor", criteria.competitor)
        & _linked(_told_parts(DealPartner, user).filter(opportunity=deal), "partner", criteria.also)
        & _linked(spans.filter(~Exists(earlier), opportunity=deal), "owner", criteria.opener)
    )


def tagged(criteria: Criteria, partner: Any) -> Q:
    """That the partner has the tag asked for."""
    tags: Any = Partner.tags.through
    return _linked(tags._base_manager.filter(partner=partner), "tag", criteria.tag)


def _linked(rows: QuerySet[Any], name: str, value: int | None) -> Q:
    """That one of the rows has the value; for "not set" that there are none, for None nothing is asked."""
    if value is None:
        return Q()
    return Q(Exists(rows.filter(**{name: value}))) if value else ~Q(Exists(rows))


def _told_parts(model: Any, user: User) -> QuerySet[Any]:
    """What hangs on opportunities within the person's reach today, of those in the bin too: the past has them."""
    scope = user.scope_for("opportunities.opportunity", "see")
    rows = model._base_manager.all()
    return rows if scope == Scope.ALL else rows.filter(opportunity__owner__in=user.people_within(scope))


def counted_so(criteria: Criteria) -> Q:
    """That a row, if it is open, counts in a forecast as the criteria ask; of closed ones that is not asked."""
    return ~Q(status="open") | Q(Exact(in_forecast(), criteria.category)) if criteria.category else Q()


def with_reasons(rows: QuerySet[Any], criteria: Criteria) -> QuerySet[Any]:
    """Facts with `reason`: the names of the reasons given at the latest closing, in one text; None without any."""
    key = OuterRef(path(criteria, "pk"))
    given = Opportunity.reasons.through._base_manager.filter(opportunity=key).order_by().values("opportunity")  # type: ignore[attr-defined]
    joined: Any = given.annotate(names=StringAgg("reason__name", ", ", order_by="reason__name"))
    return rows.annotate(reason=Subquery(joined.values("names")))


def told(rows: QuerySet[Any], user: User, criteria: Criteria) -> QuerySet[Any]:
    """Facts with what lists tell besides: `expected`, `profit`, `reason`, `remark`, `contacts` (number of activities until then),
    `last_contact`, and `seen`: whether the person may open the opportunity today. Each is asked only for the rows a list shows.
    """
    key, moment = path(criteria, "pk"), criteria.moment or timezone.now()
    activities = Activity.objects.alive().happened().filter(opportunity=OuterRef(key), happened_at__lte=moment)
    activities = activities.filter(is_private=False)
    counted = activities.order_by().values("opportunity")
    return with_days(with_reasons(rows, criteria), criteria).annotate(
        category=in_forecast(),
        expected=F("weighted_company"),
        profit=PROFIT,
        remark=F("comment") if criteria.moment else F("close_comment"),
        contacts=Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0),
        last_contact=Subquery(activities.order_by("-happened_at").values("happened_at")[:1]),
        seen=_seen(user, criteria),
        partner_pk=F(path(criteria, "partner_id")),
    )


def _seen(user: User, criteria: Criteria) -> Any:
    if criteria.moment is None:
        return Value(True)
    scope = user.scope_for("opportunities.opportunity", "see")
    alive = Q(opportunity__deleted_at__isnull=True)
    within = Q() if scope == Scope.ALL else Q(opportunity__owner__in=user.people_within(scope))
    return Case(When(alive & within, then=True), default=False, output_field=models.BooleanField())


def of_today(criteria: Criteria) -> Criteria:
    """The criteria for rows that have no past of their own: their columns are named without an opportunity in between."""
    return replace(criteria, moment=None)


def first_day(user: User, criteria: Criteria) -> date | None:
    """The day (company's zone) from which on this person sees anything in reports of the past."""
    since = OpportunityState.objects.visible_then(user).order_by("since").values_list("since", flat=True).first()
    return timezone.localdate(since, criteria.zone) if since else None
