"""Partners, for programs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from voronka.core import actions as kernel
from voronka.core import custom
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.prepared import fresh
from voronka.core.schemas import ERRORS, CustomIn, CustomOut, Key, Limit, PathKey, Text, form_data, valid
from voronka.core.tables import api_page
from voronka.partners import actions, duplicates, forms, tables
from voronka.partners.models import (
    Contact,
    ContactRole,
    Industry,
    Partner,
    PartnerGroup,
    PaymentTerms,
    Priority,
    Source,
    Tag,
    Territory,
)

router = Router()
ListName = Literal[
    "groups", "industries", "sources", "territories", "tags", "priorities", "contact_roles", "payment_terms"
]
LISTS: dict[str, Any] = {
    "groups": PartnerGroup,
    "industries": Industry,
    "sources": Source,
    "territories": Territory,
    "tags": Tag,
    "priorities": Priority,
    "contact_roles": ContactRole,
    "payment_terms": PaymentTerms,
}


class Named(Schema):
    id: int
    name: str


class PartnerOut(Schema):
    id: int
    code: str
    kind: str
    name: str
    full_name: str
    country: str
    tax_id: str
    kpp: str
    ogrn: str
    phone: str
    phone2: str
    email: str
    website: str
    owner_id: int
    group_id: int | None
    industry_id: int | None
    source_id: int | None
    territory_id: int | None
    is_channel: bool
    employees: int | None
    annual_revenue: Decimal | None
    alias: str
    foreign_name: str
    language: str
    project: str
    priority_id: int | None
    technician_id: int | None
    channel_id: int | None
    connected_id: int | None
    payment_terms_id: int | None
    price_list: str
    discount_percent: Decimal | None
    interest_percent: Decimal | None
    credit_limit: Decimal | None
    commitment_limit: Decimal | None
    is_frozen: bool
    frozen_from: date | None
    frozen_until: date | None
    frozen_remark: str
    remarks: str
    external_id: str
    custom: CustomOut
    version: int
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_custom(partner: Partner) -> dict[str, Any]:
        return custom.known(partner)


class PartnerPage(Schema):
    items: list[PartnerOut]
    next: str | None


class PartnerIn(Schema):
    """What a program may set; what is left out keeps its value, in a new partner its default."""

    name: Text | None = None
    kind: Literal["lead", "customer", "vendor"] | None = None
    country: Text | None = None
    full_name: Text | None = None
    tax_id: Text | None = None
    kpp: Text | None = None
    ogrn: Text | None = None
    phone: Text | None = None
    phone2: Text | None = None
    email: Text | None = None
    website: Text | None = None
    owner: Key | None = None
    group: Key | None = None
    industry: Key | None = None
    source: Key | None = None
    territory: Key | None = None
    tags: list[Key] | None = None
    is_channel: bool | None = None
    employees: int | None = None
    annual_revenue: Decimal | None = None
    alias: Text | None = None
    foreign_name: Text | None = None
    language: Literal["", "ru", "en"] | None = None
    project: Text | None = None
    priority: Key | None = None
    technician: Key | None = None
    channel: Key | None = None
    connected: Key | None = None
    payment_terms: Key | None = None
    price_list: Text | None = None
    discount_percent: Decimal | None = None
    interest_percent: Decimal | None = None
    credit_limit: Decimal | None = None
    commitment_limit: Decimal | None = None
    is_frozen: bool | None = None
    frozen_from: date | None = None
    frozen_until: date | None = None
    frozen_remark: Text | None = None
    remarks: Text | None = None
    custom: CustomIn | None = None


class NewPartner(PartnerIn):
    """With `refuse_duplicates` a partner that is there already by all that is given is not made: 409 with the code "duplicate"."""

    refuse_duplicates: bool = False


class PartnerPatch(PartnerIn):
    version: int | None = None


class PartnerFilter(Schema):
    """The words of the list page."""

    q: Text = ""
    kind: Literal["lead", "customer", "vendor"] | None = None
    owner: Key | None = None
    territory: Key | None = None
    industry: Key | None = None
    source: Key | None = None
    group: Key | None = None


class DuplicateQuery(Schema):
    """What is known of a partner so far; phones as people write them."""

    name: Text = ""
    tax_id: Text = ""
    kpp: Text = ""
    email: Text = ""
    phone: Text = ""
    website: Text = ""
    city: Text = ""
    street: Text = ""
    country: Text = "RU"


class DuplicateOut(Schema):
    """A partner that may be the one described. Of one beyond the caller's reach only the owner is told, and nothing else."""

    partner_id: int | None
    name: str | None
    owner_id: int
    owner: str
    score: float | None
    reasons: list[str]


