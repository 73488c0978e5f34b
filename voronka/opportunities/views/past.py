"""The page where the past of an opportunity is put right."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.opportunities import actions, forms
from voronka.opportunities.models import Opportunity, OpportunityState


def correct(request: Request, pk: int) -> HttpResponse:
    """The states as rows to be changed, added and taken away; what was typed stays after a refusal."""
    found = get_object_or_404(Opportunity.objects.editable_by(request.user).for_list(), pk=pk)
    if not request.user.has_perm("opportunities.correct_history"):
        raise PermissionDenied
    rows = OpportunityState.objects.visible_to(request.user).of(found).select_related("stage", "owner")
    data = request.POST if request.method == "POST" else None
    form = forms.CorrectionForm(data, opportunity=found, states=rows, user=request.user)
    if data is not None and form.is_valid():
        values = {"reason": form.cleaned_data["reason"], "seen_version": form.cleaned_data["version"]}
        try:
            actions.correct_history(found, form.corrected, by=request.user, **values)
        except RuleBroken as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        else:
            messages.success(request, _("The history is corrected."))
            return redirect(f"{found.get_absolute_url()}?tab=states")
    context = {"form": form, "object": found, "title": _("Correct the history")}
    return render(request, "opportunities/correct.html", context, status=422 if data is not None else 200)
