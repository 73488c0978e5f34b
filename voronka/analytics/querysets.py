"""Where figures come from: the tally for today, the spans for the past; one statement each, always within a person's scope."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.db.models.functions import Cast, TruncMonth
from django.utils import timezone

from voronka.activities.models import Activity
from voronka.opportunities.history import STATE_COLUMNS
from voronka.opportunities.models import TALLIES, Opportunity, OpportunityState, OwnerTally, Tally
from voronka.partners.models import Partner

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.analytics.forms import Criteria

Figures = QuerySet[Any, Any]


def summed(user: User, criteria: Criteria, *columns: str) -> Figures:
    """Count `n`, potential `total` and weighted `expected` by columns of the tally (`stage_id`, `owner_id`, `month`, ...).

    Without a moment of the past the tally answers, with one the spans that held then; both obey the criteria's choices, and both
    put an open opportunity into the month of its predicted closing and a closed one into the month of its closing.
    """
    past = criteria.moment is not None
    filters = criteria.filters()
    asked = {name.split("__")[0].removesuffix("_id") for name in (*columns, *filters)}
    tally = Tally if asked & {"territory", "source", "industry"} else OwnerTally
    rows = held(user, criteria) if past else tally.objects.visible_to(user).filter(**filters)
    n, expected = (Count("pk"), Sum("weighted_company")) if past else (Sum("count"), Sum("weighted"))
    total = Sum("potential_company" if past else "potential")
    return rows.order_by().values(*columns).annotate(n=n, total=total, expected=expected).filter(~Q(n=0))


def held(user: User, criteria: Criteria) -> QuerySet[Any]:
    """The states that held at the criteria's moment (now without one), with the tally's columns `pipeline` and `month`."""
    month = Case(
        When(status="open", then=Cast(TruncMonth("predicted_close_on"), models.DateField())),
        default=Cast(TruncMonth("since", tzinfo=criteria.zone), models.DateField()),
    )
    rows = OpportunityState.objects.at(criteria.moment or timezone.now()).visible_then(user).annotate(month=month)
    return rows.annotate(pipeline=F("stage__pipeline_id")).filter(**criteria.filters())


def deals_then(user: User, criteria: Criteria) -> QuerySet[Any]:
    """The states behind a figure of the past, the largest first; `first` and `last` are whole months."""
    rows = held(user, criteria)
    rows = rows.filter(month__gte=criteria.first) if criteria.first else rows
    rows = rows.filter(month__lte=criteria.last) if criteria.last else rows
    return rows.select_related("opportunity__partner", "stage", "owner").order_by("-potential_company", "opportunity")


def deals_now(user: User, criteria: Criteria) -> QuerySet[Opportunity]:
    """The opportunities behind a figure of today, the largest first; `first` and `last` are days of (predicted) closing."""
    rows = Opportunity.objects.visible_to(user).filter(**criteria.filters())
    if criteria.first or criteria.last:
        days = (criteria.first or date.min, criteria.last or date.max)
        rows = rows.filter(Q(status="open", predicted_close_on__range=days) | Q(closed_on__range=days))
    return rows.select_related("partner", "stage", "owner").order_by("-potential_company", "pk")


def totals(rows: QuerySet[Any]) -> dict[str, Any]:
    """Count `n`, potential `total` and weighted `expected` of opportunities or states, exactly, in one statement."""
    return rows.order_by().aggregate(n=Count("pk"), total=Sum("potential_company"), expected=Sum("weighted_company"))


def closing_soon(user: User, first: date, last: date) -> QuerySet[Opportunity]:
    """Open deals predicted to close between two days, the earliest first."""
    rows = Opportunity.objects.visible_to(user).open().closing_between(first, last)
    return rows.select_related("partner", "stage", "owner").order_by("predicted_close_on", "pk")


def silent(user: User, since: datetime) -> QuerySet[Opportunity]:
    """Open deals without a word and without a move since then, the largest first."""
    spoken = Activity.objects.alive().happened().filter(opportunity=OuterRef("pk"), happened_at__gte=since)
    rows = Opportunity.objects.visible_to(user).open().filter(stage_since__lt=since)
    return (
        rows.exclude(Exists(spoken)).select_related("partner", "stage", "owner").order_by("-potential_company", "-pk")
    )


def without_next_step(user: User) -> QuerySet[Opportunity]:
    """Open deals nobody has planned anything for, the largest first."""
    planned = Activity.objects.alive().open().filter(opportunity=OuterRef("pk"))
    rows = Opportunity.objects.visible_to(user).open().exclude(Exists(planned))
    return rows.select_related("partner", "stage", "owner").order_by("-potential", "-pk")


def waiting_leads(user: User, since: datetime) -> QuerySet[Partner]:
    """Leads of this person's reach with nothing planned, no open deal and no word since then, the newest first."""
    at_partner = Activity.objects.alive().filter(partner=OuterRef("pk"))
    deals = Opportunity.objects.alive().open().filter(partner=OuterRef("pk"))
    rows = Partner.objects.visible_to(user).of_kind("lead")
    rows = rows.exclude(Exists(at_partner.open())).exclude(Exists(at_partner.happened().filter(happened_at__gte=since)))
    return rows.exclude(Exists(deals)).select_related("owner").order_by("-created_at", "-pk")


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


