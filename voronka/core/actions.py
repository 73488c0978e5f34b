"""Plain create, change, delete and restore for every record of the house: one transaction, one conditional write, history kept."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.exceptions import AlreadyEnqueued

from voronka.core import custom
from voronka.core.audit import acting
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.core.models import CustomField, SavedView

if TYPE_CHECKING:
    from voronka.accounts.models import User

PURGED_AT_ONCE = 500
M = TypeVar("M", bound=models.Model)


@transaction.atomic
def save(instance: M, *, by: User | None, verb: str = "change", seen_version: int | None = None) -> M:
    """Create the record, or change it if it is still at `seen_version` (default: the version it was fetched with).

    Raises StaleRecord when somebody else was first; then nothing is written. Validation is the caller's: a form, a schema
    or a rule has spoken before; database constraints stand behind it.
    """
    with acting(by, verb):
        if instance._state.adding:
            if by is not None and hasattr(instance, "created_by_id") and instance.created_by_id is None:
                instance.created_by = by  # type: ignore[attr-defined]
            instance.save(force_insert=True)
        elif hasattr(instance, "version"):
            _update_version(instance, instance.version if seen_version is None else seen_version)
        else:
            instance.save(force_update=True)
    return instance


@transaction.atomic
def delete(instance: M, *, by: User) -> M:
    """Move the record to the recycle bin; rows without a bin are deleted for good (refused by the database while in use)."""
    with acting(by, "delete"):
        if hasattr(instance, "deleted_at"):
            _mark(instance, deleted_at=timezone.now(), deleted_by=by)
        else:
            instance.delete()
    return instance


def delete_many(rows: models.QuerySet[Any], *, by: User) -> tuple[int, datetime]:
    """Move many records to the recycle bin in one statement. Returns how many, and the moment by which `restore_deleted_at` finds them again."""
    now = timezone.now()
    same = rows.model._base_manager.filter(pk__in=rows.order_by().values("pk"))
    return change_many(same, by=by, verb="delete", deleted_at=now, deleted_by=by), now


def restore_deleted_at(moment: datetime | None, in_bin: models.QuerySet[Any], *, by: User) -> int:
    """Take what this person moved to the recycle bin at that moment back out; returns how many. None, an address nobody made, finds nothing."""
    rows = in_bin.filter(deleted_by=by, deleted_at=moment) if moment else in_bin.none()
    return change_many(rows, by=by, verb="restore", deleted_at=None, deleted_by=None)


@transaction.atomic
def restore(instance: M, *, by: User) -> M:
    """Take the record back out of the recycle bin."""
    with acting(by, "restore"):
        _mark(instance, deleted_at=None, deleted_by=None)
    return instance


@transaction.atomic
def change_many(rows: models.QuerySet[Any], *, by: User, verb: str = "change", **values: Any) -> int:
    """Set the same values on many rows in one statement; returns how many. The caller fetched the rows as editable."""
    with acting(by, verb):
        return rows.update(**values, version=models.F("version") + 1, updated_at=timezone.now())


def _update_version(instance: models.Model, seen: int) -> None:
    values = {
        field.attname: getattr(instance, field.attname)
        for field in instance._meta.concrete_fields
        if not field.primary_key
        and not isinstance(field, models.GeneratedField)
        and field.name not in ("version", "created_at")
    }
    values["updated_at"] = timezone.now()
    rows = type(instance)._base_manager.filter(pk=instance.pk, version=seen)
    if not rows.update(**values, version=seen + 1):
        raise StaleRecord(_("Somebody else changed this record while you were working on it."), code="stale")
    instance.version = seen + 1  # type: ignore[attr-defined]


def _mark(instance: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(instance, name, value)
    type(instance)._base_manager.filter(pk=instance.pk).update(**values, version=models.F("version") + 1)
    instance.version += 1


def defer_once(task: Any, *, lock: str = "", **arguments: Any) -> None:
    """Let the background worker do it; what waits for the worker already (under the task's own lock or the one given) waits once."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        (task.configure(queueing_lock=lock) if lock else task).defer(**arguments)


def purge(model: type[models.Model], before: datetime) -> int:
    """Delete for good what lies in the recycle bin since before the moment, with its parts; returns how many records.

    A record that others refer to stays in the bin. Batches of PURGED_AT_ONCE, each a transaction of its own; can be repeated.
    """
    rows: models.QuerySet[Any] = model._base_manager.filter(deleted_at__lt=before)
    for relation in model._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            others = relation.related_model._base_manager.filter(**{relation.field.name: models.OuterRef("pk")})  # type: ignore[union-attr]
            rows = rows.exclude(models.Exists(others))
    gone = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:PURGED_AT_ONCE]):
        with transaction.atomic(), acting(None, "purge"):
            model._base_manager.filter(pk__in=keys).delete()
        gone += len(keys)
    return gone


