"""Reports of the past, each beside the best single statement we can write for its question; the bridge beside an as-of; summaries beside a scan.

Reports are run in this process, as the command line runs them. What counts is CPU of this process and of its database session, without
parallel workers, ours and the limit in turns: another's work on the machine slows neither.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from voronka.accounts.models import User
from voronka.analytics import reports
from voronka.analytics.forms import Criteria
from voronka.cli.bench.figures import Figure, figure
from voronka.cli.bench.serving import seconds_of
from voronka.core.models import Company
from voronka.core.periods import end_of_day
from voronka.opportunities.models import DIMENSIONS, TALLIES, rebuild_tally

SPANS: Final = 5  # of each opportunity
DAYS_AGO, STRETCH = 100, 30  # when, and how many days the bridge spans
TURNS: Final = 3
LISTED: Final = 500  # rows a page of a list has
OF_AN_AS_OF, OF_BEST, OF_REBUILDING, OF_TODAY = 2.0, 1.5, 3.0, 0.3

_HELD: Final = """
    opportunities_opportunitystate s WHERE s.since <= %(at)s AND (s.until > %(at)s OR s.until IS NULL)
    AND NOT EXISTS (SELECT FROM opportunities_opportunity gone WHERE gone.id = s.opportunity_id AND gone.deleted_at <= %(at)s)
"""
_SUMS: Final = "count(*), sum(s.potential_company), sum(s.weighted_company)"
_PROFIT: Final = "round(s.potential_company * s.gross_profit_percent / 100, 2)"
_CLOSED: Final = "(s.since AT TIME ZONE %(zone)s)::date"
_MONTH: Final = (
    f"date_trunc('month', (CASE WHEN s.status = 'open' THEN s.predicted_close_on ELSE {_CLOSED} END)::timestamp)"
)
_AS_OF: Final = f"SELECT s.stage_id, {_SUMS} FROM {_HELD} AND s.status = 'open' GROUP BY s.stage_id"
_SCAN: Final = """
    SELECT stage_id, count(*), sum(potential_company), sum(weighted_company) FROM opportunities_opportunity
    WHERE status = 'open' AND deleted_at IS NULL GROUP BY stage_id
"""
_SCAN_BY_ALL: Final = f"""
    SELECT count(*), sum(n), sum(p), sum(w) FROM (
        SELECT count(*) AS n, sum(potential_company) AS p, sum(weighted_company) AS w FROM opportunities_opportunity WHERE deleted_at IS NULL
        GROUP BY {", ".join(DIMENSIONS)}, date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)
    ) groups
"""
# A list: the rows that fit are gone through once, for the sums of its groups and for the first of them, of which alone more is told.
_LIST: Final = f"""
    WITH held AS MATERIALIZED (
        SELECT s.id, s.opportunity_id, s.potential_company, s.weighted_company, {_PROFIT} AS profit, {{key}} AS key FROM {_HELD} AND {{chosen}}
    ), first AS (SELECT * FROM held ORDER BY key, potential_company DESC, opportunity_id LIMIT {LISTED})
    SELECT key::text, count(*)::text, sum(potential_company), sum(weighted_company), sum(profit), NULL, NULL, NULL FROM held GROUP BY key
    UNION ALL
    SELECT o.name, p.name, f.potential_company, f.weighted_company, f.profit, u.name, g.name, f.key::text
    FROM first f JOIN opportunities_opportunitystate s ON s.id = f.id JOIN opportunities_opportunity o ON o.id = f.opportunity_id
    JOIN partners_partner p ON p.id = o.partner_id JOIN accounts_user u ON u.id = s.owner_id JOIN opportunities_stage g ON g.id = s.stage_id