class ContactOut(Schema):
    id: int
    name: str
    title: str
    first_name: str
    middle_name: str
    last_name: str
    position: str
    phone: str
    mobile: str
    email: str
    birth_date: date | None
    gender: str
    language: str
    is_active: bool
    is_default: bool
    remarks: str
    roles: list[Named]
    custom: CustomOut
    version: int

    @staticmethod
    def resolve_custom(contact: Contact) -> dict[str, Any]:
        return custom.known(contact)


class ContactFound(ContactOut):
    """A person with the partner they work at, whose owner is theirs too."""

    partner: Named
    owner_id: int = Field(alias="partner.owner_id")
    created_at: datetime


class ContactPage(Schema):
    items: list[ContactFound]
    next: str | None


class ContactFilter(Schema):
    """The words of the list page; days are those of the caller's time zone."""

    q: Text = ""
    partner: Key | None = None
    kind: Literal["lead", "customer", "vendor"] | None = None
    owner: Key | None = None
    roles: Key | None = None
    position: Text = ""
    is_active: bool | None = None
    is_default: bool | None = None
    has_phone: bool | None = None
    has_email: bool | None = None
    created_at_after: date | None = None
    created_at_before: date | None = None


class ContactIn(Schema):
    """What a program may set of a person; a name left out is put together from its parts."""

    name: Text | None = None
    title: Text | None = None
    first_name: Text | None = None
    middle_name: Text | None = None
    last_name: Text | None = None
    position: Text | None = None
    phone: Text | None = None
    mobile: Text | None = None
    email: Text | None = None
    birth_date: date | None = None
    gender: Literal["", "f", "m"] | None = None
    language: Literal["", "ru", "en"] | None = None
    is_active: bool | None = None
    is_default: bool | None = None
    remarks: Text | None = None
    roles: list[Key] | None = None
    custom: CustomIn | None = None


class ContactPatch(ContactIn):
    version: int | None = None


@router.get(
    "/partners", response={200: PartnerPage, **ERRORS}, operation_id="partners", summary="Partners, a page by key"
)
def partners(
    request: Request,
    wanted: Annotated[PartnerFilter, Query()],
    limit: Limit = 50,
    cursor: Text = "",
    sort: Text = "name",
) -> Any:
    rows = Partner.objects.visible_to(request.user)
    if wanted.q:
        rows = rows.search(wanted.q)
    rows = rows.filter(**{name: value for name, value in wanted.dict().items() if value and name != "q"})
    return api_page(rows, tables.PARTNERS.sort_of(sort), cursor, limit)


@router.post("/partners", response={201: PartnerOut, **ERRORS}, operation_id="create_partner", summary="A new partner")
def create_partner(request: Request, given: NewPartner) -> Any:
    values = given.dict(exclude_none=True)
    if values.pop("refuse_duplicates"):
        _refuse_duplicate(request, values)
    return 201, _save(request, Partner(), values)


def _refuse_duplicate(request: Request, values: dict[str, Any]) -> None:
    """Raises RuleBroken where the partner is there already with next to no doubt."""
    typed = duplicates.Typed.of({name: text for name, text in values.items() if isinstance(text, str)})
    for hint in duplicates.hints(typed, user=request.user, least=duplicates.SURE):
        words = {"name": hint.partner.name if hint.partner else "", "owner": hint.owner.name}
        if hint.partner:
            raise RuleBroken(_("This partner is there already: %(name)s, %(owner)s.") % words, code="duplicate")
        raise RuleBroken(_("This partner is there already; it belongs to %(owner)s.") % words, code="duplicate")


@router.get(
    "/duplicates",
    response={200: list[DuplicateOut], **ERRORS},
    operation_id="duplicates",
    summary="Partners that may be the one described, the surest first",
)
def find_duplicates(request: Request, wanted: Annotated[DuplicateQuery, Query()]) -> Any:
    found = duplicates.hints(duplicates.Typed.of(wanted.dict()), user=request.user)
    return [
        {
            "partner_id": hint.partner.pk if hint.partner else None, "name": hint.partner.name if hint.partner else None, "owner_id": hint.owner.pk,
            "owner": hint.owner.name, "score": hint.score, "reasons": list(hint.reasons),
        }
        for hint in found
    ]  # fmt: skip


@router.get("/partners/{pk}", response={200: PartnerOut, **ERRORS}, operation_id="partner", summary="One partner")
def partner(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)


