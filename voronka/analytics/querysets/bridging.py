"""Why the pipeline of one moment became that of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, When

from voronka.analytics.querysets.fitting import NUMBER, counted_so, of_deal, of_state, path
from voronka.core.access import Scope
from voronka.opportunities.models import OpportunityState

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.analytics.forms import Criteria

# The spans are read once. Side 0 holds at both moments, 1 at the start alone, 2 at the end alone; the latter are put together by deal. What is kept of
# a span is narrow, and its figures of changing length come last: a million of them stay in memory.
_PAIRS: Final = """
    WITH spans AS MATERIALIZED (
        SELECT s.opportunity_id, {keys} s.kind::smallint AS kind,
            (CASE WHEN s.since > %s THEN 2 WHEN s.until <= %s OR gone.id IS NOT NULL THEN 1 ELSE 0 END)::smallint AS side, s.amount, s.expected
        FROM ({spans}) s
        LEFT JOIN (SELECT id, deleted_at FROM opportunities_opportunity WHERE deleted_at <= %s) gone ON gone.id = s.opportunity_id
        WHERE gone.id IS NULL OR (s.since <= %s AND gone.deleted_at > %s)
    ),
    pairs AS (
        SELECT coalesce(b.opportunity_id, a.opportunity_id) AS opportunity_id, b.kind AS before, a.kind AS after,
            b.amount AS p0, b.expected AS w0, a.amount AS p1, a.expected AS w1 {both}
        FROM (SELECT * FROM spans WHERE side = 1) b FULL JOIN (SELECT * FROM spans WHERE side = 2) a ON a.opportunity_id = b.opportunity_id
    )
"""
# Sums of deals that were alike and became alike, and whose potential and weighted went the same way: up (1), down (-1) or neither.
_BRIDGE: Final = """
    SELECT before, after, CASE WHEN p1 > p0 THEN 1 WHEN p1 < p0 THEN -1 ELSE 0 END AS p_way, CASE WHEN w1 > w0 THEN 1 WHEN w1 < w0 THEN -1 ELSE 0 END AS w_way,
        count(*), sum(p0), sum(w0), sum(p1), sum(w1) {pair_keys}
    FROM pairs GROUP BY before, after, p_way, w_way {pair_keys}
    UNION ALL
    SELECT 1, 1, 0, 0, count(*), sum(amount), sum(expected), sum(amount), sum(expected) {span_keys}
    FROM spans WHERE side = 0 AND kind = 1 GROUP BY kind {span_keys_alone}
"""
_BRIDGE_DEALS: Final = """
    SELECT opportunity_id, CASE WHEN before > 0 THEN bk0 END, CASE WHEN after > 0 THEN ak0 END,
        CASE WHEN before > 0 THEN p0 END, CASE WHEN after > 0 THEN p1 END, {potential} AS potential, {weighted} AS weighted
    FROM pairs WHERE {chosen} ORDER BY potential DESC, opportunity_id
"""
# What a deal is in a pipeline: nothing (outside the filter or the reach), open, won or lost; None where there is no deal.
_OUTSIDE, _OPEN, _WON, _LOST = range(4)
_CLOSINGS: Final = {_WON: "won", _LOST: "lost"}
_BEFORE, _AFTER = ("p0", "w0"), ("p1", "w1")
# Of each step the amounts it counts and the deals it is about.
_DEALS_OF: Final[dict[str, tuple[tuple[str, str], str]]] = {
    "new": (_AFTER, "before IS NULL AND after = 1"),
    "reopened": (_AFTER, "before > 1 AND after = 1"),
    "moved-in": (_AFTER, "before = 0 AND after = 1"),
    "won": (_BEFORE, "before = 1 AND after = 2"),
    "lost": (_BEFORE, "before = 1 AND after = 3"),
    "moved-out": (_BEFORE, "before = 1 AND coalesce(after, 0) = 0"),
    "grown": (
        ("greatest(p1 - p0, 0)", "greatest(w1 - w0, 0)"),
        "before = 1 AND after = 1 AND (p1 > p0 OR w1 > w0)",
    ),
    "shrunk": (
        ("greatest(p0 - p1, 0)", "greatest(w0 - w1, 0)"),
        "before = 1 AND after = 1 AND (p1 < p0 OR w1 < w0)",
    ),
}


def bridge(user: User, criteria: Criteria, start: datetime, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The steps between the pipeline at `start` and at the criteria's moment: `step`, `n`, `potential`, `weighted` (all positive) by columns; a
    step of the same values may come several times. One statement that reads the spans once.
    """
    pairs, values = _pairs(user, criteria, start, columns)
    keys = [f"k{place}" for place in range(len(columns))]
    pair_keys = "".join(f", b{key}, a{key}" for key in keys)
    span_keys, alone = "".join(f", {key}, {key}" for key in keys), "".join(f", {key}" for key in keys)
    sums = _BRIDGE.format(pair_keys=pair_keys, span_keys=span_keys, span_keys_alone=alone)
    with connection.cursor() as cursor:
        cursor.execute(pairs + sums, values)
        found = cursor.fetchall()
    return [step for row in found for step in _steps(row, columns)]


