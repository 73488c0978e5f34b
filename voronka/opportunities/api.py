"""Opportunities, for programs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from voronka.core import actions as kernel
from voronka.core import custom
from voronka.core.frame import Request
from voronka.core.models import Company
from voronka.core.schemas import CustomIn, CustomOut, Key, Limit, PathKey, Text, custom_values
from voronka.core.tables import api_page
from voronka.opportunities import actions, tables
from voronka.opportunities.models import Opportunity, OpportunityState, Pipeline, Reason, Stage
from voronka.partners.models import Industry, Partner, Source, Territory

router = Router()
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=2)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
Day = Annotated[date, Field(ge=date(1950, 1, 1), le=date(2090, 12, 31))]
RELATED: dict[str, Any] = {
    "partner": Partner,
    "stage": Stage,
    "territory": Territory,
    "source": Source,
    "industry": Industry,
}


class StageOut(Schema):
    id: int
    name: str
    position: int
    percentage: Decimal
    is_active: bool


class PipelineOut(Schema):
    id: int
    name: str
    is_default: bool
    is_active: bool
    stages: list[StageOut]


class OpportunityOut(Schema):
    id: int
    name: str
    partner_id: int
    contact_id: int | None
    owner_id: int
    pipeline_id: int
    stage_id: int
    status: str
    potential: Decimal
    currency: str
    percentage: Decimal
    weighted: Decimal
    potential_company: Decimal
    weighted_company: Decimal
    gross_profit_percent: Decimal
    forecast_category: str
    opened_on: date
    predicted_close_on: date
    closed_on: date | None
    territory_id: int | None
    source_id: int | None
    industry_id: int | None
    product: str
    remarks: str
    external_id: str
    custom: CustomOut
    version: int
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_custom(opportunity: Opportunity) -> dict[str, Any]:
        return custom.known(opportunity)


class OpportunityPage(Schema):
    items: list[OpportunityOut]
    next: str | None


class StateOut(Schema):
    since: datetime
    until: datetime | None
    status: str
    stage_id: int
    percentage: Decimal
    potential: Decimal
    currency: str
    potential_company: Decimal
    weighted_company: Decimal
    forecast_category: str
    predicted_close_on: date
    owner_id: int
    comment: str


# A category of the forecast; "" lets the percentage say it.
Said = Literal["", "commit", "best", "pipeline", "omitted"]


class OpportunityIn(Schema):
    partner: Key
    stage: Key
    potential: Amount
    currency: Annotated[Text, Field(pattern="^[A-Z]{3}$")] | None = None
    name: Annotated[Text, Field(max_length=200)] = ""
    percentage: Percent | None = None
    forecast_category: Said = ""
    opened_on: Day | None = None
    predicted_close_on: Day
    territory: Key | None = None
    source: Key | None = None
    industry: Key | None = None
    product: Annotated[Text, Field(max_length=200)] = ""
    remarks: Text = ""
    external_id: Annotated[Text, Field(max_length=100)] = ""
    custom: CustomIn | None = None


class OpportunityPatch(Schema):
    """Changes of an open opportunity; `version` as it was read guards against overwriting somebody else's change."""

    name: Annotated[Text, Field(max_length=200)] | None = None
    potential: Amount | None = None
    percentage: Percent | None = None
    forecast_category: Said | None = None
    predicted_close_on: Day | None = None
    product: Annotated[Text, Field(max_length=200)] | None = None
    remarks: Text | None = None
    custom: CustomIn | None = None
    version: int | None = None


class MoveIn(Schema):
    stage: Key
    comment: Annotated[Text, Field(max_length=500)] = ""


class CloseIn(Schema):
    reasons: list[Key] = []
    comment: Annotated[Text, Field(max_length=500)] = ""


class OpportunityFilter(Schema):
    """The words of the list page."""

    q: Text = ""
    status: Literal["open", "won", "lost"] | None = None
    pipeline: Key | None = None
    stage: Key | None = None
    owner: Key | None = None
    partner: Key | None = None
    territory: Key | None = None
    source: Key | None = None
    industry: Key | None = None


@router.get("/pipelines", response=list[PipelineOut], operation_id="pipelines", summary="Pipelines with their stages")
def pipelines(request: Request) -> Any:
    return Pipeline.objects.visible_to(request.user).prefetch_related("stages")


