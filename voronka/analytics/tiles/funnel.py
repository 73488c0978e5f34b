"""The pipeline by stage, small."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from voronka.analytics.reports import address_behind
from voronka.analytics.tables import Row
from voronka.analytics.tiles import Viewer, report_page, tile
from voronka.core.registry import reports


@tile(
    "funnel",
    title=_("Funnel of the team"),
    own_title=_("My funnel"),
    about=_("Open deals by stage: how many and how much."),
    order=60,
)
def funnel(viewer: Viewer) -> Row:
    """The funnel's stages with the width of their bars in percent of the widest."""
    found = reports["pipeline"]
    result = found.answer(viewer.user, viewer.criteria)
    count = next(column for column in result.columns if column.key == "count")
    widest = max((row["potential"] for row in result.rows), default=0) or 1
    rows = [
        row
        | {
            "width": max(1, round(100 * row["potential"] / widest)) if row["count"] else 0,
            "link": address_behind(found, behind, count),
        }
        for row, behind in zip(result.rows, result.behind, strict=True)
    ]
    return {"rows": rows, "number": result.totals["count"], "more": report_page("pipeline")}
