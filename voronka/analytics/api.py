"""Reports, for programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.http import Http404
from ninja import Query, Router, Schema

from voronka.analytics import reports as room
from voronka.analytics.forms import Criteria
from voronka.core.frame import Request
from voronka.core.registry import reports as registry
from voronka.core.schemas import Text

router = Router()
MOST_ROWS: Final = 10_000


class ReportOut(Schema):
    slug: str
    title: str


class Figures(Schema):
    report: str
    as_of: str | None
    columns: list[str]
    rows: list[dict[str, str | int | bool | None]]
    totals: dict[str, str | int | None]


class Played(Figures):
    """What some reports tell besides: the first day of a bridge, the frames and bubbles of the dynamic analysis."""

    frames: list[str] | None = None
    is_aggregated: bool | None = None
    bubbles: list[dict[str, str | int | None]] | None = None


class Asked(Schema):
    """`as_of` is a day (its end is meant) or a moment, `compare` a day the funnel is compared with. `since` and `to` limit the periods, a bridge begins at
    the end of the day `since`. `by` and `then` are the two levels of grouping, `columns` a comma-separated choice. Records are asked for by their
    number, "none" asks for those without. `tag` is one of the partner, `competitor` and `also` (another company) are those of the opportunity, `opener` answered for
    it at first, `owner` does in the end; `code_from` and `code_to` are codes of partners, both included.
    """

    as_of: Text = ""
    compare: Text = ""
    since: Text = ""
    to: Text = ""
    by: Text = ""
    then: Text = ""
    period: Text = ""
    dated: Text = ""
    columns: Text = ""
    status: Text = ""
    owner: Text = ""
    pipeline: Text = ""
    stage: Text = ""
    territory: Text = ""
    source: Text = ""
    industry: Text = ""
    partner: Text = ""
    group: Text = ""
    level: Text = ""
    visited: Text = ""
    tag: Text = ""
    competitor: Text = ""
    also: Text = ""
    opener: Text = ""
    bucket: Text = ""
    expired: Text = ""
    category: Text = ""
    weeks: Text = ""
    move: Text = ""
    code_from: Text = ""
    code_to: Text = ""
    percentage_from: Text = ""
    percentage_to: Text = ""
    potential_from: Text = ""
    potential_to: Text = ""
    opened_from: Text = ""
    opened_to: Text = ""
    predicted_from: Text = ""
    predicted_to: Text = ""
    closed_from: Text = ""
    closed_to: Text = ""
    days_from: Text = ""
    days_to: Text = ""


@router.get("/reports", response=list[ReportOut], operation_id="reports", summary="The reports there are")
def reports(request: Request) -> Any:
    return [{"slug": report.slug, "title": str(report.title)} for report in registry]


@router.get(
    "/reports/{slug}",
    response=Played,
    operation_id="report",
    summary="The figures of a report",
    exclude_unset=True,
)
def report(request: Request, slug: Text, asked: Query[Asked]) -> Any:
    """The figures as this person may see them; of a list at most 10,000 rows, the totals are of all."""
    if registry.get(slug) is None:
        raise Http404
    wanted = asked.dict()
    criteria = Criteria.parse(wanted | {"from": wanted["since"]})
    return room.run(slug, request.user, replace(criteria, most=MOST_ROWS)).as_json(slug, criteria)
