"""The menu of reports, the one page of all reports, and the deals behind a figure; regular reports. Home pages and forecasts have files of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from dateutil.relativedelta import relativedelta
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from voronka.accounts.models import User
from voronka.analytics import actions, querysets
from voronka.analytics.forms import Criteria, ScheduleForm, dimension_choices
from voronka.analytics.models import Schedule
from voronka.analytics.pictures import picture
from voronka.analytics.reports import (
    COUNT,
    DIMENSION_LABELS,
    PERIOD_LABELS,
    PRINTED,
    Report,
    address_behind,
    as_pdf,
    links_behind,
    run,
)
from voronka.analytics.rules import PATIENCE, REPORT, VIEW, name_of_run
from voronka.analytics.tables import Column, Line, ReportResult, Row, Words, outline, text_of
from voronka.core import exports
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.mail import is_set_up
from voronka.core.models import Company, SavedView
from voronka.core.pages import FormPage, number_of
from voronka.core.registry import reports
from voronka.opportunities.models import Forecast
from voronka.partners.models import Partner

SHOWN: Final = 500  # rows of a list on a page; a file has them all
MADE: Final = "voronka_made"  # the cookie of a file that was waited for: its key
SIGNING_IN: Final = "/account/"
may_see = permission_required("analytics.view", raise_exception=True)


@require_GET
@may_see
def index(request: Request) -> HttpResponse:
    """The menu of reports."""
    return render(request, "analytics/index.html", {"title": _("Analytics"), "reports": _offered(request.user)})


def _offered(user: User) -> list[Report]:
    return sorted((report for report in reports if user.has_perm(report.permission)), key=lambda report: report.order)


@require_GET
@may_see
def report(request: Request, slug: str) -> HttpResponseBase:
    """One page for all reports: criteria, picture, table; `?export=csv|xlsx|json|pdf` answers a file.

    What takes longer than a moment is counted while a page says so, which goes on to the figures or the file by itself and has a button to stop them.
    """
    found = reports.get(slug)
    if found is None:
        raise Http404
    if not request.GET and (default := _default_view(request.user, found)):
        return redirect(f"{request.path}?{default.query}&view={default.pk}")
    key, is_stopped = _taken(request, "wait"), bool(_taken(request, "stopped"))
    if is_stopped or _left_for_signing_in(request):
        return _without_figures(request, found, is_stopped=is_stopped)
    try:
        criteria = Criteria.parse(request.GET.dict())
        if kind := request.GET.get("export"):
            return _file(request, kind, found, criteria, key)
        result = _counted(request.user, found, replace(criteria, most=SHOWN), key)
    except querysets.Interrupted:
        return _without_figures(request, found, is_stopped=bool(key))
    except RuleBroken as broken:
        context = {"title": found.title, "refused": broken} | _around(request, found, None)
        return render(request, found.template, context, status=422)
    context = (
        {"title": found.title, "criteria": criteria}
        | _around(request, found, result)
        | _figures(request, found, criteria, result)
        | (_time(request, criteria) if "time" in found.asks else {})
    )
    return render(request, found.template, context)


def _taken(request: Request, name: str) -> str:
    """What the address says of this visit alone, and no address on the page repeats."""
    query = request.GET.copy()
    value = query.get(name, "")
    query.pop(name, None)
    request.GET = query  # type: ignore[assignment]
    return value


def _counted(user: User, found: Report, criteria: Criteria, key: str) -> ReportResult:
    """The figures: within a moment, or for as long as it takes under the `key` by which they can be stopped. Raises querysets.Interrupted."""
    with for_a_moment(user, key):
        return run(found.slug, user, criteria)


def for_a_moment(user: User, key: str) -> AbstractContextManager[querysets.GoOn]:
    """What may take a moment, or under the `key` by which this person can stop it as long as it needs. Raises querysets.Interrupted."""
    return querysets.interruptible(name_of_run(user.pk, key)) if key else querysets.interruptible(seconds=PATIENCE)


def _without_figures(request: Request, found: Report, *, is_stopped: bool) -> HttpResponse:
    """The page while its figures are being counted or its file is made, or after that was stopped."""
    key = "" if is_stopped else uuid4().hex
    context = {
        "title": found.title, "is_stopped": is_stopped, "again": request.GET.urlencode(), "key": key, "file_kind": request.GET.get("export", "").upper(),
    }  # fmt: skip
    return render(request, found.template, context | _around(request, found, None))


def _left_for_signing_in(request: Request) -> bool:
    """Whether a file is asked for from the page of signing in: it would begin there, on a page that never changes."""
    return "export" in request.GET and urlsplit(request.headers.get("Referer", "")).path.startswith(SIGNING_IN)


@require_POST
@may_see
def report_stop(request: Request, slug: str) -> HttpResponse:
    """Stop counting, and back to the page as it was asked for, without figures."""
    found = reports.get(slug)
    if found is None:
        raise Http404
    actions.stop_counting(request.POST.get("key", ""), by=request.user)
    query = QueryDict(request.POST.get("query", "")[:4000], mutable=True)
    query["stopped"] = "1"
    return redirect(found.address(query.urlencode()))


def _around(request: Request, found: Report, result: ReportResult | None) -> dict[str, Any]:
    """What stands around the figures: menu, criteria, saved variants, columns."""
    offered = [c for c in result.columns if not c.group] if result else []
    choices = [(c, not c.hidden) for c in offered if c.kind != "hidden"]
    return {
        "report": found, "given": request.GET, "reports": _offered(request.user), "may_export": request.user.has_perm("core.export"),
        "may_share": request.user.has_perm("core.share_views"), "may_mail": is_set_up(), "views": _views(request.user, found),
        "page": {"view_name": found.view_name}, "path": request.path, "current_view": request.GET.get("view", ""),
        "home_key": _home_key(request, found), "view_query": _without(request, "view", "export"), "query": _without(request, "export", "view"),
        "column_keys": ",".join(c.key for c, is_shown in choices if is_shown),
        "column_choices": render_to_string("core/components/column_choices.html", {"choices": choices}) if choices else "",
    } | _offers(request, found)  # fmt: skip


def _home_key(request: Request, found: Report) -> str:
    """The tile this page would be on the home page: the saved view that is open, or the report as it opens; "" for criteria nobody saved."""
    if request.GET.get("view", "").isdecimal():
        return f"{VIEW}{request.GET['view']}"
    return "" if _without(request, "view") else f"{REPORT}{found.slug}"


def _time(request: Request, criteria: Criteria) -> dict[str, Any]:
    """The slider of days with its steps, and where the parts of the funnel's page lead."""
    settled = criteria.settled(Company.current())
    today = timezone.localdate(timezone=settled.zone)
    day = timezone.localdate(settled.moment, settled.zone) if settled.moment else today
    first = min(querysets.first_day(request.user, settled) or today, day)
    kept = criteria.query(**dict.fromkeys(("by", "then", "columns", "compare", "from", "to", "dated", "status"), ""))
    return {
        "time": {
            "first": first, "days": (today - first).days, "at": (day - first).days, "day": day,
            "back": _steps(request, day, first, today, BACK), "forward": _steps(request, day, first, today, FORWARD),
        },
        "bridge_query": criteria.query(**dict.fromkeys(("by", "then", "columns", "compare", "to", "dated"), "")) + f"&from={criteria.compare}",
        "alone_query": _without(request, "compare", "export"), "conversion_query": kept, "conversion_criteria": parse_qsl(kept),
    }  # fmt: skip


