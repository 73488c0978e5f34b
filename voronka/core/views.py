"""Saved views of the lists."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core import actions
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request


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
    key = request.POST.get("pk", "")
    if key.isdigit():
        actions.delete_view(int(key), by=request.user)
    messages.success(request, _("The view is gone."))
    return redirect(f"{_back(request)}?view=")


def _back(request: Request) -> str:
    """The list the request came from; never another site."""
    back = request.POST.get("back", "/")
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/"
