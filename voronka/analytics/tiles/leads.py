"""New leads nobody has spoken with, with the time since they came."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from voronka.analytics import querysets
from voronka.analytics.tables import Row
from voronka.analytics.tiles import ROWS, Viewer, partners_page, tile


@tile(
    "leads",
    title=_("Leads that wait"),
    about=_("New leads without a word, a deal or a plan, with the time since they came."),
    order=50,
)
def leads(viewer: Viewer) -> Row:
    days = viewer.company.silent_days
    return {
        "leads": list(querysets.waiting_leads(viewer.user, viewer.now - timedelta(days=days))[:ROWS]),
        "more": partners_page(kind="lead", silent_for=days, has_plans="false", has_open="false", sort="-created_at"),
    }