def _steps(request: Request, day: date, first: date, today: date, steps: Steps) -> list[tuple[str, Words, str]]:
    """(sign, words, query) of the days one step away, as far as there is anything to see."""
    found = [(sign, words, day + step) for sign, words, step in steps]
    query = _without(request, "as_of", "export")
    return [
        (sign, words, f"{query}&as_of={to}".strip("&") if to < today else query)
        for sign, words, to in found
        if first <= to and (to <= today or day < today)
    ]


Steps = tuple[tuple[str, Words, relativedelta], ...]
BACK: Final[Steps] = (
    ("−30", gettext_lazy("A month back"), relativedelta(months=-1)), ("−7", gettext_lazy("A week back"), relativedelta(days=-7)),
    ("−1", gettext_lazy("A day back"), relativedelta(days=-1)),
)  # fmt: skip
FORWARD: Final[Steps] = (
    ("+1", gettext_lazy("A day forward"), relativedelta(days=1)), ("+7", gettext_lazy("A week forward"), relativedelta(days=7)),
    ("+30", gettext_lazy("A month forward"), relativedelta(months=1)),
)  # fmt: skip


def _views(user: User, found: Report) -> list[SavedView]:
    """The variants of a report this person may choose from."""
    return list(querysets.saved_variants(user, found.view_name))