def _steps(row: Sequence[Any], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What deals that were alike and became alike mean for both pipelines."""
    before, after, p_way, w_way, n, p0, w0, p1, w1 = row[:9]
    key_before, key_after = row[9::2], row[10::2]
    at_start, at_end = (key_before, p0, w0), (key_after, p1, w1)
    was, now, same = before == _OPEN, after == _OPEN, key_before == key_after
    steps = [*([("start", at_start)] if was else []), *([("end", at_end)] if now else [])]
    if was and now and same:
        if 1 in (p_way, w_way):
            steps.append(("grown", (key_after, (p1 - p0) * (p_way > 0), (w1 - w0) * (w_way > 0))))
        if -1 in (p_way, w_way):
            steps.append(("shrunk", (key_after, (p0 - p1) * (p_way < 0), (w0 - w1) * (w_way < 0))))
    else:
        if was:
            steps.append((_CLOSINGS.get(after, "moved-out") if same else "moved-out", at_start))
        if now:
            again = "reopened" if before in _CLOSINGS and same else "moved-in"
            steps.append(("new" if before is None else again, at_end))
    for step, (key, potential, weighted) in steps:
        yield dict(zip(columns, key, strict=True)) | {
            "step": step,
            "n": n,
            "potential": potential,
            "weighted": weighted,
        }


def bridge_deals(user: User, criteria: Criteria, start: datetime, step: str) -> list[dict[str, Any]]:
    """The deals of one step with what they were and what they are, the largest change first; nothing of what lies outside the filter."""
    pairs, values = _pairs(user, criteria, start, ("stage_id",))
    (potential, weighted), chosen = _DEALS_OF[step]
    with connection.cursor() as cursor:
        cursor.execute(pairs + _BRIDGE_DEALS.format(potential=potential, weighted=weighted, chosen=chosen), values)
        found = cursor.fetchall()
    names = ("opportunity_id", "stage_before", "stage_after", "before", "after", "potential", "weighted")
    return [dict(zip(names, row, strict=True)) for row in found]


def _pairs(user: User, criteria: Criteria, start: datetime, columns: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
    keys = {f"k{place}": F(path(criteria, name)) for place, name in enumerate(columns)}
    rows = _either(user, criteria, start).annotate(**keys)
    held = ("opportunity_id", "since", "until", "kind", "amount", "expected", *keys)
    spans, values = rows.values(*held).query.sql_with_params()
    both = "".join(f", b.{key} AS b{key}, a.{key} AS a{key}" for key in keys)
    own = "".join(f"s.{key}, " for key in keys)
    end = criteria.moment
    return _PAIRS.format(spans=spans, keys=own, both=both), (start, end, *values, end, start, start)


def _either(user: User, criteria: Criteria, start: datetime) -> QuerySet[Any]:
    """The spans that hold at the start, at the criteria's moment or at both, of anybody and of the bin too, with the `kind` of deal they make;
    without the closed ones that hold at both, which are in neither pipeline, and without deals that never fit: they do not move.
    """
    end, inside = criteria.moment, _inside(user, criteria)
    before = Q(since__lte=start) & (Q(status="open") | Q(until__lte=end))
    after = Q(since__gt=start) & (Q(until__gt=end) | Q(until__isnull=True))
    rows = OpportunityState.objects.filter(of_deal(user, criteria), since__lte=end)
    rows = rows.filter(Q(until__gt=start) | Q(until__isnull=True))
    kinds = [
        When(inside & Q(status=name), then=kind) for name, kind in (("open", _OPEN), ("won", _WON), ("lost", _LOST))
    ]
    return rows.filter(before | after).annotate(
        kind=Case(*kinds, default=_OUTSIDE, output_field=NUMBER),
        amount=F("potential_company"),
        expected=F("weighted_company"),
    )


def _inside(user: User, criteria: Criteria) -> Q:
    """Whether a span of a deal that fits is within the filter and the person's reach."""
    wanted = of_state(criteria) & counted_so(criteria)
    scope = user.scope_for("opportunities.opportunity", "see")
    return wanted if scope == Scope.ALL else wanted & Q(owner__in=user.people_within(scope))
