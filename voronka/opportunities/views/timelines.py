"""The timeline of a partner, and what the pages of timelines share: the address says which kind and from where."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from voronka.activities.tables import outcomes
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.prepared import Prepared, Slot
from voronka.opportunities import timeline
from voronka.partners.models import Partner

_PARTNER = Prepared(lambda scope: Partner.objects.reaching(scope).filter(pk=Slot("pk")))


def asked_of(request: Request) -> tuple[str, timeline.Place | None]:
    """The kind and the place the address names; what is no kind counts as not said, what is no place is not found."""
    kind = request.GET.get("kind", "")
    try:
        place = timeline.Place.read(request.GET.get("after", ""))
    except RuleBroken as broken:
        raise Http404 from broken
    return kind if kind in timeline.KINDS else "", place


def around(request: Request, stream: timeline.Stream, kind: str, address: str) -> dict[str, Any]:
    """A page of a timeline with its filters; addresses without scripts lead to a whole page."""
    return {
        "stream": stream, "kind": kind, "kinds": timeline.KINDS.items(), "address": address, "is_later": "after" in request.GET, "outcomes": outcomes(),
    }  # fmt: skip


@require_GET
def of_partner(request: Request, partner_id: int) -> HttpResponse:
    """The composer and the timeline of one partner, for its card; `?part=stream` without the composer, `?part=entries` the next entries."""
    scope = request.user.scope_for("partners.partner", "see")
    found = _PARTNER(scope, pk=partner_id, people=request.user.people_within(scope))
    if not found:
        raise Http404
    partner = found[0]
    kind, place = asked_of(request)
    stream = timeline.of_partner(partner, request.user, kind, place)
    context = around(request, stream, kind, request.path) | {"partner": partner, "opportunity": None}
    if request.GET.get("part") in ("stream", "entries"):
        return render(request, f"opportunities/_{request.GET['part']}.html", context)
    template = "opportunities/timeline_of_partner.html" if request.htmx else "opportunities/timeline.html"
    return render(request, template, context | {"title": _("Timeline: %(partner)s") % {"partner": partner}})