def _default_view(user: User, found: Report) -> SavedView | None:
    return next((view for view in _views(user, found) if view.is_default and view.user_id == user.pk), None)


def _figures(request: Request, found: Report, criteria: Criteria, result: ReportResult) -> dict[str, Any]:
    """The picture and the table with their addresses."""
    measures = found.offered_measures(result)
    measure = next((m for m in measures if m.key == request.GET.get("measure")), measures[0] if measures else None)
    kinds = [kind for kind in found.charts if kind in _SPLIT or len(result.group_columns) < 2] or ["bars"]
    if result.is_list and not result.group_columns:
        kinds = [kind for kind in kinds if kind == "bars"] or kinds
    kind = request.GET.get("chart", "")
    kind = kind if kind in kinds else kinds[0]
    links = links_behind(found, result)
    drawn = picture(result, measure, links, kind=kind, over_time=found.over_time) if measure else None
    return {
        "result": result, "lines": list(_lines(found, result, links)), "totals": _totals(result), "picture": drawn, "kind": kind,
        "measures": measures, "measure": measure, "kinds": [(key, KINDS[key]) for key in kinds], "moment": _moment_words(criteria),
        "today_query": _without(request, "as_of", "export"), "is_empty": _is_empty(result),
        "shown": SHOWN if result.number is not None and result.number > SHOWN else None,
    }  # fmt: skip


KINDS: Final = {
    "funnel": pgettext_lazy("kind of picture", "Funnel"), "bars": gettext_lazy("Bars"), "lines": gettext_lazy("Lines"), "pie": gettext_lazy("Pie"),
    "waterfall": gettext_lazy("Waterfall"),
}  # fmt: skip
_SPLIT: Final = ("bars", "lines")


def _offers(request: Request, found: Report) -> dict[str, Any]:
    """What the filter bar offers to choose from, with what is chosen."""
    filters, pickers, ranges = _filters(request, found), _pickers(request, found), _ranges(request, found)
    rest = [
        *(name for name, *_more in (*filters[2:], *pickers)),
        *(f"{name}_{end}" for name, *_more in ranges for end in ("from", "to")),
    ]
    return {
        "by_choices": [(key, DIMENSION_LABELS[key]) for key in found.dimensions], "period_choices": [(key, PERIOD_LABELS[key]) for key in found.periods],
        "date_choices": DATE_LABELS, "status_choices": STATUS_LABELS, "category_choices": Forecast.choices,
        "weeks_choices": WEEKS, "filters": filters[:2], "more_filters": filters[2:], "pickers": pickers, "ranges": ranges,
        "more_chosen": sum(bool(request.GET.get(name)) for name in rest), "by": request.GET.get("by") or found.by,
        "asks_partner": any(name == "partner" for name, *_more in pickers),
    }  # fmt: skip


def _filters(request: Request, found: Report) -> list[tuple[str, Words, list[tuple[int, str]], str]]:
    """The lists to choose from: (criterion, label, values, what is chosen); one with nothing to choose is left out."""
    names = next((names for asked, names in FILTER_SETS.items() if asked in found.asks), ())
    return [
        (name, label, rows, request.GET.get(name, ""))
        for name, (label, rows) in dimension_choices(request.user, names).items()
        if len(rows) > (name in EVERYWHERE) or request.GET.get(name)
    ]


def _pickers(request: Request, found: Report) -> list[tuple[str, Words, str, tuple[int, str] | None]]:
    """The records found by searching: (criterion, label, address of the search, the record chosen)."""
    names = next((names for asked, names in PICKED.items() if asked in found.asks), ())
    return [
        (name, label, reverse(address) + query, _chosen(request, model, name))
        for name, (label, model, address, query) in PICKERS.items()
        if name in names
    ]


def _chosen(request: Request, model: Any, name: str) -> tuple[int, str] | None:
    """The number and name of the record chosen, if this person may see it; a number nobody may see keeps its digits."""
    key = number_of(request.GET.get(name))
    if not key:
        return None
    found = model.objects.visible_to(request.user).filter(pk=key).values_list("pk", "name").first()
    return found or (key, f"№ {key}")


