"""Querysets whose SQL is made once.

Django spends about half a millisecond on making the SQL of a small queryset, PostgreSQL a tenth of that on answering it. What every page
reads (the session, the person, the record of a card and what hangs on it) has always the same shape: it is compiled at the first use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Model, Q, QuerySet, Value
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)


def _fetched(sql: str, values: list[Any]) -> list[Any]:
    """The rows of a statement bound on the server, where the plan is kept too; seen by Django's logs and counters like any other.

    What every request begins with tells by itself whether a kept connection is still alive: after it Django need not ask (`SELECT 1`), and
    on a dead one it is asked again on a new connection.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    try:
        rows = _executed(connection, sql, values)
    except OperationalError:
        if connection.in_atomic_block or connection.health_check_done or connection.is_usable():
            raise
        connection.close()
        connection.ensure_connection()
        rows = _executed(connection, sql, values)
    connection.health_check_done = True
    return rows


def _executed(connection: Any, sql: str, values: list[Any]) -> list[Any]:
    binding: Any = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
    with connection._prepare_cursor(binding) as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def fresh(record: M) -> M:
    """The record as the database has it now, with what the database computes."""
    rows: list[M] = _by_key(type(record))(pk=record.pk)
    return rows[0]


@cache
def _by_key(model: type[Model]) -> Prepared:
    return Prepared(lambda: model._base_manager.filter(pk=Slot("pk")))


class Slot(Value):
    """The place of a value in a prepared queryset: `filter(pk=Slot("pk"))`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Prepared(threading.local):
    """A queryset made by `build(*shape)`; calling it with a shape and the values of its slots gives the rows as a list.

    A shape is what changes the SQL itself or is the same for many requests (a reach, a person's team); it must be hashable. Slots are
    bound anew each time and go to the database as parameters. Compiled statements are kept per thread, like Django's connections, up to
    MOST shapes; prefetches are not followed.
    """

    MOST = 256

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._kept: dict[tuple[Hashable, ...], _Statement] = {}

    def __call__(self, *shape: Hashable, **values: Any) -> list[Any]:
        statement = self._kept.get(shape)
        if statement is None:
            if len(self._kept) >= self.MOST:
                self._kept.clear()
            statement = self._kept[shape] = _Statement(self._build(*shape))
        return statement.rows(values)


class _Statement:
    """One compiled queryset. Rows of a shape of their own are built by the queryset's iterable, which is handed the fetched rows instead of a query."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self.queryset = queryset
        self.compiler: Any = queryset.query.get_compiler(using=queryset.db)
        try:
            self.sql, self.parameters = self.compiler.as_sql()
        except EmptyResultSet:  # a reach of nothing
            self.sql = ""
            return
        converters = self.compiler.get_converters([column[0] for column in self.compiler.select])
        self.compiler.get_converters = lambda _expressions: converters
        has_composites = self.compiler.has_composite_fields([column[0] for column in self.compiler.select])
        self.compiler.has_composite_fields = lambda _expressions: has_composites
        self.queryset.query.get_compiler = lambda *_arguments, **_options: self.compiler  # type: ignore[method-assign]
        are_records = queryset._iterable_class is ModelIterable
        self.records = _Records(self.compiler.klass_info, self.compiler.select) if are_records else None

    def rows(self, values: dict[str, Any]) -> list[Any]:
        if not self.sql:
            return []
        bound = [values[one.value] if isinstance(one, Slot) else one for one in self.parameters]
        found = _fetched(self.sql, bound)
        if self.records is not None:
            more = self.compiler.annotation_col_map or {}
            return [self.records.made(row, more) for row in self.compiler.results_iter([found])]
        self.compiler.execute_sql = lambda *_arguments, **_options: [found]
        rows: Any = self.queryset._iterable_class(self.queryset)
        return list(rows)


class _Records:
    """Records of one model among the columns of a statement, and those selected along with them.

    What Django's iterable finds out for every call (which columns belong to whom) is kept, and a record is filled at once instead of field
    by field: values from the database need no checks and nobody here listens to `pre_init`.
    """

    def __init__(self, info: Any, select: Any) -> None:
        places = info["select_fields"]
        self.model: type[Model] = info["model"]
        self.names = [select[place][0].target.attname for place in places]
        self.first, self.end = places[0], places[-1] + 1
        self.key = places[self.names.index(self.model._meta.pk.attname)]
        self.below = [
            (_Records(one, select), one["local_setter"], one["remote_setter"])
            for one in info.get("related_klass_infos", ())
        ]

    def made(self, row: Any, more: dict[str, int]) -> Any:
        record: Any = self.model.__new__(self.model)
        record._state = state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        known = record.__dict__
        known.update(zip(self.names, row[self.first : self.end], strict=True))
        for name, place in more.items():
            known[name] = row[place]
        for below, towards, back in self.below:
            other = below.made(row, {}) if row[below.key] is not None else None
            towards(record, other)
            if other is not None:
                back(other, record)
        return record


def behind(rows: Any, lies: str, moment: str, key: str = "pk") -> Any:
    """What a stream that runs from the newest row on shows behind a place, whose moment and key are the slots "at" and "key": rows "before" that
    moment, "until" it (its own included), or "behind" the row of that moment with the key; for "" all rows.
    """
    at = Slot("at")
    match lies:
        case "before":
            return rows.filter(**{f"{moment}__lt": at})
        case "until":
            return rows.filter(**{f"{moment}__lte": at})
        case "behind":
            # The first condition lets the index start at the place.
            return rows.filter(**{f"{moment}__lte": at}).filter(
                Q(**{f"{moment}__lt": at}) | Q(**{f"{key}__lt": Slot("key")})
            )
    return rows
