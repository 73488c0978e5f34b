"""Pages of hand-overs: the list, the preview, what was done and what is left, the briefs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from voronka.accounts.models import User
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.lists import NOT_FILTERS
from voronka.core.pages import number_of
from voronka.handover import actions, belongings, briefs, forms, pdf
from voronka.handover.models import Brief, Handover
from voronka.partners.models import Partner

SHOWN: Final = 100
BRIEFS_SHOWN: Final = 200
PREVIEWED: Final = 12
CONFLICTS_SHOWN: Final = 200
# Where the rows of a place are seen: the list, and its filters for a person.
LISTS: Final = {
    "partners.partner.owner": ("partners:list", {}),
    "opportunities.opportunity.owner": ("opportunities:list", {"status": "open"}),
    "activities.activity.owner": ("activities:list", {"status": "open"}),
}
# Where one row of a place is seen.
CARDS: Final = {
    "partners.partner": "partners:detail", "opportunities.opportunity": "opportunities:detail", "activities.activity": "activities:detail",
    "campaigns.segment": "campaigns:detail",
}  # fmt: skip


@require_GET
def handovers(request: Request) -> HttpResponse:
    """Hand-overs this person has part in or may make."""
    rows = Handover.objects.visible_to(request.user).newest()[:SHOWN]
    return render(request, "handover/list.html", {"title": _("Hand-over"), "handovers": rows})


@require_GET
def givers(request: Request) -> HttpResponse:
    """Whose work one may hand over, for the selector; those who left are marked."""
    found = actions.givers(request.user).filter(name__icontains=request.GET.get("q", "").replace("\x00", ""))
    rows = [{"value": one.pk, "text": _giver(one)} for one in found.order_by("-is_active", "name")[:50]]
    return JsonResponse(rows, safe=False)


def _giver(person: User) -> str:
    return person.name if person.is_active else _("%(person)s, no longer here") % {"person": person.name}


def create(request: Request) -> HttpResponse:
    """Who, to whom, what will move, and the brief as it will be read. Rows of the list of partners come as filters (GET) or as `ids` (POST)."""
    what, query, keys = _wanted(request)
    is_asked = request.POST.get("act") == "hand_over"
    form = forms.HandoverForm(request.POST if is_asked else None, user=request.user, initial=_initial(request, keys))
    if is_asked and form.is_valid():
        try:
            made = actions.hand_over(form.handover(what, query, keys, by=request.user), by=request.user)
        except RuleBroken as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        else:
            return redirect("handover:detail", pk=made.pk)
    context = {"title": _("Hand over work"), "form": form, "what": what, "query": query, "keys": keys}
    template = "handover/_preview.html" if request.POST.get("act") == "preview" else "handover/create.html"
    context |= _preview(request, form, what, query, keys)
    return render(request, template, context, status=422 if form.errors else 200)


def _wanted(request: Request) -> tuple[str, str, list[int]]:
    """(what, filters, keys) as the address or the form says: partners by key, those the filters find, or everything."""
    keys = [key for text in (*request.GET.getlist("ids"), *request.POST.getlist("ids")) if (key := number_of(text))]
    query = request.POST.get("query", _filters_of(request))
    what = Handover.What.PARTNERS if keys else Handover.What.FILTER if query else Handover.What.ALL
    return what, query, keys


def _filters_of(request: Request) -> str:
    """The filters in the address, without what else stands there."""
    given = request.GET.copy()
    for name in (*NOT_FILTERS, "ids", "giver", "taker", "show"):
        given.pop(name, None)
    return given.urlencode()


def _initial(request: Request, keys: list[int]) -> dict[str, Any]:
    """What was chosen so far; the giver is who answers for the first chosen partner, or oneself."""
    given = request.POST or request.GET
    first = Partner.objects.visible_to(request.user).filter(pk__in=keys[:1]).values_list("owner", flat=True).first()
    found: dict[str, Any] = {name: key for name in ("giver", "taker") if (key := number_of(given.get(name)))}
    if "giver" not in found:
        found["giver"] = _own(request.user, first)
    return found | {"note": given.get("note", "")}


def _own(user: User, first: int | None) -> int | None:
    """The owner of what was chosen, if their work may be handed over; a head with nothing chosen says whose."""
    if first is not None:
        return actions.givers(user).filter(pk=first).values_list("pk", flat=True).first() or user.pk
    return None if user.has_perm("handover.run") else user.pk


def _preview(request: Request, form: forms.HandoverForm, what: str, query: str, keys: list[int]) -> dict[str, Any]:
    """Everything that will move with the number of each, its first partners, and one brief as it will be read."""
    giver = actions.givers(request.user).filter(pk=form["giver"].value() or None).first()
    if giver is None:
        return {"giver": None}
    wanted = Handover(giver=giver, taker=giver, by=request.user, what=what, query=query, partners=keys)
    counts = [(one, count, _list_of(one.place, giver, what)) for one, count in actions.preview(wanted)]
    partners = _first_partners(wanted)
    show = request.POST.get("show") or request.GET.get("show", "")
    shown = next((one for one in partners if str(one.pk) == show), partners[0] if partners else None)
    read = dict(briefs.gather([shown.pk], by=request.user)) if shown else {}
    return {
        "giver": giver, "counts": counts, "partners": partners, "shown": shown,
        "brief": briefs.told(read[shown.pk]) if shown and shown.pk in read else None, "note": form["note"].value(),
    }  # fmt: skip


def _first_partners(wanted: Handover) -> list[Partner]:
    """The first partners of which something will move, those with open opportunities before others."""
    rows = belongings.chosen(wanted)
    keys = belongings.partners_of(rows)
    found = Partner.objects.visible_to(wanted.by).filter(pk__in=keys).order_by("name_key", "pk")
    lively = list(found.with_open_opportunity()[:PREVIEWED])
    others = found.exclude(pk__in=[one.pk for one in lively])[: PREVIEWED - len(lively)]
    return [*lively, *others]


def _list_of(place: str, giver: User, what: str) -> str:
    """The list that shows the rows before they move; only of everything, which the list can be asked for."""
    if place not in LISTS or what != Handover.What.ALL:
        return ""
    name, filters = LISTS[place]
    return f"{reverse(name)}?{urlencode({'owner': giver.pk, **filters})}"


@require_GET
def detail(request: Request, pk: int) -> HttpResponse:
    """How far it is, what moved, the briefs, what is left, and what could not be taken back; `?part=state` while the worker is busy."""
    found = get_object_or_404(Handover.objects.visible_to(request.user).newest(), pk=pk)
    if request.GET.get("part") == "state":
        answer = render(request, "handover/_state.html", {"handover": found})
        if not found.is_busy:
            answer.headers["HX-Refresh"] = "true"
        return answer
    rows = Brief.objects.visible_to(request.user).of_handover(found)
    places = {one.place: one for one in belongings.belongings()}
    context = {
        "title": str(found), "handover": found, "may_change": Handover.objects.editable_by(request.user).filter(pk=pk).exists(),
        "moved": [(places[place], count) for place, count in found.moved.items() if place in places],
        "left": belongings.left_behind(found.giver) if found.status == "done" and found.what == "all" else None,
        "briefs": rows[:BRIEFS_SHOWN], "more": max(rows.count() - BRIEFS_SHOWN, 0), "conflicts": _conflicts(found, places),
        "more_conflicts": max(len(found.conflicts) - CONFLICTS_SHOWN, 0),
    }  # fmt: skip
    return render(request, "handover/detail.html", context)


def _conflicts(found: Handover, places: dict[str, Any]) -> list[Any]:
    """What stayed: kind, name, address, who changed it, which verb, when."""
    first = found.conflicts[:CONFLICTS_SHOWN]
    people = User.objects.visible_to(found.by).in_bulk({person for *_about, person, _verb, _at in first if person})
    return [
        SimpleNamespace(
            kind=places[place].model._meta.verbose_name if place in places else place, name=name or key,
            url=reverse(card, args=[key]) if (card := CARDS.get(place.rpartition(".")[0])) else "",
            by=people.get(person), verb=verb, at=at,
        )
        for place, key, name, person, verb, at in first
    ]  # fmt: skip


@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    """Call it off before it is written."""
    return _changed(request, pk, actions.call_off)


@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Take it back, in the background."""
    return _changed(request, pk, actions.take_back)


