"""The forecast of a month or quarter by person: committed, best case, computed, and the head's word beside it."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.accounts.models import User
from voronka.analytics import actions, querysets
from voronka.analytics.forms import CorrectionForm
from voronka.analytics.history import AHEAD
from voronka.analytics.models import ForecastCorrection
from voronka.analytics.reports import period_words
from voronka.analytics.tables import ForecastLine, forecast_lines, forecast_total
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.models import Company
from voronka.core.periods import Period, period_of
from voronka.opportunities.forms import PeriodForm
from voronka.opportunities.models import Target
from voronka.opportunities.rules import BEST_FROM, COMMIT_FROM

may_see = permission_required("analytics.view", raise_exception=True)
KINDS = tuple(AHEAD)


@require_GET
@may_see
def forecast(request: Request) -> HttpResponse:
    """What a period brings, by person within reach. Seven statements however many people and deals."""
    company = Company.current()
    period = _period(request, company)
    lines = _lines(request.user, period)
    step = [date.fromordinal(day.toordinal() + way) for day, way in ((period.first, -1), (period.last, 1))]
    context = {
        "title": _("Forecast by person"), "lines": [(line, _links(line, period)) for line in lines], "total": forecast_total(lines), "period": period,
        "words": period_words(period), "earlier": _address(period.kind, step[0]), "later": _address(period.kind, step[1]),
        "kinds": [(kind, words, _address(kind, period.first)) for kind, words in Target.Kind.choices if kind in KINDS], "company": company,
        "may_correct": may_correct(request.user) and not _is_over(period, company), "query": urlencode({"kind": period.kind, "day": period.first}),
        "has_targets": any(line.target for line in lines), "commit_from": COMMIT_FROM, "best_from": BEST_FROM,
    }  # fmt: skip
    return render(request, "analytics/forecast.html", context)


def may_correct(user: User) -> bool:
    """Those who change more than their own opportunities."""
    return user.scope_for("opportunities.opportunity", "edit") in (Scope.TEAM, Scope.ALL)


def _is_over(period: Period, company: Company) -> bool:
    return period.last < timezone.localdate(timezone=ZoneInfo(company.time_zone))


def _period(request: Request, company: Company) -> Period:
    asked = PeriodForm(request.GET)
    given = asked.cleaned_data if asked.is_valid() else {}
    kind = given.get("kind") if given.get("kind") in KINDS else "month"
    today = timezone.localdate(timezone=ZoneInfo(company.time_zone))
    return period_of(given.get("day") or today, kind or "month", company.fiscal_year_start)


def _lines(user: User, period: Period) -> list[ForecastLine]:
    figures = querysets.forecast_by_person(user, period)
    words = list(
        ForecastCorrection.objects.visible_to(user).of_period(period.kind, period.first).standing().select_related("by")
    )
    aims = Target.objects.visible_to(user).filter(kind=period.kind, first=period.first, person__isnull=False)
    targets = dict(aims.values_list("person_id", "amount"))
    keys = {*targets, *(row["owner_id"] for row in figures), *(word.owner_id for word in words)}
    people = {one.pk: one for one in User.objects.visible_to(user).filter(pk__in=keys).order_by("name")}
    return [line for line in forecast_lines(people, figures, words, targets) if line.who]


def _links(line: ForecastLine, period: Period) -> dict[str, str]:
    """The deals behind the figures of a line."""
    within = {"owner": line.who.pk, "from": period.first, "to": period.last}
    page = reverse("analytics:report", args=["opportunities"])
    links = {
        name: f"{page}?{urlencode(within | {'category': name})}" for name in ("commit", "best", "pipeline", "omitted")
    }
    return links | {
        "won": f"{page}?{urlencode(within | {'status': 'won'})}",
        "computed": f"{page}?{urlencode(within | {'status': 'expected', 'by': 'status'})}",
    }


def _address(kind: str, day: date) -> str:
    return f"{reverse('analytics:forecast')}?{urlencode({'kind': kind, 'day': day})}"


@may_see
def correct(request: Request, person_pk: int) -> HttpResponse:
    """A person's period with all that heads said of it; those who may put their own word beside it."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=person_pk)
    company = Company.current()
    period = _period(request, company)
    words = (
        ForecastCorrection.objects.visible_to(request.user).of_period(period.kind, period.first).filter(owner=person)
    )
    may_say = may_correct(request.user) and User.objects.assignable_by(request.user).filter(pk=person.pk).exists()
    form = CorrectionForm(request.POST or None)
    if request.method == "POST":
        if not may_say:
            raise PermissionDenied
        if form.is_valid() and _said(request, form, person, period):
            return redirect(_address(period.kind, period.first))
    line = next((one for one in _lines(request.user, period) if one.who.pk == person.pk), None)
    context: dict[str, Any] = {
        "title": person.name, "person": person, "period": period, "words": period_words(period), "history": words.select_related("by"), "line": line, "form": form,
        "may_say": may_say and not _is_over(period, company), "back": _address(period.kind, period.first), "company": company,
    }  # fmt: skip
    return render(request, "analytics/forecast_correct.html", context, status=422 if request.method == "POST" else 200)


def _said(request: Request, form: CorrectionForm, person: User, period: Period) -> bool:
    try:
        given = form.cleaned_data
        actions.correct_forecast(
            person, period.kind, period.first, given["amount"], comment=given["comment"], by=request.user
        )
    except RuleBroken as broken:
        form.add_error(broken.field or None, str(broken))
        return False
    messages.success(request, _("Your word stands beside the computed figure."))
    return True
