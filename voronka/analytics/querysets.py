"""Where figures come from: the tally for today, the spans for the past; one statement each, always within a person's scope."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Self

import psycopg.errors
from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.fields import ArrayField
from django.db import OperationalError, connection, models, transaction
from django.db.models import Case, Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast, Coalesce, Least, Round, TruncDate, TruncMonth
from django.db.models.lookups import Exact
from django.utils import timezone

from voronka.activities.models import Activity
from voronka.core.access import Scope, ScopedQuerySet
from voronka.core.models import SavedView
from voronka.opportunities.history import STATE_COLUMNS
from voronka.opportunities.models import (
    TALLIES,
    DealCompetitor,
    DealPartner,
    Forecast,
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
    from voronka.core.periods import Period

Figures = QuerySet[Any, Any]

PROFIT: Final = Round(F("potential_company") * F("gross_profit_percent") / 100, precision=2)
# What lists of opportunities add up, by column.
SUMS: Final = {"potential": F("potential_company"), "weighted": F("weighted_company"), "gross_profit": PROFIT}
# What only the opportunity itself holds: a state reaches it through its opportunity.
_OF_HEADER: Final = ("partner", "contact", "channel", "interest_level", "name", "opened_on", "pk")
# What partners have like opportunities.
_OF_PARTNERS: Final = ("owner", "territory", "source", "industry")
_TALLIED: Final = {"pipeline_id", "stage_id", "status", "owner_id", "territory_id", "source_id", "industry_id", "month"}
_DATE: Final = models.DateField()
_NUMBER: Final = models.SmallIntegerField()
QUARTER_DAYS: Final = 92
REPORT_PAGE: Final = "analytics:report:"  # what the page of a saved variant begins with; its report's slug follows


GoOn = Callable[[], None]


class Interrupted(Exception):
    """What was counted or written was called off: its time was over, or somebody stopped it."""


_BEGUN: Final = "SELECT set_config('application_name', %s, true), set_config('statement_timeout', %s, true)"
# Who stops it holds this lock while they do: whatever runs afterwards in the same session is not meant.
_ENDED: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)), set_config('application_name', '', true), set_config('statement_timeout', '0', true)"
# The session ends, not the statement alone: between two statements there would be nothing to call off, and the run would go on.
_STOP: Final = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = %s"
# SQLSTATE of a statement and of a session that were ended; none where the connection was gone before the session could say so.
_CALLED_OFF: Final = (psycopg.errors.QueryCanceled.sqlstate, psycopg.errors.AdminShutdown.sqlstate, None)


@contextmanager
def interruptible(name: str = "voronka", seconds: float = 0) -> Iterator[GoOn]:
    """Statements that may take so many seconds each (0: as many as they need) and that `interrupt` finds by this name. Raises Interrupted.

    Where much is done between statements, as in writing a file, what this gives is called now and then: it raises Interrupted when so many
    seconds have passed since the beginning, or when it was stopped.
    """
    began = monotonic()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BEGUN, [name, str(round(seconds * 1000))])

            def go_on() -> None:
                if seconds and monotonic() - began > seconds:
                    raise Interrupted
                cursor.execute("SELECT 1")

            yield go_on
            cursor.execute(_ENDED, [name])
    except OperationalError as fault:
        if getattr(fault.__cause__, "sqlstate", "") in _CALLED_OFF:
            raise Interrupted from fault
        raise


def interrupt(name: str) -> int:
    """Call off what runs under this name, and nothing else; returns how many sessions were told."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        cursor.execute(_STOP, [name])
        return int(cursor.fetchone()[0])


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
    rows = _smallest_tally(user, asked).objects.visible_to(user).filter(**filters).order_by().values(*columns)
    return list(rows.annotate(n=Sum("count"), total=Sum("potential"), expected=Sum("weighted")).filter(~Q(n=0)))


def _smallest_tally(user: User, asked: set[str]) -> type[Tally] | type[OwnerTally] | type[StageTally]:
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


def _reached(user: User, criteria: Criteria) -> QuerySet[Any]:
    if criteria.moment is None:
        return _dated(Opportunity.objects.visible_to(user).annotate(closed=F("closed_on")), criteria)
    return _dated(closing_day(OpportunityState.objects.at(criteria.moment).visible_then(user), criteria), criteria)


