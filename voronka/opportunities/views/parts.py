"""Pages of what hangs on an opportunity: items; contacts, competitors and partners; and its clone."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.prepared import Prepared, Slot
from voronka.opportunities import actions, forms
from voronka.opportunities.models import DealCompetitor, DealContact, DealItem, DealPartner, Opportunity

_PARTS: Final = {
    "items": Prepared(lambda scope: DealItem.objects.reaching(scope).filter(opportunity=Slot("pk"))),
    "contacts": Prepared(
        lambda scope: DealContact.objects.reaching(scope).filter(opportunity=Slot("pk")).select_related("contact")
    ),
    "competitors": Prepared(
        lambda scope: DealCompetitor.objects.reaching(scope).filter(opportunity=Slot("pk")).select_related("competitor")
    ),
    "partners": Prepared(
        lambda scope: (
            DealPartner.objects.reaching(scope).filter(opportunity=Slot("pk")).select_related("partner", "relationship")
        )
    ),
}


@require_GET
def panel(request: Request, pk: int) -> HttpResponse:
    """Items, contacts by role, competitors and partners for the side of the card: five statements however many there are."""
    found = get_object_or_404(Opportunity.objects.visible_to(request.user), pk=pk)
    scope = request.user.scope_for("opportunities.opportunity", "see")
    reach = {"pk": pk, "people": request.user.people_within(scope)}
    parts = {name: rows(scope, **reach) for name, rows in _PARTS.items()}
    may_edit = found.is_open and Opportunity.objects.allows(request.user, "edit", found)
    context = {"object": found, "may_edit": may_edit, "sum": sum(item.amount for item in parts["items"])}
    return render(request, "opportunities/_parts.html", context | parts)


def items(request: Request, pk: int) -> HttpResponse:
    return _page(request, pk, forms.ItemsForm, _("Items"))


def people(request: Request, pk: int) -> HttpResponse:
    return _page(request, pk, forms.PeopleForm, _("Who takes part"))


def _page(request: Request, pk: int, form_class: Any, title: str) -> HttpResponse:
    """Rows of parts on one page, kept together or not at all."""
    found = get_object_or_404(Opportunity.objects.editable_by(request.user).for_list(), pk=pk)
    form = form_class(request.POST if request.method == "POST" else None, opportunity=found, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.keep_parts(found, *form.parts(), by=request.user, **form.options())
        except RuleBroken as broken:
            form.add_error(None, str(broken))
        else:
            messages.success(request, _("Saved."))
            return redirect(found)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "opportunities/parts_form.html", {"form": form, "object": found, "title": title}, status=status
    )


@require_POST
def clone(request: Request, pk: int) -> HttpResponse:
    """A new opportunity like this one, opened in its form to be put right."""
    found = get_object_or_404(
        Opportunity.objects.editable_by(request.user).for_list().select_related("pipeline"), pk=pk
    )
    try:
        made = actions.clone(found, by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
        return redirect(found)
    messages.success(request, _("This is the copy: put right what differs."))
    return redirect("opportunities:edit", pk=made.pk)
