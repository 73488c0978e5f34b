"""Currencies and rates, for programs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from voronka.core.frame import Request
from voronka.core.schemas import Text
from voronka.products import actions
from voronka.products.models import Currency, Rate

router = Router()
Code = Annotated[Text, Field(pattern="^[A-Z]{3}$")]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2090, 12, 31))]
Amount = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=8)]


class CurrencyOut(Schema):
    id: int
    code: str
    name: str
    is_active: bool
    last_day: date | None
    last_rate: Decimal | None


class RateOut(Schema):
    day: date
    rate: Decimal


class RateIn(Schema):
    """Units of the company's currency for one unit of this one, from the day on."""

    day: Day
    rate: Amount


@router.get(
    "/currencies",
    response=list[CurrencyOut],
    operation_id="currencies",
    summary="Currencies with their last rates",
)
def currencies(request: Request) -> Any:
    return Currency.objects.visible_to(request.user).with_last_rate()


@router.get(
    "/currencies/{code}/rates",
    response=list[RateOut],
    operation_id="rates",
    summary="The latest 400 rates of a currency",
)
def rates(request: Request, code: str) -> Any:
    found = get_object_or_404(Currency.objects.visible_to(request.user), code=code)
    return Rate.objects.visible_to(request.user).filter(currency=found)[:400]


@router.put("/currencies/{code}/rates", response=list[RateOut], operation_id="set_rates", summary="Write rates by day")
def set_rates(request: Request, code: str, given: list[RateIn]) -> Any:
    if not request.user.has_perm("core.configure"):
        raise PermissionDenied
    found = get_object_or_404(Currency.objects.editable_by(request.user), code=code)
    actions.set_rates(found, [(one.day, one.rate) for one in given], by=request.user)
    return Rate.objects.visible_to(request.user).filter(currency=found)[:400]
