"""Pages of partners: list, card, form, parts, recycle bin, selectors, set-up lists."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_GET, require_POST

from voronka.accounts.models import User
from voronka.core import actions as kernel
from voronka.core import custom
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.forms import seen
from voronka.core.frame import Request
from voronka.core.lists import Bulk, ListPage, Undoable
from voronka.core.models import Company
from voronka.core.pages import (
    DetailPage,
    FormPage,
    back_from_bin,
    lookup_page,
    number_of,
    refused,
    undo_of,
    undoable,
    value_options,
    version_of,
)
from voronka.core.prepared import Prepared, Slot
from voronka.core.registry import panels_for
from voronka.core.tables import length_words
from voronka.partners import actions, forms, tables
from voronka.partners import duplicates as twins
from voronka.partners import merge as merging
from voronka.partners.duplicates import Hint, Typed
from voronka.partners.models import (
    AccessRequest,
    Address,
    AssignmentRule,
    BankAccount,
    Contact,
    ContactRole,
    DuplicatePair,
    DuplicateScan,
    Industry,
    Merge,
    Partner,
    PartnerGroup,
    PaymentTerms,
    Priority,
    Source,
    Tag,
    Territory,
)

LISTS: dict[str, tuple[Any, Any]] = {
    "groups": (PartnerGroup, gettext_lazy("Partner groups")),
    "industries": (Industry, gettext_lazy("Industries")),
    "sources": (Source, gettext_lazy("Information sources")),
    "territories": (Territory, gettext_lazy("Territories")),
    "tags": (Tag, gettext_lazy("Tags")),
    "priorities": (Priority, gettext_lazy("Priorities")),
    "contact_roles": (ContactRole, gettext_lazy("Roles of contacts")),
}
PARTS: dict[str, tuple[Any, Any, Any]] = {
    "contact": (Contact, forms.ContactForm, gettext_lazy("Contact")),
    "address": (Address, forms.AddressForm, gettext_lazy("Address")),
    "account": (BankAccount, forms.BankAccountForm, gettext_lazy("Bank account")),
}


class PartnerList(ListPage):
    model = Partner
    table = tables.PARTNERS
    filters = forms.PartnerFilters
    title = gettext_lazy("Partners")
    empty = gettext_lazy("Leads, customers and vendors live here. Add the first one, or import your file.")
    create = ("partners:create", gettext_lazy("Partner"))
    bulk: ClassVar = (
        Bulk("owner", gettext_lazy("Change owner"), "accounts:people"),
        Bulk("tag", gettext_lazy("Add a tag"), "partners:tags"),
        Bulk("delete", gettext_lazy("To the recycle bin"), danger=True),
    )
    template = "partners/list.html"

    def bulk_owner(self, rows: QuerySet[Partner]) -> str:
        owner = _chosen(User.objects.assignable_by(self.request.user), self.request.POST.get("owner"))
        count = actions.change_owner(rows, owner=owner, by=self.request.user)
        return ngettext(
            "%(count)s partner now belongs to %(person)s.", "%(count)s partners now belong to %(person)s.", count
        ) % {
            "count": count,
            "person": owner,
        }

    def bulk_tag(self, rows: QuerySet[Partner]) -> str:
        tag = _chosen(Tag.objects.active(), self.request.POST.get("tag"))
        count = actions.add_tag(rows, tag=tag, by=self.request.user)
        return ngettext("%(count)s partner tagged.", "%(count)s partners tagged.", count) % {"count": count}

    def bulk_delete(self, rows: QuerySet[Partner]) -> Undoable:
        count, moment = kernel.delete_many(rows, by=self.request.user)
        words = ngettext(
            "%(count)s partner is in the recycle bin.", "%(count)s partners are in the recycle bin.", count
        )
        return Undoable(words % {"count": count}, undo_of("partners:restore_moment", moment))


class ContactList(ListPage):
    """People at the partners this person sees."""

    model = Contact
    table = tables.CONTACTS
    filters = forms.ContactFilters
    title = gettext_lazy("Contacts")
    empty = gettext_lazy("People at your partners stand here. Add them on the partner’s card, or import your file.")
    bulk: ClassVar = (
        Bulk("role", gettext_lazy("Give a role"), "partners:contact_roles"),
        Bulk("gone", gettext_lazy("No longer works there")),
        Bulk("delete", gettext_lazy("To the recycle bin"), danger=True),
    )

    def bulk_role(self, rows: QuerySet[Contact]) -> str:
        role = _chosen(ContactRole.objects.active(), self.request.POST.get("role"))
        count = actions.add_role(rows, role=role, by=self.request.user)
        words = ngettext("%(count)s contact has the role now.", "%(count)s contacts have the role now.", count)
        return words % {"count": count}

    def bulk_gone(self, rows: QuerySet[Contact]) -> str:
        count = actions.set_active(rows, active=False, by=self.request.user)
        words = ngettext("%(count)s contact is inactive now.", "%(count)s contacts are inactive now.", count)
        return words % {"count": count}

    def bulk_delete(self, rows: QuerySet[Contact]) -> Undoable:
        count, moment = kernel.delete_many(rows, by=self.request.user)
        words = ngettext("%(count)s contact removed.", "%(count)s contacts removed.", count)
        return Undoable(words % {"count": count}, undo_of("partners:contacts_restore", moment))


@require_GET
def contact(request: Request, contact_key: int) -> HttpResponse:
    """A person: the form for those who may change the partner, for others the partner's card."""
    found = get_object_or_404(Contact.objects.visible_to(request.user).select_related("partner"), pk=contact_key)
    if Contact.objects.allows(request.user, "edit", found):
        return redirect("partners:part_edit", pk=found.partner_id, part="contact", key=found.pk)
    return redirect(found.partner)


