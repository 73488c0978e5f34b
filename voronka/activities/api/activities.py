"""Activities, for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import AwareDatetime

from voronka.accounts.models import User
from voronka.activities import actions, rules, tables
from voronka.activities.models import Activity, ActivitySubject, ActivityType, Attachment, Kind, Outcome
from voronka.activities.rules import Plan
from voronka.core import actions as kernel
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.pages import send_file
from voronka.core.schemas import Key, Limit, PathKey, Text
from voronka.core.tables import api_page
from voronka.partners.models import Contact, Partner

router = Router()


class ActivityOut(Schema):
    """An activity. `happened_at` is its place in time: while it is open the moment it is due, afterwards the moment it happened."""

    id: int
    kind: str
    status: str
    title: str
    text: str
    result: str
    partner_id: int | None
    contact_id: int | None
    opportunity_id: int | None
    owner_id: int
    assigned_by_id: int | None
    type_id: int | None
    subject_id: int | None
    outcome_id: int | None
    direction: str
    priority: int
    location: str
    phone: str
    happened_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    due_on: date | None
    all_day: bool
    closed_at: datetime | None
    is_private: bool
    remind_before: int | None
    follow_up_of_id: int | None
    version: int


class ActivityPage(Schema):
    items: list[ActivityOut]
    next: str | None


Kinds = Literal["call", "meeting", "task", "note", "email", "campaign", "other"]


class When(Schema):
    """By when: from `starts_at` (to `ends_at`, 15 minutes where none is given), or on a day."""

    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    due_on: date | None = None


class ActivityIn(When):
    """A note needs a text and a partner. Anything else with a moment is planned; with `done` it is logged as something that has happened."""

    kind: Kinds = "note"
    partner: Key | None = None
    opportunity: Key | None = None
    contact: Key | None = None
    title: Annotated[Text, Field(max_length=200)] = ""
    text: Text = ""
    owner: Key | None = None
    participants: list[Key] = []
    type: Key | None = None
    subject: Key | None = None
    outcome: Key | None = None
    direction: Literal["", "in", "out"] = ""
    priority: Literal[0, 1, 2] = 1
    location: Annotated[Text, Field(max_length=300)] = ""
    phone: Annotated[Text, Field(max_length=32)] = ""
    remind_before: Annotated[int, Field(ge=0, le=40320)] | None = None
    is_private: bool = False
    follow_up_of: Key | None = None
    done: bool = False


class OutcomeIn(Schema):
    """What came of it."""

    outcome: Key | None = None
    result: Text = ""


class OwnerIn(Schema):
    owner: Key


@router.get("/activities", response=ActivityPage, operation_id="activities", summary="Activities, a page by key")
def activities(
    request: Request,
    partner: Key | None = None,
    opportunity: Key | None = None,
    owner: Key | None = None,
    kind: Kinds | None = None,
    status: Literal["open", "done", "cancelled"] | None = None,
    q: Text = "",
    limit: Limit = 50,
    cursor: Text = "",
    sort: Text = "-happened_at",
) -> Any:
    asked = {"partner": partner, "opportunity": opportunity, "owner": owner, "kind": kind, "status": status}
    rows = Activity.objects.visible_to(request.user).filter(**{name: one for name, one in asked.items() if one})
    return api_page(rows.search(q, request.user) if q else rows, tables.ACTIVITIES.sort_of(sort), cursor, limit)


@router.post(
    "/activities", response={201: ActivityOut}, operation_id="write_activity", summary="Write a note, plan or log"
)  # fmt: skip
def write_activity(request: Request, given: ActivityIn) -> Any:
    if request.user.scope_for("activities.activity", "edit") == Scope.NONE:
        raise PermissionDenied
    found, user = described(request, given), request.user
    if given.kind == Kind.NOTE:
        if found.partner is None:
            raise RuleBroken(_("Choose a partner, or mark it as private."), code="partner_required", field="partner")
        return 201, actions.write_note(found.partner, given.text, opportunity=found.opportunity, by=user)
    people = list(User.objects.visible_to(user).active().filter(pk__in=given.participants))
    when = plan_of_moments(given, found.owner)
    act = actions.log if given.done else actions.plan
    return 201, act(found, when, participants=people, by=user)


def described(request: Request, given: ActivityIn) -> Activity:
    """The activity as it was described; what it refers to is looked up through access."""
    user = request.user
    deals: Any = Activity._meta.get_field("opportunity").related_model
    deal: Any = _one(deals.objects.visible_to(user), given.opportunity)
    owner: Any = _one(User.objects.assignable_by(user), given.owner) or user
    plain = ("kind", "title", "text", "direction", "priority", "location", "phone", "remind_before", "is_private")
    return Activity(
        owner=owner,
        opportunity=deal,
        partner=_one(Partner.objects.visible_to(user), given.partner) or getattr(deal, "partner", None),
        contact=_one(Contact.objects.visible_to(user), given.contact),
        type=_one(ActivityType.objects.visible_to(user), given.type),
        subject=_one(ActivitySubject.objects.visible_to(user), given.subject),
        outcome=_one(Outcome.objects.visible_to(user), given.outcome),
        follow_up_of=_one(Activity.objects.visible_to(user), given.follow_up_of),
        **{name: getattr(given, name) for name in plain},
    )


def _one(rows: Any, key: int | None) -> Any:
    return get_object_or_404(rows, pk=key) if key else None


def plan_of_moments(given: When, owner: User) -> Plan | None:
    """The moments as a plan, None where there are none."""
    if given.starts_at is None:
        return rules.plan_on(given.due_on, owner.zone) if given.due_on else None
    if given.ends_at is not None and given.ends_at < given.starts_at:
        raise RuleBroken(_("The end lies before the start."), code="end_before_start", field="ends_at")
    return rules.plan_at(given.starts_at, end=given.ends_at)


@router.get("/activities/{pk}", response=ActivityOut, operation_id="activity", summary="One activity")
def activity(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(Activity.objects.visible_to(request.user), pk=pk)


def _editable(request: Request, pk: int) -> Activity:
    return get_object_or_404(Activity.objects.editable_by(request.user).select_related("owner"), pk=pk)


@router.post("/activities/{pk}/complete", response=ActivityOut, operation_id="complete_activity", summary="It is done")
def complete(request: Request, pk: PathKey, given: OutcomeIn) -> Any:
    found = _editable(request, pk)
    outcome = _one(Outcome.objects.visible_to(request.user), given.outcome)
    return actions.complete(found, outcome=outcome, result=given.result, by=request.user)


@router.post("/activities/{pk}/cancel", response=ActivityOut, operation_id="cancel_activity", summary="Call it off")
def cancel(request: Request, pk: PathKey) -> Any:
    return actions.cancel(_editable(request, pk), by=request.user)


@router.post(
    "/activities/{pk}/reopen", response=ActivityOut, operation_id="reopen_activity", summary="To be done after all"
)  # fmt: skip
def reopen(request: Request, pk: PathKey) -> Any:
    return actions.reopen(_editable(request, pk), by=request.user)


@router.post(
    "/activities/{pk}/reschedule", response=ActivityOut, operation_id="reschedule_activity", summary="Another time"
)  # fmt: skip
def reschedule(request: Request, pk: PathKey, given: When) -> Any:
    found = _editable(request, pk)
    when = plan_of_moments(given, found.owner)
    if when is None:
        raise RuleBroken(_("Say when it is to be done."), code="no_moment", field="starts_at")
    return actions.reschedule(found, when, by=request.user)


@router.post(
    "/activities/{pk}/reassign", response=ActivityOut, operation_id="reassign_activity", summary="Somebody else does it"
)  # fmt: skip
def reassign(request: Request, pk: PathKey, given: OwnerIn) -> Any:
    found = _editable(request, pk)
    return actions.reassign(found, _one(User.objects.assignable_by(request.user), given.owner), by=request.user)


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


@router.get("/files", response=list[FileOut], operation_id="files", summary="Files of a record, newest first")
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


@router.post("/files", response={201: FileOut}, operation_id="attach_file", summary="Attach a file")
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
    if name == "activity" and found.partner_id is None:
        raise RuleBroken(
            _("Files are kept with partners; this activity has none."), code="no_partner", field="activity"
        )
    return {"partner": found} if name == "partner" else {"partner": found.partner, name: found}


@router.get("/files/{pk}", response=FileOut, operation_id="file", summary="What is known of a file")
def file(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)


@router.get("/files/{pk}/content", operation_id="file_content", summary="The bytes of a file", openapi_extra=BYTES)
def file_content(request: Request, pk: PathKey) -> Any:
    found = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
    return send_file(found.file.open("rb"), found.name, found.media_type)


@router.delete("/files/{pk}", response={204: None}, operation_id="delete_file", summary="To the recycle bin")
def delete_file(request: Request, pk: PathKey) -> Any:
    kernel.delete(get_object_or_404(Attachment.objects.editable_by(request.user), pk=pk), by=request.user)
    return 204, None
