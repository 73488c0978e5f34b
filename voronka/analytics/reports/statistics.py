"""Statistics: how many opportunities there are, how many were won, and what they are worth, by any dimension."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.accounts.models import User
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import (
    CENT,
    COMMON,
    Column,
    Measure,
    ReportResult,
    Row,
    added_up,
    figures,
    filled,
    grouped,
    report,
)

FIGURES = (
    Column("total", _("Total"), "count", "any"),
    Column("open", pgettext_lazy("number of opportunities", "Open"), "count", "open"),
    Column("won", pgettext_lazy("number of opportunities", "Won"), "count", "won"),
    Column("lost", pgettext_lazy("number of opportunities", "Lost"), "count", "lost"),
    Column("closed", pgettext_lazy("number of opportunities", "Closed"), "count", "closed"),
    Column("success", _("Success, %"), "percent", of=("won", "won", "lost")),
    Column("open_amount", _("Open, potential"), "money", "open"),
    Column("weighted", _("Open, weighted"), "money", "open"),
    Column("won_amount", _("Won, amount"), "money", "won"),
    Column("lost_amount", _("Lost, amount"), "money", "lost"),
)
MEASURES = (
    Measure("count", _("Count"), ("won", "open", "lost"), ("--v-good", "--c0", "--v-bad"), ("all", "all", "all")),
    Measure("won_amount", _("Won, amount"), ("won_amount",), ("--v-good",)),
    Measure("open_amount", _("Open, potential"), ("open_amount",), ("--c0",)),
    Measure("success", _("Success, %"), ("success",), ("--c0",)),
)


@report(
    "statistics",
    title=_("Statistics"),
    about=_("How many opportunities there are, how many were won, and what they are worth."),
    measures=MEASURES,
    dimensions=[name for name in COMMON if name not in ("status", "reason")],
    by="salesperson",
    asks=("as_of", "dates", "group", "filters", "ranges"),
    order=40,
)
def statistics(user: User, criteria: Criteria) -> ReportResult:
    """Counts and amounts by one or two dimensions.

    Success = won / (won + lost) × 100, rounded half up to one place, empty without a closed opportunity (SAP Business One: Success %).
    Amounts are in the company's currency. With `from` and `to` only opportunities whose day of closing (predicted while open) lies between.
    """
    grouping, cells = grouped(user, criteria, (criteria.by, criteria.then))
    keys = sorted(cells, key=grouping.order)
    columns = [*grouping.columns, *FIGURES]
    rows = [filled(FIGURES, grouping.words(key) | _figures(cells[key])) for key in keys]
    return ReportResult(
        columns, rows, added_up(columns, rows), [grouping.behind(key) for key in keys], criteria.currency
    )


def _figures(cell: dict[str, Row]) -> Row:
    is_open, won, lost = figures(cell)
    closed = int(won["n"] + lost["n"])
    return {
        "total": int(is_open["n"]) + closed, "open": int(is_open["n"]), "won": int(won["n"]), "lost": int(lost["n"]), "closed": closed,
        "open_amount": is_open["total"].quantize(CENT), "weighted": is_open["expected"].quantize(CENT),
        "won_amount": won["total"].quantize(CENT), "lost_amount": lost["total"].quantize(CENT),
    }  # fmt: skip
