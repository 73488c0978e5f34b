"""Pages of opportunities: list, board, card, form, closing, selectors, set-up of pipelines and lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_GET, require_POST

from voronka.accounts.models import User
from voronka.activities.tables import outcomes
from voronka.core import actions as kernel
from voronka.core import custom
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.lists import Bulk, ListPage, Undoable
from voronka.core.models import Company
from voronka.core.pages import (
    DetailPage,
    FormPage,
    back_from_bin,
    lookup_page,
    number_of,
    undo_of,
    undoable,
    value_options,
)
from voronka.core.prepared import Prepared, Slot
from voronka.core.tables import Page, keyset, page_of
from voronka.opportunities import actions, forms, tables, timeline
from voronka.opportunities.models import (
    Competitor,
    HistoryCorrection,
    Interest,
    InterestLevel,
    Opportunity,
    OpportunityInterest,
    OpportunityState,
    Pipeline,
    Reason,
    Relationship,
    Stage,
    Tally,
)
from voronka.opportunities.views.timelines import around, asked_of
from voronka.partners import actions as partner_actions
from voronka.partners import duplicates
from voronka.partners.models import Partner

LISTS: dict[str, tuple[Any, Any]] = {
    "interests": (Interest, gettext_lazy("Interests")),
    "interest-levels": (InterestLevel, gettext_lazy("Levels of interest")),
    "reasons": (Reason, gettext_lazy("Reasons")),
    "competitors": (Competitor, gettext_lazy("Competitors")),
    "relationships": (Relationship, gettext_lazy("Relationships")),
}
INLINE = ("potential", "percentage", "forecast_category", "predicted_close_on", "owner", "next_step")
FILLED = ("territory", "source", "industry", "owner")


class OpportunityList(ListPage):
    model = Opportunity
    table = tables.OPPORTUNITIES
    filters = forms.OpportunityFilters
    title = gettext_lazy("Opportunities")
    empty = gettext_lazy(
        "Possible sales live here, from the first talk to the contract. Add the first one, or import your file."
    )
    create = ("opportunities:create", gettext_lazy("Opportunity"))
    bulk: ClassVar = (
        Bulk("owner", gettext_lazy("Change owner"), "accounts:people"),
        Bulk("stage", gettext_lazy("Move to stage"), "opportunities:stages"),
        Bulk("delete", gettext_lazy("To the recycle bin"), danger=True),
    )
    template = "opportunities/list.html"

    def chips(self, filters: Any) -> Any:
        """Without its status the list would fall back to the open ones; taking that chip away shows all."""
        for label, words, address in super().chips(filters):
            if label != str(filters.form.fields["status"].label):
                yield label, words, address
            elif filters.form.cleaned_data["status"] != "all":
                rest = self.query("status", "after", "part", "view")
                yield label, words, f"{self.request.path}?{rest}{'&' if rest else ''}status=all"

    def bulk_owner(self, rows: QuerySet[Opportunity]) -> str:
        owner = _chosen(User.objects.assignable_by(self.request.user), self.request.POST.get("owner"))
        count = actions.change_owner(rows, owner=owner, by=self.request.user)
        words = ngettext(
            "%(count)s opportunity now belongs to %(person)s.",
            "%(count)s opportunities now belong to %(person)s.",
            count,
        )
        return words % {"count": count, "person": owner}

    def bulk_stage(self, rows: Any) -> str:
        stage = _chosen(Stage.objects.active(), self.request.POST.get("stage"))
        count = actions.move_many(rows, stage, by=self.request.user)
        words = ngettext(
            "%(count)s opportunity is now in “%(stage)s”.", "%(count)s opportunities are now in “%(stage)s”.", count
        )
        return words % {"count": count, "stage": stage}

    def bulk_delete(self, rows: QuerySet[Opportunity]) -> Undoable:
        count, moment = kernel.delete_many(rows, by=self.request.user)
        words = ngettext(
            "%(count)s opportunity is in the recycle bin.", "%(count)s opportunities are in the recycle bin.", count
        )
        return Undoable(words % {"count": count}, undo_of("opportunities:restore_moment", moment))


def _chosen(rows: Any, key: str | None) -> Any:
    found = rows.filter(pk=number_of(key)).first()
    if found is None:
        raise RuleBroken(_("Choose from the list first."), code="nothing_chosen")
    return found


class Board(ListPage):
    """One pipeline's open opportunities by stage. `?part=heads` answers the sums alone, `?part=cards` the next cards of a stage.

    Four statements of its own however many stages and cards: pipelines, stages, sums, cards.
    """

    model = Opportunity
    table = tables.OPPORTUNITIES
    filters = forms.BoardFilters
    title = gettext_lazy("Opportunities")
    create = ("opportunities:create", gettext_lazy("Opportunity"))
    template = "opportunities/board.html"

    def filtered(self, query: QueryDict | None = None) -> Any:
        """The filters, checked once: sums and every column's cards go through them."""
        if not hasattr(self, "_filtered"):
            self._filtered = super().filtered(query)
        return self._filtered

    def get(self, request: Request) -> HttpResponseBase:
        match request.GET.get("part"):
            case "filters" if request.htmx:
                return render(request, f"{self.parts}#filters", {"filter": self.filtered()})
            case "cards":
                return self.more()
            case "heads":
                columns = self.columns(with_cards=False)
                return render(request, f"{self.template}#heads", {"columns": columns} | self.whole(columns))
        if not request.GET and (default := self._default_view()):
            return redirect(f"{request.path}?{default.query}&view={default.pk}")
        return self.page("")

    def page(self, part: str) -> HttpResponse:
        filters = self.filtered()
        columns = self.columns()
        context = {
            "page": self, "filter": filters, "columns": columns, "pipelines": self.pipelines, "pipeline": self.pipeline, "title": self.title,
            "chips": list(self.chips(filters)), "views": self.views(), "may_share": self.request.user.has_perm("core.share_views"),
            "may_edit": self.request.user.scope_for("opportunities.opportunity", "edit") != Scope.NONE, "query": self.query("after", "part"),
            "view_query": self.query("after", "part", "view"), "path": self.request.path, "current_view": self.request.GET.get("view", ""),
            "create": self.create, "list_query": self.query("after", "part", "view"),
        }  # fmt: skip
        return render(self.request, self.template, context | self.whole(columns))

    def whole(self, columns: list[tables.BoardColumn]) -> dict[str, Any]:
        """The sums of all columns."""
        totals = {
            "count": sum(column.count for column in columns),
            "potential": sum((column.potential for column in columns), Decimal(0)),
            "weighted": sum((column.weighted for column in columns), Decimal(0)),
        }
        return {"totals": totals, "currency": Company.current().currency}

    @property
    def pipeline(self) -> Pipeline | None:
        """The pipeline asked for, else the usual one, else the first."""
        asked = number_of(self.request.GET.get("pipeline"))
        by_choice = sorted(self.pipelines, key=lambda one: (one.pk != asked, not one.is_default, one.position))
        return by_choice[0] if by_choice else None

    @property
    def pipelines(self) -> list[Pipeline]:
        if not hasattr(self, "_pipelines"):
            self._pipelines = list(Pipeline.objects.active())
        return self._pipelines

    def columns(self, *, with_cards: bool = True) -> list[tables.BoardColumn]:
        """Active stages, and retired ones that still hold somebody."""
        sums = self.sums()
        stages = [one for one in Stage.objects.filter(pipeline=self.pipeline) if one.is_active or one.pk in sums]
        first = self.first_cards(stages[: tables.COLUMNS_AT_ONCE]) if with_cards else {}
        nothing, none = (0, Decimal(0), Decimal(0)), Page([], "")
        return [
            tables.BoardColumn(
                stage, *sums.get(stage.pk, nothing), first.get(stage.pk, none), self.is_later(place, stage, sums)
            )
            for place, stage in enumerate(stages)
        ]

    def is_later(self, place: int, stage: Stage, sums: dict[int, Any]) -> bool:
        """Whether a column's cards come when it is scrolled to."""
        return place >= tables.COLUMNS_AT_ONCE and stage.pk in sums

    def sums(self) -> dict[int, tuple[int, Decimal, Decimal]]:
        """Count, potential and weighted by stage, exact under the filters: from the tally where it knows all the filters in use,
        else over the rows. One statement.
        """
        filters = self.filtered()
        if set(filters.asked) <= set(filters.TALLIED):
            shares = Tally.objects.visible_to(self.request.user).filter(
                pipeline=self.pipeline, status=Opportunity.Status.OPEN, **filters.asked
            )
            return {row["stage"]: (row["n"], row["total"], row["expected"]) for row in shares.summed("stage")}
        found = (
            self.open_rows()
            .order_by()
            .values_list("stage")
            .annotate(Count("pk"), Sum("potential_company"), Sum("weighted_company"))
        )
        return {stage: (count, potential, weighted) for stage, count, potential, weighted in found}

    def open_rows(self) -> QuerySet[Opportunity]:
        return self.filtered().qs.open().filter(pipeline=self.pipeline)

    def first_cards(self, stages: list[Stage]) -> dict[int, Page]:
        """The first cards of these stages in one statement. Each part of a union walks the index of its stage and stops; a text is looked
        up once instead, and the rows it finds are numbered.
        """
        if not stages:
            return {}
        found = self.numbered_cards(stages) if self.filtered().asked.get("q") else self.walked_cards(stages)
        today, by_key = timezone.localdate(), {stage.pk: stage for stage in stages}
        ordered = sorted(found, key=lambda row: (row["stage_id"], -row["potential_company"], -row["pk"]))
        return {
            key: self._page(list(rows), by_key[key], today)
            for key, rows in groupby(ordered, key=lambda row: row["stage_id"])
        }

    def walked_cards(self, stages: list[Stage]) -> Any:
        first, *rest = (self.some_cards(stage) for stage in stages)
        return first.union(*rest, all=True) if rest else first

    def numbered_cards(self, stages: list[Stage]) -> Any:
        order = [F("potential_company").desc(), F("pk").desc()]
        rows = self.open_rows().filter(stage__in=stages).annotate(place=Window(RowNumber(), "stage", order))
        return rows.filter(place__lte=tables.CARDS_SHOWN + 1).values(*tables.CARD_VALUES)

    def some_cards(self, stage: Stage, after: str = "") -> Any:
        rows = self.open_rows().filter(stage=stage).values(*tables.CARD_VALUES)
        return keyset(rows, tables.CARDS, after, tables.CARDS_SHOWN)

    def _page(self, rows: list[Any], stage: Stage, today: date) -> Page:
        page = page_of(rows, tables.CARDS, tables.CARDS_SHOWN)
        return Page(tables.cards(page.rows, stage, today), page.next)

    def more(self) -> HttpResponse:
        stage = get_object_or_404(
            Stage.objects.visible_to(self.request.user), pk=number_of(self.request.GET.get("stage"))
        )
        try:
            rows = list(self.some_cards(stage, self.request.GET.get("after", "")))
        except RuleBroken as broken:
            return _refused(self.request, broken, reverse("opportunities:board"))
        column = {"stage": stage, "page": self._page(rows, stage, timezone.localdate())}
        may_edit = self.request.user.scope_for("opportunities.opportunity", "edit") != Scope.NONE
        context = {"column": column, "query": self.query("after", "part", "stage"), "may_edit": may_edit}
        return render(self.request, f"{self.template}#cards", context)


