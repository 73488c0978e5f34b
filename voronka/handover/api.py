"""Hand-overs, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from voronka.accounts.models import User
from voronka.core.frame import Request
from voronka.core.schemas import Key, PathKey, Text
from voronka.handover import actions, belongings
from voronka.handover.models import Handover

router = Router()


class HandoverOut(Schema):
    """`moved` is place (app.model.field) -> rows; `conflicts` what could not be taken back: [place, id, name, user id, verb, when]."""

    id: int
    giver_id: int
    taker_id: int
    by_id: int
    what: str
    query: str
    note: str
    status: str
    message: str
    share: float
    moved: dict[str, int]
    conflicts: list[list[Any]]
    created_at: datetime
    done_at: datetime | None
    undone_at: datetime | None


class HandoverIn(Schema):
    """With `partners` their work, with `query` (the query string of the list of partners) the work with those it finds, without both everything."""

    giver: Key
    taker: Key
    partners: list[Key] = []
    query: Text = ""
    note: Text = ""


class Counted(Schema):
    place: str
    count: int


def _handover(request: Request, given: HandoverIn) -> Handover:
    what = Handover.What.PARTNERS if given.partners else Handover.What.FILTER if given.query else Handover.What.ALL
    people = User.objects.visible_to(request.user).select_related("role")
    giver = get_object_or_404(actions.givers(request.user), pk=given.giver)
    taker = get_object_or_404(people.active(), pk=given.taker)
    return Handover(
        giver=giver,
        taker=taker,
        by=request.user,
        what=what,
        query=given.query,
        partners=given.partners,
        note=given.note[:2000],
    )


@router.get("/handovers", response=list[HandoverOut], operation_id="handovers", summary="Hand-overs")
def handovers(request: Request) -> Any:
    return Handover.objects.visible_to(request.user).newest()[:200]


@router.post(
    "/handovers/preview",
    response=list[Counted],
    operation_id="preview_handover",
    summary="What would change hands",
)
def preview(request: Request, given: HandoverIn) -> Any:
    return [{"place": one.place, "count": count} for one, count in actions.preview(_handover(request, given))]


@router.post(
    "/handovers",
    response={201: HandoverOut},
    operation_id="hand_over",
    summary="Hand work over, in the background",
)
def hand_over(request: Request, given: HandoverIn) -> Any:
    return 201, actions.hand_over(_handover(request, given), by=request.user)


@router.get("/handovers/{pk}", response=HandoverOut, operation_id="handover", summary="How a hand-over stands")
def handover(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(Handover.objects.visible_to(request.user), pk=pk)


@router.get(
    "/handovers/{pk}/left",
    response=list[Counted],
    operation_id="left_behind",
    summary="What the giver answers for still",
)
def left(request: Request, pk: PathKey) -> Any:
    found = get_object_or_404(Handover.objects.visible_to(request.user).select_related("giver"), pk=pk)
    return [{"place": one.place, "count": count} for one, count in belongings.left_behind(found.giver)]


@router.post("/handovers/{pk}/cancel", response=HandoverOut, operation_id="cancel_handover", summary="Call it off")
def cancel(request: Request, pk: PathKey) -> Any:
    found = get_object_or_404(Handover.objects.editable_by(request.user), pk=pk)
    actions.call_off(found, by=request.user)
    found.refresh_from_db()
    return found


@router.post(
    "/handovers/{pk}/undo",
    response=HandoverOut,
    operation_id="undo_handover",
    summary="Take it back, in the background",
)
def undo(request: Request, pk: PathKey) -> Any:
    return actions.take_back(get_object_or_404(Handover.objects.editable_by(request.user), pk=pk), by=request.user)
