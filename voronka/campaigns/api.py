"""Segments, consents and objections, for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from voronka.campaigns import actions, audience, tables
from voronka.campaigns.models import Consent, ConsentText, Filling, Objection, PersonExport, Segment
from voronka.campaigns.querysets import may_be_contacted
from voronka.core import actions as kernel
from voronka.core.access import Scope
from voronka.core.frame import Request
from voronka.core.schemas import Key, Limit, PathKey, Text
from voronka.core.tables import Sort, api_page
from voronka.partners.models import Contact, Partner

router = Router()
Channel = Literal["email", "phone", "sms", "messenger", "post"]


class SegmentOut(Schema):
    id: int
    name: str
    about: str
    kind: str
    query: str
    is_shared: bool
    owner_id: int
    remarks: str
    version: int
    created_at: datetime


class SegmentPage(Schema):
    items: list[SegmentOut]
    next: str | None


class SegmentIn(Schema):
    """With `query` (the query string of the list of partners) a dynamic segment, without it an empty fixed list."""

    name: Text
    about: Literal["partners", "contacts"] = "partners"
    query: Text | None = None
    is_shared: bool = False
    remarks: Text = ""


class MemberOut(Schema):
    id: int
    name: str
    phone: str
    email: str


class MemberPage(Schema):
    items: list[MemberOut]
    next: str | None


class MembersIn(Schema):
    """Keys of partners or contacts, or the query string of the list of partners."""

    ids: list[Key] = []
    query: Text | None = None


class CombineIn(Schema):
    how: Literal["add", "common", "subtract"]
    other: Key


class Counted(Schema):
    count: int


class Added(Schema):
    """How many are new; null while the background worker puts many in (`/segments/{pk}/filling`)."""

    count: int | None


class FillingOut(Schema):
    """`rows` of `total` are gone through, `count` of them were new."""

    status: Literal["waiting", "running", "done", "cancelled"]
    rows: int
    total: int
    count: int
    created_at: datetime


class ConsentOut(Schema):
    id: int
    partner_id: int
    contact_id: int | None
    channel: str
    purpose: str
    text_id: int
    given_at: datetime
    how: str
    source: str
    until: date | None
    withdrawn_at: datetime | None
    withdrawn_how: str


class ConsentIn(Schema):
    contact: Key | None = None
    channels: list[Channel]
    text: Key
    purpose: Literal["marketing", "processing", "transfer"] = "marketing"
    how: Literal["paper", "site", "mail", "call", "meeting", "imported"] = "site"
    source: Text = ""
    given_at: datetime | None = None
    until: date | None = None


class ObjectionOut(Schema):
    id: int
    partner_id: int
    contact_id: int | None
    channel: str
    reason: str
    since: datetime
    lifted_at: datetime | None


class ObjectionIn(Schema):
    contact: Key | None = None
    channels: list[Channel]
    reason: Text


class TextOut(Schema):
    id: int
    title: str
    version: int
    text: str


class ExportOut(Schema):
    id: int
    subject: str
    subject_id: int
    status: str
    expires_at: datetime | None


def _segment(request: Request, pk: int) -> Segment:
    return get_object_or_404(Segment.objects.editable_by(request.user), pk=pk)


@router.get("/segments", response=SegmentPage, operation_id="segments", summary="Segments, a page by key")
def segments(request: Request, limit: Limit = 50, cursor: Text = "", sort: Text = "name") -> Any:
    return api_page(Segment.objects.visible_to(request.user), tables.SEGMENTS.sort_of(sort), cursor, limit)


@router.post("/segments", response={201: SegmentOut}, operation_id="create_segment", summary="A new segment")
def create_segment(request: Request, given: SegmentIn) -> Any:
    if request.user.scope_for("campaigns.segment", "edit") == Scope.NONE:
        raise PermissionDenied
    values = given.dict(exclude={"query"})
    values |= {"name": given.name.strip()[:120], "remarks": given.remarks[:500]}
    segment = Segment(**values, owner=request.user)
    if given.query is None:
        return 201, actions.save_segment(segment, by=request.user)
    return 201, actions.keep_filters(segment, given.query, by=request.user)


@router.get("/segments/{pk}", response=SegmentOut, operation_id="segment", summary="One segment")
def segment(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(Segment.objects.visible_to(request.user), pk=pk)


@router.delete("/segments/{pk}", response={204: None}, operation_id="delete_segment", summary="To the recycle bin")
def delete_segment(request: Request, pk: PathKey) -> Any:
    kernel.delete(_segment(request, pk), by=request.user)
    return 204, None


@router.get(
    "/segments/{pk}/members",
    response=MemberPage,
    operation_id="segment_members",
    summary="Members one may see; with `channel` those who may be contacted by it",
)
def segment_members(
    request: Request, pk: PathKey, channel: Channel | None = None, limit: Limit = 50, cursor: Text = ""
) -> Any:
    found = get_object_or_404(Segment.objects.visible_to(request.user), pk=pk)
    rows = audience.members(found, request.user)
    rows = may_be_contacted(rows, channel) if channel else rows
    return api_page(rows, Sort("id", "id"), cursor, limit)


@router.post("/segments/{pk}/members", response=Added, operation_id="add_members", summary="Add members")
def add_members(request: Request, pk: PathKey, given: MembersIn) -> Any:
    found = _segment(request, pk)
    if given.query is not None:
        return {"count": actions.collect(found, query=given.query, by=request.user)}
    return {"count": actions.add(found, _rows(request, found, given), by=request.user)}


@router.get(
    "/segments/{pk}/filling",
    response=FillingOut,
    operation_id="segment_filling",
    summary="How far the last filling by the background worker is",
)
def segment_filling(request: Request, pk: PathKey) -> Any:
    found = Filling.objects.visible_to(request.user).filter(segment=pk).order_by("-pk").first()
    if found is None:
        raise Http404
    return found


@router.delete(
    "/segments/{pk}/filling",
    response={204: None},
    operation_id="stop_filling",
    summary="Call the filling off; the members that are in stay",
)
def stop_filling(request: Request, pk: PathKey) -> Any:
    actions.stop_filling(_segment(request, pk), by=request.user)
    return 204, None


@router.post(
    "/segments/{pk}/members/remove",
    response=Counted,
    operation_id="remove_members",
    summary="Take members out",
)
def remove_members(request: Request, pk: PathKey, given: MembersIn) -> Any:
    found = _segment(request, pk)
    wanted = audience.members(found, request.user).filter(pk__in=given.ids)
    return {"count": actions.remove(found, wanted, by=request.user)}


def _rows(request: Request, segment: Segment, given: MembersIn) -> Any:
    if segment.is_of_contacts:
        return Contact.objects.visible_to(request.user).filter(pk__in=given.ids)
    return Partner.objects.visible_to(request.user).filter(pk__in=given.ids)


@router.post(
    "/segments/{pk}/combine",
    response=Added,
    operation_id="combine_segment",
    summary="Set algebra with another segment",
)
def combine_segment(request: Request, pk: PathKey, given: CombineIn) -> Any:
    other = get_object_or_404(Segment.objects.visible_to(request.user), pk=given.other)
    return {"count": actions.combine(_segment(request, pk), other, how=given.how, by=request.user)}


@router.get(
    "/consent-texts",
    response=list[TextOut],
    operation_id="consent_texts",
    summary="Wordings of consents in use",
)
def consent_texts(request: Request) -> Any:
    return ConsentText.objects.visible_to(request.user).current()


@router.get(
    "/partners/{pk}/consents",
    response=list[ConsentOut],
    operation_id="consents",
    summary="Consents of a partner and its contacts",
)
def consents(request: Request, pk: PathKey) -> Any:
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)
    return Consent.objects.visible_to(request.user).of(partner).order_by("pk")[:500]


@router.post(
    "/partners/{pk}/consents",
    response={201: list[ConsentOut]},
    operation_id="record_consent",
    summary="Record a consent",
)
def record_consent(request: Request, pk: PathKey, given: ConsentIn) -> Any:
    partner, contact = _person(request, pk, given.contact)
    text = get_object_or_404(ConsentText.objects.visible_to(request.user).current(), pk=given.text)
    values = given.dict(exclude={"contact", "text"}) | {"source": given.source[:200]}
    return 201, actions.record_consent(partner, contact, text=text, by=request.user, **values)


@router.post("/consents/{pk}/withdraw", response=ConsentOut, operation_id="withdraw_consent", summary="A consent ends")
def withdraw_consent(request: Request, pk: PathKey) -> Any:
    found = get_object_or_404(Consent.objects.editable_by(request.user), pk=pk)
    return actions.withdraw(found, how=Consent.Withdrawn.REQUEST, by=request.user)


@router.get(
    "/partners/{pk}/objections",
    response=list[ObjectionOut],
    operation_id="objections",
    summary="Do-not-contact marks of a partner and its contacts",
)
def objections(request: Request, pk: PathKey) -> Any:
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)
    return Objection.objects.visible_to(request.user).of(partner).order_by("pk")[:500]


@router.post("/partners/{pk}/objections", response={201: Counted}, operation_id="object_to", summary="Do not contact")
def object_to(request: Request, pk: PathKey, given: ObjectionIn) -> Any:
    partner, contact = _person(request, pk, given.contact)
    channels: list[str] = list(given.channels)
    count = actions.object_to(partner, contact, channels=channels, reason=given.reason, by=request.user)
    return 201, {"count": count}


def _person(request: Request, pk: int, contact: int | None) -> tuple[Partner, Contact | None]:
    partner = get_object_or_404(Partner.objects.editable_by(request.user), pk=pk)
    people = Contact.objects.editable_by(request.user).of(partner)
    return partner, get_object_or_404(people, pk=contact) if contact else None


@router.post(
    "/persons/{kind}/{pk}/export",
    response={201: ExportOut},
    operation_id="export_person",
    summary="Ask for a file with everything kept about a person",
)
def export_person(request: Request, kind: Literal["contact", "partner"], pk: PathKey) -> Any:
    if not request.user.has_perm("core.export_person"):
        raise PermissionDenied
    rows: Any = (
        Contact.objects.visible_to(request.user) if kind == "contact" else Partner.objects.visible_to(request.user)
    )
    return 201, actions.ask_export(get_object_or_404(rows, pk=pk), by=request.user)


@router.get(
    "/persons/exports/{pk}",
    response=ExportOut,
    operation_id="person_export",
    summary="How an export of a person stands",
)
def person_export(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(PersonExport.objects.visible_to(request.user), pk=pk)