def _ranges(request: Request, found: Report) -> list[tuple[str, Words, str, str, str]]:
    """The ranges: (criterion, label, kind of field, both ends as given). Reports of partners know none but that of codes."""
    names = [
        name for name, *_more in RANGE_FIELDS if "ranges" in found.asks or ("partners" in found.asks and name == "code")
    ]
    return [
        (name, label, kind, request.GET.get(f"{name}_from", ""), request.GET.get(f"{name}_to", ""))
        for name, label, kind in RANGE_FIELDS
        if name in names
    ]


FILTERS: Final = ("owner", "pipeline", "stage", "territory", "source", "industry", "group", "tag", "level", "competitor")  # fmt: skip
EVERYWHERE: Final = (
    "owner",
    "pipeline",
    "stage",
)  # every deal has one: a single value of them leaves nothing to choose
# What a report asks for by one word -> the filters offered.
FILTER_SETS: Final = {
    "filters": FILTERS, "partners": ("owner", "territory", "source", "industry", "group", "tag"), "people": ("owner", "pipeline"),
}  # fmt: skip
# The criteria whose values are too many for a list -> label, model, where it is searched; deals were opened also by who has left since.
PICKERS: Final[dict[str, tuple[Words, Any, str, str]]] = {
    "partner": (gettext_lazy("Partner"), Partner, "partners:options", ""), "also": (gettext_lazy("Partner in the deal"), Partner, "partners:options", ""),
    "opener": (gettext_lazy("Opened by"), User, "accounts:people", "?left=1"),
}  # fmt: skip
PICKED: Final = {"filters": tuple(PICKERS), "partner": ("partner",)}
WEEKS: Final = (1, 2, 4, 8, 13)
RANGE_FIELDS: Final = (
    ("code", gettext_lazy("Partner code"), "text"),
    ("percentage", gettext_lazy("Closing percentage"), "number"), ("potential", gettext_lazy("Potential"), "number"), ("opened", gettext_lazy("Opened"), "date"),
    ("predicted", gettext_lazy("Predicted closing"), "date"), ("closed", pgettext_lazy("day", "Closed"), "date"), ("days", gettext_lazy("Days in pipeline"), "number"),
)  # fmt: skip
DATE_LABELS: Final = (
    ("closing", gettext_lazy("closing, predicted while open")), ("predicted", gettext_lazy("predicted closing")), ("opened", gettext_lazy("opening")),
)  # fmt: skip
STATUS_LABELS: Final = (
    ("open", pgettext_lazy("opportunities", "Open")), ("won", pgettext_lazy("opportunities", "Won")), ("lost", pgettext_lazy("opportunities", "Lost")),
    ("closed", pgettext_lazy("opportunities", "Closed")), ("expected", gettext_lazy("Open and won")),
)  # fmt: skip


