"""Shapes the routers of all apps share: errors, keys, pages, and how a form speaks to a program."""

from __future__ import annotations

from typing import Annotated, Any

from django.forms import BaseForm, ModelForm, model_to_dict
from ninja import Field, Path, Query, Schema
from ninja.errors import ValidationError
from pydantic import AfterValidator

BIGGEST = 2**63 - 1
Key = Annotated[int, Field(ge=1, le=BIGGEST)]
PathKey = Annotated[int, Path(ge=1, le=BIGGEST)]
Limit = Annotated[int, Query(ge=1, le=200)]


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text can't hold a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as fault:
        raise ValueError("a text can't hold half a character") from fault
    return text


Text = Annotated[str, AfterValidator(_no_nul)]


class Refusal(Schema):
    """Why a rule forbids it: a stable code, a sentence, and the field it belongs to."""

    code: str
    message: str
    field: str


class Wrong(Schema):
    """One value that can't be."""

    loc: list[str]
    msg: str


class Invalid(Schema):
    """Values that can't be, each with its place."""

    detail: list[Wrong]


class Missing(Schema):
    """Not there, not open to you, or not signed in."""

    detail: str


ERRORS: dict[int, Any] = {400: Missing, 401: Missing, 403: Refusal, 404: Missing, 409: Refusal, 422: Invalid}


def form_data(form_class: type[ModelForm[Any]], instance: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What a form would have been sent: the record's present values with the given ones over them."""
    present = model_to_dict(instance, fields=form_class._meta.fields)  # type: ignore[attr-defined]
    plain = {
        name: [getattr(one, "pk", one) for one in value] if isinstance(value, list) else value
        for name, value in present.items()
    }
    merged = plain | given
    return {name: "" if value is None else value for name, value in merged.items() if value is not False}


def valid(form: BaseForm) -> BaseForm:
    """The form, if it is valid; else its errors as a validation error of the API."""
    if not form.is_valid():
        raise ValidationError(
            [{"loc": ["body", name], "msg": str(error)} for name, errors in form.errors.items() for error in errors]
        )
    return form
