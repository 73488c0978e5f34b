"""The home page, the menu of reports, the one page of all reports, and the deals behind a figure."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.analytics import querysets
from voronka.analytics.forms import Criteria, dimension_choices
from voronka.analytics.reports import DIMENSION_LABELS, PERIOD_LABELS, Column, Report, ReportResult, picture, run
from voronka.analytics.rules import SOON_DAYS
from voronka.analytics.tables import text_of
from voronka.core import exports
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.models import Company
from voronka.core.registry import panels_for, reports
from voronka.core.tables import Row

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.opportunities.models import Opportunity
    from voronka.partners.models import Partner

SHOWN: Final = 500  # deals behind one figure on a page; a file has them all
ROWS_AT_HOME: Final = 8
may_see = permission_required("analytics.view", raise_exception=True)


@require_GET
def home(request: Request) -> HttpResponse:
    """My day: what is to be done, what closes soon, what is silent or has no next step, leads that wait, the funnel, what was won this month."""
    user, company = request.user, Company.current()
    criteria = Criteria().settled(company)
    today = timezone.localdate(timezone=criteria.zone)
    won = list(querysets.won_by_person(user, today.replace(day=1)))
    context = {
        "title": _("My day"), "today": today, "silent_days": company.silent_days, "company": company, "panels": panels_for("home"),
        "is_team": user.scope_for("opportunities.opportunity", "see") in (Scope.TEAM, Scope.ALL),
        "closing": list(querysets.closing_soon(user, today - timedelta(days=60), today + timedelta(days=SOON_DAYS))[:ROWS_AT_HOME]),
        "soon": urlencode({"status": "open", "predicted_close_on_before": today + timedelta(days=SOON_DAYS), "sort": "predicted_close_on"}),
        "silent": _silent(user, company), "no_step": _no_step(user, company), "leads": _leads(user, company),
        "funnel": _small_funnel(user, criteria),
        "won": won, "won_count": sum(row["n"] for row in won), "won_total": sum(row["total"] for row in won),
        "won_link": urlencode({"status": "won", "closed_on_after": today.replace(day=1)}),
    }  # fmt: skip
    return render(request, "analytics/home.html", context)


def _silent(user: User, company: Company) -> list[tuple[Opportunity, int]]:
    """The largest silent deals, with their days in the stage."""
    now = timezone.now()
    rows = querysets.silent(user, now - timedelta(days=company.silent_days))[:ROWS_AT_HOME]
    return [(deal, (now - deal.stage_since).days) for deal in rows]


def _no_step(user: User, company: Company) -> list[Opportunity]:
    """The largest deals without a next step, where the company asks for one."""
    return list(querysets.without_next_step(user)[:ROWS_AT_HOME]) if company.next_step_required else []


def _leads(user: User, company: Company) -> list[Partner]:
    return list(querysets.waiting_leads(user, timezone.now() - timedelta(days=company.silent_days))[:ROWS_AT_HOME])


def _small_funnel(user: User, criteria: Criteria) -> dict[str, Any]:
    """The funnel's stages with the width of their bars in percent of the widest."""
    result = reports["pipeline"].answer(user, criteria)
    widest = max((row["potential"] for row in result.rows), default=0) or 1
    rows = [
        row
        | {
            "width": max(1, round(100 * row["potential"] / widest)) if row["count"] else 0,
            "link": _address(behind, result.columns[-4]),
        }
        for row, behind in zip(result.rows, result.behind, strict=True)
    ]
    return {"rows": rows, "totals": result.totals}


@require_GET
@may_see
def index(request: Request) -> HttpResponse:
    """The menu of reports."""
    return render(request, "analytics/index.html", {"title": _("Analytics"), "reports": _offered(request.user)})


def _offered(user: User) -> list[Report]:
    return [report for report in reports if user.has_perm(report.permission)]


@require_GET
@may_see
def report(request: Request, slug: str) -> HttpResponseBase:
    """One page for all reports: criteria, picture, table; `?export=csv|xlsx|json` answers a file."""
    found = reports.get(slug)
    if found is None:
        raise Http404
    context = {
        "title": found.title,
        "report": found,
        "given": request.GET,
        "reports": _offered(request.user),
    } | _offers(request, found)
    try:
        criteria = Criteria.parse(request.GET.dict())
        result = run(slug, request.user, criteria)
    except RuleBroken as broken:
        return render(request, "analytics/report.html", context | {"refused": broken}, status=422)
    if kind := request.GET.get("export"):
        return _file(request, kind, slug, criteria, result)
    measure = next((m for m in found.offered_measures(criteria, result) if m.key == request.GET.get("measure")), None)
    drawn = picture(found, criteria, result, measure, _links(result), request.GET.get("chart", ""))
    totals = [
        (c, text_of(c, result.totals[c.key], result.currency) if c.key in result.totals else "") for c in result.columns
    ]
    context |= {
        "criteria": criteria, "result": result, "lines": list(_lines(result)), "totals": totals, "picture": drawn,
        "measures": found.offered_measures(criteria, result), "kinds": _kinds(found, criteria), "moment": _moment_words(criteria),
        "query": _without(request, "export"), "today_query": _without(request, "as_of", "export"),
        "may_export": request.user.has_perm("core.export"), "is_empty": not any(result.totals.values()),
    }  # fmt: skip
    return render(request, "analytics/report.html", context)


