"""Why the pipeline is not what it was a week ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from voronka.analytics.reports import links_behind
from voronka.analytics.tables import Row
from voronka.analytics.tiles import Viewer, report_page, tile
from voronka.core.registry import reports

DAYS: Final = 7


@tile(
    "bridge",
    title=_("Bridge of the week"),
    about=_("How the pipeline changed in seven days: new, grown, won, lost."),
    permission="analytics.view",
    order=65,
)
def bridge(viewer: Viewer) -> Row:
    """The steps that changed anything, with their bars: from where to where they reach, in percent of the highest point on the way."""
    found, first = reports["bridge"], viewer.today - timedelta(days=DAYS)
    result = found.answer(viewer.user, replace(viewer.criteria, first=first))
    rows = list(result.rows)
    steps = [
        {
            "name": row["step"], "is_edge": row["step"].value in ("start", "end"), "amount": row["potential"], "deals": row["deals"],
            "link": link.get("deals", ""), "is_good": colour == "--v-good",
        }
        for row, link, colour in zip(rows, links_behind(found, result), result.colours, strict=True)
        if row["potential"] or row["step"].value in ("start", "end")
    ]  # fmt: skip
    return {
        "steps": _bars(steps),
        "is_quiet": not any(step["amount"] for step in steps),
        "more": report_page("bridge", **{"from": first}),
    }


def _bars(steps: list[Row]) -> list[Row]:
    level, spans = 0, []
    for step in steps:
        before = 0 if step["is_edge"] else level
        level = before + step["amount"]
        spans.append((min(before, level), max(before, level)))
    highest = max((high for _low, high in spans), default=0) or 1
    return [
        step | {"from": float(round(100 * low / highest, 1)), "width": max(float(round(100 * (high - low) / highest, 1)), 0.5)}
        for step, (low, high) in zip(steps, spans, strict=True)
    ]  # fmt: skip
