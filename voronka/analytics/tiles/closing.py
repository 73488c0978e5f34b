"""Deals predicted to close in the next days, overdue ones first."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from voronka.analytics import querysets
from voronka.analytics.rules import SOON_DAYS
from voronka.analytics.tables import Row
from voronka.analytics.tiles import ROWS, Viewer, deals_page, tile

OVERDUE_DAYS: Final = 60  # what should have closed longer ago is silent rather than late


@tile(
    "closing",
    title=_("Closing soon"),
    about=_("Deals predicted to close in the next two weeks, and those that should have."),
    order=20,
)
def closing(viewer: Viewer) -> Row:
    first, last = viewer.today - timedelta(days=OVERDUE_DAYS), viewer.today + timedelta(days=SOON_DAYS)
    return {
        "deals": list(querysets.closing_soon(viewer.user, first, last)[:ROWS]),
        "more": deals_page(
            status="open",
            predicted_close_on_after=first,
            predicted_close_on_before=last,
            sort="predicted_close_on",
        ),
    }
