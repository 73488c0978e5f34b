"""Who changed what: pre-images kept by the database, told as sentences for the history tab."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pghistory
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.formats import localize

from voronka.core import custom
from voronka.core.prepared import Prepared, Slot, behind

if TYPE_CHECKING:
    from voronka.accounts.models import User

M = TypeVar("M", bound=models.Model)

# Bookkeeping columns nobody reads as a change.
SILENT = {
    "id", "version", "created_at", "updated_at", "created_by", "deleted_by", "search", "potential_company", "remind_at", "answered_at",
}  # fmt: skip


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, as words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryEntry:
    """One act: when, by whom (None: the system), which verb, and the fields it changed; the key orders acts of one moment."""

    at: datetime
    by: User | None
    verb: str
    changes: list[FieldChange]
    key: int = 0


class Older(NamedTuple):
    """Acts "before" a moment, "until" it (its own acts included), or "behind" the act of that moment with a key."""

    than: str
    at: datetime
    key: int


def tracked(model: type[M], without: tuple[str, ...] = ()) -> type[M]:
    """Keep a pre-image of every changed and deleted row of the model: the row as it was before, `without` columns made from others."""
    kept = pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(row=pghistory.Old)
    return pghistory.track(*kept, exclude=list(without) or None)(model)


def acting(by: User | None, verb: str, **more: Any) -> AbstractContextManager[Any]:
    """Names the person and the verb for every pre-image written inside the block."""
    return pghistory.context(user=by.pk if by else None, verb=verb, **more)


def history_of(
    instance: models.Model,
    limit: int = 100,
    to: User | None = None,
    *,
    older: Older | None = None,
    without: Iterable[str] = (),
    silent: bool = False,
) -> list[HistoryEntry]:
    """The record's changes, newest first, at most `limit`. A fixed number of statements: the pre-images, the people, and one
    per kind of related record that changed. Partners that custom fields link to are named if `to` may see them.

    `older` leaves those behind a place, `without` names fields told elsewhere; with `silent` acts that
    changed nothing people read are there too, without changes.
    """
    events = _events(instance, older, limit)
    after: Any = _after(instance, events) if older else instance
    keys = {_user_id(event) for event in events} - {None}
    people = get_user_model().objects.in_bulk(keys) if keys else {}
    fields = [field for field in _fields(type(instance)) if field.name not in set(without)]
    acts = []
    for event in events:
        pairs = [(field, getattr(event, field.attname), getattr(after, field.attname)) for field in fields]
        acts.append((event, [(field, old, new) for field, old, new in pairs if old != new]))
        after = event
    names = Names(to)
    names.learn([change for _event, changes in acts for change in changes])
    entries = []
    for event, changes in acts:
        words = [told for field, old, new in changes for told in _told(type(instance), field, old, new, names)]
        if words or silent:
            verb = event.pgh_context.metadata.get("verb", "") if event.pgh_context else ""
            entries.append(HistoryEntry(event.pgh_created_at, people.get(_user_id(event)), verb, words, event.pgh_id))
    return entries


def _events(instance: models.Model, older: Older | None, limit: int) -> list[Any]:
    slots = {"at": older.at, "key": older.key} if older else {}
    return _pre_images(type(instance))(older.than if older else "", limit, pk=instance.pk, **slots)


@cache
def _pre_images(model: Any) -> Prepared:
    rows = _event_model(model).objects.filter(pgh_obj_id=Slot("pk")).select_related("pgh_context").order_by("-pgh_id")
    return Prepared(lambda than, limit: behind(rows, than, "pgh_created_at", "pgh_id")[:limit])


def _after(instance: models.Model, events: list[Any]) -> Any:
    """What the newest of these events made of the record: the pre-image of the event that followed, or the record as it is."""
    rows = _event_model(type(instance)).objects.filter(pgh_obj_id=instance.pk)
    following = rows.filter(pgh_id__gt=events[0].pgh_id).order_by("pgh_id").first() if events else None
    return following or instance


def _told(
    model: type[models.Model], field: models.Field[Any, Any], old: Any, new: Any, names: Names
) -> Iterator[FieldChange]:
    """A change in words; the custom fields change one by one under their own names."""
    if field.name != "custom":
        yield FieldChange(str(field.verbose_name), names.word(field, old), names.word(field, new))
        return
    for one in custom.lately(model, retired=True):
        before, after = old.get(one.key), new.get(one.key)
        if before != after:
            yield FieldChange(one.name, names.custom(one, before), names.custom(one, after))


def _event_model(model: type[models.Model]) -> Any:
    return apps.get_model(model._meta.app_label, f"{model.__name__}Event")


def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [f for f in model._meta.concrete_fields if f.name not in SILENT and not isinstance(f, models.GeneratedField)]


def _user_id(event: Any) -> int | None:
    return event.pgh_context.metadata.get("user") if event.pgh_context else None


class Names:
    """Related records by name, each kind fetched when first met and remembered."""

    def __init__(self, to: User | None = None) -> None:
        self.to = to
        self.known: dict[tuple[type[models.Model], Any], str] = {}

    def learn(self, changes: Iterable[tuple[models.Field[Any, Any], Any, Any]]) -> None:
        """Fetch all related records these changes name, one statement for each kind."""
        wanted: dict[Any, set[Any]] = defaultdict(set)
        for field, old, new in changes:
            if isinstance(field, models.ForeignKey):
                wanted[field.related_model] |= {old, new} - {None}
        for model, keys in wanted.items():
            self.known |= {(model, key): str(found) for key, found in model._base_manager.in_bulk(keys).items()}

    def word(self, field: models.Field[Any, Any], value: Any) -> str:
        if value is None or value == "":
            return ""
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, models.ForeignKey):
            return self._name(field.related_model, value)
        return str(localize(value))

    def custom(self, field: custom.Definition, kept: Any) -> str:
        if not (field.is_link and kept and self.to):
            return field.words(kept)
        model: Any = apps.get_model(custom.LINKED)
        if (model, kept) not in self.known:
            found = model.objects.visible_to(self.to).filter(pk=kept).first()
            self.known[model, kept] = str(found or "")
        return field.words(kept, {kept: self.known[model, kept]})

    def _name(self, model: Any, key: Any) -> str:
        if (model, key) not in self.known:
            found = model._base_manager.filter(pk=key).first()
            self.known[model, key] = str(found) if found else f"№ {key}"
        return self.known[model, key]
