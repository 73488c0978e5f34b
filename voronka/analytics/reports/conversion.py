"""Conversion: how many opportunities go on from each stage, how many are lost, and how long they stay."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics import querysets
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import Column, Measure, ReportResult, Row, added_up, behind, report
from voronka.analytics.rules import TENTH, USUAL_DAYS
from voronka.core.periods import end_of_day
from voronka.opportunities.models import Opportunity, Stage

COLUMNS = (
    Column("stage", _("Stage"), group=True),
    Column("ended", _("Stays ended"), "count", "any", asks=(("move", "ended"),)),
    Column("on", _("Went on"), "count", "any", asks=(("move", "on"),)),
    Column("back", _("Went back"), "count", "any", asks=(("move", "back"),)),
    Column("lost", pgettext_lazy("opportunities", "Lost"), "count", "any", asks=(("move", "lost"),)),
    Column("conversion", _("Conversion"), "percent", of=("on", "ended")),
    Column("median", _("Median days in stage"), "number"),
)
LISTED = (
    Column("number", _("No."), "deal"),
    Column("name", _("Opportunity"), "deal"),
    Column("partner", _("Partner"), "partner"),
    Column("stage", _("Stage")),
    Column("entered", _("From"), "day"),
    Column("left", _("Till"), "day"),
    Column("days", _("Days"), "number"),
    Column("next", _("Then")),
    Column("potential", _("Potential"), "money"),
)


@report(
    "conversion",
    title=_("Conversion"),
    about=_("From stage to stage: how many went on, how many were lost, how long they stayed."),
    charts=("bars",),
    measures=(
        Measure("conversion", _("Conversion"), ("conversion",)),
        Measure("median", _("Median days in stage"), ("median",)),
    ),
    asks=("as_of", "dates", "filters", "ranges"),
    order=45,
    drill="conversion",
)
def conversion(user: User, criteria: Criteria) -> ReportResult:
    """By stage the stays that ended on the days from `from` to `to` (the last 90, if not given) of the company's zone, in the pipelines' order.

    A stay is what an opportunity spends open in one stage without a break; one that comes back has another. Conversion = went on / ended × 100,
    rounded half up to one place: went on are those that got into a later stage of the same pipeline or were won, went back those that got into an
    earlier stage or another pipeline. Who still stays is not counted yet. Median days: the middle one of the ended stays' lengths in days of 24
    hours (of an even number the mean of the two in the middle), rounded half up to one place. People, territory and amount are those at the end of
    the stay. With `move` (on, back, lost, ended) the stays themselves are listed, the longest first.
    """
    first, last = _days(criteria)
    moments = (
        end_of_day(first - timedelta(days=1), criteria.zone),
        min(end_of_day(last, criteria.zone), _moment(criteria)),
    )
    asked = criteria.without_dates()
    if criteria.move:
        return _listed(user, asked, criteria.move, *moments)
    found = querysets.endings(user, asked, *moments)
    stages = Stage.objects.visible_to(user).filter(pk__in=found)
    rows, keys = [], []
    for stage in stages.order_by("pipeline__position", "pipeline__name", "position", "pk"):
        rows.append(_row(stage.name, found[stage.pk]))
        keys.append(behind(asked, stage=stage.pk) | {"from": first.isoformat(), "to": last.isoformat()})
    return ReportResult(COLUMNS, rows, added_up(COLUMNS, rows), keys, criteria.currency)


def _moment(criteria: Criteria) -> Any:
    return criteria.moment or timezone.now()


def _days(criteria: Criteria) -> tuple[date, date]:
    """The first and the last day counted, none of them after the moment asked for."""
    today = timezone.localdate(_moment(criteria), criteria.zone)
    last = min(criteria.last or today, today)
    return min(criteria.first or last - timedelta(days=USUAL_DAYS), last), last


def _row(name: str, found: Row) -> Row:
    share = (Decimal(found["on"]) * 100 / found["ended"]).quantize(TENTH, ROUND_HALF_UP)
    return {"stage": name, "conversion": share, "median": _tenth(found["median"])} | {
        key: found[key] for key in ("ended", "on", "back", "lost")
    }


def _tenth(days: float) -> Decimal:
    return Decimal(days).quantize(TENTH, ROUND_HALF_UP)


def _listed(user: User, criteria: Criteria, move: str, first: Any, last: Any) -> ReportResult:
    """The stays that ended so; of opportunities outside the person's reach today the number and figures alone."""
    stays = querysets.stays(user, criteria, first, last)
    stays = stays if move == "ended" else stays.filter(ending=move)
    found = stays.order_by("-days", "pk").values(
        "opportunity_id", "stage_id", "entered", "until", "days", "next_stage", "next_status", "potential_company"
    )
    totals = stays.order_by().aggregate(count=Count("pk"), potential=Sum("potential_company"))
    shown = list(found[: criteria.most] if criteria.most else found)
    deals = Opportunity.objects.visible_to(user).filter(pk__in={row["opportunity_id"] for row in shown})
    names = {row[0]: row for row in deals.values_list("pk", "name", "partner_id", "partner__name")}
    stages = dict(Stage.objects.visible_to(user).values_list("pk", "name"))
    rows = [_line(row, names.get(row["opportunity_id"]), stages) for row in shown]
    total = {"count": totals["count"], "potential": totals["potential"] or Decimal("0.00")}
    return ReportResult(LISTED, rows, total, currency=criteria.currency, number=totals["count"])


def _line(row: Row, deal: Any, stages: dict[int, str]) -> Row:
    key = row["opportunity_id"]
    closed = {"won": gettext("Won"), "lost": gettext("Lost")}
    return {
        "pk": key, "number": key, "name": (deal[1] or f"№ {key}") if deal else gettext("now with somebody else"), "seen": bool(deal),
        "partner": deal[3] if deal else None, "partner_pk": deal[2] if deal else None, "stage": stages.get(row["stage_id"]),
        "entered": row["entered"], "left": row["until"], "days": _tenth(row["days"]), "potential": row["potential_company"],
        "next": closed.get(row["next_status"]) or stages.get(row["next_stage"]),
    }  # fmt: skip
