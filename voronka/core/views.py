"""Saved views of the lists, and the set-up of custom fields."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core import actions, custom
from voronka.core.errors import RuleBroken
from voronka.core.forms import CustomFieldForm
from voronka.core.frame import Request
from voronka.core.models import CustomField
from voronka.core.pages import number_of


@require_POST
def save_view(request: Request) -> HttpResponse:
    """Keep the list's address under a name; the same name is overwritten. Only those who may share publish to everyone."""
    wanted = request.POST
    try:
        view = actions.save_view(
            page=wanted.get("page", "")[:60],
            name=wanted.get("name", "").strip()[:80],
            query=wanted.get("query", "")[:4000],
            is_default="is_default" in wanted,
            is_shared="is_shared" in wanted and request.user.has_perm("core.share_views"),
            by=request.user,
        )
    except RuleBroken as broken:
        messages.error(request, str(broken))
        return redirect(_back(request))
    messages.success(request, _("The view is saved."))
    return redirect(f"{_back(request)}?{view.query}&view={view.pk}")


@require_POST
def delete_view(request: Request) -> HttpResponse:
    if key := number_of(request.POST.get("pk")):
        actions.delete_view(key, by=request.user)
    messages.success(request, _("The view is gone."))
    return redirect(f"{_back(request)}?view=")


def _back(request: Request) -> str:
    """The list the request came from; never another site."""
    back = request.POST.get("back", "/")
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/"


configures = permission_required("core.configure", raise_exception=True)


@configures
def custom_fields(request: Request) -> HttpResponse:
    """The fields the company added, by kind of record, retired ones at the end of each."""
    rows = list(CustomField.objects.order_by("-is_active", "position", "pk"))
    models = custom.customised()
    groups = [
        (model._meta.verbose_name_plural, model._meta.label_lower, [one for one in rows if one.model == model._meta.label_lower])
        for model in models
    ]  # fmt: skip
    return render(request, "core/custom_fields.html", {"title": _("Custom fields"), "groups": groups})


@configures
def custom_field(request: Request, model: str = "", field_pk: int | None = None) -> HttpResponse:
    """Add a field to a kind of record, or change one."""
    found = get_object_or_404(CustomField, pk=field_pk) if field_pk else CustomField(model=_customised(model))
    form = CustomFieldForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_custom_field(form.save(commit=False), by=request.user)
        except RuleBroken as broken:
            form.add_error(broken.field or None, str(broken))
        else:
            messages.success(request, _("Saved."))
            return redirect("core:custom_fields")
    context = {"form": form, "title": found.name if field_pk else _("New field"), "field": found}
    return render(request, "core/custom_field.html", context, status=422 if request.method == "POST" else 200)


@configures
@require_POST
def custom_field_move(request: Request, field_pk: int) -> HttpResponse:
    """Up or down among the fields of its kind of record."""
    found = get_object_or_404(CustomField, pk=field_pk)
    actions.move_custom_field(found, up=request.POST.get("where") == "up", by=request.user)
    return redirect("core:custom_fields")


def _customised(label: str) -> Any:
    if label not in {model._meta.label_lower for model in custom.customised()}:
        raise Http404
    return label
