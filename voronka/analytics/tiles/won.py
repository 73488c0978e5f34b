"""What was won this month, by person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from voronka.analytics import querysets
from voronka.analytics.tables import Row
from voronka.analytics.tiles import Viewer, deals_page, tile


@tile("won", title=_("Won this month"), about=_("Deals won since the first of the month, by person."), order=70)
def won(viewer: Viewer) -> Row:
    rows = querysets.won_by_person(viewer.user, viewer.month.first)[:10]
    link = deals_page(status="won", closed_on_after=viewer.month.first, closed_on_before=viewer.month.last)
    return {"rows": [row | {"link": f"{link}&owner={row['owner_id']}"} for row in rows], "more": link}