_STATES = Prepared(
    lambda scope: OpportunityState.objects.reaching(scope).of(Slot("pk")).select_related("stage", "owner", "changed_by")
)
_CORRECTIONS = Prepared(
    lambda scope: HistoryCorrection.objects.reaching(scope).filter(opportunity=Slot("pk")).select_related("by")
)
_STAGES = Prepared(lambda: Stage.objects.filter(pipeline=Slot("pipeline")))
_INTERESTS = Prepared(
    lambda: (
        OpportunityInterest.objects.filter(opportunity=Slot("opportunity"))
        .select_related("interest")
        .order_by("-is_primary", "interest__position")
    )
)
_REASONS = Prepared(lambda: Reason.objects.filter(opportunity=Slot("opportunity")))


class OpportunityPage(DetailPage):
    model = Opportunity
    card = Prepared(
        lambda scope: (
            Opportunity.objects.reaching(scope)
            .for_list()
            .select_related("contact", "channel", "pipeline", "interest_level")
            .filter(pk=Slot("pk"))
        )
    )
    place = "opportunity"
    template = "opportunities/detail.html"
    TABS: ClassVar = ("timeline", "states", "history")

    def context(self) -> dict[str, Any]:
        user, found, now = self.request.user, self.object, timezone.now()
        states, stages = self.hanging(_STATES), _STAGES(pipeline=found.pipeline_id)
        tab = self.request.GET.get("tab")
        about = {
            "title": str(found), "tab": tab if tab in self.TABS else self.TABS[0], "steps": tables.stage_bar(found, stages, states, now),
            "interests": _INTERESTS(opportunity=found.pk),
            "reasons": [] if found.is_open else _REASONS(opportunity=found.pk), "days": tables.days_open(found),
            "own": [one for one in custom.shown(found, custom.linked_names([found], user)) if one.words],
            "today": timezone.localdate(), "may_see_partner": Partner.objects.allows(user, "see", found.partner),
        }  # fmt: skip
        if about["tab"] == "states":
            past = {"strip": tables.strip(states, now), "state_rows": tables.state_rows(states, now)}
            may_correct = self.may_edit() and user.has_perm("opportunities.correct_history")
            return (
                about
                | past
                | {"may_correct": may_correct, "corrections": tables.corrections(self.hanging(_CORRECTIONS))}
            )
        if about["tab"] == "timeline":
            about |= {"next_step": timeline.next_step(found, user)}
            about |= self._stream(states) if self._asks_for_stream() else {"outcomes": outcomes()}
        return about

    def _asks_for_stream(self) -> bool:
        """An opened card fetches its stream when it stands; whoever follows a tab, a kind or a place in it wants it at once."""
        return any(name in self.request.GET for name in ("tab", "kind", "after"))

    def part(self, name: str) -> HttpResponse | None:
        if name not in ("stream", "entries"):
            return None
        context = {"object": self.object, "opportunity": self.object} | self._stream(self.hanging(_STATES))
        return render(self.request, f"opportunities/_{name}.html", context)

    def _stream(self, states: list[OpportunityState]) -> dict[str, Any]:
        """A page of what happened; who sees the opportunity sees what was said about it, whoever owns the partner."""
        kind, place = asked_of(self.request)
        stream = timeline.of_opportunity(self.object, states, self.request.user, kind, place)
        return around(self.request, stream, kind, self.object.get_absolute_url())