"""
_REASONS: Final = """(SELECT string_agg(r.name, ', ' ORDER BY r.name) FROM opportunities_opportunity_reasons given
    JOIN opportunities_reason r ON r.id = given.reason_id WHERE given.opportunity_id = s.opportunity_id)"""
_STATEMENTS: Final = {
    "pipeline": _AS_OF,
    "forecast-over-time": f"SELECT {_MONTH}, s.status, {_SUMS} FROM {_HELD} GROUP BY 1, 2",
    "statistics": f"SELECT s.owner_id, s.status, {_SUMS} FROM {_HELD} GROUP BY 1, 2",
    "forecast": _LIST.format(key=_MONTH, chosen="s.status = 'open'"),
    "opportunities": _LIST.format(key="1", chosen="s.status = 'open'"),
    "lost": _LIST.format(key=_REASONS, chosen="s.status = 'lost'"),
    "my-open": _LIST.format(key="s.stage_id", chosen="s.status = 'open' AND s.owner_id = %(me)s"),
    "my-closed": _LIST.format(key="s.status", chosen="s.status IN ('won', 'lost') AND s.owner_id = %(me)s"),
    "won": f"""
        SELECT ({_CLOSED} - o.opened_on) / 30, count(*), sum(s.potential_company), sum({_CLOSED} - o.opened_on)
        FROM opportunities_opportunity o JOIN {_HELD.replace(" WHERE", " ON o.id = s.opportunity_id WHERE", 1)} AND s.status = 'won' GROUP BY 1
    """,
    "source-distribution": f"""
        SELECT date_trunc('month', o.opened_on::timestamp), s.source_id, s.status, {_SUMS}
        FROM opportunities_opportunity o JOIN {_HELD.replace(" WHERE", " ON o.id = s.opportunity_id WHERE", 1)} GROUP BY 1, 2, 3
        UNION ALL
        SELECT date_trunc('month', created_at AT TIME ZONE %(zone)s), source_id, 'lead', count(*), count(*) FILTER (WHERE became_customer_at <= %(at)s), 0
        FROM partners_partner WHERE deleted_at IS NULL AND kind <> 'vendor' AND created_at <= %(at)s GROUP BY 1, 2
    """,
    "stage-analysis": f"""
        WITH done AS MATERIALIZED (SELECT s.opportunity_id AS k, s.status FROM {_HELD} AND s.status IN ('won', 'lost')),
        spans AS (
            SELECT s.opportunity_id AS k, s.stage_id, s.status = 'open' AS is_open, d.status,
                lag(s.stage_id) OVER (PARTITION BY s.opportunity_id ORDER BY s.since) IS DISTINCT FROM s.stage_id AS enters,
                extract(epoch FROM least(s.until, %(at)s) - s.since)::float8 AS seconds
            FROM opportunities_opportunitystate s JOIN done d ON d.k = s.opportunity_id WHERE s.since <= %(at)s
        ), visits AS (
            SELECT k, stage_id, status, count(*) FILTER (WHERE enters) AS times, sum(seconds) FILTER (WHERE is_open) AS seconds,
                count(*) FILTER (WHERE enters AND is_open) AS stays
            FROM spans GROUP BY k, stage_id, status
        )
        SELECT stage_id, count(*), count(*) FILTER (WHERE status = 'won'), sum(times), sum(seconds), sum(stays) FROM visits GROUP BY stage_id
    """,
    "conversion": """
        WITH ended AS MATERIALIZED (
            SELECT s.opportunity_id, s.stage_id, s.since, s.until, n.stage_id AS next_stage, n.status AS next_status
            FROM opportunities_opportunitystate s JOIN opportunities_opportunitystate n ON n.opportunity_id = s.opportunity_id AND n.since = s.until
            WHERE s.status = 'open' AND s.until > %(first)s AND s.until <= %(at)s AND n.since > %(first)s AND n.since <= %(at)s
            AND (n.stage_id <> s.stage_id OR n.status <> 'open')
        )
        SELECT e.stage_id, count(*), count(*) FILTER (WHERE next_status = 'lost'), count(*) FILTER (WHERE next_status = 'won' OR next_status = 'open'
            AND after.pipeline_id = before.pipeline_id AND (after.position, after.id) > (before.position, before.id)),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM e.until - coalesce(
                (SELECT x.until FROM opportunities_opportunitystate x WHERE x.opportunity_id = e.opportunity_id AND x.since < e.since
                 AND NOT (x.stage_id = e.stage_id AND x.status = 'open') ORDER BY x.since DESC LIMIT 1),
                (SELECT min(x.since) FROM opportunities_opportunitystate x WHERE x.opportunity_id = e.opportunity_id)))::float8 / 86400)
        FROM ended e JOIN opportunities_stage before ON before.id = e.stage_id JOIN opportunities_stage after ON after.id = e.next_stage
        GROUP BY e.stage_id
    """,
    "dynamic": """
        SELECT s.stage_id, s.status, s.owner_id, width_bucket(s.since - interval '1 microsecond', %(frames)s::timestamptz[]) AS begins,
            width_bucket(s.until - interval '1 microsecond', %(frames)s::timestamptz[]) AS ends, count(*), sum(s.potential_company), sum(s.weighted_company)
        FROM opportunities_opportunitystate s
        WHERE s.since <= %(at)s AND (s.until > %(first)s OR s.until IS NULL) AND (s.status = 'open' OR s.since > %(first)s)
        AND NOT EXISTS (SELECT FROM opportunities_opportunity gone WHERE gone.id = s.opportunity_id AND gone.deleted_at <= %(at)s)
        GROUP BY 1, 2, 3, 4, 5
    """,
    "inactive": f"""
        WITH silent AS MATERIALIZED (
            SELECT p.id, p.owner_id, (SELECT max(a.happened_at) FROM activities_activity a WHERE a.partner_id = p.id AND a.deleted_at IS NULL
                AND a.status = 'done' AND a.happened_at <= %(at)s) AS latest
            FROM partners_partner p WHERE p.deleted_at IS NULL AND p.created_at < %(since)s
            AND NOT EXISTS (SELECT FROM activities_activity a WHERE a.partner_id = p.id AND a.deleted_at IS NULL AND a.status = 'done'
                AND a.happened_at <= %(at)s AND a.happened_at >= %(since)s)
            AND NOT EXISTS (SELECT FROM opportunities_opportunity o JOIN opportunities_opportunitystate s ON s.opportunity_id = o.id
                WHERE o.partner_id = p.id AND s.since <= %(at)s AND (s.until > %(at)s OR s.until IS NULL) AND (o.deleted_at IS NULL OR o.deleted_at > %(at)s)
                AND (s.status = 'open' OR s.since >= %(since)s OR o.opened_on >= %(since)s))
        )
        SELECT owner_id::text, count(*)::text, NULL, NULL FROM silent GROUP BY owner_id
        UNION ALL
        (SELECT p.code, p.name, u.name, s.latest::text FROM silent s JOIN partners_partner p ON p.id = s.id JOIN accounts_user u ON u.id = p.owner_id
        ORDER BY s.owner_id, s.latest NULLS FIRST, s.id LIMIT {LISTED})
    """,
}  # fmt: skip


def figures() -> Iterator[Figure]:
    """Asked by the director, who sees everything, as of a hundred days ago."""
    director = User.objects.select_related("role").get(email="director@demo.example")
    with _alone():
        yield from _of_today(director)
        yield from _of_the_past(director)
        yield from _of_two_moments(director)
        yield from _of_summaries()


def _of_today(director: User) -> Iterator[Figure]:
    for slug in ("pipeline", "forecast-over-time"):
        ours = partial(_run, slug, director, Criteria())
        yield _measured(f"{slug} of today (of a scan)", OF_TODAY, partial(_ask, _SCAN, {}), ours)


def _of_the_past(director: User) -> Iterator[Figure]:
    """Each report as of a day beside its own statement, which gives the same figures and, of a list, as many rows."""
    day, values = _day(), _values(director)
    for slug, statement in _STATEMENTS.items():
        status = "open" if slug == "opportunities" else ""
        ours = partial(_run, slug, director, Criteria(as_of=day, most=LISTED, status=status))
        yield _measured(f"{slug} as of a day (of its statement)", OF_BEST, partial(_ask, statement, values), ours)


def _of_two_moments(director: User) -> Iterator[Figure]:
    """The bridge over a month, all in all and by person, beside the best statement for one as-of."""
    first, values = _day(), _values(director)
    for by, words, keys in (("", "", "s.stage_id"), ("salesperson", " by person", "s.stage_id, s.owner_id")):
        asked = Criteria(first=first, as_of=first + timedelta(days=STRETCH), by=by)
        as_of = partial(_ask, _AS_OF.replace("s.stage_id", keys), values)
        ours = partial(_run, "bridge", director, asked)
        yield _measured(f"bridge of {STRETCH} days{words} (of an as-of{words})", OF_AN_AS_OF, as_of, ours)


def _of_summaries() -> Iterator[Figure]:
    """The summaries put right, and made from nothing, beside one scan that groups by the same dimensions."""
    scan = partial(_ask, _SCAN_BY_ALL, {})
    yield _measured("summaries put right (of a scan by all dimensions)", OF_REBUILDING, scan, rebuild_tally)
    yield _measured("summaries made anew (of a scan by all dimensions)", OF_REBUILDING, scan, rebuild_tally, _forget)


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TALLIES)}")


def _day() -> date:
    return timezone.localdate() - timedelta(days=DAYS_AGO)


def _values(director: User) -> dict[str, Any]:
    """The values all statements know by their names; `frames` are the days of the ninety before, `first` the earliest of them."""
    zone = ZoneInfo(Company.current().time_zone)
    at = end_of_day(_day(), zone)
    frames: list[datetime] = [end_of_day(_day() - timedelta(days=n), zone) for n in range(90, -1, -1)]
    since = at - timedelta(days=180)
    return {
        "at": at,
        "zone": str(zone),
        "me": director.pk,
        "frames": frames,
        "first": frames[0],
        "since": since,
    }


def _run(slug: str, user: User, criteria: Criteria) -> None:
    list(reports.run(slug, user, criteria).rows)


def _ask(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.fetchall()


def _measured(
    job: str, allowed: float, limit: Callable[[], Any], ours: Callable[[], Any], before: Callable[[], Any] = int
) -> Figure:
    """The least CPU of each over several turns, after one of each that warms up; what is done `before` each of ours does not count."""
    turns = []
    for _turn in range(TURNS + 1):
        before()
        turns.append((_cost(limit), _cost(ours)))
    least, of_ours = (min(side) for side in zip(*turns[1:], strict=True))
    return figure(job, "ms CPU", least, of_ours, allowed)


def _cost(act: Callable[[], Any]) -> float:
    began = _spent()
    act()
    return (_spent() - began) * 1000


def _spent() -> float:
    """Seconds of CPU of this process and of its database session."""
    return time.process_time() + seconds_of([connection.connection.info.backend_pid])


@contextmanager
def _alone() -> Iterator[None]:
    """Without parallel workers, whose CPU nobody could tell apart."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET max_parallel_workers_per_gather")