def closing_day(states: QuerySet[Any], criteria: Criteria) -> QuerySet[Any]:
    """States with `closed`: the day their closing began in the company's zone, None for open ones."""
    day = TruncDate("since", tzinfo=criteria.zone)
    return states.annotate(closed=Case(When(status="open", then=None), default=day, output_field=_DATE))


def _dated(rows: QuerySet[Any], criteria: Criteria) -> QuerySet[Any]:
    days: dict[str, Any] = {"predicted": F("predicted_close_on"), "opened": F(path(criteria, "opened_on"))}
    day = days.get(criteria.dated) or Coalesce("closed", "predicted_close_on")
    return rows.annotate(day=day, month=_Month(day))


def with_days(rows: QuerySet[Any], criteria: Criteria) -> QuerySet[Any]:
    """Facts with `days` (from opening to closing, or to the moment) and `predicted_days` (to the predicted closing)."""
    opened = F(path(criteria, "opened_on"))
    today = timezone.localdate(criteria.moment or timezone.now(), criteria.zone)
    lasted = Coalesce(F("closed"), Value(today), output_field=_DATE) - opened
    return rows.annotate(days=_Days(lasted), predicted_days=_Days(F("predicted_close_on") - opened))


class _Month(models.Func):
    """The first day of a day's month. Not TruncMonth, which goes over moments in a zone and takes four times as long."""

    template = "date_trunc('month', (%(expressions)s)::timestamp)::date"
    output_field = _DATE


class _Days(models.Func):
    """The whole days of a difference of two days."""

    template = "extract(day FROM %(expressions)s)::integer"
    output_field = models.IntegerField()


def _fitting(rows: QuerySet[Any], user: User, criteria: Criteria) -> QuerySet[Any]:
    if any("days" in name for name, _end in criteria.ranges):
        rows = with_days(rows, criteria)
    within = {"day__gte": criteria.first, "day__lte": criteria.last}
    rows = rows.filter(_of_deal(user, criteria), **{name: day for name, day in within.items() if day})
    if criteria.expired and criteria.status == "closed":
        today = timezone.localdate(criteria.moment or timezone.now(), criteria.zone)
        rows = rows.filter(~Q(status="open") | Q(predicted_close_on__lt=today))
        criteria = replace(criteria, status="")
    rows = rows.filter(_of_state(criteria))
    if criteria.category:
        rows = rows.filter(_counted_so(criteria), status="open")
    if criteria.visited:
        spans = OpportunityState._base_manager.filter(
            opportunity=OuterRef(path(criteria, "pk")), stage=criteria.visited
        )
        rows = rows.filter(Exists(spans.filter(since__lte=criteria.moment or timezone.now())))
    return rows


def _of_state(criteria: Criteria) -> Q:
    """What is asked of a row as it was then: of an opportunity itself, or of a span."""
    wanted = criteria.filters() | criteria.further()
    return Q(**{path(criteria, name): value for name, value in wanted.items() if not _is_of_header(name)})


def _of_deal(user: User, criteria: Criteria) -> Q:
    """What is asked of the opportunity of a row, the same at all times: its own columns and what hangs on it and on its partner.

    Each thing that hangs on it is asked for by itself, so that no row comes twice. Competitors and other companies of an opportunity the
    person may not see today (a report of the past shows its figures) are not told: it counts as having none.
    """
    deal, partner = OuterRef(path(criteria, "pk")), OuterRef(path(criteria, "partner_id"))
    spans = OpportunityState._base_manager.all()
    earlier = spans.filter(opportunity=OuterRef("opportunity"), since__lt=OuterRef("since"))
    return (
        Q(**{path(criteria, name): value for name, value in criteria.further().items() if _is_of_header(name)})
        & _tagged(criteria, partner)
        & _linked(_told_parts(DealCompetitor, user).filter(opportunity=deal), "competitor", criteria.competitor)
        & _linked(_told_parts(DealPartner, user).filter(opportunity=deal), "partner", criteria.also)
        & _linked(spans.filter(~Exists(earlier), opportunity=deal), "owner", criteria.opener)
    )


def _tagged(criteria: Criteria, partner: Any) -> Q:
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


def _counted_so(criteria: Criteria) -> Q:
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


