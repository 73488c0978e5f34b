"""How far a run is, and whether somebody called it off or paused it: said and asked by a database session of its own, so that it works
while the run's transaction is open.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, Final, Self

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from voronka.core.errors import RuleBroken
from voronka.imports.models import ImportRun

SAY_EVERY: Final = 0.3  # seconds between two words about the progress
SLICE: Final = 50_000  # rows written by one statement
Status, Phase = ImportRun.Status, ImportRun.Phase
# How much of the whole each phase is, as measured with partners (docs/decisions/0016).
WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = {
    Status.CHECKING: {Phase.READING: 0.7, Phase.JUDGING: 0.3},
    Status.RUNNING: {Phase.READING: 0.3, Phase.JUDGING: 0.1, Phase.WRITING: 0.6},
    Status.UNDOING: {Phase.UNDOING: 1},
}


class Stopped(RuleBroken):
    """Somebody called the run off ("cancelled") or paused it ("paused")."""


def stopped(status: str) -> Stopped:
    if status == Status.PAUSED:
        return Stopped(_("The import is paused; nothing was written."), code="paused")
    return Stopped(_("The import was called off; nothing was written."), code="cancelled")


class Pace:
    """Tells how much of a run is done. The parts of several files share one run: `part` narrows the pace to one of them."""

    def __init__(
        self, run: ImportRun, session: BaseDatabaseWrapper, told: Callable[[float], None] | None = None
    ) -> None:
        self.run, self.session, self.told = run, session, told
        self.weights = WEIGHTS[run.status]
        self.phase, self.span, self.behind, self.said_at = "", (0.0, 1.0), 0, time.monotonic()

    def enter(self, phase: str, first: float = 0, last: float = 1) -> Self:
        """A phase begins, or that stretch of it which one of several files takes; whoever called the run off is heard now."""
        self.phase, self.span = phase, (first, last)
        self._write(0)
        return self

    def say(self, done: float) -> None:
        """So much of the stretch is done, 0 to 1. Raises Stopped when somebody called the run off or paused it."""
        if time.monotonic() - self.said_at > SAY_EVERY:
            self._write(done)

    def _write(self, done: float) -> None:
        first, last = self.span
        before = sum(list(self.weights.values())[: list(self.weights).index(self.phase)])
        # Of several files one is judged when another is written already: the bar does not go back for it.
        self.run.share = max(self.run.share, before + self.weights[self.phase] * (first + (last - first) * done))
        self.said_at = time.monotonic()
        if self.told:
            self.told(self.run.share)
        with self.session.cursor() as cursor:
            cursor.execute(
                "UPDATE imports_importrun SET share = %s, phase = %s WHERE id = %s RETURNING status",
                [self.run.share, self.phase, self.run.pk],
            )
            found = cursor.fetchone()
        if found and found[0] in (Status.CANCELLED, Status.PAUSED):
            raise stopped(found[0])


@contextmanager
def pace_of(run: ImportRun, told: Callable[[float], None] | None = None) -> Iterator[Pace]:
    """The pace of a run at work; its session ends with the block."""
    with closing(connection.copy()) as session:
        yield Pace(run, session, told)


class Steps:
    """A cursor whose statements are steps of a phase: after each the pace hears of it. `effort` is what all of them will weigh together."""

    def __init__(self, cursor: Any, pace: Pace, effort: float) -> None:
        self.cursor, self.pace, self.effort, self.done = cursor, pace, effort, 0.0

    def execute(self, statement: str, values: Any = None, weight: float = 0) -> None:
        """Run one statement of that weight."""
        self.cursor.execute(statement, values)
        self.done += weight
        self.pace.say(min(self.done / self.effort, 1))

    def in_slices(self, statement: str, values: dict[str, Any], last: int, weight: float = 0) -> None:
        """Run a statement that names rows `%(from_row)s` to `%(to_row)s` over rows 1 to `last`, so that a long one is heard of in between."""
        slices = range(1, max(last, 1) + 1, SLICE)
        for first in slices:
            self.execute(statement, values | {"from_row": first, "to_row": first + SLICE - 1}, weight / len(slices))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cursor, name)
