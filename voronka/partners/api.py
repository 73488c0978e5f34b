"""Partners, for programs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.schemas import ERRORS, Key, Limit, PathKey, Text, form_data, valid
from voronka.core.tables import api_page
from voronka.partners import actions, duplicates, forms, tables
from voronka.partners.models import Contact, Industry, Partner, PartnerGroup, Source, Tag, Territory

router = Router()
LISTS: dict[str, Any] = {
    "groups": PartnerGroup,
    "industries": Industry,
    "sources": Source,
    "territories": Territory,
    "tags": Tag,
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
    remarks: str
    external_id: str
    version: int
    created_at: datetime
    updated_at: datetime


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
    remarks: Text | None = None


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
    position: str
    phone: str
    email: str
    is_default: bool


class ContactIn(Schema):
    name: Text
    position: Text = ""
    phone: Text = ""
    email: Text = ""
    is_default: bool = False


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
    data = form_data(
        forms.PartnerForm, record, {"owner": request.user.pk, **values} if record._state.adding else values
    )
    if record._state.adding:
        data.pop("tags", None) if "tags" not in values else None
    form: Any = valid(forms.PartnerForm(data, instance=record, user=request.user))
    saved = actions.save_partner(
        form.save(commit=False), tags=form.cleaned_data["tags"], seen_version=version, by=request.user
    )
    saved.refresh_from_db()
    return saved


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
    return Contact.objects.visible_to(request.user).of(record)[:500]


@router.post(
    "/partners/{pk}/contacts",
    response={201: ContactOut, **ERRORS},
    operation_id="create_contact",
    summary="A new contact",
)
def create_contact(request: Request, pk: PathKey, given: ContactIn) -> Any:
    record = get_object_or_404(Partner.objects.editable_by(request.user), pk=pk)
    data = {name: value for name, value in given.dict().items() if value is not False}
    form: Any = valid(forms.ContactForm(data, instance=Contact(partner=record), user=request.user))
    return 201, actions.save_part(form.save(commit=False), by=request.user)


@router.get(
    "/lists/{slug}",
    response={200: list[Named], **ERRORS},
    operation_id="list_values",
    summary="Values of one of the company's lists",
)
def list_values(request: Request, slug: Literal["groups", "industries", "sources", "territories", "tags"]) -> Any:
    model = LISTS[slug]
    return [{"id": row.pk, "name": row.name} for row in model.objects.visible_to(request.user)[:1000]]