_MONTH: Final = (
    "date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)::date"
)


def _unequal(table: str, columns: tuple[str, ...]) -> str:
    """How many groups of a summary differ from the rows."""
    keys, sums = ", ".join(columns), "sum(potential) AS potential, sum(weighted) AS weighted"
    rows = sums.replace("(potential)", "(potential_company)").replace("(weighted)", "(weighted_company)")
    return f"""
        WITH a AS (
            SELECT {keys}, {_MONTH} AS month, count(*)::numeric AS count, {rows}
            FROM opportunities_opportunity WHERE deleted_at IS NULL GROUP BY {keys}, month
        ), b AS (
            SELECT {keys}, month, sum(count) AS count, {sums} FROM {table} GROUP BY {keys}, month
            HAVING sum(count) <> 0 OR sum(potential) <> 0 OR sum(weighted) <> 0
        )
        SELECT count(*) FROM ((TABLE a EXCEPT ALL TABLE b) UNION ALL (TABLE b EXCEPT ALL TABLE a)) unequal
    """


_HEADER: Final = ", ".join(f"o.{column}" for column in STATE_COLUMNS)
_LAST_SPANS: Final = f"""
    SELECT count(*) FROM opportunities_opportunity o
    LEFT JOIN opportunities_opportunitystate s ON s.opportunity_id = o.id AND s.until IS NULL
    WHERE ({_HEADER}) IS DISTINCT FROM ({_HEADER.replace("o.", "s.")})
"""
_GAPS: Final = """
    SELECT count(*) FROM (
        SELECT until, lead(since) OVER (PARTITION BY opportunity_id ORDER BY since) AS next FROM opportunities_opportunitystate
    ) spans WHERE until IS DISTINCT FROM next
"""


def tally_differences() -> dict[str, int]:
    """How many groups of the summaries differ from the rows, headers from their last span, and spans end before the next begins.

    All are 0 in an installation that is in order. Four statements over everything: for `voronka check`, not for a page.
    """
    questions = {table.removeprefix("opportunities_"): _unequal(table, columns) for table, columns in TALLIES.items()}
    questions |= {"last_spans": _LAST_SPANS, "gaps": _GAPS}
    found = {}
    with connection.cursor() as cursor:
        for name, question in questions.items():
            cursor.execute(question)
            found[name] = cursor.fetchone()[0]
    return found


def visible_ids(user: User, ids: list[int]) -> set[int]:
    """Which of these opportunities this person may open today."""
    return set(Opportunity.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
