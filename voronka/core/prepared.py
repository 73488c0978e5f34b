"""Querysets whose SQL is made once.

Django spends about half a millisecond on making the SQL of a small queryset, PostgreSQL a tenth of that on answering it. What every page
reads (the session, the person, the record of a card and what hangs on it) has always the same shape: it is compiled at the first use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import QuerySet, Value


def _cursor() -> Any:
    """A cursor that binds on the server, where the plan is kept too; seen by Django's logs and counters like any other."""
    connection.ensure_connection()
    return connection._prepare_cursor(ServerBindingCursor(connection.connection))  # type: ignore[attr-defined, call-arg]


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
    """One compiled queryset. Its rows are built by the queryset's own iterable, which is handed the fetched rows instead of a query."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(using=queryset.db)
        try:
            self.sql, self.parameters = self.compiler.as_sql()
        except EmptyResultSet:  # a reach of nothing
            self.sql = ""
            return
        converters = self.compiler.get_converters([column[0] for column in self.compiler.select])
        self.compiler.get_converters = lambda _expressions: converters
        has_composites = self.compiler.has_composite_fields([column[0] for column in self.compiler.select])
        self.compiler.has_composite_fields = lambda _expressions: has_composites
        self.queryset.query.get_compiler = lambda **_arguments: self.compiler  # type: ignore[method-assign]

    def rows(self, values: dict[str, Any]) -> list[Any]:
        if not self.sql:
            return []
        bound = [values[one.value] if isinstance(one, Slot) else one for one in self.parameters]
        with _cursor() as cursor:
            cursor.execute(self.sql, bound)
            found = cursor.fetchall()
        self.compiler.execute_sql = lambda *_arguments, **_options: [found]
        rows: Any = self.queryset._iterable_class(self.queryset)
        return list(rows)
