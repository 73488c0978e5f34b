"""Partners, for programs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from voronka.core import actions as kernel
from voronka.core import custom
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.prepared import fresh
from voronka.core.schemas import CustomIn, CustomOut, Key, Limit, PathKey, Text, form_data, valid
from voronka.core.tables import api_page
from voronka.partners import actions, duplicates, forms, tables
from voronka.partners.models import (
    AssignmentRule,
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


@router.get("/partners", response=PartnerPage, operation_id="partners", summary="Partners, a page by key")
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


@router.post("/partners", response={201: PartnerOut}, operation_id="create_partner", summary="A new partner")
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
    response=list[DuplicateOut],
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


class InactiveFilter(Schema):
    """Whom one was not in contact with and sold nothing to since a day; leads alone unless another `kind` is named, "" for all."""

    since: date
    kind: Literal["", "lead", "customer", "vendor"] = "lead"
    owner: Key | None = None
    source: Key | None = None
    territory: Key | None = None
    created_before: date | None = None
    never: bool = False


class InactiveOut(Schema):
    """An inactive partner and why it counts as one: the last contact, how many deals, and the day the last of them was closed."""

    id: int
    code: str
    name: str
    kind: str
    owner_id: int
    created_at: datetime
    last_contact: datetime | None
    deals: int
    last_deal: date | None
    version: int


class InactivePage(Schema):
    """`count` is how many there are altogether."""

    count: int
    items: list[InactiveOut]
    next: str | None


class MovedOut(Schema):
    """How many went to the recycle bin, and the moment, to the microsecond, by which they are taken out again together."""

    count: int
    moment: str


class MomentIn(Schema):
    moment: AwareDatetime


class CountOut(Schema):
    count: int


@router.get(
    "/inactive-partners", response=InactivePage, operation_id="inactive_partners", summary="Partners nobody was in contact with, a page by key"
)  # fmt: skip
def inactive(request: Request, wanted: Annotated[InactiveFilter, Query()], limit: Limit = 50, cursor: Text = "") -> Any:
    rows, since = _inactive(request, wanted)
    found = rows.inactive(since)
    return api_page(found.with_reasons(), tables.PARTNERS.sort_of("name"), cursor, limit) | {"count": found.count()}


@router.post(
    "/inactive-partners", response=MovedOut, operation_id="delete_inactive_partners", summary="All inactive partners the criteria find, to the recycle bin"
)  # fmt: skip
def delete_inactive(request: Request, wanted: InactiveFilter) -> Any:
    rows, since = _inactive(request, wanted)
    count, moment = actions.delete_inactive(rows, since=since, by=request.user)
    return {"count": count, "moment": moment.isoformat()}


def _inactive(request: Request, wanted: InactiveFilter) -> tuple[Any, datetime]:
    """The partners the criteria are about, among those the caller may change, and the moment they are silent since; by the rules of the page."""
    typed = {name: one for name, one in wanted.dict().items() if one not in (None, False)}
    form: Any = valid(forms.InactiveForm(typed, user=request.user))
    return form.narrowed(Partner.objects.editable_by(request.user)), forms.start_of(form.cleaned_data["since"])


@router.post(
    "/inactive-partners/restore", response=CountOut, operation_id="restore_partners", summary="Take back what one call moved to the recycle bin"
)  # fmt: skip
def restore_moment(request: Request, given: MomentIn) -> Any:
    rows = Partner.objects.in_bin_of(request.user)
    return {"count": kernel.restore_deleted_at(given.moment, rows, by=request.user)}


class AssignmentRuleOut(Schema):
    """Whom new leads go to; a smaller `position` is asked first, and `people` take turns."""

    id: int
    name: str
    position: int
    is_active: bool
    territory_id: int | None
    source_id: int | None
    industry_id: int | None
    daily_limit: int | None
    people: list[int]

    @staticmethod
    def resolve_people(rule: AssignmentRule) -> list[int]:
        return [person.pk for person in rule.people.all()]


class AssignmentRuleIn(Schema):
    """What a program may set; what is left out keeps its value, in a new rule its default."""

    name: Text | None = None
    position: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    is_active: bool | None = None
    territory: Key | None = None
    source: Key | None = None
    industry: Key | None = None
    daily_limit: Annotated[int, Field(ge=1, le=32767)] | None = None
    people: list[Key] | None = None


@router.get(
    "/assignment-rules", response=list[AssignmentRuleOut], operation_id="assignment_rules", summary="Rules new leads are given by, in the order they are asked"
)  # fmt: skip
def assignment_rules(request: Request) -> Any:
    return _rules(request).prefetch_related("people")


@router.post(
    "/assignment-rules", response={201: AssignmentRuleOut}, operation_id="create_assignment_rule", summary="A new rule"
)  # fmt: skip
def create_assignment_rule(request: Request, given: AssignmentRuleIn) -> Any:
    _rules(request)
    return 201, _save_rule(request, AssignmentRule(), given)


@router.patch(
    "/assignment-rules/{pk}", response=AssignmentRuleOut, operation_id="change_assignment_rule", summary="Change a rule, or switch it off"
)  # fmt: skip
def change_assignment_rule(request: Request, pk: PathKey, given: AssignmentRuleIn) -> Any:
    return _save_rule(request, get_object_or_404(_rules(request), pk=pk), given)


def _rules(request: Request) -> Any:
    """Open to those who configure, as the page is."""
    if not request.user.has_perm("core.configure"):
        raise PermissionDenied
    return AssignmentRule.objects.editable_by(request.user)


def _save_rule(request: Request, rule: AssignmentRule, given: AssignmentRuleIn) -> AssignmentRule:
    values = given.dict(exclude_unset=True)
    if rule._state.adding:
        values = {"is_active": True} | values
    present = {"people": [person.pk for person in rule.people.all()]} if rule.pk else {}
    form: Any = valid(forms.AssignmentRuleForm(form_data(forms.AssignmentRuleForm, rule, present | values), instance=rule, user=request.user))  # fmt: skip
    return actions.save_assignment_rule(form.save(commit=False), form.cleaned_data["people"], by=request.user)


class DistributeIn(Schema):
    """Which waiting leads: those named, or all that came in during the last days."""

    ids: list[Key] = []
    days: Annotated[int, Field(ge=1, le=365)] = 30


class DistributedOut(Schema):
    """How many leads were given, and how many stay: no rule fits, or everybody had their share today."""

    given: int
    left: int


@router.post(
    "/leads/distribute", response=DistributedOut, operation_id="distribute_leads", summary="Waiting leads go to those whose turn it is by the rules"
)  # fmt: skip
def distribute(request: Request, wanted: DistributeIn) -> Any:
    if not actions.manages_others(request.user):
        raise PermissionDenied
    rows = Partner.objects.editable_by(request.user).waiting(timezone.now() - timedelta(days=wanted.days))
    given, left = actions.distribute(rows.filter(pk__in=wanted.ids) if wanted.ids else rows, by=request.user)
    return {"given": given, "left": left}


@router.get("/partners/{pk}", response=PartnerOut, operation_id="partner", summary="One partner")
def partner(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)


@router.patch("/partners/{pk}", response=PartnerOut, operation_id="change_partner", summary="Change a partner")
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


@router.delete("/partners/{pk}", response={204: None}, operation_id="delete_partner", summary="To the recycle bin")
def delete_partner(request: Request, pk: PathKey) -> Any:
    kernel.delete(get_object_or_404(Partner.objects.editable_by(request.user), pk=pk), by=request.user)
    return 204, None


@router.get(
    "/partners/{pk}/contacts",
    response=list[ContactOut],
    operation_id="contacts",
    summary="People at a partner",
)
def contacts(request: Request, pk: PathKey) -> Any:
    record = get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)
    return Contact.objects.visible_to(request.user).of(record).prefetch_related("roles")[:500]


@router.get(
    "/contacts",
    response=ContactPage,
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
    response={201: ContactOut},
    operation_id="create_contact",
    summary="A new contact",
)
def create_contact(request: Request, pk: PathKey, given: ContactIn) -> Any:
    record = get_object_or_404(Partner.objects.editable_by(request.user), pk=pk)
    return 201, _save_contact(request, Contact(partner=record), given.dict(exclude_none=True))


@router.patch("/contacts/{pk}", response=ContactOut, operation_id="change_contact", summary="Change a contact")
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
    response=list[Named],
    operation_id="list_values",
    summary="Values of one of the company's lists",
)
def list_values(request: Request, slug: ListName) -> Any:
    model = LISTS[slug]
    return [{"id": row.pk, "name": row.name} for row in model.objects.visible_to(request.user)[:1000]]
