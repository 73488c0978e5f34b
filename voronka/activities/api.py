"""Activities, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from voronka.activities import actions, tables
from voronka.activities.models import Activity
from voronka.core.frame import Request
from voronka.core.schemas import ERRORS, Key, Limit, Text
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
