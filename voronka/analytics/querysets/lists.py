"""Lists of facts gone through once: the sums of their groups and their first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy

from voronka.analytics.querysets.fitting import path, with_reasons

if TYPE_CHECKING:
    from voronka.analytics.forms import Criteria

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
