"""The fields the company added, for programs."""

from __future__ import annotations

from typing import Any

from ninja import Router, Schema

from voronka.core import custom
from voronka.core.frame import Request

router = Router()


class CustomFieldOut(Schema):
    """One field: `model` is partners.partner, partners.contact or opportunities.opportunity; `kind` text, number, date, choice, yes_no or partner."""

    model: str
    key: str
    name: str
    kind: str
    choices: list[str]
    required: bool


@router.get(
    "/custom-fields",
    response=list[CustomFieldOut],
    operation_id="custom_fields",
    summary="The fields the company added",
)
def custom_fields(request: Request) -> Any:
    return [one for model in custom.customised() for one in custom.lately(model)]