# Rows are gone through once, for the sums of all their groups and for the first of them.
_LIST: Final = """
    WITH held AS MATERIALIZED ({held})
    SELECT NULL::bigint AS row_key, {keys} count(*) {sums} FROM held GROUP BY ({keys_alone})
"""
_FIRST: Final = """
    UNION ALL
    SELECT row_key, {nothing} NULL {nothings} FROM (SELECT row_key FROM held ORDER BY {order} LIMIT %s) first
"""


def gone_through(
    rows: QuerySet[Any], criteria: Criteria, columns: Sequence[str], sums: Mapping[str, Any], order: Sequence[Any]
) -> tuple[list[dict[str, Any]], list[int]]:
    """`count` and the sums of rows by columns, exactly, and the keys of the first `criteria.most` of them in an order (none without a limit); one
    statement that reads them once. Without columns there is one row of sums.
    """
    keys = {f"k{place}": F(path(criteria, name)) for place, name in enumerate(columns)}
    values = {f"v{place}": value for place, value in enumerate(sums.values())}
    ways = [_way(one) for one in order] if criteria.most else []
    ordered = {f"o{place}": way.expression for place, way in enumerate(ways)}
    rows = with_reasons(rows, criteria) if "reason" in columns else rows
    held = rows.order_by().values(row_key=F(path(criteria, "pk")), **keys, **values, **ordered)
    sql, parameters = held.query.sql_with_params()
    statement = _LIST.format(
        held=sql, keys="".join(f"{key}, " for key in keys), keys_alone=", ".join(keys), sums="".join(f", sum({key})" for key in values)
    )  # fmt: skip
    if criteria.most:
        order_by = ", ".join(f"o{place} {_direction(way)}" for place, way in enumerate(ways))
        statement += _FIRST.format(nothing="NULL, " * len(keys), nothings=", NULL" * len(values), order=order_by)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, criteria.most] if criteria.most else parameters)
        found = cursor.fetchall()
    names = (*columns, "count", *sums)
    summed_up = [dict(zip(names, row[1:], strict=True)) for row in found if row[0] is None]
    return summed_up, [row[0] for row in found if row[0] is not None]


def _way(one: Any) -> OrderBy:
    """A name or an expression to order by, as an expression with its direction."""
    if isinstance(one, str):
        return F(one.removeprefix("-")).desc() if one.startswith("-") else F(one).asc()
    return one


def _direction(way: OrderBy) -> str:
    empty = " NULLS FIRST" if way.nulls_first else " NULLS LAST" if way.nulls_last else ""
    return ("DESC" if way.descending else "ASC") + empty


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
    rows = OpportunityState.objects.filter(_of_deal(user, criteria), since__lte=end)
    rows = rows.filter(Q(until__gt=start) | Q(until__isnull=True))
    kinds = [
        When(inside & Q(status=name), then=kind) for name, kind in (("open", _OPEN), ("won", _WON), ("lost", _LOST))
    ]
    return rows.filter(before | after).annotate(
        kind=Case(*kinds, default=_OUTSIDE, output_field=_NUMBER),
        amount=F("potential_company"),
        expected=F("weighted_company"),
    )


def _inside(user: User, criteria: Criteria) -> Q:
    """Whether a span of a deal that fits is within the filter and the person's reach."""
    wanted = _of_state(criteria) & _counted_so(criteria)
    scope = user.scope_for("opportunities.opportunity", "see")
    return wanted if scope == Scope.ALL else wanted & Q(owner__in=user.people_within(scope))


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
    return Partner.objects.visible_to(user).filter(_tagged(criteria, OuterRef("pk")), **own)


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
        month=Cast(TruncMonth("happened_at", tzinfo=criteria.zone), _DATE),
    )
    within = {"day__gte": criteria.first, "day__lte": criteria.last}
    return rows.filter(**{name: day for name, day in within.items() if day})


def of_today(criteria: Criteria) -> Criteria:
    """The criteria for rows that have no past of their own: their columns are named without an opportunity in between."""
    return replace(criteria, moment=None)


def _spans_within(user: User, criteria: Criteria, moment: datetime) -> QuerySet[Any]:
    """The spans of all times within the person's reach of then that fit the criteria; closing and duration are asked of no single span."""
    dated = replace(criteria.of_any_time(), moment=moment)
    rows = OpportunityState.objects.all().visible_then(user)
    return rows.filter(_of_deal(user, dated), _of_state(dated), _counted_so(dated))