@router.patch(
    "/partners/{pk}", response={200: PartnerOut, **ERRORS}, operation_id="change_partner", summary="Change a partner"
)
def change_partner(request: Request, pk: PathKey, given: PartnerPatch) -> Any:
    record = get_object_or_404(Partner.objects.editable_by(request.user), pk=pk)
    values = given.dict(exclude_unset=True)
    return _save(request, record, values, values.pop("version", None))


def _save(request: Request, record: Partner, values: dict[str, Any], version: int | None = None) -> Partner:
    """Written by the rules of the form; a new partner is asked for what was given and has the defaults of the rest. A new lead without an owner
    goes to whose turn it is by the rules of assignment, else to the caller.
    """
    is_new, is_owned = record._state.adding, "owner" in values
    if is_new and not is_owned:
        record.owner = request.user
    data = form_data(forms.PartnerForm, record, values)
    among = {"name", *values} if is_new else None
    form: Any = valid(forms.PartnerForm(data, instance=record, user=request.user, among=among))
    record, tags = form.save(commit=False), form.cleaned_data.get("tags")
    if is_new and not is_owned:
        return fresh(actions.save_new_lead(record, tags=tags, by=request.user))
    return fresh(actions.save_partner(record, tags=tags, seen_version=version, by=request.user))


@router.delete(
    "/partners/{pk}", response={204: None, **ERRORS}, operation_id="delete_partner", summary="To the recycle bin"
)
def delete_partner(request: Request, pk: PathKey) -> Any:
    kernel.delete(get_object_or_404(Partner.objects.editable_by(request.user), pk=pk), by=request.user)
    return 204, None


@router.get(
    "/partners/{pk}/contacts",
    response={200: list[ContactOut], **ERRORS},
    operation_id="contacts",
    summary="People at a partner",
)
def contacts(request: Request, pk: PathKey) -> Any:
    record = get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)
    return Contact.objects.visible_to(request.user).of(record).prefetch_related("roles")[:500]


@router.get(
    "/contacts",
    response={200: ContactPage, **ERRORS},
    operation_id="all_contacts",
    summary="People at all partners one sees, a page by key",
)
def all_contacts(
    request: Request,
    wanted: Annotated[ContactFilter, Query()],
    limit: Limit = 50,
    cursor: Text = "",
    sort: Text = "name",
) -> Any:
    """As the page of contacts finds them. A partner, owner or role the caller does not see is answered like one that is not there: 422."""
    given = {name: str(value) for name, value in wanted.dict().items() if value not in (None, "")}
    people = Contact.objects.visible_to(request.user).select_related("partner").prefetch_related("roles")
    asked = forms.ContactFilters(QueryDict(urlencode(given)), queryset=people, request=request)
    valid(asked.form)
    return api_page(asked.qs, tables.CONTACTS.sort_of(sort), cursor, limit)


@router.post(
    "/partners/{pk}/contacts",
    response={201: ContactOut, **ERRORS},
    operation_id="create_contact",
    summary="A new contact",
)
def create_contact(request: Request, pk: PathKey, given: ContactIn) -> Any:
    record = get_object_or_404(Partner.objects.editable_by(request.user), pk=pk)
    return 201, _save_contact(request, Contact(partner=record), given.dict(exclude_none=True))


@router.patch(
    "/contacts/{pk}", response={200: ContactOut, **ERRORS}, operation_id="change_contact", summary="Change a contact"
)
def change_contact(request: Request, pk: PathKey, given: ContactPatch) -> Any:
    record = get_object_or_404(Contact.objects.editable_by(request.user).select_related("partner"), pk=pk)
    values = given.dict(exclude_unset=True)
    return _save_contact(request, record, values, values.pop("version", None))


def _save_contact(request: Request, record: Contact, values: dict[str, Any], version: int | None = None) -> Contact:
    data = form_data(forms.ContactForm, record, values)
    form: Any = valid(forms.ContactForm(data, instance=record, user=request.user))
    saved: Contact = actions.save_part(
        form.save(commit=False), roles=form.cleaned_data["roles"], seen_version=version, by=request.user
    )
    return saved


@router.get(
    "/lists/{slug}",
    response={200: list[Named], **ERRORS},
    operation_id="list_values",
    summary="Values of one of the company's lists",
)
def list_values(request: Request, slug: ListName) -> Any:
    model = LISTS[slug]
    return [{"id": row.pk, "name": row.name} for row in model.objects.visible_to(request.user)[:1000]]
