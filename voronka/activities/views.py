"""Pages of activities: the list, the composer of notes, one note with editing, the timeline on a partner's card."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from voronka.activities import actions, forms, tables
from voronka.activities.models import Activity
from voronka.core import actions as kernel
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.lists import ListPage
from voronka.partners.models import Partner

if TYPE_CHECKING:
    from django.db.models import Model

EXCERPT = 160


class ActivityList(ListPage):
    model = Activity
    table = tables.ACTIVITIES
    filters = forms.ActivityFilters
    title = gettext_lazy("Activities")
    empty = gettext_lazy(
        "What was said and agreed with partners is listed here. Write a note on the card of a partner or an opportunity."
    )

    def rows(self) -> QuerySet[Activity]:
        return super().rows().annotate(excerpt=Left("text", EXCERPT))


@require_POST
def note(request: Request) -> HttpResponse:
    """Write a note about a partner or an opportunity: the timeline gets the entry and an empty composer."""
    if request.user.scope_for("activities.activity", "edit") == Scope.NONE:
        raise PermissionDenied
    partner, opportunity = _subject(request)
    try:
        written = actions.write_note(
            partner, request.POST.get("text", "").replace("\x00", ""), opportunity=opportunity, by=request.user
        )
    except RuleBroken as broken:
        return _refused(request, broken)
    if request.htmx:
        return render(
            request, "activities/_written.html", {"note": written, "partner": partner, "opportunity": opportunity}
        )
    return redirect(_back(request))


def _subject(request: Request) -> tuple[Partner, Model | None]:
    """What the note is about. The opportunity's model is known by its column only: its app lies above this one."""
    key, own = request.POST.get("opportunity", ""), request.POST.get("partner", "")
    if key:
        model: Any = Activity._meta.get_field("opportunity").related_model
        opportunity = get_object_or_404(
            model.objects.visible_to(request.user).select_related("partner"), pk=_number(key)
        )
        return opportunity.partner, opportunity
    return get_object_or_404(Partner.objects.visible_to(request.user), pk=_number(own)), None


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 19 else 0


def detail(request: Request, pk: int) -> HttpResponse:
    """One note. With `?edit` its form; a POST of its author keeps the new text."""
    if request.method == "POST":
        return _change(request, get_object_or_404(Activity.objects.editable_by(request.user), pk=pk))
    found = get_object_or_404(
        Activity.objects.visible_to(request.user).select_related("owner", "partner", "opportunity"), pk=pk
    )
    may_edit = Activity.objects.editable_by(request.user).filter(pk=pk).exists()
    form = forms.NoteForm(instance=found) if may_edit and "edit" in request.GET else None
    return _show(request, found, form, may_edit=may_edit)


def _change(request: Request, found: Activity) -> HttpResponse:
    form = forms.NoteForm(request.POST, instance=found)
    seen = request.POST.get("version", "")
    if form.is_valid():
        try:
            kernel.save(form.save(commit=False), by=request.user, seen_version=_number(seen) if seen else None)
        except RuleBroken as broken:
            return _refused(request, broken)
        return _show(request, found, None, may_edit=True) if request.htmx else redirect(_back(request))
    return _show(request, found, form, may_edit=True, status=422)


def _show(request: Request, found: Activity, form: Any, *, may_edit: bool, status: int = 200) -> HttpResponse:
    template = "activities/_note.html" if request.htmx else "activities/detail.html"
    context = {"note": found, "form": form, "may_edit": may_edit, "title": _("Note")}
    return render(request, template, context, status=status)


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """Move the note to the recycle bin; its place in the timeline offers to undo."""
    found = kernel.delete(get_object_or_404(Activity.objects.editable_by(request.user), pk=pk), by=request.user)
    if request.htmx:
        return render(request, "activities/_deleted.html", {"note": found})
    messages.success(request, _("The note is in the recycle bin."))
    return redirect("activities:list")


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    found = kernel.restore(
        get_object_or_404(Activity.objects.in_bin_of(request.user).select_related("owner"), pk=pk), by=request.user
    )
    if request.htmx:
        return render(request, "activities/_note.html", {"note": found, "may_edit": True})
    return redirect("activities:detail", pk=pk)


def of_partner(request: Request, partner_id: int) -> HttpResponse:
    """The composer and the timeline of one partner, for its card."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=partner_id)
    notes = Activity.objects.visible_to(request.user).of_partner(partner).for_timeline()[:50]
    return render(request, "activities/of_partner.html", {"partner": partner, "notes": notes})


@require_GET
def partner_figures(request: Request, partner_id: int) -> HttpResponse:
    """When the last contact with a partner was and the next one will be, for the head of its card."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=partner_id)
    moments = Activity.objects.visible_to(request.user).of_partner(partner).contact_moments(timezone.now())
    return render(request, "activities/_partner_figures.html", moments)


def _refused(request: Request, broken: RuleBroken) -> HttpResponse:
    """Why not, as a toast or at the top of the page one came from."""
    if request.htmx:
        told = json.dumps({"toast": {"text": str(broken), "tag": "error"}})
        return HttpResponse(
            str(broken), status=409, content_type="text/plain; charset=utf-8", headers={"HX-Trigger": told}
        )
    messages.error(request, str(broken))
    return redirect(_back(request))


def _back(request: Request) -> str:
    """The page one came from; never another site."""
    back = request.POST.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/activities/"