class OpportunityFormPage(FormPage):
    model = Opportunity
    form = forms.OpportunityForm
    title_new = gettext_lazy("New opportunity")
    template = "opportunities/form.html"
    back = "opportunities:list"

    def initial(self) -> dict[str, Any]:
        """A new one starts in the usual pipeline's first stage, owned by whom it is written; a partner named in the address fills the rest."""
        if self.object:
            return {}
        used = forms.stages().filter(is_active=True, pipeline__is_active=True)
        usual = used.order_by("-pipeline__is_default", "pipeline__position", "position").first()
        given = {"stage": usual, "currency": Company.current().currency, "owner": self.request.user.pk, "closes_in": 30}
        partner = (
            Partner.objects.visible_to(self.request.user).filter(pk=number_of(self.request.GET.get("partner"))).first()
        )
        if partner:
            given |= {"partner": partner.pk} | {
                name: getattr(partner, f"{name}_id") for name in ("territory", "source", "industry")
            }
        return given

    def save(self, form: Any) -> Opportunity:
        found, values = (
            form.save(commit=False),
            {"interests": form.interests, "comment": form.cleaned_data["comment"], "by": self.request.user},
        )
        if self.object:
            return actions.save_opportunity(found, seen_version=self.seen_version(), **values)
        return actions.open_opportunity(found, **values)


