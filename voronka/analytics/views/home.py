"""The home page: tiles in the order somebody gave them, each fetched from its own URL; arranging them; the first steps of a new installation."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from voronka.accounts.models import Role
from voronka.analytics import actions, querysets
from voronka.analytics.rules import ARRANGED, rearranged
from voronka.analytics.tables import Words
from voronka.analytics.tiles import Placed, Viewer, columns_of, offered, placed, reported
from voronka.analytics.views import for_a_moment
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.models import Company
from voronka.core.pages import number_of
from voronka.core.registry import tiles
from voronka.opportunities.models import Pipeline

configures = permission_required("core.configure", raise_exception=True)
SIDE: Final = 1


@require_GET
def home(request: Request) -> HttpResponse:
    """The person's tiles in two columns; with `?arrange=1` each can be moved, taken away, and others added."""
    user, viewer = request.user, Viewer(request.user, Company.current())
    columns, is_own = columns_of(user)
    known = placed(user, [key for column in columns for key in column])
    standing = querysets.standing(user, viewer.month.first)
    context = {
        "title": _("My day"), "columns": [[known[key] for key in column if key in known] for column in columns], "standing": standing, "month": viewer.month,
        "is_bare": not standing["number"] and not Pipeline.objects.exists(), "draws": any(one.is_report for one in known.values()),
        "is_arranging": "arrange" in request.GET,
    }  # fmt: skip
    if context["is_arranging"]:
        context |= _arranging(request, known, is_own)
    return render(request, "analytics/home.html", context)


def _arranging(request: Request, known: dict[str, Placed], is_own: bool) -> dict[str, Any]:
    key, _dot, act = request.GET.get("at", "").partition(".")
    may_share = request.user.has_perm("core.configure")
    return {
        "more_tiles": [one for one in offered(request.user) if one.key not in known], "is_own": is_own, "at_key": key, "at_act": act,
        "moved": known.get(key), "roles": list(Role.objects.all()) if may_share else [], "own_role": request.user.role_id,
    }  # fmt: skip


@require_GET
def tile(request: Request, slug: str) -> HttpResponse:
    """One tile: a fragment for the home page, a page of its own for everybody without JavaScript.

    What takes longer than a moment says so and goes on to its figures by itself, as a report does; it can be stopped.
    """
    key = request.GET.get("wait", "")
    if "stopped" in request.GET:
        return _without_figures(request, slug, is_stopped=True)
    try:
        with for_a_moment(request.user, key):
            return _answered(request, slug)
    except querysets.Interrupted:
        return _without_figures(request, slug, is_stopped=bool(key))


def _answered(request: Request, slug: str) -> HttpResponse:
    viewer, found = Viewer(request.user, Company.current()), tiles.get(slug)
    if found is not None and not found.is_for(request.user):
        raise Http404
    try:
        answered = (found.title_for(request.user), found.answer(viewer)) if found else reported(viewer, slug)
    except RuleBroken as broken:
        answered = (_("Report"), {"refused": broken})
    if answered is None:
        raise Http404
    title, answer = answered
    context = {
        "title": title, "template": found.template if found else "analytics/tiles/report.html", "company": viewer.company, "is_team": viewer.is_team,
        "today": viewer.today, "options_id": f"{slug}-options",
    }  # fmt: skip
    return _shown(request, context | answer)


def _shown(request: Request, context: dict[str, Any]) -> HttpResponse:
    return render(request, "analytics/_tile.html" if request.htmx else "analytics/tile.html", context)


def _without_figures(request: Request, slug: str, *, is_stopped: bool) -> HttpResponse:
    """The tile while its figures are being counted, or after they were stopped."""
    title = _title(request, slug)
    return _shown(
        request, {"title": title, "slug": slug, "is_stopped": is_stopped, "key": "" if is_stopped else uuid4().hex}
    )


def _title(request: Request, slug: str) -> Words:
    """How a tile this person may have is called; 404 for others."""
    known = placed(request.user, [slug])
    if slug not in known:
        raise Http404
    return known[slug].title


@require_POST
def tile_stop(request: Request, slug: str) -> HttpResponse:
    """Stop counting: what waits for the figures then says so itself; without htmx the page of the tile does."""
    _title(request, slug)
    actions.stop_counting(request.POST.get("key", ""), by=request.user)
    if request.htmx:
        return HttpResponse(status=204)
    return redirect(f"{reverse('analytics:tile', args=[slug])}?stopped=1")


@require_POST
def arrange(request: Request) -> HttpResponse:
    """One step of arranging, by its button: `act` is up, down, across, remove or add, `key` the tile."""
    key, act = request.POST.get("key", "")[:60], request.POST.get("act", "")
    if act not in ARRANGED or (act == "add" and key not in placed(request.user, [key])):
        raise Http404
    columns, _is_own = columns_of(request.user)
    into = SIDE if request.POST.get("into") == "side" else 0
    actions.arrange_home(rearranged(columns, key, act, into=into), by=request.user)
    if request.POST.get("back") == "home":
        messages.success(request, _("It is on your home page now."))
        return redirect("analytics:home")
    return redirect(f"{reverse('analytics:home')}?{urlencode({'arrange': 1, 'at': f'{key}.{act}'})}")


@require_POST
def place(request: Request) -> HttpResponse:
    """The whole order at once, after dragging. Tiles that stand on the page unseen, for want of a right, keep their places at the end."""
    columns, _is_own = columns_of(request.user)
    before = [key for column in columns for key in column]
    wide, side = (_known(request.POST.get(name, ""), before) for name in ("wide", "side"))
    unseen = [key for key in before if key not in {*wide, *side} and key not in placed(request.user, before)]
    try:
        actions.arrange_home((wide, [*side, *unseen]), by=request.user)
    except RuleBroken as broken:
        return HttpResponse(str(broken), status=409, content_type="text/plain")
    return HttpResponse(status=204)


def _known(text: str, before: list[str]) -> list[str]:
    return [key for key in dict.fromkeys(text.split(",")) if key in before]


@require_POST
def reset(request: Request) -> HttpResponse:
    """Back to the page of one's role."""
    actions.forget_home(by=request.user)
    messages.success(request, _("Your home page is that of your role again."))
    return redirect("analytics:home")


@require_POST
@configures
def share(request: Request) -> HttpResponse:
    """This person's arrangement becomes a role's."""
    wanted = request.POST.get("role", "")
    role = get_object_or_404(Role, pk=number_of(wanted))
    columns, _is_own = columns_of(request.user)
    try:
        actions.arrange_home_of_role(role, columns, by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    else:
        words = _("This is the home page of the role “%(role)s” now, for everybody who arranged none.")
        messages.success(request, words % {"role": role.name})
    return redirect(f"{reverse('analytics:home')}?arrange=1")


@require_POST
@configures
def begin(request: Request) -> HttpResponse:
    """A new installation gets a pipeline and the usual lists, to be changed in the settings."""
    try:
        pipeline = actions.begin_with_usual_lists(by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
        return redirect("analytics:home")
    messages.success(request, str(_("The lists are there. Change what you call differently.")))
    return redirect("opportunities:pipeline_edit", pipeline_pk=pipeline.pk)
