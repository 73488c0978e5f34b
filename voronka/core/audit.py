"""Who changed what: pre-images kept by the database, told as sentences for the history tab."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import pghistory
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.formats import localize

if TYPE_CHECKING:
    from voronka.accounts.models import User

M = TypeVar("M", bound=models.Model)

# Bookkeeping columns nobody reads as a change.
SILENT = {"id", "version", "created_at", "updated_at", "created_by", "deleted_by", "search", "potential_company"}


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, as words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryEntry:
    """One act: when, by whom (None: the system), which verb, and the fields it changed."""

    at: datetime
    by: User | None
    verb: str
    changes: list[FieldChange]


def tracked(model: type[M], without: tuple[str, ...] = ()) -> type[M]:
    """Keep a pre-image of every changed and deleted row of the model: the row as it was before, `without` columns made from others."""
    kept = pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(row=pghistory.Old)
    return pghistory.track(*kept, exclude=list(without) or None)(model)


def acting(by: User | None, verb: str, **more: Any) -> AbstractContextManager[Any]:
    """Names the person and the verb for every pre-image written inside the block."""
    return pghistory.context(user=by.pk if by else None, verb=verb, **more)


def history_of(instance: models.Model, limit: int = 100) -> list[HistoryEntry]:
    """The record's changes, newest first, at most `limit`. A fixed number of statements: the pre-images, the people, and one
    per kind of related record that changed."""
    event_model = _event_model(type(instance))
    events = list(
        event_model.objects.filter(pgh_obj_id=instance.pk).select_related("pgh_context").order_by("-pgh_id")[:limit]
    )
    people = get_user_model().objects.in_bulk({_user_id(event) for event in events} - {None})
    names = _Names()
    entries = []
    after: Any = instance
    for event in events:
        changes = [
            (field, getattr(event, field.attname), getattr(after, field.attname)) for field in _fields(type(instance))
        ]
        changed = [(field, old, new) for field, old, new in changes if old != new]
        if changed:
            words = [
                FieldChange(str(f.verbose_name), names.word(f, old), names.word(f, new)) for f, old, new in changed
            ]
            metadata = event.pgh_context.metadata if event.pgh_context else {}
            entries.append(
                HistoryEntry(event.pgh_created_at, people.get(_user_id(event)), metadata.get("verb", ""), words)
            )
        after = event
    return entries


def _event_model(model: type[models.Model]) -> Any:
    return apps.get_model(model._meta.app_label, f"{model.__name__}Event")


def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [f for f in model._meta.concrete_fields if f.name not in SILENT and not isinstance(f, models.GeneratedField)]


def _user_id(event: Any) -> int | None:
    return event.pgh_context.metadata.get("user") if event.pgh_context else None


class _Names:
    """Related records by name, each kind fetched when first met and remembered."""

    def __init__(self) -> None:
        self.known: dict[tuple[type[models.Model], Any], str] = {}

    def word(self, field: models.Field[Any, Any], value: Any) -> str:
        if value is None or value == "":
            return ""
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, models.ForeignKey):
            return self._name(field.related_model, value)
        return str(localize(value))

    def _name(self, model: Any, key: Any) -> str:
        if (model, key) not in self.known:
            found = model._base_manager.filter(pk=key).first()
            self.known[model, key] = str(found) if found else f"№ {key}"
        return self.known[model, key]
