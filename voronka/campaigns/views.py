"""Pages of segments, consents, and requests about personal data."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from voronka.campaigns import actions, audience, forms, persons, tables
from voronka.campaigns.models import Channel, Consent, ConsentText, Erasure, Objection, PersonExport, Segment
from voronka.campaigns.querysets import member_reach, within_reach
from voronka.core import actions as kernel
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.lists import NOT_FILTERS, Bulk, ListPage
from voronka.core.models import Company
from voronka.core.pages import FormPage, number_of
from voronka.partners.models import Contact, Partner


class SegmentList(ListPage):
    model = Segment
    table = tables.SEGMENTS
    filters = forms.SegmentFilters
    title = gettext_lazy("Segments")
    empty = gettext_lazy(
        "Lists for work live here: leads to call, customers to write to. Filter the partners and choose “To a segment”."
    )
    create = ("campaigns:create", gettext_lazy("Segment"))
    template = "campaigns/list.html"


class SegmentFormPage(FormPage):
    """A new segment made here is an empty fixed list; members come from the list of partners or from other segments."""

    model = Segment
    form = forms.SegmentForm
    title_new = gettext_lazy("New segment")
    back = "campaigns:list"

    def build(self, data: Any = None) -> Any:
        if self.object is None:
            _may_collect(self.request)
        return super().build(data)

    def save(self, form: Any) -> Segment:
        segment = form.save(commit=False)
        if segment._state.adding:
            segment.owner = self.request.user
        return actions.save_segment(segment, seen_version=self.seen_version(), by=self.request.user)


def _may_collect(request: Request) -> None:
    if request.user.scope_for("campaigns.segment", "edit") == Scope.NONE:
        raise PermissionDenied


REMOVE = Bulk("remove", gettext_lazy("Take out of the segment"))


class Members(ListPage):
    """A segment: its members as a list with filters, sorts, columns and export; whom of them one may reach."""

    title = gettext_lazy("Segment")
    template = "campaigns/segment.html"
    empty = gettext_lazy("Nobody is in this segment that you may see.")
    bulk: ClassVar = (REMOVE,)

    @property
    def segment(self) -> Segment:
        return self.kwargs["segment"]

    def get(self, request: Request, segment: Segment | None = None) -> HttpResponseBase:
        if request.GET.get("part") == "reach":
            return render(request, "campaigns/_reach.html", {"reach": self.reachable()})
        return super().get(request)

    def post(self, request: Request, segment: Segment | None = None) -> HttpResponse:
        return super().post(request)

    def reachable(self) -> list[tuple[Any, int]]:
        """(channel in words, how many of the filtered members may be reached by it)."""
        rows = self.filtered().qs.order_by()
        return [(channel.label, within_reach(rows, channel).count()) for channel in Channel if channel != "post"]

    def rows(self) -> QuerySet[Any]:
        rows = audience.members(self.segment, self.request.user)
        return rows.annotate(
            **{f"by_{channel}": _yes_or_no(member_reach(rows.model, channel)) for channel in ("email", "phone")}
        )

    def selected(self, keys: list[int]) -> QuerySet[Any]:
        """Members one sees may be taken out by whoever may change the segment."""
        get_object_or_404(Segment.objects.editable_by(self.request.user), pk=self.segment.pk)
        return audience.members(self.segment, self.request.user).filter(pk__in=keys)

    def bulk_remove(self, rows: QuerySet[Any]) -> str:
        count = actions.remove(self.segment, rows, by=self.request.user)
        return ngettext("%(count)s member taken out.", "%(count)s members taken out.", count) % {"count": count}

    def around(self, filters: Any, sort: Any, columns: Any) -> dict[str, Any]:
        segment, user = self.segment, self.request.user
        may_edit = Segment.objects.allows(user, "edit", segment)
        may_change = may_edit and segment.is_static
        return super().around(filters, sort, columns) | {
            "segment": segment, "title": segment.name, "may_edit": may_edit, "broken": audience.broken(segment, user),
            "question": audience.question(segment, user), "bulk": self.bulk if may_change else (),
            "combine": forms.CombineForm(segment=segment, user=user) if may_change else None,
            "may_collect": user.scope_for("campaigns.segment", "edit") != Scope.NONE,
            "filling": segment.fillings.busy().first() if segment.is_static else None,
        }  # fmt: skip


class PartnerMembers(Members):
    model = Partner
    table = tables.PARTNER_MEMBERS
    filters = forms.MemberFilters


class ContactMembers(Members):
    model = Contact
    table = tables.CONTACT_MEMBERS
    filters = forms.ContactMemberFilters


def _yes_or_no(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=False, output_field=BooleanField())


def segment_page(request: Request, pk: int) -> HttpResponseBase:
    """The card of a segment is the list of its members."""
    segment = get_object_or_404(Segment.objects.visible_to(request.user).select_related("owner"), pk=pk)
    page = ContactMembers if segment.is_of_contacts else PartnerMembers
    return page.as_view()(request, segment=segment)


def collect(request: Request) -> HttpResponse:
    """Rows of the list of partners go into a segment: all filtered ones (the address holds the filters), or those selected (`ids`)."""
    _may_collect(request)
    keys = [number_of(text) for text in request.POST.getlist("ids")]
    query = request.POST.get("query", _filters_of(request))
    rows: Any = (
        Partner.objects.visible_to(request.user).filter(pk__in=keys) if keys else audience.found(query, request.user)
    )
    sent = "how" in request.POST
    initial = {"how": "static" if keys else "dynamic", "about": Segment.About.PARTNERS}
    form = forms.CollectForm(request.POST if sent else None, user=request.user, chosen=bool(keys), initial=initial)
    if sent and form.is_valid():
        try:
            return _collected(request, form.cleaned_data, keys, query)
        except RuleBroken as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
    context = {"title": _("To a segment"), "form": form, "keys": keys, "query": query, "count": rows.count()}
    return render(request, "campaigns/collect.html", context, status=422 if form.errors else 200)


def _filters_of(request: Request) -> str:
    """The filters in the address, without what else the list keeps there."""
    query = request.GET.copy()
    for name in (*NOT_FILTERS, "ids", "act", "back"):
        query.pop(name, None)
    return query.urlencode()


def _collected(request: Request, wanted: dict[str, Any], keys: list[int], query: str) -> HttpResponse:
    if wanted["how"] == "add":
        segment, count = wanted["segment"], _put(request, wanted["segment"], keys, query)
        messages.success(request, _new_members(count))
        return redirect("campaigns:detail", pk=segment.pk)
    segment = Segment(
        name=wanted["name"].strip(),
        about=wanted["about"],
        is_shared=wanted.get("is_shared", False),
        owner=request.user,
    )
    words = _("The segment is ready.")
    if wanted["how"] == "dynamic":
        actions.keep_filters(segment, query, by=request.user)
    else:
        actions.save_segment(segment, by=request.user)
        count = _put(request, segment, keys, query)
        words = _new_members(count) if count is None else words
    messages.success(request, words)
    return redirect("campaigns:detail", pk=segment.pk)


def _put(request: Request, segment: Segment, keys: list[int], query: str) -> int | None:
    """Those selected at once, all filtered ones as many as they are."""
    if not keys:
        return actions.collect(segment, query=query, by=request.user)
    return actions.add(segment, Partner.objects.visible_to(request.user).filter(pk__in=keys), by=request.user)


def _new_members(count: int | None) -> str:
    if count is None:
        return _("The members are being put in.")
    return ngettext("%(count)s new member.", "%(count)s new members.", count) % {"count": count}


def filling_state(request: Request, pk: int) -> HttpResponse:
    """How far a segment's filling is; when it is over the page is loaded anew, with its members."""
    segment = get_object_or_404(Segment.objects.visible_to(request.user), pk=pk)
    if not request.htmx:
        return redirect(segment)
    found = segment.fillings.busy().first()
    context = {"filling": found, "segment": segment, "may_edit": Segment.objects.allows(request.user, "edit", segment)}
    answer = render(request, "campaigns/_filling.html", context)
    if found is None:
        answer.headers["HX-Refresh"] = "true"
    return answer