@require_POST
def contacts_restore(request: Request) -> HttpResponse:
    """Take back what one act on the list of contacts removed."""
    words = ngettext_lazy("%(count)s contact is back.", "%(count)s contacts are back.", "count")
    return back_from_bin(request, Contact.objects.in_bin_of(request.user), words, "partners:contact_list")


def _chosen(rows: Any, key: str | None) -> Any:
    number = number_of(key)
    found = rows.filter(pk=number).first() if number else None
    if found is None:
        raise RuleBroken(_("Choose from the list first."), code="nothing_chosen")
    return found


def _parts(model: Any) -> Prepared:
    return Prepared(lambda scope: model.objects.reaching(scope).of(Slot("pk")))


INACTIVE_SHOWN = 50
AROUND_SHOWN = 12
# What stands in the side panel where it is filled; everything else is on the tab of all fields.
SIDE = (
    "phone", "phone2", "email", "website", "group", "industry", "territory", "source", "priority", "payment_terms", "price_list", "discount_percent",
    "credit_limit", "commitment_limit", "project", "technician", "alias", "foreign_name", "language", "tags",
)  # fmt: skip
REQUISITES = ("full_name", "tax_id", "kpp", "ogrn")
PAIRS_SHOWN = 100
REQUESTS_SHOWN = 100
STAYED_SHOWN = 20
KEYS = ("tax_id", "kpp", "email", "phone")
_SAME_KEY = Prepared(
    lambda *keys: (
        Partner.objects.same_key(**{key: Slot(key) for key in keys}).select_related("owner").exclude(pk=Slot("pk"))[:5]
    )
)
_CONTACTS = Prepared(lambda scope: Contact.objects.reaching(scope).of(Slot("pk")).with_role_names())
_ADDRESSES, _ACCOUNTS = _parts(Address), _parts(BankAccount)
_AROUND = Prepared(
    lambda scope: Partner.objects.reaching(scope).around(Slot("pk"), Slot("channel"), Slot("connected"))[:AROUND_SHOWN]
)


