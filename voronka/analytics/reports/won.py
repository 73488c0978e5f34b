"""Won opportunities by the days they took."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics import querysets
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import (
    CENT,
    COMMON,
    Column,
    Grouping,
    Measure,
    ReportResult,
    Row,
    Shown,
    added_up,
    behind,
    filled,
    report,
)
from voronka.analytics.rules import BUCKET_DAYS

FIGURES = (
    Column("count", _("Won"), "count", "won"),
    Column("amount", _("Won, amount"), "money", "won"),
    Column("days", _("Days, in all"), "count", shown=False),
    Column("average_days", _("Average days"), "number", of=("days", "count")),
    Column("average_amount", _("Average amount"), "money", of=("amount", "count")),
)
MEASURES = (
    Measure("amount", _("Won, amount"), ("amount",), ("--v-good",)),
    Measure("count", _("Count"), ("count",), ("--v-good",)),
)


@report(
    "won",
    title=_("Won opportunities"),
    about=_("How many days it took to win, and how much it brought."),
    measures=MEASURES,
    dimensions=[name for name in COMMON if name not in ("status", "reason")],
    charts=("bars", "lines", "pie"),
    asks=("as_of", "bucket", "dates", "group", "filters", "ranges"),
    over_time=True,
    order=80,
)
def won(user: User, criteria: Criteria) -> ReportResult:
    """Won opportunities by the days from opening to closing, in ranges of `bucket` days (30 unless another number is asked for).

    The first range begins with day 0. With `dated` = predicted the days from opening to the predicted closing count instead, as in SAP
    Business One. Averages are of calendar days and of the potential amount, rounded half up to one place and to the cent.
    """
    size, facts = (
        criteria.bucket or BUCKET_DAYS,
        querysets.with_days(querysets.facts(user, replace(criteria, status="won")), criteria),
    )
    grouping = Grouping(user, criteria, list(dict.fromkeys(filter(None, (criteria.by, criteria.then)))))
    lasted = "predicted_days" if criteria.dated == "predicted" else "days"
    found = _found(facts.annotate(lasted=F(lasted)), criteria, grouping, size)
    grouping.read_names(key for _bucket, key in found)
    rows, keys = [], []
    for bucket, key in sorted(found, key=lambda one: (one[0], grouping.order(one[1]))):
        first, last = bucket * size, bucket * size + size - 1
        words = gettext("%(first)s–%(last)s days") % {"first": first, "last": last}
        rows.append(filled(FIGURES, {"range": Shown(first, words)} | grouping.words(key) | found[bucket, key]))
        keys.append(behind(criteria) | grouping.behind(key) | {f"{lasted}_from": first, f"{lasted}_to": last})
    columns = [Column("range", _("Days until won"), group=True), *grouping.columns, *FIGURES]
    return ReportResult(columns, rows, added_up(columns, rows), keys, criteria.currency)


def _found(facts: Any, criteria: Criteria, grouping: Grouping, size: int) -> dict[tuple[int, tuple[Any, ...]], Row]:
    """(number of the range, values of the dimensions) -> count, amount, days."""
    paths = {name: querysets.path(criteria, name) for name in grouping.sql_columns}
    rows = facts.annotate(bucket=F("lasted") / size).order_by().values("bucket", *paths.values())
    rows = rows.annotate(n=Count("pk"), total=Sum("potential_company"), taken=Sum("lasted"))
    found: dict[tuple[int, tuple[Any, ...]], Row] = {}
    for row in rows:
        key = row["bucket"], grouping.key({name: row[way] for name, way in paths.items()})
        kept = found.setdefault(key, {"count": 0, "amount": Decimal("0.00"), "days": 0})
        kept["count"] += row["n"]
        kept["amount"] += row["total"].quantize(CENT)
        kept["days"] += row["taken"]
    return found
