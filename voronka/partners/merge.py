"""Two partners become one, and two again: everything that hung on the loser moves, and what moved is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from pghistory.models import Event

from voronka.core import actions as kernel
from voronka.core import custom
from voronka.core.audit import acting
from voronka.core.errors import RuleBroken
from voronka.partners.models import DuplicatePair, Merge, Partner

if TYPE_CHECKING:
    from voronka.accounts.models import User

# Fields a person chooses between when two partners are merged.
CHOSEN: Final = (
    "name", "full_name", "kind", "legal_status", "tax_id", "kpp", "ogrn", "phone", "phone2", "email", "website", "group", "industry", "source", "territory",
    "channel", "employees", "annual_revenue", "remarks", "external_id", "owner", "alias", "foreign_name", "language", "project", "technician", "priority",
    "payment_terms", "price_list", "discount_percent", "interest_percent", "credit_limit", "commitment_limit",
)  # fmt: skip
# What speaks of the pair itself stays where it is.
OWN: Final = (DuplicatePair, Merge)


def proposal(winner: Partner, loser: Partner) -> dict[str, str]:
    """Field -> "winner" or "loser", for the fields that differ: the winner's value, the loser's where the winner has none."""
    names = (*CHOSEN, *(one.input for one in custom.lately(Partner)))
    pairs = ((name, value_of(winner, name), value_of(loser, name)) for name in names)
    return {name: "winner" if own not in (None, "") else "loser" for name, own, other in pairs if own != other}


@transaction.atomic
def merge(winner: Partner, loser: Partner, choices: dict[str, str], *, by: User) -> Merge:
    """Move everything that hangs on the loser to the winner, take the chosen fields over, and put the loser away under its code.

    Both were fetched as editable. Raises RuleBroken for one and the same partner or one that was merged before, StaleRecord when somebody
    changed one of them meanwhile; then nothing is moved.
    """
    if winner.pk == loser.pk or winner.merged_into_id or loser.merged_into_id:
        raise RuleBroken(_("Choose two different partners."), code="same_partner")
    before = copy(winner)
    offered = {*CHOSEN, *(one.input for one in custom.lately(Partner))}
    taken = [name for name, side in choices.items() if side == "loser" and name in offered]
    fields = {name: [_plain(winner, name), _plain(loser, name)] for name in taken}
    for name, (_before, after) in fields.items():
        _set(winner, name, after)
    for name in ("connected", "channel"):
        if getattr(winner, f"{name}_id") in (loser.pk, winner.pk):  # the winner is no partner of its own
            fields[name] = [_plain(before, name), None]
            setattr(winner, name, None)
    with acting(by, "merge"):
        kernel.save(winner, by=by, verb="merge")
        moved = {place: keys for place, keys in _move(loser.pk, winner.pk) if keys}
        loser.merged_into, loser.deleted_at, loser.deleted_by = winner, timezone.now(), by
        kernel.save(loser, by=by, verb="merge")
        made = Merge.objects.create(winner=winner, loser=loser, moved=moved, fields=fields, by=by)
    first, second = sorted((winner.pk, loser.pk))
    DuplicatePair.objects.filter(first=first, second=second).update(status="merged", decided_by=by, decided_at=made.at)
    return made


@transaction.atomic
def unmerge(done: Merge, *, by: User) -> Merge:
    """Two partners again: what moved goes back, the winner's fields get their old values. What people changed since stays and is listed in
    `conflicts`, as [place or field, what was found]. Raises RuleBroken for a merge taken apart before.
    """
    if not Merge.objects.filter(pk=done.pk, undone_at=None).update(undone_at=timezone.now(), undone_by=by):
        raise RuleBroken(_("These partners were taken apart already."), code="undone")
    winner, loser = (Partner._base_manager.get(pk=key) for key in (done.winner_id, done.loser_id))
    conflicts: list[list[Any]] = []
    with acting(by, "unmerge"):
        loser.merged_into = loser.deleted_at = loser.deleted_by = None
        kernel.save(loser, by=by, verb="unmerge")
        for place, keys in done.moved.items():
            back = _move_back(place, keys, done.winner_id, done.loser_id)
            conflicts += [[place, key] for key in sorted(set(keys) - set(back))]
        for name, (before, after) in done.fields.items():
            if _plain(winner, name) == after:
                _set(winner, name, before)
            else:
                conflicts.append([name, str(value_of(winner, name))])
        kernel.save(winner, by=by, verb="unmerge")
    first, second = sorted((winner.pk, loser.pk))
    DuplicatePair.objects.filter(first=first, second=second).update(
        status="dismissed", decided_by=by, decided_at=timezone.now()
    )
    done.refresh_from_db()
    done.conflicts = conflicts
    done.save(update_fields=["conflicts"])
    return done


def what_stayed(done: Merge) -> list[str]:
    """The conflicts of a merge taken apart, in words: "contact: Anna", "website: newer.example"."""
    columns = {f"{model._meta.db_table}.{field.column}": model for model, field in _places()}
    words = []
    for place, found in done.conflicts:
        model = columns.get(place)
        name = model._meta.verbose_name if model else _label(place)
        record = model._base_manager.filter(pk=found).first() if model else found
        words.append(f"{name}: {record if record else _('deleted')}")
    return words


def _label(name: str) -> str:
    """A field as people call it; `custom_<key>` is one of the company's own, and a link of that kind that moved is its place."""
    own = {one.input: one.name for one in custom.lately(Partner, retired=True)}
    if name in own:
        return own[name]
    if ".custom." in name:
        return str(_("custom fields"))
    return str(Partner._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def value_of(partner: Partner, name: str) -> Any:
    """A field's value; `custom_<key>` is one of the company's own."""
    return (
        partner.custom.get(name.removeprefix(custom.INPUT)) if name.startswith(custom.INPUT) else getattr(partner, name)
    )


def _plain(partner: Partner, name: str) -> Any:
    """A field's value as JSON keeps it."""
    if name.startswith(custom.INPUT):
        return value_of(partner, name)
    value = getattr(partner, Partner._meta.get_field(name).attname)  # type: ignore[union-attr]
    return value if isinstance(value, str | int | None) else DjangoJSONEncoder().default(value)


def _set(partner: Partner, name: str, plain: Any) -> None:
    if name.startswith(custom.INPUT):
        changed = {**partner.custom, name.removeprefix(custom.INPUT): plain}
        partner.custom = {key: value for key, value in changed.items() if value is not None}
        return
    field: Any = Partner._meta.get_field(name)
    setattr(
        partner, field.attname, field.target_field.to_python(plain) if field.is_relation else field.to_python(plain)
    )


def _places() -> Iterator[tuple[type[models.Model], models.ForeignKey[Any, Any]]]:
    """Every column that points to a partner, found from the models so that a new one can't be forgotten."""
    for model in apps.get_models(include_auto_created=True):
        if issubclass(model, Event) or model in OWN:
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Partner and field.name != "merged_into":
                yield model, field


def _move(loser: int, winner: int) -> Iterator[tuple[str, list[int]]]:
    """Point every row from the loser to the winner; (table.column, keys moved). A link the winner has already stays with the loser, and so do the
    two's links to each other.
    """
    for model, field in _places():
        rows: models.QuerySet[Any] = model._base_manager.filter(**{field.name: loser})
        if model is Partner:
            rows = rows.exclude(pk__in=[winner, loser])
        for others, among in _once_each(model, field):
            same = {name: OuterRef(name) for name in others} | {field.name: winner}
            rows = rows.exclude(Exists(model._base_manager.filter(among, **same)) & among)
        keys = sorted(rows.values_list("pk", flat=True))
        model._base_manager.filter(pk__in=keys).update(**{field.name: winner})
        yield f"{model._meta.db_table}.{field.column}", keys
    for model, key in _custom_links():
        yield f"{model._meta.db_table}.custom.{key}", _relink(model._meta.db_table, key, loser, winner)


def _custom_links() -> Iterator[tuple[type[models.Model], str]]:
    """Every custom field that links to partners, the retired ones too."""
    for model in custom.customised():
        yield from ((model, one.key) for one in custom.lately(model, retired=True) if one.is_link)


def _relink(table: str, key: str, old: int, new: int, among: list[int] | None = None) -> list[int]:
    """Point the custom links of one field from one partner to another; the keys of the records changed. Links of the two to each other stay."""
    only = "" if among is None else "AND id = ANY(%s) "
    pair = [old, new] if table == Partner._meta.db_table else [0, 0]
    statement = (
        "UPDATE {table} SET {column} = {column} || jsonb_build_object(%s::text, %s::bigint) "
        "WHERE {column} <> '{{}}' AND {column} @> jsonb_build_object(%s::text, %s::bigint) AND id NOT IN (%s, %s) "
        + only
        + "RETURNING id"
    )
    return _ids(statement, table, "custom", [key, new, key, old, *pair, *([] if among is None else [among])])


def _once_each(model: type[models.Model], field: models.ForeignKey[Any, Any]) -> Iterator[tuple[list[str], Q]]:
    """The rules that let a partner have one row of a kind only: the other fields that make the kind, and among which rows it holds."""
    for names in model._meta.unique_together:
        if field.name in names:
            yield [name for name in names if name != field.name], Q()
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and field.name in constraint.fields:
            yield [name for name in constraint.fields if name != field.name], constraint.condition or Q()


def _move_back(place: str, keys: list[int], winner: int, loser: int) -> list[int]:
    table, column, *key = place.split(".")
    if key:
        return _relink(table, key[0], winner, loser, among=keys)
    statement = "UPDATE {table} SET {column} = %s WHERE {column} = %s AND id = ANY(%s) RETURNING id"
    return _ids(statement, table, column, [loser, winner, keys])


def _ids(statement: str, table: str, column: str, values: list[Any]) -> list[int]:
    quoted = statement.format(table=connection.ops.quote_name(table), column=connection.ops.quote_name(column))
    with connection.cursor() as cursor:
        cursor.execute(quoted, values)
        return sorted(row[0] for row in cursor.fetchall())