class PartnerPage(DetailPage):
    model = Partner
    place = "partner"
    template = "partners/detail.html"

    def get(self, request: Request, pk: int) -> HttpResponse:
        """A merged partner's address leads to the one it was merged into."""
        try:
            return super().get(request, pk)
        except Http404:
            into = Partner.objects.visible_to(request.user).filter(merged=pk).values_list("pk", flat=True).first()
            if into is None:
                raise
            return redirect("partners:detail", pk=into)

    card = Prepared(lambda scope: Partner.objects.reaching(scope).for_card().filter(pk=Slot("pk")))

    def context(self) -> dict[str, Any]:
        partner, user, contacts = self.object, self.request.user, self.hanging(_CONTACTS)
        related, tags = self.related(), self.object.tag_names
        linked = {row.pk: row.name for row in related} | custom.linked_names([partner, *contacts], user)
        currency = Company.lately().currency
        own = [one.input for one in custom.lately(Partner)]
        facts = {
            one.name: one for one in tables.facts(partner, ["owner", *REQUISITES, *SIDE, *own], linked, tags, currency)
        }
        requisites = [facts[name] for name in REQUISITES]
        return {
            "title": partner.name,
            "contacts": [
                (one, tables.phones(one), [fact for fact in custom.shown(one, linked) if fact.words])
                for one in contacts
            ],
            "addresses": self.hanging(_ADDRESSES),
            "accounts": self.hanging(_ACCOUNTS),
            "requisites": requisites,
            "requisites_text": tables.requisites_text(requisites),
            "facts": [facts[name] for name in (*SIDE, *own) if facts[name].words],
            "owner": facts["owner"],
            "sells_to": [row for row in related if row.channel_id == partner.pk],
            "linked": linked,
            "is_frozen": partner.is_frozen_on(timezone.localdate()),
            "currency": currency,
            "figures": panels_for("partner-figures"),
            "duplicates": _twins(partner, user),
            "typed": {name: getattr(partner, name) for name in KEYS},
        }

    def related(self) -> list[Partner]:
        """The channel, the other side and those the partner sells to, as far as this person may see them."""
        partner = self.object
        if not (partner.channel_id or partner.connected_id or partner.is_channel):
            return []
        keys = {"channel": partner.channel_id, "connected": partner.connected_id}
        return _AROUND(self.scope, **self.reach, **keys)

    def part(self, name: str) -> HttpResponse | None:
        """All fields in the sections of the form."""
        if name != "details":
            return None
        partner, user = self.object, self.request.user
        linked = {row.pk: row.name for row in self.related()} | custom.linked_names([partner], user)
        tags, currency = partner.tag_names, Company.lately().currency
        groups = [*forms.PartnerForm.groups, (_("Custom fields"), [one.input for one in custom.lately(Partner)])]
        sections = [(title, tables.facts(partner, names, linked, tags, currency)) for title, names in groups if names]
        return render(
            self.request,
            "partners/_details.html",
            {"object": partner, "sections": sections, "may_edit": self.may_edit()},
        )


