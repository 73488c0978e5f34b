"""The background worker imports a file: how much memory it takes, and what a list page takes people at work then, beside its usual time."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.core.files import File

from voronka.cli.bench.figures import Figure, figure, wall
from voronka.cli.bench.serving import Server, database_url, signed_in
from voronka.imports import actions as imports
from voronka.imports.models import ImportRun

if TYPE_CHECKING:
    from voronka.accounts.models import User

PAGE: Final = "/opportunities/?sort=-potential&status=all"
ASKED: Final = 60
PAUSE: Final = 0.1  # seconds between two pages: somebody reads them
ALLOWED: Final = 2
MOST_MEMORY: Final = 300


def figures(file: Path, by: User, folder: Path) -> Iterator[Figure]:
    """The median, and the slowest of twenty, of a list page asked by a real client again and again until the import is through; wall time.

    `folder` is the data folder of the worker: the files of this process lie in its `files`. The highest resident memory of the worker is
    counted from here on, what it took to start apart; the reader of the file is a process of its own and does not count.
    """
    with Server("voronka.config.wsgi:application") as ours, _background_worker(folder) as worker:
        ask = partial(ours.ask, PAGE, signed_in(by))
        _asked(ask, lambda count: count < ASKED)  # warms up
        usual = _asked(ask, lambda count: count < ASKED)
        idle = _peak_from_now(worker)
        with file.open("rb") as source:
            run = imports.start(imports.receive(File(source), file.name, by=by), write=True, by=by)
        busy = _asked(ask, lambda count: count < ASKED or _is_busy(run))
        grown = _memory(worker, "VmHWM") - idle
    yield figure("memory of an import beyond the reader's", "MB", 0, grown, MOST_MEMORY)
    yield figure(
        "list page while an import runs (of its usual time)",
        "ms",
        statistics.median(usual),
        statistics.median(busy),
        ALLOWED,
    )
    yield figure("the same, the slowest of twenty", "ms", _slow(usual), _slow(busy), ALLOWED)


def _asked(ask: Callable[[], None], is_wanted: Callable[[int], bool]) -> list[float]:
    """Milliseconds of each page asked for while `is_wanted` says so of their number."""
    spent: list[float] = []
    while is_wanted(len(spent)):
        spent.append(wall(ask))
        time.sleep(PAUSE)
    return spent


def _is_busy(run: ImportRun) -> bool:
    run.refresh_from_db(fields=["status", "message"])
    if run.status == ImportRun.Status.FAILED:
        raise RuntimeError(f"the import failed: {run.message}")
    return run.status == ImportRun.Status.RUNNING


def _peak_from_now(pid: int) -> float:
    """MB a process has now; from here on its highest is counted anew, so that no earlier peak hides what comes."""
    reset = Path(f"/proc/{pid}/clear_refs")
    if reset.exists():
        reset.write_text("5")  # proc(5): the peak becomes what it has now
    return _memory(pid, "VmRSS")


def _memory(pid: int, which: str) -> float:
    """MB of a process by a line of the kernel's: what it has now (VmRSS), or the most it ever had (VmHWM); nothing where the kernel tells none."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{which}:")) / 2**10


def _slow(spent: list[float]) -> float:
    return statistics.quantiles(spent, n=20)[-1]


@contextmanager
def _background_worker(folder: Path) -> Iterator[int]:
    """The worker as `voronka serve` starts it, on the database of this process; its id."""
    command = [sys.executable, "-m", "voronka", "worker"]
    environment = os.environ | {"DATABASE_URL": database_url(), "VORONKA_DATA": str(folder)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait()