@require_POST
def filling_stop(request: Request, pk: int) -> HttpResponse:
    """Call a segment's filling off; who comes too late loses nothing."""
    segment = get_object_or_404(Segment.objects.editable_by(request.user), pk=pk)
    if actions.stop_filling(segment, by=request.user):
        messages.success(request, _("Called off. The members that are in stay."))
    return redirect(segment)


@require_POST
def combine(request: Request, pk: int) -> HttpResponse:
    """Add, keep in common or subtract another segment's members."""
    segment = get_object_or_404(Segment.objects.editable_by(request.user), pk=pk)
    form = forms.CombineForm(request.POST, segment=segment, user=request.user)
    if not form.is_valid():
        messages.error(request, _("Choose what to do and another segment."))
        return redirect("campaigns:detail", pk=pk)
    try:
        count = actions.combine(segment, form.cleaned_data["other"], how=form.cleaned_data["how"], by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    else:
        messages.success(request, _changed_by(count))
    return redirect("campaigns:detail", pk=pk)


def _changed_by(count: int | None) -> str:
    if count is None:
        return _new_members(count)
    words = ngettext("The segment changed by %(count)s member.", "The segment changed by %(count)s members.", count)
    return words % {"count": count}


@require_POST
def copy(request: Request, pk: int) -> HttpResponse:
    """A fixed copy of what the segment consists of now, of the same records or of the partners' contacts."""
    segment = get_object_or_404(Segment.objects.visible_to(request.user), pk=pk)
    _may_collect(request)
    about = request.POST.get("about", "")
    try:
        made = actions.freeze(
            segment,
            request.POST.get("name", ""),
            about=about if about in Segment.About.values else "",
            by=request.user,
        )
    except RuleBroken as broken:
        messages.error(request, str(broken))
        return redirect("campaigns:detail", pk=pk)
    is_filling = made.fillings.busy().exists()
    messages.success(request, _new_members(None) if is_filling else _("The fixed list is ready."))
    return redirect("campaigns:detail", pk=made.pk)


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    segment = kernel.delete(get_object_or_404(Segment.objects.editable_by(request.user), pk=pk), by=request.user)
    messages.success(request, _("%(name)s is in the recycle bin.") % {"name": segment.name})
    return redirect(f"{reverse('campaigns:list')}?deleted={segment.pk}")


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    segment = kernel.restore(get_object_or_404(Segment.objects.in_bin_of(request.user), pk=pk), by=request.user)
    messages.success(request, _("%(name)s is back.") % {"name": segment.name})
    return redirect("campaigns:detail", pk=pk)


def of_partner(request: Request, partner_id: int) -> HttpResponse:
    """Consents and objections of the partner and its contacts, for its card."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=partner_id)
    return _consents(request, partner, None)


def of_contact(request: Request, contact_id: int) -> HttpResponse:
    """Consents and objections of one contact, for its page."""
    found = Contact.objects.visible_to(request.user).select_related("partner")
    contact = get_object_or_404(found, pk=contact_id)
    return _consents(request, contact.partner, contact)


def _consents(request: Request, partner: Partner, contact: Contact | None) -> HttpResponse:
    consents = Consent.objects.visible_to(request.user).of(partner).for_panel()
    objections = Objection.objects.visible_to(request.user).of(partner).select_related("recorded_by").order_by("-since")
    if contact:
        consents, objections = consents.filter(contact=contact), objections.filter(contact=contact)
    subject: Any = contact or partner
    context = {
        "partner": partner, "contact": contact, "consents": consents[:100], "objections": objections[:100],
        "may_edit": Partner.objects.allows(request.user, "edit", partner),
        "person": (persons.kind_of(subject), subject.pk) if persons.is_person(subject) else None,
    }  # fmt: skip
    return render(request, "campaigns/_consents.html", context)


def consent_form(request: Request, partner_id: int) -> HttpResponse:
    """Record a consent of the partner or one of its contacts."""
    partner = get_object_or_404(Partner.objects.editable_by(request.user), pk=partner_id)
    form = forms.ConsentForm(request.POST or None, partner=partner, user=request.user, initial=_person(request))
    if request.method == "POST" and form.is_valid():
        wanted = dict(form.cleaned_data)
        day = wanted.pop("given_on")
        at = timezone.now() if day == timezone.localdate() else timezone.make_aware(datetime.combine(day, time(12)))
        try:
            actions.record_consent(partner, wanted.pop("contact"), given_at=at, by=request.user, **wanted)
        except RuleBroken as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        else:
            messages.success(request, _("The consent is recorded."))
            return redirect("partners:detail", pk=partner.pk)
    return _person_form(request, form, partner, _("New consent"))


def objection_form(request: Request, partner_id: int) -> HttpResponse:
    """Record that a person does not want to be reached."""
    partner = get_object_or_404(Partner.objects.editable_by(request.user), pk=partner_id)
    form = forms.ObjectionForm(request.POST or None, partner=partner, user=request.user, initial=_person(request))
    if request.method == "POST" and form.is_valid():
        wanted = dict(form.cleaned_data)
        try:
            actions.object_to(partner, wanted.pop("contact"), by=request.user, **wanted)
        except RuleBroken as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        else:
            messages.success(request, _("Campaigns and call lists obey from now on."))
            return redirect("partners:detail", pk=partner.pk)
    return _person_form(request, form, partner, _("Do not contact"))


def _person(request: Request) -> dict[str, Any]:
    contact = request.GET.get("contact", "")
    return {"contact": key} if (key := number_of(contact)) else {}


def _person_form(request: Request, form: Any, partner: Partner, title: str) -> HttpResponse:
    has_texts = "text" not in form.fields or form.fields["text"].queryset.exists()
    context = {"title": title, "form": form, "partner": partner, "has_texts": has_texts}
    return render(request, "campaigns/person_form.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw(request: Request, consent: int) -> HttpResponse:
    found = get_object_or_404(Consent.objects.editable_by(request.user), pk=consent)
    actions.withdraw(found, how=Consent.Withdrawn.REQUEST, by=request.user)
    messages.success(request, _("The consent is withdrawn; it stays in the history."))
    return redirect("partners:detail", pk=found.partner_id)


@require_POST
def lift(request: Request, objection: int) -> HttpResponse:
    found = get_object_or_404(Objection.objects.editable_by(request.user), pk=objection)
    actions.lift_objection(found, by=request.user)
    messages.success(request, _("The person may be contacted by this channel again."))
    return redirect("partners:detail", pk=found.partner_id)


@csrf_exempt
def withdraw_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link in a message. Open to everyone who has it; a POST withdraws, also the mail program's own (RFC 8058), which
    has no session and no token of ours. A GET changes nothing: scanners of mail follow links.
    """
    if request.method == "POST":
        consent: Any = actions.withdraw_by_link(token)
    else:
        consent = actions.consent_of_link(token)
    if consent is None:
        raise Http404
    context = {"consent": consent, "company": Company.lately()}
    answer = render(request, "campaigns/withdraw.html", context)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@permission_required("core.configure", raise_exception=True)
def texts(request: Request) -> HttpResponse:
    """The wordings of consents with all their versions; a changed text becomes the next one."""
    form = forms.ConsentTextForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_text(form.cleaned_data["title"], form.cleaned_data["text"], by=request.user)
        except RuleBroken as broken:
            form.add_error(broken.field or None, str(broken))
        else:
            messages.success(request, _("Saved."))
            return redirect("campaigns:texts")
    rows = ConsentText.objects.visible_to(request.user).select_related("created_by")[:200]
    context = {"title": _("Texts of consents"), "form": form, "texts": rows}
    return render(request, "campaigns/texts.html", context, status=422 if form.errors else 200)


def _subject(request: Request, kind: str, key: int) -> Any:
    if kind not in persons.MODELS:
        raise Http404
    rows: Any = (
        Contact.objects.visible_to(request.user) if kind == "contact" else Partner.objects.visible_to(request.user)
    )
    return get_object_or_404(rows, pk=key)


@permission_required("core.export_person", raise_exception=True)
@require_POST
def export_person(request: Request, kind: str, key: int) -> HttpResponse:
    """Ask for a file with everything kept about a person."""
    try:
        actions.ask_export(_subject(request, kind, key), by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("campaigns:exports")


@permission_required("core.export_person", raise_exception=True)
def exports(request: Request) -> HttpResponse:
    """The files this person asked for; `?part=rows` while one is being made."""
    rows = PersonExport.objects.visible_to(request.user).order_by("-pk")[:50]
    context = {"title": _("Files with persons' data"), "exports": rows, "busy": any(row.is_busy for row in rows)}
    return render(request, "campaigns/_exports.html" if request.htmx else "campaigns/exports.html", context)


@permission_required("core.export_person", raise_exception=True)
@require_GET
def export_file(request: Request, export: int) -> HttpResponseBase:
    found = get_object_or_404(PersonExport.objects.visible_to(request.user), pk=export)
    try:
        actions.fetched(found, by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
        return redirect("campaigns:exports")
    return FileResponse(found.file.open("rb"), as_attachment=True, filename=f"{found.subject}-{found.subject_id}.zip")


@permission_required("core.erase", raise_exception=True)
def erase_person(request: Request, kind: str, key: int) -> HttpResponse:
    """What will be gone and what stays, and the question that is answered by typing the name."""
    subject = _subject(request, kind, key)
    form = forms.ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_erasure(subject, by=request.user, **form.cleaned_data)
        except RuleBroken as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        else:
            return redirect("campaigns:erasures")
    context = {
        "title": _("Erase a person's data"),
        "subject": subject,
        "form": form,
        "person": persons.is_person(subject),
    }
    return render(request, "campaigns/erase.html", context, status=422 if form.errors else 200)


@permission_required("core.erase", raise_exception=True)
def erasures(request: Request) -> HttpResponse:
    """The register: who erased whom, when and why; no name stands in it."""
    rows = Erasure.objects.visible_to(request.user).newest()[:200]
    context = {"title": _("Register of erasures"), "erasures": rows, "busy": any(row.is_busy for row in rows)}
    return render(request, "campaigns/_erasures.html" if request.htmx else "campaigns/erasures.html", context)