def move(request: Request, pk: int) -> HttpResponse:
    """Move to another stage. GET answers the small form of what the stage asks for; a POST without `dialog` comes from the stage bar or the board.

    `seen` is the stage the page showed: of two people moving one card the second hears who was first.
    """
    found = _editable(request, pk)
    asked, posted = (request.POST, True) if request.method == "POST" else (request.GET, False)
    if not posted and "stage" not in asked:
        return redirect(found)
    stage = get_object_or_404(Stage.objects.visible_to(request.user), pk=number_of(asked.get("stage")))
    form = forms.MoveForm(request.POST if posted else None, instance=found, stage=stage, user=request.user)
    if seen := number_of(asked.get("seen")):
        found.stage_id = seen
    if posted and "dialog" not in asked:
        if not form.is_valid():
            return _refused(request, form.first_fault(), _back(request, found))
        return _act(request, found, partial(_move, request, found, form), to_board=True)
    if posted and form.is_valid() and _kept(form, partial(_move, request, found, form)):
        return _done(request, found)
    context = {
        "form": form,
        "object": found,
        "stage": stage,
        "title": _("Move to “%(stage)s”") % {"stage": stage},
        "back": asked.get("back", ""),
    }
    return render(
        request,
        "opportunities/_move.html" if request.htmx else "opportunities/move.html",
        context,
        status=422 if posted else 200,
    )


