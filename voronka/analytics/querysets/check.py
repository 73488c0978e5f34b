"""Whether summaries, headers and states agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

from voronka.opportunities.history import STATE_COLUMNS
from voronka.opportunities.models import TALLIES

if TYPE_CHECKING:
    pass

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

    All are 0 in an installation that is in order. A statement each over everything: for `voronka check`, not for a page.
    """
    questions = {table.removeprefix("opportunities_"): _unequal(table, columns) for table, columns in TALLIES.items()}
    questions |= {"last_spans": _LAST_SPANS, "gaps": _GAPS}
    found = {}
    with connection.cursor() as cursor:
        for name, question in questions.items():
            cursor.execute(question)
            found[name] = cursor.fetchone()[0]
    return found
