"""The page of sales targets: who is to win how much in a period, and how far it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.accounts.models import Team, User
from voronka.core.access import Scope
from voronka.core.frame import Request
from voronka.core.models import Company
from voronka.core.periods import Period, period_of
from voronka.opportunities import actions, forms, tables
from voronka.opportunities.models import OwnerTally, Target


def targets(request: Request) -> HttpResponse:
    """Targets of a month, quarter or year beside what was won and is expected; POST writes one. Six statements however many people."""
    asked = forms.PeriodForm(request.GET)
    given = asked.cleaned_data if asked.is_valid() else {}
    kind, day = given.get("kind") or Target.Kind.MONTH, given.get("day") or timezone.localdate()
    company = Company.current()
    period = period_of(day, kind, company.fiscal_year_start)
    form = forms.TargetForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST":
        if not may_set(request.user):
            raise PermissionDenied
        if form.is_valid():
            target = form.save(commit=False)
            target.kind, target.first = kind, period.first
            actions.set_target(target, by=request.user)
            messages.success(request, _("Saved."))
            return redirect(address(kind, period.first))
    context = {
        "rows": rows_of(request.user, period), "form": form, "kind": kind, "kinds": [(one, words, address(one, period.first)) for one, words in Target.Kind.choices],
        "period": period, "earlier": address(kind, date.fromordinal(period.first.toordinal() - 1)),
        "later": address(kind, date.fromordinal(period.last.toordinal() + 1)), "may_set": may_set(request.user), "currency": company.currency,
        "title": _("Sales targets"),
    }  # fmt: skip
    return render(request, "opportunities/targets.html", context, status=422 if request.method == "POST" else 200)


def address(kind: str, day: date) -> str:
    return f"{reverse('opportunities:targets')}?kind={kind}&day={day.isoformat()}"


def may_set(user: User) -> bool:
    """Those who change more than their own opportunities."""
    return user.scope_for("opportunities.opportunity", "edit") in (Scope.TEAM, Scope.ALL)


def rows_of(user: User, period: Period) -> list[tables.TargetRow]:
    wanted = (
        Target.objects.visible_to(user).filter(kind=period.kind, first=period.first).select_related("person", "team")
    )
    found = list(wanted)
    figures = figures_of(user, period)
    keys = {*figures, *(one.person_id for one in found if one.person_id)}
    people = {one.pk: one for one in User.objects.visible_to(user).filter(pk__in=keys).order_by("name")}
    teams = list(Team.objects.all()) if any(one.team_id for one in found) else []
    return tables.target_rows(found, figures, people, teams)


def figures_of(user: User, period: Period) -> dict[int, tuple[Decimal, Decimal]]:
    """Won and expected (weighted, predicted to close) within the period by owner, from the tally."""
    shares: QuerySet[OwnerTally] = OwnerTally.objects.visible_to(user).filter(month__range=(period.first, period.last))
    found: dict[int, tuple[Decimal, Decimal]] = {}
    sums = (
        shares.filter(status__in=("won", "open"))
        .values("owner_id", "status")
        .annotate(total=Sum("potential"), weighted_sum=Sum("weighted"))
    )
    for row in sums.order_by():
        won, expected = found.get(row["owner_id"], (Decimal(0), Decimal(0)))
        is_won = row["status"] == "won"
        found[row["owner_id"]] = (won + row["total"], expected) if is_won else (won, expected + row["weighted_sum"])
    return {key: pair for key, pair in found.items() if any(pair)}


@require_POST
def delete(request: Request, target_pk: int) -> HttpResponse:
    target = get_object_or_404(Target.objects.editable_by(request.user), pk=target_pk)
    actions.delete_target(target, by=request.user)
    return redirect(address(target.kind, target.first))