def _move(request: Request, found: Opportunity, form: forms.MoveForm) -> None:
    comment = form.cleaned_data["comment"]
    actions.move_to_stage(found, form.stage, comment=comment, by=request.user, **form.filled)


def _kept(form: Any, act: Callable[[], Any]) -> bool:
    """Do it; a broken rule becomes an error of the form, beside its field where it has one."""
    try:
        act()
    except RuleBroken as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return False
    return True


def _done(request: Request, found: Opportunity) -> HttpResponse:
    """Back to the page the dialog was opened on."""
    back = _back(request, found)
    return HttpResponse(status=204, headers={"HX-Redirect": back}) if request.htmx else redirect(back)


def _editable(request: Request, pk: int) -> Opportunity:
    return get_object_or_404(Opportunity.objects.editable_by(request.user).for_list(), pk=pk)


def _act(request: Request, found: Opportunity, act: Callable[[], Any], *, to_board: bool = False) -> HttpResponse:
    """Do it. The board gets the card as it is now, a card's page itself again; a refusal says why in both."""
    try:
        act()
    except RuleBroken as broken:
        return _refused(request, broken, _back(request, found))
    if to_board and request.headers.get("X-Board"):
        return _card(request, found)
    return redirect(_back(request, found))


def _refused(request: Request, broken: RuleBroken, back: str) -> HttpResponse:
    """Why not: a toast for a part of a page, else at the top of the page one came from."""
    if request.htmx:
        told = json.dumps({"toast": {"text": str(broken), "tag": "error"}})
        return HttpResponse(
            str(broken), status=409, content_type="text/plain; charset=utf-8", headers={"HX-Trigger": told}
        )
    messages.error(request, str(broken))
    return redirect(back)


def _back(request: Request, found: Opportunity) -> str:
    """The page one came from if it is ours, else the card."""
    back = request.POST.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else found.get_absolute_url()


