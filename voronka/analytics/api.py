"""Reports, for programs."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from ninja import Router, Schema

from voronka.analytics import reports as room
from voronka.analytics.forms import Criteria
from voronka.core.frame import Request
from voronka.core.registry import reports as registry
from voronka.core.schemas import ERRORS, Text

router = Router()


class ReportOut(Schema):
    slug: str
    title: str


class Figures(Schema):
    report: str
    as_of: str | None
    columns: list[str]
    rows: list[dict[str, str | int | None]]
    totals: dict[str, str | int | None]


@router.get(
    "/reports", response={200: list[ReportOut], **ERRORS}, operation_id="reports", summary="The reports there are"
)
def reports(request: Request) -> Any:
    return [{"slug": report.slug, "title": str(report.title)} for report in registry]


@router.get(
    "/reports/{slug}", response={200: Figures, **ERRORS}, operation_id="report", summary="The figures of a report"
)
def report(
    request: Request,
    slug: Text,
    as_of: Text = "",
    since: Text = "",
    to: Text = "",
    by: Text = "",
    period: Text = "",
) -> Any:
    """`as_of` is a day (its end is meant) or a moment; `since` and `to` limit the periods; `by` splits by salesperson, territory, source, industry."""
    if registry.get(slug) is None:
        raise Http404
    criteria = Criteria.parse({"as_of": as_of, "from": since, "to": to, "by": by, "period": period})
    return room.run(slug, request.user, criteria).as_json(slug, criteria)
