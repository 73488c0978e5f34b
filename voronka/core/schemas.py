"""Shapes the routers of all apps share: errors, keys, pages, and how a form speaks to a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from django.forms import BaseForm, ModelForm, model_to_dict
from django.utils.translation import gettext as _
from ninja import Field, Path, Query, Schema
from ninja.errors import ValidationError
from pydantic import AfterValidator

from voronka.core import custom
from voronka.core.forms import CustomForm
from voronka.core.forms import custom_values as write_custom
from voronka.core.models import Customised

if TYPE_CHECKING:
    from voronka.accounts.models import User

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


CustomIn = Annotated[
    dict[Text, Text | bool | int | float | None],
    Field(
        description="Values of the company's own fields by key, as GET /custom-fields lists them: text, a choice, a number, a day as "
        "YYYY-MM-DD, true, or the id of a partner; null or false empties. Fields left out keep their values."
    ),
]
CustomOut = Annotated[
    dict[str, Any], Field(description="Values of the company's own fields by key; empty ones are left out.")
]


REFUSALS: dict[int, type[Schema]] = {400: Missing, 401: Missing, 403: Refusal, 404: Missing, 409: Refusal, 422: Invalid}


def form_data(form_class: type[ModelForm[Any]], instance: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What a form would have been sent: the record's present values with the given ones over them."""
    present = model_to_dict(instance, fields=form_class._meta.fields)  # type: ignore[attr-defined]
    plain = {
        name: [getattr(one, "pk", one) for one in value] if isinstance(value, list) else value
        for name, value in present.items()
    }
    own = given.pop("custom", None) or {}
    if issubclass(form_class._meta.model, Customised):  # type: ignore[attr-defined]
        plain |= _inputs(form_class._meta.model, instance.custom, own)  # type: ignore[attr-defined]
    merged = plain | given
    return {name: "" if value is None else value for name, value in merged.items() if value is not False}


def custom_values(
    model: type[Customised], present: dict[str, Any], given: dict[str, Any], user: User
) -> dict[str, Any]:
    """The stored custom values with the given ones over them, by the rules of the pages. Raises the API's validation error."""
    definitions = custom.lately(model)
    form = CustomForm(_inputs(model, present, given), definitions=definitions, present=present, user=user)
    return write_custom(valid(form), definitions, present, user)


def _inputs(model: type[Customised], present: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What the inputs of the custom fields would have been sent. Raises the API's validation error for a key nobody defined."""
    definitions = {one.key: one for one in custom.lately(model)}
    if unknown := [key for key in given if key not in definitions]:
        raise ValidationError(
            [{"loc": ["body", "custom", key], "msg": str(_("There is no such custom field."))} for key in unknown]
        )
    values = {key: value for key, value in {**present, **given}.items() if key in definitions}
    return {definitions[key].input: "" if value in (None, False) else str(value) for key, value in values.items()}


def _place(name: str) -> list[str]:
    return ["custom", name.removeprefix(custom.INPUT)] if name.startswith(custom.INPUT) else [name]


def valid(form: BaseForm) -> BaseForm:
    """The form, if it is valid; else its errors as a validation error of the API."""
    if not form.is_valid():
        raise ValidationError(
            [
                {"loc": ["body", *_place(name)], "msg": str(error)}
                for name, errors in form.errors.items()
                for error in errors
            ]
        )
    return form
