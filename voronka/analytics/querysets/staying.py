"""How long opportunities stay in their stages, and how that ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, models
from django.db.models import Case, Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from voronka.analytics.querysets.fitting import facts, path, spans_within
from voronka.opportunities.models import Opportunity, OpportunityState

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.analytics.forms import Criteria

_VISITS: Final = """
    WITH done AS MATERIALIZED ({done}),
    spans AS (
        SELECT d.*, s.stage_id, s.status = 'open' AS is_open,
            lag(s.stage_id) OVER (PARTITION BY s.opportunity_id ORDER BY s.since) IS DISTINCT FROM s.stage_id AS enters,
            date_part('epoch', least(s.until, %s) - s.since)::bigint AS seconds
        FROM opportunities_opportunitystate s JOIN done d ON d.k = s.opportunity_id WHERE s.since <= %s
    ),
    visits AS (
        SELECT {keys} k, stage_id, word, count(*) FILTER (WHERE enters) AS times, sum(seconds) FILTER (WHERE is_open) AS seconds,
            count(*) FILTER (WHERE enters AND is_open) AS stays
        FROM spans GROUP BY {keys} k, stage_id, word
    )
    SELECT stage_id, {keys} count(*), count(*) FILTER (WHERE word = 'won'), sum(times), coalesce(sum(seconds), 0), sum(stays)
    FROM visits GROUP BY {keys} stage_id
"""


def visits(user: User, criteria: Criteria, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Of the opportunities that fit the criteria, by stage they ever had and columns: how many had it (`concluded`), how many of them are
    `won`, how often it was entered (`visits`), for how many `seconds` they lay there open, in how many `stays`. One statement.
    """
    moment = criteria.moment or timezone.now()
    keys = {f"k{place}": F(path(criteria, name)) for place, name in enumerate(columns)}
    ways = {"k": F(path(criteria, "pk")), "word": F("status"), **keys}
    done, values = facts(user, criteria).order_by().values(**ways).query.sql_with_params()
    statement = _VISITS.format(done=done, keys="".join(f"{key}, " for key in keys))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, moment, moment])
        found = cursor.fetchall()
    names = ("stage_id", *columns, "concluded", "won", "visits", "seconds", "stays")
    return [dict(zip(names, row, strict=True)) for row in found]


def stays(user: User, criteria: Criteria, first: datetime, last: datetime) -> QuerySet[Any]:
    """The last spans of stays in a stage that ended from `first` to `last`, within the reach and filter of that time.

    A stay is what an opportunity spends open in one stage without a break. `entered` is when it began, `days` (of 24 hours) how long it was, `ending`
    where it led: on (a later stage of the pipeline, or won), back (an earlier stage, another pipeline) or lost; `next_stage` and `next_status`.
    """
    rows = spans_within(user, criteria, last)
    follows = FilteredRelation("opportunity__states", condition=Q(opportunity__states__since=F("until")))
    ended: dict[str, Any] = {
        "until__gte": first,
        "until__lte": last,
    }  # said of both, that neither is read from the beginning
    ended |= {"following__since__gte": first, "following__since__lte": last}
    rows = rows.annotate(following=follows).filter(status="open", **ended)
    gone = Opportunity._base_manager.filter(
        pk=OuterRef("opportunity"), deleted_at__lte=last
    )  # few: see StateQuerySet.at
    rows = rows.filter(~Exists(gone))
    rows = rows.annotate(next_stage=F("following__stage"), next_status=F("following__status"))
    left = rows.filter(~Q(next_status="open") | ~Q(next_stage=F("stage")))
    return left.annotate(entered=_entered()).annotate(days=_Length(F("until") - F("entered")), ending=_ending())


def _entered() -> Any:
    """When the stay a span belongs to began: where the last span of another stage or status ended, or with the opportunity."""
    spans = OpportunityState._base_manager.filter(opportunity=OuterRef("opportunity"))
    others = spans.filter(since__lt=OuterRef("since")).exclude(stage=OuterRef("stage"), status="open")
    return Coalesce(
        Subquery(others.order_by("-since").values("until")[:1]), Subquery(spans.order_by("since").values("since")[:1])
    )


def _ending() -> Any:
    later = Q(following__stage__position__gt=F("stage__position")) | Q(
        following__stage__position=F("stage__position"), following__stage__gt=F("stage")
    )
    onwards = Q(following__stage__pipeline=F("stage__pipeline")) & later & Q(following__status="open")
    return Case(
        When(following__status="lost", then=Value("lost")),
        When(onwards | Q(following__status="won"), then=Value("on")),
        default=Value("back"),
    )


class _Length(models.Func):
    """The days of 24 hours of a difference of two moments."""

    template = "(extract(epoch FROM %(expressions)s) / 86400)"
    output_field = models.FloatField()


class _Median(models.Aggregate):
    """The middle value; of an even number the mean of both in the middle."""

    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = models.FloatField()


def endings(user: User, criteria: Criteria, first: datetime, last: datetime) -> dict[int, dict[str, Any]]:
    """By stage how many stays ended (`ended`), of them `on`, `back` and `lost`, and the `median` of their days. One statement."""
    ways = {way: Count("pk", filter=Q(ending=way)) for way in ("on", "back", "lost")}
    found = stays(user, criteria, first, last).order_by().values("stage_id").annotate(ended=Count("pk"), **ways)
    return {row["stage_id"]: row for row in found.annotate(median=_Median("days"))}
