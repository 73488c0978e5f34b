"""Fields the company adds without code: one definition, read by forms, cards, lists, filters, files, imports and the API.

A value lies in the record's `custom` under the key of its field: text and choices as text, numbers as JSON numbers, days as ISO text, yes
as true, a link as the id of a partner. What is empty is not there. A retired field keeps its values; its key is never given again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.apps import apps
from django.db import models
from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _

from voronka.core.models import LATELY, CustomField, Customised

if TYPE_CHECKING:
    from voronka.accounts.models import User

# What a link leads to, by its name: the app lies above this one.
LINKED: Final = "partners.partner"
INPUT: Final = "custom_"


@dataclass(frozen=True)
class Definition:
    """One field as everything but its set-up page reads it."""

    model: str
    key: str
    name: str
    kind: str
    choices: tuple[str, ...] = ()
    required: bool = False
    in_lists: bool = False
    is_active: bool = True

    @property
    def input(self) -> str:
        """The name of its input, column and filter."""
        return f"{INPUT}{self.key}"

    @property
    def is_link(self) -> bool:
        return self.kind == CustomField.Kind.PARTNER

    def kept(self, value: Any) -> Any:
        """What is stored of a checked value; None for nothing."""
        if value is None or value == "" or value is False:
            return None
        if isinstance(value, models.Model):
            return value.pk
        if isinstance(value, date):
            return value.isoformat()
        # A number of at most 15 digits survives the way through a float unchanged; the database keeps it as an exact number.
        return (
            (int(value) if value == value.to_integral_value() else float(value))
            if isinstance(value, Decimal)
            else value
        )

    def value(self, kept: Any) -> Any:
        """The stored value as what it is: a number, a day, text, true, the id of a partner."""
        if self.kind == CustomField.Kind.NUMBER:
            return None if kept is None else Decimal(str(kept))
        return date.fromisoformat(kept) if self.kind == CustomField.Kind.DATE and kept else kept

    def words(self, kept: Any, names: Mapping[int, str] | None = None) -> str:
        """The stored value as people read it; `names` are those of the linked partners this person may see."""
        if kept is None:
            return ""
        if self.kind == CustomField.Kind.YES_NO:
            return _("yes")
        if self.is_link:
            return (names or {}).get(kept) or f"№ {kept}"
        value = self.value(kept)
        return date_format(value, "SHORT_DATE_FORMAT") if isinstance(value, date) else str(localize(value))


class _Kept:
    """The definitions of all models, read at most LATELY seconds ago by this process."""

    read_at: ClassVar[float] = 0.0
    found: ClassVar[tuple[Definition, ...] | None] = None


def lately(model: type[models.Model], *, retired: bool = False) -> tuple[Definition, ...]:
    """The fields of a model in their order as they were at most LATELY seconds ago, without the retired ones."""
    if _Kept.found is None or time.monotonic() - _Kept.read_at > LATELY:
        _Kept.found, _Kept.read_at = _read(), time.monotonic()
    return _of(_Kept.found, model, retired)


def now(model: type[models.Model]) -> tuple[Definition, ...]:
    """The fields of a model as they are: for what reads a whole file by them."""
    return _of(_read(), model, retired=False)


def forget() -> None:
    """Let the next page read the definitions anew."""
    _Kept.found = None


def customised() -> list[type[models.Model]]:
    """The models that take fields of the company's own."""
    return [model for model in apps.get_models() if issubclass(model, Customised)]


def _read() -> tuple[Definition, ...]:
    rows = CustomField.objects.order_by("position", "pk")
    return tuple(
        Definition(
            row.model, row.key, row.name, row.kind, tuple(row.choices), row.required, row.in_lists, row.is_active
        )
        for row in rows
    )


def _of(found: Iterable[Definition], model: type[models.Model], retired: bool) -> tuple[Definition, ...]:
    label = model._meta.label_lower
    return tuple(one for one in found if one.model == label and (one.is_active or retired))


def known(record: Any) -> dict[str, Any]:
    """A record's values of the fields in use."""
    keys = {one.key for one in lately(type(record))}
    return {key: value for key, value in record.custom.items() if key in keys}


def merged(present: Mapping[str, Any], definitions: Iterable[Definition], values: Mapping[str, Any]) -> dict[str, Any]:
    """The stored values with checked ones (by key) written over them; those of other fields stay."""
    kept = {one.key: one.kept(values[one.key]) for one in definitions if one.key in values}
    return {key: value for key, value in {**present, **kept}.items() if value is not None}


def linkable(user: User) -> models.QuerySet[Any]:
    """The partners this person may link to: those they see."""
    return apps.get_model(LINKED).objects.visible_to(user)  # type: ignore[attr-defined, no-any-return]


def linked_names(records: Iterable[Any], user: User) -> dict[int, str]:
    """Names of the partners the records' links lead to, as far as this person may see them. No statement where nothing is linked."""
    keys = {
        record.custom[one.key]
        for record in records
        for one in lately(type(record), retired=True)
        if one.is_link and one.key in record.custom
    }
    if not keys:
        return {}
    return dict(linkable(user).filter(pk__in=keys).values_list("pk", "name"))


@dataclass(frozen=True)
class Shown:
    """A field of one record on its card."""

    field: Definition
    words: str
    link: int | None

    @property
    def name(self) -> str:
        return self.field.input

    @property
    def label(self) -> str:
        return self.field.name


def shown(record: Any, names: Mapping[int, str]) -> list[Shown]:
    """All fields in use with this record's values in words; the link is there for those who may see the partner."""
    return [
        Shown(one, one.words(kept, names), kept if one.is_link and kept in names else None)
        for one in lately(type(record))
        for kept in [record.custom.get(one.key)]
    ]