def _changed(request: Request, pk: int, act: Any) -> HttpResponse:
    found = get_object_or_404(Handover.objects.editable_by(request.user), pk=pk)
    try:
        act(found, by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("handover:detail", pk=pk)


@require_GET
def brief(request: Request, brief: int) -> HttpResponse:
    """One partner's brief on one page, to read and to print."""
    found = _brief(request, brief)
    context = {"title": found.partner.name, "brief": found, "sections": briefs.told(found.facts)}
    return render(request, "handover/brief.html", context)


@require_GET
def brief_pdf(request: Request, brief: int) -> HttpResponse:
    """The same as PDF, in the reader's language."""
    found = _brief(request, brief)
    content = pdf.of_brief(found, briefs.told(found.facts))
    headers = {"Content-Disposition": f'inline; filename="brief-{found.partner.code}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _brief(request: Request, key: int) -> Brief:
    rows = Brief.objects.visible_to(request.user).select_related("partner", "handover__giver", "handover__taker")
    return get_object_or_404(rows, pk=key)


@require_GET
def of_partner(request: Request, partner_id: int) -> HttpResponse:
    """The briefs of a partner and the way to hand it over, for its card."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user).select_related("owner"), pk=partner_id)
    rows = Brief.objects.visible_to(request.user).filter(partner=partner).order_by("-pk")
    may_give = actions.givers(request.user).filter(pk=partner.owner_id).exists()
    found = rows.select_related("handover__giver", "handover__taker")[:20]
    context = {"partner": partner, "briefs": found, "may_give": may_give}
    return render(request, "handover/_of_partner.html", context)
