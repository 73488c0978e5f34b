"""The largest deals nobody has spoken about or moved for as many days as the company allows."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from voronka.analytics import querysets
from voronka.analytics.tables import Row
from voronka.analytics.tiles import ROWS, Viewer, deals_page, tile


@tile(
    "silent", title=_("Silent"), about=_("Open deals without a word and without a move, the largest first."), order=30
)
def silent(viewer: Viewer) -> Row:
    days = viewer.company.silent_days
    rows = querysets.silent(viewer.user, viewer.now - timedelta(days=days))[:ROWS]
    return {
        "deals": [(deal, (viewer.now - deal.stage_since).days) for deal in rows], "silent_days": days,
        "more": deals_page(silent_for=days, sort="-potential"),
    }  # fmt: skip