def _twins(partner: Partner, user: User) -> list[Hint]:
    """Other partners that share an exact key with the one shown, up to five: those beyond the person's reach as "there is one"."""
    given = {name: key for name in KEYS if (key := getattr(partner, name))}
    rows = _SAME_KEY(*given, pk=partner.pk, **given)
    if not rows:
        return []
    visible = set(Partner.objects.visible_to(user).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    seen = [Hint(row.owner, row) for row in rows if row.pk in visible]
    return seen + twins.hints_of_others([row for row in rows if row.pk not in visible], user)


class PartnerFormPage(FormPage):
    model = Partner
    form = forms.PartnerForm
    title_new = gettext_lazy("New partner")
    template = "partners/form.html"
    back = "partners:list"
    warned: ClassVar[list[Hint]] = []

    def initial(self) -> dict[str, Any]:
        if self.object:
            return {}
        return {
            "owner": self.request.user.pk,
            "kind": self.request.GET.get("kind", Partner.Kind.LEAD),
            "name": self.request.GET.get("name", ""),
        }

    def context(self, form: Any) -> dict[str, Any]:
        return {"duplicates": self.warned, "typed": Typed.of(self.request.POST).given()}

    def save(self, form: Any) -> Partner:
        if self.object is None and "anyway" not in self.request.POST:
            self._look_for_twins()
        return actions.save_partner(
            form.save(commit=False),
            tags=form.cleaned_data["tags"],
            seen_version=self.seen_version(),
            by=self.request.user,
        )

    def _look_for_twins(self) -> None:
        """Raises RuleBroken, once, where a new partner is there already by all that was typed."""
        self.warned = twins.hints(Typed.of(self.request.POST), user=self.request.user, least=twins.SURE)  # type: ignore[misc]
        if self.warned:
            sentence = _(
                "This partner is there already, see above. Nothing was saved; if it is another one, press “Save” again."
            )
            raise RuleBroken(sentence, code="duplicate")


def change(request: Request, pk: int, field: str) -> HttpResponse:
    """One value of the card, changed in place: GET answers its small form (`shown`: the value again), POST keeps it if nobody was quicker.

    Without JavaScript GET leads to the whole form.
    """
    partner = get_object_or_404(Partner.objects.editable_by(request.user).for_card(), pk=pk)
    form = forms.PartnerForm(request.POST or None, instance=partner, user=request.user, only=field)
    if field not in form.fields:
        raise Http404
    if request.method == "POST":
        return _change(request, partner, form)
    if not request.htmx:
        return redirect(f"{reverse('partners:edit', args=[pk])}#id_{field}")
    if "shown" in request.GET:
        return _value(request, partner, field)
    return _change_form(request, partner, form)


def _change(request: Request, partner: Partner, form: forms.PartnerForm) -> HttpResponse:
    if form.is_valid():
        tags = form.cleaned_data.get("tags")
        try:
            actions.save_partner(form.save(commit=False), tags=tags, seen_version=version_of(request), by=request.user)
        except RuleBroken as broken:
            form.add_error(form.only, str(broken))
    if not request.htmx:
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect(partner)
    if form.errors:
        return _change_form(request, partner, form, status=422)
    answer = _value(request, partner, form.only)
    answer.headers["HX-Trigger"] = f"changed-{form.only}"
    return answer


def _change_form(request: Request, partner: Partner, form: forms.PartnerForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "object": partner, "place": _place(request)}
    return render(request, "partners/_change.html", context, status=status)


def _value(request: Request, partner: Partner, field: str) -> HttpResponse:
    keys = [key for key in (partner.channel_id, partner.connected_id) if key]
    rows = Partner.objects.visible_to(request.user).filter(pk__in=keys)
    linked = dict(rows.values_list("pk", "name")) | custom.linked_names([partner], request.user)
    tags = [tag.name for tag in partner.tags.all()] if field == "tags" else []
    fact = tables.facts(partner, [field], linked, tags, Company.lately().currency)[0]
    return render(request, "partners/_value.html", {"fact": fact, "place": _place(request), "may_edit": True})


def _place(request: Request) -> str:
    """Where on the card the value stands: in the side panel, in the head or on the tab of all fields."""
    place = request.POST.get("place") or request.GET.get("place", "")
    return place if place in ("side", "head", "all") else "side"


@require_GET
def duplicates(request: Request) -> HttpResponse:
    """Partners that may be the one typed so far."""
    typed = Typed.of(request.GET)
    found = twins.hints(typed, user=request.user, own=number_of(request.GET.get("own")))
    return render(request, "partners/_duplicates.html", {"duplicates": found, "typed": typed.given()})


@require_POST
def ask(request: Request) -> HttpResponse:
    """Ask a colleague for a partner met while typing: the page with the message, and with `send` the request itself."""
    owner = get_object_or_404(User.objects.visible_to(request.user), pk=number_of(request.POST.get("asked")))
    typed = Typed.of(request.POST)
    if "send" in request.POST:
        try:
            actions.ask_for(typed, owner, request.POST.get("message", "").replace("\x00", ""), by=request.user)
        except RuleBroken as broken:
            messages.error(request, str(broken))
        else:
            messages.success(
                request, _("%(person)s is asked; the answer will be told to you.") % {"person": owner.name}
            )
        return redirect("partners:requests")
    context = {
        "title": _("Ask for a partner"),
        "owner": owner,
        "typed": typed.given(),
        "lines": _typed_lines(typed.given()),
    }
    return render(request, "partners/ask.html", context)


def _typed_lines(typed: dict[str, str]) -> list[tuple[Any, str]]:
    """What somebody typed, with the names of the fields."""
    models = {"city": Address, "street": Address}
    return [(models.get(name, Partner)._meta.get_field(name).verbose_name, text) for name, text in typed.items()]  # type: ignore[union-attr]


def requests(request: Request) -> HttpResponse:
    """Requests to answer, and one's own with their answers. Of a partner one does not see, one's own show only what one typed."""
    mine = AccessRequest.objects.visible_to(request.user).for_list()[:REQUESTS_SHOWN]
    reached = Partner.objects.visible_to(request.user).filter(pk__in=[one.partner_id for one in mine])
    seen = set(reached.values_list("pk", flat=True))
    waiting = AccessRequest.objects.editable_by(request.user).open().for_list()[:REQUESTS_SHOWN]
    context = {
        "title": _("Requests for partners"), "waiting": [(one, _typed_lines(one.typed)) for one in waiting],
        "mine": [(one, _typed_lines(one.typed), one.partner_id in seen) for one in mine],
    }  # fmt: skip
    return render(request, "partners/requests.html", context)


@require_POST
def request_answer(request: Request, wanted: int) -> HttpResponse:
    """Hand over, answer or refuse."""
    found = get_object_or_404(AccessRequest.objects.editable_by(request.user).for_list(), pk=wanted)
    try:
        actions.answer_request(
            found, request.POST.get("verdict", ""), request.POST.get("answer", "").replace("\x00", ""), by=request.user
        )
    except RuleBroken as broken:
        messages.error(request, str(broken))
    else:
        messages.success(request, _("%(person)s is told.") % {"person": found.asked_by.name})
    return redirect("partners:requests")


def part_form(request: Request, pk: int, part: str, key: int | None = None) -> HttpResponse:
    """Add or change a contact, address or bank account of a partner."""
    model, form_class, title = _part(part)
    partner = get_object_or_404(Partner.objects.editable_by(request.user), pk=pk)
    record = (
        get_object_or_404(model.objects.editable_by(request.user).of(partner), pk=key)
        if key
        else model(partner=partner)
    )
    form = form_class(request.POST or None, instance=record, user=request.user)
    status = 200
    if request.method == "POST":
        status = _save_part(request, form)
        if status == 200:
            return redirect("partners:detail", pk=pk)
    context = {
        "form": form, "partner": partner, "title": title, "record": record, "part": part, "panels": panels_for(part) if key else [],
        "version": request.POST.get("version") or record.version,
    }  # fmt: skip
    return render(request, "partners/part_form.html", context, status=status)


def _save_part(request: Request, form: Any) -> int:
    """Keep what was typed and answer 200, or say on the form what is wrong with it (422) or who was quicker (409)."""
    if not form.is_valid():
        return 422
    roles, seen_version = form.cleaned_data.get("roles"), version_of(request)
    try:
        actions.save_part(form.save(commit=False), roles=roles, seen_version=seen_version, by=request.user)
    except RuleBroken as broken:
        return refused(form, broken, form.instance)
    return 200


@require_POST
def part_delete(request: Request, pk: int, part: str, key: int) -> HttpResponse:
    """Move a contact, address or account to the recycle bin; the toast takes it back."""
    model, _form, _title = _part(part)
    partner = get_object_or_404(Partner.objects.editable_by(request.user), pk=pk)
    found = kernel.delete(
        get_object_or_404(model.objects.editable_by(request.user).of(partner), pk=key), by=request.user
    )
    undoable(request, _("%(part)s removed.") % {"part": found}, reverse("partners:part_restore", args=[pk, part, key]))
    return redirect("partners:detail", pk=pk)


@require_POST
def part_restore(request: Request, pk: int, part: str, key: int) -> HttpResponse:
    """Undo of a removal."""
    model = _part(part)[0]
    partner = get_object_or_404(Partner.objects.editable_by(request.user), pk=pk)
    found = actions.restore_part(
        get_object_or_404(model.objects.in_bin_of(request.user), partner=partner, pk=key), by=request.user
    )
    messages.success(request, _("%(name)s is back.") % {"name": found})
    return redirect("partners:detail", pk=pk)


def _part(part: str) -> tuple[Any, Any, Any]:
    if part not in PARTS:
        raise Http404
    return PARTS[part]


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner.objects.editable_by(request.user), pk=pk)
    kernel.delete(partner, by=request.user)
    undoable(
        request, _("%(name)s is in the recycle bin.") % {"name": partner.name}, reverse("partners:restore", args=[pk])
    )
    return redirect("partners:list")


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner.objects.in_bin_of(request.user), pk=pk)
    kernel.restore(partner, by=request.user)
    messages.success(request, _("%(name)s is back.") % {"name": partner.name})
    return redirect("partners:detail", pk=pk)


