"""The home page, the menu of reports, the one page of all reports, and the deals behind a figure of the past."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from voronka.analytics import querysets
from voronka.analytics import reports as room
from voronka.analytics.reports import Criteria, Result
from voronka.core import exports
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.core.registry import reports
from voronka.opportunities.models import OpportunityState

SILENT_DAYS = 14
SHOWN = 500
views_reports = permission_required("analytics.view", raise_exception=True)


def home(request: HttpRequest) -> HttpResponse:
    """My day: what closes, what is silent, my funnel, what was won this month."""
    user, today = request.user, timezone.localdate()
    funnel = room.run("pipeline", user, Criteria())
    won = list(querysets.won_by_person(user, today.replace(day=1)))
    context = {
        "title": _("My day"),
        "closing": querysets.closing_soon(user, today + timedelta(days=7))[:12],
        "silent": querysets.silent(user, timezone.now() - timedelta(days=SILENT_DAYS))[:8],
        "silent_days": SILENT_DAYS,
        "funnel": {"rows": [row | {"link": row["_link"]} for row in funnel.rows], "totals": funnel.totals},
        "won": won,
        "won_total": sum(row["total"] for row in won),
        "today": today,
    }
    return render(request, "analytics/home.html", context)


@views_reports
def index(request: HttpRequest) -> HttpResponse:
    """The menu of reports."""
    return render(request, "analytics/index.html", {"title": _("Analytics"), "reports": list(reports)})


@views_reports
def report(request: HttpRequest, slug: str) -> HttpResponseBase:
    """One page for all reports: criteria, chart, table; `?format=csv|xlsx|json` answers a file."""
    found = reports.get(slug)
    if found is None:
        raise Http404
    company = Company.current()
    try:
        criteria = Criteria.parse(request.GET, company.time_zone)
        result = found.run(request.user, criteria)
    except RuleBroken as broken:
        context = {"title": found.title, "report": found, "refused": str(broken), "words": request.GET, "dimensions": room.DIMENSIONS}
        return render(request, "analytics/report.html", context, status=422)
    if (kind := request.GET.get("format")) in ("csv", "xlsx", "json"):
        return _file(request, kind, slug, criteria, result)
    context = {
        "title": found.title, "report": found, "criteria": criteria, "columns": result.columns, "rows": _cells(result), "totals": _totals(result),
        "chart": result.chart | {"name": str(found.title)}, "company": company, "words": request.GET, "dimensions": room.DIMENSIONS,
        "query": _without(request.GET, "format"),
    }  # fmt: skip
    return render(request, "analytics/report.html", context)


def _without(words: Any, name: str) -> str:
    query = words.copy()
    query.pop(name, None)
    return query.urlencode()


def _cells(result: Result) -> list[dict[str, Any]]:
    """Rows as (column, value) pairs with the link of the row."""
    return [{"link": row["_link"], "cells": [(column, _shown(column, row)) for column in result.columns]} for row in result.rows]


def _shown(column: room.ReportColumn, row: Mapping[str, Any]) -> Any:
    return row["period_words"] if column.kind == "period" else row[column.key]


def _totals(result: Result) -> list[tuple[room.ReportColumn, Any]]:
    return [(column, result.totals.get(column.key, "")) for column in result.columns]


def _file(request: HttpRequest, kind: str, slug: str, criteria: Criteria, result: Result) -> HttpResponseBase:
    if not request.user.has_perm("core.export"):
        raise PermissionDenied
    if kind == "json":
        return HttpResponse(json.dumps(room.as_json(slug, criteria, result), ensure_ascii=False), content_type="application/json")
    header = [str(column.label) for column in result.columns]
    return exports.as_file(kind, slug, header, ([_shown(column, row) for column in result.columns] for row in result.rows))


@views_reports
def deals(request: HttpRequest) -> HttpResponse:
    """The deals behind a figure of a past moment, as they were then; at most 500 are shown, all are counted."""
    company = Company.current()
    try:
        criteria = Criteria.parse(request.GET, company.time_zone)
    except RuleBroken:
        return redirect("analytics:index")
    if criteria.as_of is None:
        return redirect("opportunities:list")
    states = OpportunityState.objects.at(criteria.as_of).visible_then(request.user)
    states = states.filter(**{("stage__pipeline" if name == "pipeline" else name): key for name, key in criteria.filters.items()})
    for name in ("stage", "status"):
        if value := request.GET.get(name, ""):
            states = states.filter(**{name: value}) if name == "status" or value.isdigit() else states.none()
    if criteria.first and criteria.last:
        states = states.filter(status="open", predicted_close_on__range=(criteria.first, criteria.last))
    title = _("Opportunities as of %(moment)s") % {"moment": date_format(timezone.localtime(criteria.as_of), "SHORT_DATE_FORMAT")}
    context = {"title": title, "states": querysets.deals_at(states)[:SHOWN], "company": company, **querysets.count_and_sum(states)}
    return render(request, "analytics/deals.html", context)
