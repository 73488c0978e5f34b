"""The pipeline as it moved: frames, what changed between them, the deals that moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Least

from voronka.analytics.querysets.fitting import path, spans_within
from voronka.opportunities.models import Opportunity, OpportunityState

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.analytics.forms import Criteria


def _shown_in(user: User, criteria: Criteria, moments: Sequence[datetime]) -> QuerySet[Any]:
    """The spans that hold at any of the moments, within reach and filter, with the places of the first moment they hold at (`begins`) and of
    the first they no longer do (`ends`); closed ones only if they were closed after the first moment. Of spans between two moments both are equal.
    """
    rows = spans_within(user, criteria, moments[-1])
    rows = (
        rows.filter(since__lte=moments[-1])
        .filter(Q(until__gt=moments[0]) | Q(until__isnull=True))
        .filter(Q(status="open") | Q(since__gt=moments[0]))
    )
    return rows.annotate(begins=_Place("since", moments), ends=Coalesce(_Place(_over(), moments), Value(len(moments))))


def _over() -> Any:
    """When a span stops being seen: where it ends, or its opportunity goes into the bin. Few are there: only of those it is asked when."""
    binned = Opportunity._base_manager.filter(deleted_at__isnull=False).order_by()
    its = Subquery(binned.filter(pk=OuterRef("opportunity")).values("deleted_at"))
    return Case(When(opportunity__in=binned.values("pk"), then=Least("until", its)), default=F("until"))


class _Place(models.Func):
    """How many of the moments lie before another one."""

    template = "width_bucket(%(expressions)s)"
    arg_joiner = ", "
    output_field = models.IntegerField()

    def __init__(self, moment: Any, moments: Sequence[datetime], **extra: Any) -> None:
        before = models.ExpressionWrapper(
            (F(moment) if isinstance(moment, str) else moment) - timedelta(microseconds=1),
            output_field=models.DateTimeField(),
        )
        super().__init__(before, Value(list(moments), output_field=ArrayField(models.DateTimeField())), **extra)


# Of spans that begin and end in the same frames the sums are one; what frames change by is gathered per stage and value. Amounts in cents, whole numbers.
_FRAMES: Final = """
    WITH pairs AS (
        SELECT s.band, s.status, s.value, s.begins, s.ends, count(*) AS n, sum(s.amount) AS p, sum(s.expected) AS w
        FROM ({spans}) s GROUP BY s.band, s.status, s.value, s.begins, s.ends
    ), steps AS (
        SELECT band, status, value, begins AS frame, n, p, w FROM pairs WHERE begins < ends
        UNION ALL
        SELECT band, status, value, ends, -n, -p, -w FROM pairs WHERE begins < ends
    ), changes AS (
        SELECT band, status, value, frame, sum(n)::bigint AS n, (sum(p) * 100)::bigint AS p, (sum(w) * 100)::bigint AS w
        FROM steps GROUP BY band, status, value, frame
    )
    SELECT coalesce(band::text, status), value, array_agg(frame), array_agg(n), array_agg(p), array_agg(w) FROM changes GROUP BY band, status, value
"""


class Changes(NamedTuple):
    """By how much the open deals of a stage, or those won or lost, change in which frames; amounts in cents. All of one value of a dimension."""

    band: int | str
    value: Any
    frames: list[int]
    counts: list[int]
    potentials: list[int]
    weighted: list[int]


def frames(user: User, criteria: Criteria, moments: Sequence[datetime], column: str) -> list[Changes]:
    """What changes from frame to frame by stage (`won` and `lost` for closed ones) and column. One statement."""
    stage = Case(When(status="open", then=F("stage_id")), output_field=models.BigIntegerField())
    value = F(path(replace(criteria, moment=moments[-1]), column))
    named = {"band": stage, "value": value, "amount": F("potential_company"), "expected": F("weighted_company")}
    rows = _shown_in(user, criteria, moments).order_by().values("status", "begins", "ends", **named)
    spans, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_FRAMES.format(spans=spans), values)
        found = cursor.fetchall()
    return [Changes(int(band) if band.isdigit() else band, *row) for band, *row in found]


def moves_more_than(user: User, criteria: Criteria, moments: Sequence[datetime], most: int) -> bool:
    """Whether more opportunities than that are seen in any frame."""
    rows = _shown_in(user, criteria, moments).filter(begins__lt=F("ends"))
    seen = rows.order_by().values("opportunity_id").distinct()
    return len(seen[: most + 1]) > most


def tracks(user: User, criteria: Criteria, moments: Sequence[datetime], column: str) -> list[dict[str, Any]]:
    """Each span that is seen, by opportunity in the order of time: stage, status, amounts, from which frame to before which; the frame in which
    the opportunity first was anything (`born`), and whether the span follows a closed one (`reopens`).
    """
    way = path(replace(criteria, moment=moments[-1]), column)
    spans = OpportunityState._base_manager.filter(opportunity=OuterRef("opportunity"))
    earliest = Subquery(spans.order_by("since").values("since")[:1])
    closed_before = spans.filter(until=OuterRef("since"), status__in=("won", "lost"))
    rows = _shown_in(user, criteria, moments).filter(begins__lt=F("ends")).order_by("opportunity_id", "since")
    rows = rows.annotate(born=_Place(earliest, moments), reopens=Exists(closed_before))
    found = rows.values(
        "opportunity_id", "stage_id", "status", "potential_company", "weighted_company", "begins", "ends", "born", "reopens", way
    )  # fmt: skip
    return [
        row | {column: row[way], "potential": row["potential_company"], "weighted": row["weighted_company"]}
        for row in found
    ]
