"""One measured job: the limit and ours, asked in turns."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from voronka.cli.bench.serving import Server

TURNS, BARE_A_TURN, OURS_A_TURN = 5, 60, 20


@dataclass(frozen=True)
class Figure:
    """One job: the limit and ours in `unit`, their ratio, and the ratio allowed (for a figure without a limit, the most allowed)."""

    job: str
    unit: str
    limit: float
    ours: float
    ratio: float
    allowed: float


def figure(job: str, unit: str, limit: float, ours: float, allowed: float) -> Figure:
    return Figure(job, unit, round(limit, 3), round(ours, 3), round(ours / limit, 2) if limit else 0.0, allowed)


def compare(
    job: str, allowed: float, bare: Server, limit: Callable[[], None], ours: Server, act: Callable[[], None]
) -> Figure:
    """Both in turns; the first requests of each only warm up. Milliseconds of CPU per request."""
    for warm in (limit, act):
        for _request in range(8):
            warm()
    spent = {"limit": 0.0, "ours": 0.0}
    for _turn in range(TURNS):
        spent["limit"] += _cost(bare, limit, BARE_A_TURN)
        spent["ours"] += _cost(ours, act, OURS_A_TURN)
    return figure(job, "ms CPU", spent["limit"] / TURNS, spent["ours"] / TURNS, allowed)


def _cost(server: Server, act: Callable[[], None], requests: int) -> float:
    began = server.cpu()
    for _request in range(requests):
        act()
    return (server.cpu() - began) * 1000 / requests


def wall(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