def _kinds(found: Report, criteria: Criteria) -> list[tuple[str, Any]]:
    """The kinds of picture that fit: the report's own first."""
    own = ("", _("Funnel")) if found.chart == "funnel" and not criteria.by else ("", _("Bars"))
    return [own, ("lines", _("Lines"))] if found.over_time or own[1] != _("Funnel") else [own, ("bars", _("Bars"))]


def _offers(request: Request, found: Report) -> dict[str, Any]:
    """What the filter bar offers to choose from, with what is chosen."""
    choices = dimension_choices(request.user)
    return {
        "by_choices": [(key, DIMENSION_LABELS[key]) for key in found.dimensions],
        "period_choices": list(PERIOD_LABELS.items()) if found.over_time else [],
        "filters": [
            (name, label, rows, request.GET.get(name, "")) for name, (label, rows) in choices.items() if len(rows) > 1
        ],
    }


def _links(result: ReportResult) -> list[dict[str, str]]:
    """Per row: column key -> address of the list behind the figure."""
    return [
        {column.key: _address(behind, column) for column in result.columns if column.status and row[column.key]}
        for row, behind in zip(result.rows, result.behind, strict=True)
    ]


def _address(behind: Row, column: Column) -> str:
    """The list of the opportunities that a figure counts: of today in the list of opportunities, of the past as they were then.

    The list knows no "without a territory", so those of today go to our own list too.
    """
    wanted = behind | {"status": column.status}
    if "as_of" in wanted or "none" in wanted.values():
        return f"{reverse('analytics:deals')}?{urlencode(wanted)}"
    first, last = wanted.pop("from", ""), wanted.pop("to", "")
    if first and last:
        day = "predicted_close_on" if column.status == "open" else "closed_on"
        wanted |= {f"{day}_after": first, f"{day}_before": last}
    return f"{reverse('opportunities:list')}?{urlencode(wanted)}"


def _lines(result: ReportResult) -> Any:
    """The rows as cells: (column, words, address or "")."""
    for row, links in zip(result.rows, _links(result), strict=True):
        yield [
            (column, text_of(column, row[column.key], result.currency), links.get(column.key, ""))
            for column in result.columns
        ]


def _without(request: Request, *names: str) -> str:
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return query.urlencode()


def _moment_words(criteria: Criteria) -> str:
    return (
        date_format(criteria.as_of, "SHORT_DATETIME_FORMAT" if hasattr(criteria.as_of, "hour") else "DATE_FORMAT")
        if criteria.as_of
        else ""
    )


def _file(request: Request, kind: str, slug: str, criteria: Criteria, result: ReportResult) -> HttpResponseBase:
    if not request.user.has_perm("core.export"):
        raise PermissionDenied
    name = f"{slug}-{criteria.as_of.isoformat()[:10]}" if criteria.as_of else slug
    if kind == "json":
        content = json.dumps(result.as_json(slug, criteria), ensure_ascii=False)
        return HttpResponse(
            content,
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
        )
    if kind not in ("csv", "xlsx"):
        raise Http404
    return exports.as_file(kind, name, [str(column.label) for column in result.columns], result.lines())


@require_GET
@may_see
def deals(request: Request) -> HttpResponseBase:
    """The opportunities behind a figure, of a past moment as they were then; at most 500 are shown, all are counted."""
    company = Company.current()
    try:
        criteria = Criteria.parse(request.GET.dict()).settled(company)
    except RuleBroken as broken:
        return render(request, "analytics/deals.html", {"title": _("Opportunities"), "refused": broken}, status=422)
    rows = (
        querysets.deals_then(request.user, criteria) if criteria.moment else querysets.deals_now(request.user, criteria)
    )
    if kind := request.GET.get("export"):
        return _deals_file(request, kind, rows, past=bool(criteria.moment))
    context = {
        "title": _("Opportunities as of %(moment)s") % {"moment": _moment_words(criteria)} if criteria.moment else _("Opportunities"),
        "company": company, "deals": _shown(request.user, rows, past=bool(criteria.moment)), "most": SHOWN,
        "totals": querysets.totals(rows),
        "query": _without(request, "export"), "may_export": request.user.has_perm("core.export"),
    }  # fmt: skip
    return render(request, "analytics/deals.html", context)


def _shown(user: User, rows: QuerySet[Any], *, past: bool) -> list[Row]:
    """The first rows, each with its opportunity; of one handed over since, only what was true then is told."""
    states = list(rows[:SHOWN])
    pairs = [(state, state.opportunity if past else state) for state in states]
    visible = (
        querysets.visible_ids(user, [deal.pk for _state, deal in pairs])
        if past
        else {deal.pk for _state, deal in pairs}
    )
    return [{"state": state, "deal": deal, "is_visible": deal.pk in visible} for state, deal in pairs]


def _deals_file(request: Request, kind: str, rows: QuerySet[Any], *, past: bool) -> HttpResponseBase:
    if not request.user.has_perm("core.export"):
        raise PermissionDenied
    if kind not in ("csv", "xlsx"):
        raise Http404
    header = [
        _("Number"),
        _("Stage"),
        _("Status"),
        _("Potential"),
        _("Closing percentage"),
        _("Predicted closing"),
        _("Owner"),
    ]
    path = "opportunity_id" if past else "pk"
    lines = rows.values_list(
        path, "stage__name", "status", "potential", "percentage", "predicted_close_on", "owner__name"
    )
    return exports.as_file(kind, "opportunities", header, lines.iterator(2000))