@require_POST
def convert(request: Request, pk: int) -> HttpResponse:
    """A lead becomes a customer."""
    partner = get_object_or_404(Partner.objects.editable_by(request.user), pk=pk)
    try:
        actions.convert_to_customer(partner, by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("partners:detail", pk=pk)


def inactive(request: Request) -> HttpResponse:
    """Partners nobody was in contact with: how many, the first of them with the reasons, and a button that moves all to the recycle bin."""
    year_ago = timezone.localdate() - timedelta(days=365)
    asked = request.POST or (request.GET if "since" in request.GET else {"since": year_ago.isoformat(), "kind": "lead"})
    form = forms.InactiveForm(asked, user=request.user)
    context: dict[str, Any] = {"title": _("Inactive leads"), "form": form}
    if form.is_valid():
        since = forms.start_of(form.cleaned_data["since"])
        rows = form.narrowed(Partner.objects.editable_by(request.user))
        if request.method == "POST":
            return _to_bin(request, rows, since)
        found = rows.inactive(since)
        context |= {"count": found.count(), "since": form.cleaned_data["since"]}
        context["partners"] = found.with_reasons().select_related("owner").order_by("name_key", "pk")[:INACTIVE_SHOWN]
    return render(request, "partners/inactive.html", context)


def _to_bin(request: Request, rows: Any, since: datetime) -> HttpResponse:
    count, moment = actions.delete_inactive(rows, since=since, by=request.user)
    words = ngettext("%(count)s partner is in the recycle bin.", "%(count)s partners are in the recycle bin.", count)
    messages.success(request, words % {"count": count})
    return redirect(undo_of("partners:bin", moment))


@require_POST
def restore_moment(request: Request) -> HttpResponse:
    """Take back what one act moved to the recycle bin."""
    words = ngettext_lazy("%(count)s partner is back.", "%(count)s partners are back.", "count")
    return back_from_bin(request, Partner.objects.in_bin_of(request.user), words, "partners:list")


def recycle_bin(request: Request) -> HttpResponse:
    rows = Partner.objects.in_bin_of(request.user).select_related("deleted_by").order_by("-deleted_at")[:200]
    moment = request.GET.get("moment", "")
    return render(request, "partners/bin.html", {"partners": rows, "title": _("Recycle bin"), "moment": moment})


def search_panel(request: Request) -> HttpResponse:
    """What the command palette shows of partners."""
    text = request.GET.get("q", "").replace("\x00", "")
    rows = (
        Partner.objects.visible_to(request.user).search(text).select_related("owner")[:8]
        if len(text.strip()) > 1
        else []
    )
    return render(request, "partners/_search.html", {"partners": rows})


@require_GET
def options(request: Request) -> JsonResponse:
    """Partners for a selector: up to 20 found by the typed text."""
    text = request.GET.get("q", "").replace("\x00", "")
    rows = Partner.objects.visible_to(request.user).search(text).values_list("pk", "name", "tax_id")[:20]
    return JsonResponse(
        [{"value": key, "text": f"{name} · {tax_id}" if tax_id else name} for key, name, tax_id in rows], safe=False
    )


@require_GET
def contact_options(request: Request) -> JsonResponse:
    """Contacts of the chosen partner for a selector."""
    partner = request.GET.get("partner", "")
    rows = Contact.objects.visible_to(request.user).filter(partner_id=number_of(partner))[:50]
    return JsonResponse([{"value": row.pk, "text": row.name} for row in rows], safe=False)


def lookup_options(request: Request, slug: str) -> HttpResponse:
    """Values of one of the company's lists for a selector; who edits partners may add one. Groups are those of the kind of partner."""
    model = LISTS[slug][0]
    rows = seen(model.objects, request.user)
    if model is PartnerGroup and (kind := request.GET.get("kind", "")):
        rows = rows.filter(side__in=["", "vendors" if kind == "vendor" else "buyers"])
    return value_options(request, rows, may_add=request.user.scope_for("partners.partner", "edit") != Scope.NONE)


@permission_required("core.configure", raise_exception=True)
def lookup(request: Request, slug: str) -> HttpResponse:
    """A list of values the company keeps: add, rename, order, retire."""
    return lookup_page(request, *LISTS[slug])


@permission_required("core.configure", raise_exception=True)
def payment_terms(request: Request) -> HttpResponse:
    """The payment terms the company offers."""
    rows = PaymentTerms.objects.editable_by(request.user)
    return render(request, "partners/payment_terms.html", {"title": _("Payment terms"), "terms": rows})


LEADS_SHOWN = 100
QUEUE_DAYS = (7, 30, 90, 365)


@require_GET
def leads(request: Request) -> HttpResponse:
    """New leads nobody had a word with yet, who waits longest first, and how long leads waited for each owner."""
    days = _queue_days(request.GET.get("days"))
    now = timezone.now()
    since = now - timedelta(days=days)
    rows = Partner.objects.visible_to(request.user)
    waiting = rows.waiting(since)
    times = rows.answer_times(since)[:LEADS_SHOWN]
    context = {
        "title": _("New leads"), "days": days, "choices": QUEUE_DAYS, "count": waiting.count(),
        "leads": [(lead, _waited(now - lead.created_at)) for lead in waiting[:LEADS_SHOWN]],
        "times": [(one, _waited(one["median"]) if one["median"] is not None else "") for one in times], "may_distribute": actions.manages_others(request.user),
    }  # fmt: skip
    return render(request, "partners/leads.html", context)


@require_POST
def distribute(request: Request) -> HttpResponse:
    """The ticked leads of the queue, or all of it, go to those whose turn it is."""
    if not actions.manages_others(request.user):
        raise PermissionDenied
    days = _queue_days(request.POST.get("days"))
    rows = Partner.objects.editable_by(request.user).waiting(timezone.now() - timedelta(days=days))
    if keys := [number_of(key) for key in request.POST.getlist("ids")]:
        rows = rows.filter(pk__in=keys)
    given, left = actions.distribute(rows, by=request.user)
    words = ngettext("%(count)s lead given by the rules.", "%(count)s leads given by the rules.", given)
    messages.success(request, words % {"count": given})
    if left:
        words = ngettext(
            "%(count)s lead stays: no rule fits, or everybody had their share today.",
            "%(count)s leads stay: no rule fits, or everybody had their share today.",
            left,
        )
        messages.warning(request, words % {"count": left})
    return redirect(f"{reverse('partners:leads')}?days={days}")


def _waited(wait: timedelta) -> str:
    """How long, in minutes, hours or days, rounded down."""
    unit = timedelta(days=1) if wait >= timedelta(days=2) else timedelta(hours=1)
    return length_words(wait if wait < unit else wait // unit * unit)


def _queue_days(text: str | None) -> int:
    days = number_of(text)
    return days if days in QUEUE_DAYS else QUEUE_DAYS[1]


@permission_required("core.configure", raise_exception=True)
@require_GET
def assignment(request: Request) -> HttpResponse:
    """The rules new leads are given by, in the order they are asked."""
    rows = AssignmentRule.objects.editable_by(request.user).select_related("territory", "source", "industry")
    context = {"title": _("Assignment of leads"), "rules": rows.prefetch_related("people")}
    return render(request, "partners/assignment.html", context)


@permission_required("core.configure", raise_exception=True)
def assignment_form(request: Request, rule: int | None = None) -> HttpResponse:
    """Add a rule or change it; it is switched off rather than deleted."""
    rows = AssignmentRule.objects.editable_by(request.user)
    found = get_object_or_404(rows, pk=rule) if rule else AssignmentRule()
    form = forms.AssignmentRuleForm(request.POST or None, instance=found, user=request.user)
    if request.method == "POST" and form.is_valid():
        actions.save_assignment_rule(form.save(commit=False), form.cleaned_data["people"], by=request.user)
        messages.success(request, _("Saved."))
        return redirect("partners:assignment")
    context = {"form": form, "title": found.name if rule else _("New rule")}
    return render(request, "partners/assignment_form.html", context, status=422 if request.method == "POST" else 200)


@permission_required("core.configure", raise_exception=True)
def payment_terms_form(request: Request, terms_pk: int | None = None) -> HttpResponse:
    """Add payment terms or change them; they are retired rather than deleted."""
    rows = PaymentTerms.objects.editable_by(request.user)
    found = get_object_or_404(rows, pk=terms_pk) if terms_pk else PaymentTerms()
    form = forms.PaymentTermsForm(request.POST or None, instance=found, user=request.user)
    if request.method == "POST" and form.is_valid():
        kernel.save(form.save(commit=False), by=request.user, verb="payment_terms")
        messages.success(request, _("Saved."))
        return redirect("partners:set_up_payment_terms")
    context = {"form": form, "title": found.name if terms_pk else _("New payment terms")}
    return render(request, "partners/payment_terms_form.html", context, status=422 if request.method == "POST" else 200)


@require_GET
def payment_terms_options(request: Request) -> HttpResponse:
    """Payment terms for a selector."""
    text = request.GET.get("q", "").replace("\x00", "")
    rows = seen(PaymentTerms.objects, request.user).filter(name__icontains=text)[:50]
    return JsonResponse([{"value": row.pk, "text": row.name} for row in rows], safe=False)


def pairs(request: Request) -> HttpResponse:
    """Pairs a person may decide, the surest first, and what was merged lately."""
    found = DuplicatePair.objects.editable_by(request.user).open()
    context = {
        "title": _("Duplicates"), "count": found.count(), "merges": Merge.objects.editable_by(request.user).standing()[:20],
        "pairs": [(pair, pair.score >= twins.SURE, [twins.REASONS[one] for one in pair.reasons]) for pair in found[:PAIRS_SHOWN]],
        **_scan_context(request),
    }  # fmt: skip
    return render(request, "partners/duplicates.html", context)


@require_POST
def pairs_scan(request: Request) -> HttpResponse:
    """Look through the whole base in the background; for those who may change all partners."""
    if request.user.scope_for("partners.partner", "edit") != Scope.ALL:
        raise PermissionDenied
    actions.find_duplicates(by=request.user)
    return redirect("partners:pairs")


def scan_state(request: Request) -> HttpResponse:
    """How far the comparison is; a finished one has the page loaded anew, with its pairs."""
    context = _scan_context(request)
    answer = render(request, "partners/_scan.html", context)
    if request.htmx and not context["is_busy"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _scan_context(request: Request) -> dict[str, Any]:
    scan = DuplicateScan.objects.visible_to(request.user).latest_first().first()
    is_busy = scan is not None and scan.is_open and scan.seen_at > timezone.now() - actions.SILENT
    may_scan = request.user.scope_for("partners.partner", "edit") == Scope.ALL
    return {"scan": scan, "is_busy": is_busy, "may_scan": may_scan}


@require_POST
def scan_stop(request: Request, scan: int) -> HttpResponse:
    actions.stop_scan(get_object_or_404(DuplicateScan.objects.editable_by(request.user), pk=scan), by=request.user)
    return redirect("partners:pairs")


@require_POST
def pair_dismiss(request: Request, pair: int) -> HttpResponse:
    actions.dismiss_pair(get_object_or_404(DuplicatePair.objects.editable_by(request.user), pk=pair), by=request.user)
    return redirect("partners:pairs")


def merge_page(request: Request, first: int, second: int) -> HttpResponse:
    """Two partners side by side; the fields that differ are chosen one by one."""
    rows = Partner.objects.editable_by(request.user).for_card()
    winner, loser = (get_object_or_404(rows, pk=key) for key in (first, second))
    proposed = merging.proposal(winner, loser)
    if request.method == "POST":
        choices = {name: request.POST.get(name, side) for name, side in proposed.items()}
        try:
            merging.merge(winner, loser, choices, by=request.user)
        except RuleBroken as broken:
            messages.error(request, str(broken))
        else:
            messages.success(
                request, _("%(loser)s is part of %(winner)s now.") % {"loser": loser.name, "winner": winner.name}
            )
            return redirect("partners:detail", pk=winner.pk)
    labels = {one.input: one for one in custom.lately(Partner)}
    names = custom.linked_names([winner, loser], request.user)
    lines = [
        {
            "name": name,
            "label": labels[name].name if name in labels else Partner._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
            "side": side,
            "values": [
                labels[name].words(merging.value_of(one, name), names) if name in labels else _shown(one, name)
                for one in (winner, loser)
            ],
        }
        for name, side in proposed.items()
    ]
    return render(
        request, "partners/merge.html", {"title": _("Merge partners"), "winner": winner, "loser": loser, "lines": lines}
    )


def _shown(partner: Partner, name: str) -> str:
    """A field's value in words."""
    words = getattr(partner, f"get_{name}_display", None)
    value = words() if words else getattr(partner, name)
    return "" if value is None else str(value)


@require_POST
def unmerge(request: Request, merge: int) -> HttpResponse:
    """Take two merged partners apart again."""
    found = get_object_or_404(Merge.objects.editable_by(request.user), pk=merge)
    try:
        done = merging.unmerge(found, by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
        return redirect("partners:pairs")
    messages.success(request, _("They are two partners again."))
    if stayed := merging.what_stayed(done):
        told = "; ".join(stayed[:STAYED_SHOWN]) + ("…" if len(stayed) > STAYED_SHOWN else "")
        messages.warning(request, _("What was changed since stayed where it is: %(list)s") % {"list": told})
    return redirect("partners:detail", pk=done.loser_id)
