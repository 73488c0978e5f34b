"""In which stages deals are lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from voronka.analytics.reports import COUNT, address_behind, figures, grouped
from voronka.analytics.rules import USUAL_DAYS, share
from voronka.analytics.tables import Row
from voronka.analytics.tiles import ROWS, Viewer, report_page, tile
from voronka.core.registry import reports


@tile(
    "leaking",
    title=_("Leaking stages"),
    about=_("Where deals of the last 90 days were lost, and how large a part of the loss that is."),
    permission="analytics.view",
    order=80,
)
def leaking(viewer: Viewer) -> Row:
    """Stages by the amount lost in them, the largest first, with its share of all that was lost in percent."""
    first = viewer.today - timedelta(days=USUAL_DAYS)
    asked = replace(viewer.criteria, status="lost", first=first, last=viewer.today)
    grouping, cells = grouped(viewer.user, asked, ("stage",))
    lost = {key: figures(cell)[2] for key, cell in cells.items()}
    whole = sum((one["total"] for one in lost.values()), start=0)
    rows = [
        {
            "stage": grouping.words(key)["stage"], "number": one["n"], "amount": one["total"], "share": share(one["total"], whole),
            "link": address_behind(reports["lost"], grouping.behind(key), COUNT),
        }
        for key, one in sorted(lost.items(), key=lambda pair: -pair[1]["total"])[:ROWS]
    ]  # fmt: skip
    return {"rows": rows, "more": report_page("lost", by="stage", **{"from": first})}