@transaction.atomic
def save_view(*, page: str, name: str, query: str, is_default: bool, is_shared: bool, by: User) -> SavedView:
    """Keep a list's address under a name; the person's view of the same name is overwritten. Raises RuleBroken without a name."""
    if not name:
        raise RuleBroken(_("Give the view a name."), code="name_required", field="name")
    if is_default:
        SavedView.objects.filter(page=page, user=by).update(is_default=False)
    values = {"query": query, "is_default": is_default, "is_shared": is_shared}
    return SavedView.objects.update_or_create(page=page, name=name, user=by, defaults=values)[0]


def delete_view(key: int, *, by: User) -> None:
    """Forget one's own saved view; somebody else's stays."""
    SavedView.objects.filter(pk=key, user=by).delete()


def add_value(model: Any, name: str, *, by: User) -> Any:
    """A new value of one of the company's lists; the same name (whatever case) answers with the value that exists.

    Raises RuleBroken for an empty or overlong name.
    """
    name = _value_name(name)
    return model.objects.filter(name__iexact=name).first() or save(model(name=name), by=by)


def change_value(value: Any, *, name: str, position: int, is_active: bool, by: User) -> Any:
    """Rename, reorder or retire a value. Raises RuleBroken for a bad name or one that another value has."""
    value.name, value.position, value.is_active = _value_name(name), position, is_active
    if type(value).objects.filter(name__iexact=value.name).exclude(pk=value.pk).exists():
        raise RuleBroken(_("This name is taken."), code="name_taken", field="name")
    return save(value, by=by)


@transaction.atomic
def save_custom_field(field: CustomField, *, by: User) -> CustomField:
    """Add a field, or rename it and change what it offers; a new one gets a key made of its name, which it keeps for good.

    Raises RuleBroken for a name another field of the same records has, retired ones included, and for a choice from nothing.
    """
    others = CustomField.objects.filter(model=field.model).exclude(pk=field.pk)
    if others.filter(name__iexact=field.name).exists():
        raise RuleBroken(
            _("There is a field of this name already, perhaps a retired one."), code="name_taken", field="name"
        )
    if field.kind == CustomField.Kind.CHOICE and not field.choices:
        raise RuleBroken(_("Write the values to choose from, one a line."), code="choices_required", field="choices")
    if field._state.adding:
        taken = list(others.select_for_update().values_list("key", "position"))
        field.key = free_key(field.name, {key for key, _place in taken})
        field.position = max((place for _key, place in taken), default=0) + 1
    save(field, by=by, verb="custom_field")
    transaction.on_commit(custom.forget)
    return field


@transaction.atomic
def move_custom_field(field: CustomField, *, up: bool, by: User) -> None:
    """Put the field before the one above it, or behind the one below."""
    rows = list(CustomField.objects.select_for_update().filter(model=field.model).order_by("position", "pk"))
    place = next(number for number, row in enumerate(rows) if row.pk == field.pk)
    other = place + (-1 if up else 1)
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows, 1):
        row.position = number
    CustomField.objects.bulk_update(rows, ["position"])
    transaction.on_commit(custom.forget)


def free_key(name: str, taken: set[str]) -> str:
    """A key of small Latin letters, digits and underscores made of a name, with a number behind it if it is taken."""
    latin = name.lower().translate(_LATIN).encode("ascii", "ignore").decode()
    key = "_".join("".join(c if c.isalnum() else " " for c in latin).split())[:36] or "field"
    return next(one for one in (key, *(f"{key}_{number}" for number in range(2, len(taken) + 3))) if one not in taken)


# Cyrillic letters as passports write them (ICAO Doc 9303).
_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_SOUNDS = "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y  e iu ia"
_LATIN = str.maketrans(dict(zip(_LETTERS, _SOUNDS.split(" "), strict=True)))


def _value_name(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise RuleBroken(_("Write a name."), code="name_required", field="name")
    if len(name) > 100:
        raise RuleBroken(_("A name has at most 100 characters."), code="name_too_long", field="name")
    return name
