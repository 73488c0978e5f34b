"""Which information sources bring leads, deals and money."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from voronka.analytics.rules import USUAL_DAYS
from voronka.analytics.tables import Row
from voronka.analytics.tiles import ROWS, Viewer, report_page, tile
from voronka.core.registry import reports


@tile(
    "sources",
    title=_("Sources"),
    about=_("Leads, deals and won money of the last 90 days by information source."),
    permission="analytics.view",
    order=90,
)
def sources(viewer: Viewer) -> Row:
    """Sources by the number of deals opened, the most first: leads that came in, deals, and what was won of them."""
    first = viewer.today - timedelta(days=USUAL_DAYS)
    result = reports["source-distribution"].answer(
        viewer.user, replace(viewer.criteria, by="source", first=first, last=viewer.today)
    )
    found: dict[Any, Row] = {}
    for row in result.rows:
        kept = found.setdefault(row["source"], {"source": row["source"], "leads": 0, "deals": 0, "won_amount": 0})
        for name in ("leads", "deals", "won_amount"):
            kept[name] += row[name]
    rows = sorted(found.values(), key=lambda row: (-row["deals"], -row["leads"]))[:ROWS]
    return {"rows": rows, "more": report_page("source-distribution", **{"from": first})}
