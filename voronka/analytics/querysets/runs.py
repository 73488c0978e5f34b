"""Statements that somebody may stop, and that stop by themselves when a moment is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

import psycopg.errors
from django.db import OperationalError, connection, transaction

if TYPE_CHECKING:
    pass

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