def change(request: Request, pk: int, field: str) -> HttpResponse:
    """One value of the card's head, changed in place: GET answers its small form, POST keeps it if nobody was quicker."""
    if field not in INLINE:
        raise Http404
    found = _editable(request, pk)
    if not request.htmx and request.method == "GET":
        return redirect("opportunities:edit", pk=pk)
    version = number_of(request.POST.get("version"))
    form = forms.ChangeForm(
        request.POST if request.method == "POST" else None, instance=found, field=field, user=request.user
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        return _act(
            request, found, lambda: actions.change(found, seen_version=version or None, by=request.user, **values)
        )
    if request.method == "POST":
        return _refused(
            request,
            RuleBroken(
                " ".join(str(one) for errors in form.errors.values() for one in errors), code="bad_value", field=field
            ),
            _back(request, found),
        )
    return render(request, "opportunities/_change.html", {"form": form, "object": found, "field": field})


def quick(request: Request, pk: int) -> HttpResponse:
    """The few values one changes on the board, in a dialog; kept, the card comes back in its place."""
    found = _editable(request, pk)
    if not request.htmx:
        return redirect("opportunities:edit", pk=pk)
    posted, version = request.method == "POST", number_of(request.POST.get("version")) or found.version
    form = forms.QuickForm(request.POST if posted else None, instance=found)
    if posted and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        if _kept(form, partial(actions.change, found, seen_version=version, by=request.user, **values)):
            answer = _card(request, found)
            answer["HX-Retarget"], answer["HX-Reswap"] = f'[data-card="{found.pk}"]', "outerHTML"
            answer["HX-Trigger-After-Swap"] = "card-saved"
            return answer
    context = {"form": form, "object": found, "version": version}
    return render(request, "opportunities/_quick.html", context, status=422 if posted else 200)


def _card(request: Request, found: Opportunity) -> HttpResponse:
    """The card of the board as it is now."""
    row = Opportunity.objects.visible_to(request.user).filter(pk=found.pk).values(*tables.CARD_VALUES)
    card = tables.cards(row, found.stage, timezone.localdate())[0]
    return render(request, "opportunities/_card.html", {"card": card, "may_edit": True})


def win(request: Request, pk: int) -> HttpResponse:
    return _close(request, pk, Opportunity.Status.WON, actions.win)


def lose(request: Request, pk: int) -> HttpResponse:
    return _close(request, pk, Opportunity.Status.LOST, actions.lose)


def _close(request: Request, pk: int, status: str, act: Callable[..., Any]) -> HttpResponse:
    """The small form of closing, as a page or inside a dialog; a refused one stays with what was typed."""
    found = _editable(request, pk)
    form = forms.CloseForm(request.POST if request.method == "POST" else None, status=status)
    answer = 200
    if request.method == "POST":
        answer = 422
        if form.is_valid():
            try:
                act(found, **form.cleaned_data, by=request.user)
            except RuleBroken as broken:
                form.add_error(broken.field if broken.field in form.fields else None, str(broken))
                answer = 409
            else:
                return _closed(request, found)
    title = (_("Won: %(name)s") if status == Opportunity.Status.WON else _("Lost: %(name)s")) % {"name": found}
    back = request.POST.get("back") or request.GET.get("back", "")
    context = {
        "form": form,
        "object": found,
        "status": status,
        "title": title,
        "back": back,
        "required": Company.current().loss_reason_required,
    }
    return render(
        request, "opportunities/_close.html" if request.htmx else "opportunities/close.html", context, status=answer
    )


def _closed(request: Request, found: Opportunity) -> HttpResponse:
    messages.success(request, _("%(name)s: %(status)s.") % {"name": found, "status": found.get_status_display()})
    return _done(request, found)


@require_POST
def reopen(request: Request, pk: int) -> HttpResponse:
    found = _editable(request, pk)
    return _act(request, found, lambda: actions.reopen(found, by=request.user))


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    found = kernel.delete(_editable(request, pk), by=request.user)
    words = _("%(name)s is in the recycle bin.") % {"name": found}
    undoable(request, words, reverse("opportunities:restore", args=[pk]))
    return redirect("opportunities:list")


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    found = kernel.restore(get_object_or_404(Opportunity.objects.in_bin_of(request.user), pk=pk), by=request.user)
    messages.success(request, _("%(name)s is back.") % {"name": found})
    return redirect(found)


@require_POST
def restore_moment(request: Request) -> HttpResponse:
    """Take back what one act moved to the recycle bin."""
    words = ngettext_lazy("%(count)s opportunity is back.", "%(count)s opportunities are back.", "count")
    return back_from_bin(request, Opportunity.objects.in_bin_of(request.user), words, "opportunities:list")


def recycle_bin(request: Request) -> HttpResponse:
    rows = (
        Opportunity.objects.in_bin_of(request.user)
        .select_related("deleted_by", "partner")
        .order_by("-deleted_at")[:200]
    )
    return render(request, "opportunities/bin.html", {"opportunities": rows, "title": _("Recycle bin")})


@require_GET
def options(request: Request) -> JsonResponse:
    """Opportunities for a selector: up to 20 found by the typed text."""
    rows = (
        Opportunity.objects.visible_to(request.user)
        .search(request.GET.get("q", "").replace("\x00", ""))
        .select_related("partner")[:20]
    )
    return JsonResponse([{"value": row.pk, "text": f"{row} · {row.partner}"} for row in rows], safe=False)


@require_GET
def stage_options(request: Request) -> JsonResponse:
    """Stages in use for a selector."""
    rows = forms.stages().filter(is_active=True, name__icontains=request.GET.get("q", "").replace("\x00", ""))
    return JsonResponse([{"value": row.pk, "text": f"{row.pipeline}: {row}"} for row in rows[:100]], safe=False)


@require_GET
def partner_values(request: Request) -> JsonResponse:
    """What choosing a partner fills in where the form is empty: territory, source, industry, owner, its main contact."""
    rows = Partner.objects.visible_to(request.user).select_related(*FILLED)
    partner = get_object_or_404(rows, pk=number_of(request.GET.get("partner")))
    found = {name: getattr(partner, name) for name in FILLED}
    found["owner"] = User.objects.assignable_by(request.user).filter(pk=partner.owner_id).first()
    return JsonResponse({name: {"value": one.pk, "text": str(one)} for name, one in found.items() if one})


@require_POST
def new_partner(request: Request) -> JsonResponse:
    """A lead made from the partner's selector by its name alone; it belongs to whom made it."""
    if request.user.scope_for("partners.partner", "edit") == Scope.NONE:
        raise PermissionDenied
    name = " ".join(request.POST.get("name", "").replace("\x00", "").split())[:200]
    if not name:
        return JsonResponse({"message": _("Write a name.")}, status=409)
    if "anyway" not in request.POST and (told := duplicates.hints(duplicates.Typed(name=name), user=request.user)):
        return _there_already(told)
    partner = partner_actions.save_partner(Partner(name=name, owner=request.user), by=request.user)
    return JsonResponse({"value": partner.pk, "text": partner.name})


def _there_already(told: list[duplicates.Hint]) -> JsonResponse:
    """The partners that may be meant, to be chosen instead; asked a second time, one is made all the same."""
    found = [
        {"value": hint.partner.pk, "text": f"{hint.partner.name} · {hint.owner.name}"} for hint in told if hint.partner
    ]
    owners = ", ".join(hint.owner.name for hint in told if not hint.partner)
    if found:
        sentence = _("Perhaps it is one of these. To make a new one all the same, add it again.")
    else:
        sentence = _("There is such a partner, it belongs to %(owners)s. To make a new one all the same, add it again.")
    return JsonResponse({"message": sentence % {"owners": owners}, "duplicates": found}, status=409)


@require_GET
def search_panel(request: Request) -> HttpResponse:
    """What the command palette shows of opportunities."""
    text = request.GET.get("q", "").replace("\x00", "")
    rows = (
        Opportunity.objects.visible_to(request.user).search(text).select_related("partner", "stage")[:8]
        if len(text.strip()) > 1
        else []
    )
    return render(request, "opportunities/_search.html", {"opportunities": rows})


@require_GET
def partner_panel(request: Request, partner_id: int) -> HttpResponse:
    """The opportunities of one partner, for its card: open ones first, at most fifty, and the sums of the open ones."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=partner_id)
    rows = Opportunity.objects.visible_to(request.user).filter(partner=partner)
    found = rows.select_related("stage", "owner").order_by("-status", "-potential")[:50]
    ordered = sorted(found, key=lambda one: not one.is_open)
    return render(
        request,
        "opportunities/of_partner.html",
        {"partner": partner, "opportunities": ordered, "totals": rows.open().totals()},
    )


@require_GET
def partner_figures(request: Request, partner_id: int) -> HttpResponse:
    """Count, amount and weighted of a partner's open opportunities, for the head of its card."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=partner_id)
    totals = Opportunity.objects.visible_to(request.user).filter(partner=partner).open().totals()
    return render(
        request, "opportunities/_partner_figures.html", {"totals": totals, "currency": Company.current().currency}
    )


@permission_required("core.configure", raise_exception=True)
def pipelines(request: Request) -> HttpResponse:
    rows = Pipeline.objects.prefetch_related("stages")
    return render(request, "opportunities/pipelines.html", {"pipelines": rows, "title": _("Pipelines and stages")})


@permission_required("core.configure", raise_exception=True)
def pipeline_form(request: Request, pipeline_pk: int | None = None) -> HttpResponse:
    """A pipeline with its stages on one page; a stage is retired rather than deleted, because the past refers to it."""
    pipeline = (
        get_object_or_404(Pipeline.objects.editable_by(request.user), pk=pipeline_pk) if pipeline_pk else Pipeline()
    )
    form = forms.PipelineForm(request.POST or None, instance=pipeline)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_pipeline_with_stages(form.save(commit=False), form.stages.save(commit=False), by=request.user)
        except RuleBroken as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        else:
            messages.success(request, _("Saved."))
            return redirect("opportunities:pipelines")
    status = 422 if request.method == "POST" else 200
    title = pipeline.name if pipeline_pk else _("New pipeline")
    return render(request, "opportunities/pipeline_form.html", {"form": form, "title": title}, status=status)


@permission_required("core.configure", raise_exception=True)
def lookup(request: Request, slug: str) -> HttpResponse:
    """A list of values the company keeps: add, rename, order, retire."""
    return lookup_page(request, *LISTS[slug])


def lookup_options(request: Request, slug: str) -> HttpResponse:
    """Values of one of the company's lists for a selector; who edits opportunities may add one."""
    may_add = request.user.scope_for("opportunities.opportunity", "edit") != Scope.NONE
    model = LISTS[slug][0]
    return value_options(request, model.objects.active(), may_add=may_add)
