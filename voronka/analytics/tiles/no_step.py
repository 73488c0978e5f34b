"""The largest deals nobody has planned anything for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from voronka.analytics import querysets
from voronka.analytics.tables import Row
from voronka.analytics.tiles import ROWS, Viewer, deals_page, tile


@tile(
    "no-step",
    title=_("Without a next step"),
    about=_("Open deals nobody has planned anything for, the largest first."),
    setting="next_step_required",
    order=40,
)
def no_step(viewer: Viewer) -> Row:
    return {
        "deals": list(querysets.without_next_step(viewer.user)[:ROWS]),
        "more": deals_page(has_plans="false", sort="-potential"),
    }