def _lines(found: Report, result: ReportResult, links: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """The lines of the table as cells: (column, words, address or "")."""
    columns, groups = result.shown_columns, result.group_columns
    for line in outline(result):
        own = links[line.at] if line.at >= 0 and links else {}
        if line.level and line.behind:
            own = {COUNT.key: address_behind(found, line.behind, COUNT)}
        cells = [
            (
                column,
                _words(result, line, column, groups),
                own.get(column.key) or _record(line.values, column, line.level),
            )
            for column in columns
        ]
        yield {"cells": cells, "level": line.level}


def _words(result: ReportResult, line: Line, column: Column, groups: list[Column]) -> str:
    """What stands in a cell: a head names its own group, a row below heads does not repeat them."""
    if line.level:
        if column.group and column is not groups[line.level - 1]:
            return ""
        return text_of(column, line.values[column.key], result.currency) if column.key in line.values else ""
    if result.is_list and (column.group or column.key == COUNT.key):
        return ""
    return text_of(column, line.values[column.key], result.currency)


def _record(row: Row, column: Column, level: int) -> str:
    """The page of the opportunity or partner a cell names, where this person may open it."""
    if level or not row.get("seen"):
        return ""
    if column.kind == "deal":
        return reverse("opportunities:detail", args=[row["pk"]])
    return (
        reverse("partners:detail", args=[row["partner_pk"]])
        if column.kind == "partner" and row.get("partner_pk")
        else ""
    )


def _is_empty(result: ReportResult) -> bool:
    """Whether there is nothing to count."""
    if result.is_list:
        return not result.number
    keys = [column.key for column in result.columns if column.adds_up]
    return not any(row[key] for row in result.rows for key in keys)


def _totals(result: ReportResult) -> list[tuple[Column, str]]:
    return [
        (c, text_of(c, result.totals[c.key], result.currency) if c.key in result.totals else "")
        for c in result.shown_columns
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


def _file(request: Request, kind: str, found: Report, criteria: Criteria, key: str) -> HttpResponseBase:
    """The report as a file; a list has all its rows there. The page that waits for it learns by a cookie that it came. Raises querysets.Interrupted."""
    if not request.user.has_perm("core.export"):
        raise PermissionDenied
    if kind not in ("csv", "xlsx", "json", "pdf"):
        raise Http404
    with for_a_moment(request.user, key) as go_on:
        result = run(found.slug, request.user, replace(criteria, most=PRINTED if kind == "pdf" else None))
        watched = replace(result, rows=_watched(result.rows, go_on))
        made = _written(request, kind, found, criteria, watched)
    if key:
        made.set_cookie(MADE, key, max_age=60, path=request.path, samesite="Lax", secure=request.is_secure())
    return made


def _watched(rows: Iterable[Row], go_on: querysets.GoOn) -> Iterator[Row]:
    """The rows, while it is looked now and then whether anybody still wants them."""
    for number, row in enumerate(rows):
        if number % exports.BATCH == 0:
            go_on()
        yield row


def _written(request: Request, kind: str, found: Report, criteria: Criteria, result: ReportResult) -> HttpResponseBase:
    name = f"{found.slug}-{criteria.as_of.isoformat()[:10]}" if criteria.as_of else found.slug
    if kind == "pdf":
        content: Any = as_pdf(found, result, request.user, criteria)
        return FileResponse(
            BytesIO(content), as_attachment=True, filename=f"{name}.pdf", content_type="application/pdf"
        )
    if kind == "json":
        content = json.dumps(result.as_json(found.slug, criteria), ensure_ascii=False)
        given = {"Content-Disposition": f'attachment; filename="{name}.json"'}
        return HttpResponse(content, content_type="application/json", headers=given)
    return exports.whole_file(kind, name, [str(column.label) for column in result.shown_columns], result.lines())


class SchedulePage(FormPage):
    """A regular report: the report and its criteria come from the page it was asked on."""

    model = Schedule
    form = ScheduleForm
    title_new = gettext_lazy("Send regularly")
    template = "analytics/schedule_form.html"
    back = "analytics:schedules"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("analytics.view"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def wanted(self) -> Report:
        """The report it is about; 404 for one that does not exist."""
        slug = (
            self.object.report
            if self.object
            else self.request.GET.get("report", "") or self.request.POST.get("report", "")
        )
        found = reports.get(slug)
        if found is None:
            raise Http404
        return found

    def initial(self) -> dict[str, Any]:
        if self.object:
            return {"recipients": self.object.recipients.all()}
        return {"name": str(self.wanted().title), "recipients": [self.request.user.pk]}

    def save(self, form: Any) -> Schedule:
        made = form.save(commit=False)
        if self.object is None:
            query = self.request.POST.get("query", "")[:4000]
            Criteria.parse(dict(parse_qsl(query)))
            made.user, made.report, made.query = self.request.user, self.wanted().slug, query
        return actions.save_schedule(made, recipients=form.cleaned_data["recipients"], by=self.request.user)

    def address(self, saved: Any) -> str:
        return reverse(self.back)

    def context(self, form: Any) -> dict[str, Any]:
        given = (
            self.object.query if self.object else self.request.POST.get("query") or self.request.GET.get("query", "")
        )
        return {"report": self.wanted(), "given_query": given}


@require_GET
@may_see
def schedules(request: Request) -> HttpResponse:
    """The reports this person has sent."""
    rows = Schedule.objects.visible_to(request.user).prefetch_related("recipients")
    lines = [{"schedule": one, "report": reports.get(one.report)} for one in rows]
    return render(
        request, "analytics/schedules.html", {"title": _("Regular reports"), "lines": lines, "may_mail": is_set_up()}
    )


@require_POST
@may_see
def schedule_act(request: Request, pk: int) -> HttpResponse:
    """Send it now, or stop it."""
    found = get_object_or_404(Schedule.objects.editable_by(request.user), pk=pk)
    if request.POST.get("act") == "delete":
        actions.delete_schedule(found, by=request.user)
        messages.success(request, _("The report is no longer sent."))
    else:
        number = actions.send_now(found, by=request.user)
        words = ngettext("The report goes to %(number)s person.", "The report goes to %(number)s people.", number)
        messages.success(request, words % {"number": number})
    return redirect("analytics:schedules")