@router.get(
    "/opportunities",
    response=OpportunityPage,
    operation_id="opportunities",
    summary="Opportunities, a page by key",
)
def opportunities(
    request: Request,
    wanted: Annotated[OpportunityFilter, Query()],
    limit: Limit = 50,
    cursor: Text = "",
    sort: Text = "-potential",
) -> Any:
    rows = Opportunity.objects.visible_to(request.user)
    if wanted.q:
        rows = rows.search(wanted.q)
    rows = rows.filter(**{name: value for name, value in wanted.dict().items() if value and name != "q"})
    return api_page(rows, tables.OPPORTUNITIES.sort_of(sort), cursor, limit)


@router.post(
    "/opportunities",
    response={201: OpportunityOut},
    operation_id="open_opportunity",
    summary="A new opportunity",
)
def open_opportunity(request: Request, given: OpportunityIn) -> Any:
    values = given.dict(exclude_none=True)
    values["custom"] = custom_values(Opportunity, {}, values.get("custom", {}), request.user)
    for name, model in RELATED.items():
        if name in values:
            values[name] = get_object_or_404(model.objects.visible_to(request.user), pk=values[name])
    values.setdefault("currency", Company.current().currency)
    deal = Opportunity(**values, owner=request.user, pipeline=values["stage"].pipeline)
    saved = actions.open_opportunity(deal, by=request.user)
    saved.refresh_from_db()
    return 201, saved


@router.get("/opportunities/{pk}", response=OpportunityOut, operation_id="opportunity", summary="One opportunity")
def opportunity(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(Opportunity.objects.visible_to(request.user), pk=pk)


@router.patch(
    "/opportunities/{pk}",
    response=OpportunityOut,
    operation_id="change_opportunity",
    summary="Change an opportunity",
)
def change_opportunity(request: Request, pk: PathKey, given: OpportunityPatch) -> Any:
    deal = _deal(request, pk)
    values = given.dict(exclude_unset=True)
    version = values.pop("version", None)
    if values.get("custom") is not None:
        values["custom"] = custom_values(Opportunity, deal.custom, values["custom"], request.user)
    for name, value in values.items():
        if value is not None:
            setattr(deal, name, value)
    actions.save_opportunity(deal, seen_version=version, by=request.user)
    deal.refresh_from_db()
    return deal


def _deal(request: Request, pk: int) -> Opportunity:
    return get_object_or_404(Opportunity.objects.editable_by(request.user).select_related("partner", "stage"), pk=pk)


@router.delete(
    "/opportunities/{pk}",
    response={204: None},
    operation_id="delete_opportunity",
    summary="To the recycle bin",
)
def delete_opportunity(request: Request, pk: PathKey) -> Any:
    kernel.delete(_deal(request, pk), by=request.user)
    return 204, None


@router.post(
    "/opportunities/{pk}/move",
    response=OpportunityOut,
    operation_id="move_opportunity",
    summary="Move to a stage",
)
def move_opportunity(request: Request, pk: PathKey, given: MoveIn) -> Any:
    deal = _deal(request, pk)
    stage = get_object_or_404(Stage.objects.visible_to(request.user), pk=given.stage)
    return actions.move_to_stage(deal, stage, comment=given.comment, by=request.user)


@router.post("/opportunities/{pk}/win", response=OpportunityOut, operation_id="win_opportunity", summary="Close as won")
def win_opportunity(request: Request, pk: PathKey, given: CloseIn) -> Any:
    return actions.win(_deal(request, pk), reasons=_reasons(request, given), comment=given.comment, by=request.user)


@router.post(
    "/opportunities/{pk}/lose",
    response=OpportunityOut,
    operation_id="lose_opportunity",
    summary="Close as lost",
)
def lose_opportunity(request: Request, pk: PathKey, given: CloseIn) -> Any:
    return actions.lose(_deal(request, pk), reasons=_reasons(request, given), comment=given.comment, by=request.user)


def _reasons(request: Request, given: CloseIn) -> list[Any]:
    return list(Reason.objects.visible_to(request.user).filter(pk__in=given.reasons))


@router.post(
    "/opportunities/{pk}/reopen",
    response=OpportunityOut,
    operation_id="reopen_opportunity",
    summary="Open again",
)
def reopen_opportunity(request: Request, pk: PathKey) -> Any:
    return actions.reopen(_deal(request, pk), by=request.user)


@router.get(
    "/opportunities/{pk}/states",
    response=list[StateOut],
    operation_id="states",
    summary="The states over time",
)
def states(request: Request, pk: PathKey) -> Any:
    deal = get_object_or_404(Opportunity.objects.visible_to(request.user), pk=pk)
    return OpportunityState.objects.visible_to(request.user).of(deal)