def _shown_in(user: User, criteria: Criteria, moments: Sequence[datetime]) -> QuerySet[Any]:
    """The spans that hold at any of the moments, within reach and filter, with the places of the first moment they hold at (`begins`) and of
    the first they no longer do (`ends`); closed ones only if they were closed after the first moment. Of spans between two moments both are equal.
    """
    rows = _spans_within(user, criteria, moments[-1])
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


def stays(user: User, criteria: Criteria, first: datetime, last: datetime) -> QuerySet[Any]:
    """The last spans of stays in a stage that ended from `first` to `last`, within the reach and filter of that time.

    A stay is what an opportunity spends open in one stage without a break. `entered` is when it began, `days` (of 24 hours) how long it was, `ending`
    where it led: on (a later stage of the pipeline, or won), back (an earlier stage, another pipeline) or lost; `next_stage` and `next_status`.
    """
    rows = _spans_within(user, criteria, last)
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


def first_day(user: User, criteria: Criteria) -> date | None:
    """The day (company's zone) from which on this person sees anything in reports of the past."""
    since = OpportunityState.objects.visible_then(user).order_by("since").values_list("since", flat=True).first()
    return timezone.localdate(since, criteria.zone) if since else None


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


def shown_variants(user: User, keys: Iterable[int]) -> QuerySet[SavedView]:
    """Of saved variants of reports those this person may see."""
    rows = SavedView.objects.filter(Q(is_shared=True) | Q(user=user), pk__in=list(keys))
    return rows.filter(page__startswith=REPORT_PAGE)


def saved_variants(user: User, page: str) -> QuerySet[SavedView]:
    """The saved variants of a report: one's own and those shared with everyone."""
    return SavedView.objects.filter(Q(is_shared=True) | Q(user=user), page=page).order_by("name")


def forecast_shares(moment: datetime, zone: tzinfo, last: date) -> list[dict[str, Any]]:
    """What was open or won at a moment by owner, pipeline and month (of predicted closing, of closing when won): `won`, `weighted` and the
    open amounts `commit`, `best`, `pipeline`. Of everybody; of days from a quarter before the moment to `last`. One statement.
    """
    ended = TruncDate("since", tzinfo=zone)
    day = Case(When(status="open", then=F("predicted_close_on")), default=ended, output_field=_DATE)
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
    found = rows.annotate(month=_Month("day"), category=category, pipeline_id=F("stage__pipeline_id"))
    found = found.values("owner_id", "pipeline_id", "month").annotate(**sums)
    return [
        row | {name: row[name] or Decimal(0) for name in sums} | {"weighted": row["weighted_open"] or Decimal(0)}
        for row in found
    ]


def standing(user: User, month: date) -> dict[str, Any]:
    """Count, potential and weighted of the open deals within reach, and what was won in the month that begins on this day; one statement."""
    is_open = Q(status="open")
    return (
        _smallest_tally(user, set())
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


class ForecastQuerySet(ScopedQuerySet):
    """Kept forecasts and their corrections: seen by those who see the opportunities of the person they are about."""

    scope_of: ClassVar[str] = "opportunities.opportunity"
    bin_path: ClassVar[str] = ""

    def of_period(self, kind: str, first: date) -> Self:
        return self.filter(kind=kind, first=first)

    def standing(self, moment: datetime | None = None) -> Self:
        """Of corrections the one that counts (at a moment) for each person and period."""
        rows = self.filter(at__lte=moment) if moment else self
        return rows.order_by("owner_id", "kind", "first", "-at", "-pk").distinct("owner_id", "kind", "first")


class HomePageQuerySet(models.QuerySet[Any]):
    """Home pages: one's own, and that of one's role."""

    def visible_to(self, user: User) -> Self:
        return self.filter(Q(user=user) | Q(role=user.role_id)).order_by(F("user").asc(nulls_last=True))


class ScheduleQuerySet(models.QuerySet[Any]):
    """Regular reports: everybody sees and changes their own."""

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)

    def due(self, now: datetime) -> Self:
        return self.filter(next_at__lte=now, user__is_active=True)
