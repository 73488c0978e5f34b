"""Activities, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from voronka.activities import actions, tables
from voronka.activities.models import Activity, Attachment
from voronka.core import actions as kernel
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.pages import send_file
from voronka.core.schemas import ERRORS, Key, Limit, PathKey, Text
from voronka.core.tables import api_page
from voronka.partners.models import Partner

router = Router()


class ActivityOut(Schema):
    id: int
    kind: str
    partner_id: int | None
    opportunity_id: int | None
    owner_id: int
    text: str
    happened_at: datetime


class ActivityPage(Schema):
    items: list[ActivityOut]
    next: str | None


class NoteIn(Schema):
    partner: Key
    text: Text
    opportunity: Key | None = None


@router.get(
    "/activities",
    response={200: ActivityPage, **ERRORS},
    operation_id="activities",
    summary="Activities, a page by key",
)
def activities(
    request: Request, partner: Key | None = None, limit: Limit = 50, cursor: Text = "", sort: Text = "-happened_at"
) -> Any:
    rows = Activity.objects.visible_to(request.user)
    rows = rows.filter(partner=partner) if partner else rows
    return api_page(rows, tables.ACTIVITIES.sort_of(sort), cursor, limit)


@router.post("/activities", response={201: ActivityOut, **ERRORS}, operation_id="write_note", summary="Write a note")
def write_note(request: Request, given: NoteIn) -> Any:
    partner: Any = get_object_or_404(Partner.objects.visible_to(request.user), pk=given.partner)
    deals = partner.opportunities.visible_to(request.user)
    opportunity = get_object_or_404(deals, pk=given.opportunity) if given.opportunity else None
    return 201, actions.write_note(partner, given.text, opportunity=opportunity, by=request.user)


class FileOut(Schema):
    """A file of a partner, perhaps of one of its opportunities or activities; `size` in bytes, `media_type` told by its content."""

    id: int
    partner_id: int
    opportunity_id: int | None
    activity_id: int | None
    name: str
    size: int
    media_type: str
    sha256: str
    remarks: str
    created_by_id: int | None
    created_at: datetime


class FilePlace(Schema):
    """Where a file belongs: a partner, or one opportunity, or one activity."""

    partner: Key | None = None
    opportunity: Key | None = None
    activity: Key | None = None
    remarks: Text = ""


BYTES: Any = {
    "responses": {200: {"description": "The file", "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
}  # fmt: skip


@router.get(
    "/files", response={200: list[FileOut], **ERRORS}, operation_id="files", summary="Files of a record, newest first"
)
def files(
    request: Request,
    partner: Key | None = None,
    opportunity: Key | None = None,
    activity: Key | None = None,
    limit: Limit = 50,
) -> Any:
    rows = Attachment.objects.visible_to(request.user).order_by("-pk")
    wanted = {"partner": partner, "opportunity": opportunity, "activity": activity}
    return rows.filter(**{name: key for name, key in wanted.items() if key})[:limit]


@router.post("/files", response={201: FileOut, **ERRORS}, operation_id="attach_file", summary="Attach a file")
def attach_file(request: Request, file: File[UploadedFile], place: Form[FilePlace]) -> Any:
    if request.user.scope_for("activities.activity", "edit") == Scope.NONE:
        raise PermissionDenied
    return 201, actions.attach(file, file.name or "", **_place(request, place), remarks=place.remarks, by=request.user)


def _place(request: Request, place: FilePlace) -> dict[str, Any]:
    """The records, through access. One that is not there is 404, several or none a broken rule."""
    given = {name: key for name, key in place.dict(include={"partner", "opportunity", "activity"}).items() if key}
    if len(given) != 1:
        raise RuleBroken(_("Name one of partner, opportunity and activity."), code="one_place", field="partner")
    (name, key), *_others = given.items()
    model: Any = Attachment._meta.get_field(name).related_model
    found = get_object_or_404(model.objects.visible_to(request.user), pk=key)
    return {"partner": found} if name == "partner" else {"partner": found.partner, name: found}


@router.get("/files/{pk}", response={200: FileOut, **ERRORS}, operation_id="file", summary="What is known of a file")
def file(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)


@router.get(
    "/files/{pk}/content",
    response=ERRORS,
    operation_id="file_content",
    summary="The bytes of a file",
    openapi_extra=BYTES,
)
def file_content(request: Request, pk: PathKey) -> Any:
    found = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
    return send_file(found.file.open("rb"), found.name, found.media_type)


@router.delete("/files/{pk}", response={204: None, **ERRORS}, operation_id="delete_file", summary="To the recycle bin")
def delete_file(request: Request, pk: PathKey) -> Any:
    kernel.delete(get_object_or_404(Attachment.objects.editable_by(request.user), pk=pk), by=request.user)
    return 204, None
