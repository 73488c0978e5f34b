"""A person's data are erased for good: the only place where pre-images change.

The audit's tables refuse every UPDATE (`append_only`). Here, and only inside this transaction, that refusal and the keeping of new
pre-images are lifted by name; the tally and everything else goes on. Rows stay where they are, so that no sum and no count changes; the
same transaction writes the register. See docs/decisions/0010-erasing-a-person.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.core.files.storage import Storage
from django.db import connection, models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from pghistory.models import Event

from voronka.campaigns import rules
from voronka.campaigns.models import Consent, Erasure, PersonExport
from voronka.campaigns.persons import Column, Person, TextTable, base_of, event_model, prose, text_fields, text_tables
from voronka.core.audit import acting
from voronka.core.models import Company
from voronka.partners.models import Contact

# What the database made from other columns and the audit keeps as plain text.
MADE: Final = {"search", "name_key"}


def erase(erasure: Erasure) -> Erasure:
    """Empty what is the person's own, take every mention out of everything else, pre-images included, and close the register's entry.

    One transaction. Numbers, dates and links stay. Raises ObjectDoesNotExist when the person's row is gone.
    """
    with translation.override(Company.current().language):
        marker = _("[erased]")
    with transaction.atomic(), acting(erasure.by, "erase"), pgtrigger.ignore(*_triggers()):
        person = Person.of(erasure.subject, erasure.subject_id)
        own, circle, pattern, words = person.own, person.circle, person.pattern, person.words
        texts = set(_texts(person))
        erasure.digest = digest(person)
        erasure.files = _files(person)
        _withdraw(person, erasure)
        changed: Counter[str] = Counter()
        for model, keys in own.items():
            changed[model._meta.db_table] += _empty(model, keys, marker)
        tables = {table.name: table for table in text_tables()}
        for model, keys in circle.items():
            if (table := _prose(model, tables)) is not None:
                changed[table.name] += _scrub(table, words, marker, keys=keys, whole=texts)
        for table in tables.values():
            changed[table.name] += _scrub(table, pattern, marker)
        erasure.changed = {table: count for table, count in sorted(changed.items()) if count}
        erasure.status, erasure.done_at = Erasure.Status.DONE, timezone.now()
        erasure.save(update_fields=["digest", "changed", "files", "status", "done_at"])
    return erasure


def digest(person: Person) -> str:
    """HMAC-SHA-256, under the installation's secret key, of the person's names, e-mails, phones and numbers of today and before: each in
    small letters, sorted, joined by line feeds.
    """
    known = sorted(rules.normal(text) for texts in person.values.values() for text in texts)
    return hmac.new(settings.SECRET_KEY.encode(), "\n".join(known).encode(), hashlib.sha256).hexdigest()


def _triggers() -> list[str]:
    """The refusals of the audit, the keeping of pre-images on change, and what keeps consents as they were given."""
    found = ["campaigns.Consent:proof_stays"]
    for model in apps.get_models():
        if (event := event_model(model)) is not None:
            found += [f"{event._meta.label}:append_only", f"{model._meta.label}:update_update"]
    return found


def _texts(person: Person) -> Iterator[str]:
    """Every text of the person's own rows, for the places that keep old values as JSON."""
    for model, keys in person.own.items():
        names = [one.name for one in text_fields(model) if not isinstance(one, models.JSONField)]
        for row in model._base_manager.filter(pk__in=keys).values_list(*names) if names else ():
            yield from (text for text in row if text and len(text) >= rules.SHORTEST)


def _withdraw(person: Person, erasure: Erasure) -> None:
    consents = Consent.objects.filter(pk__in=person.own.get(Consent, ()), withdrawn_at=None)
    consents.update(withdrawn_at=timezone.now(), withdrawn_how=Consent.Withdrawn.REQUEST, withdrawn_by=erasure.by)


def _empty(model: type[models.Model], keys: set[int], marker: str) -> int:
    """Every text of the person's own rows becomes empty, or the marker where something has to stand."""
    values = {one.name: _nothing(one, marker) for one in text_fields(model)} | _facts(model)
    if not values or not keys:
        return 0
    if not issubclass(model, Event) and any(one.name == "version" for one in model._meta.concrete_fields):
        values["version"] = models.F("version") + 1
    return model._base_manager.filter(pk__in=keys).update(**values)


def _facts(model: type[models.Model]) -> dict[str, Any]:
    """Of a contact also what is no text and says something about the person: the day of birth, the gender."""
    if base_of(model) is not Contact:
        return {}
    fields = [one for one in model._meta.concrete_fields if not one.name.startswith("pgh_")]
    days = {one.name: None for one in fields if type(one) is models.DateField and one.null}
    return days | {one.name: "" for one in fields if one.choices and one.blank and isinstance(one, models.CharField)}


def _nothing(one: models.Field[Any, Any], marker: str) -> Any:
    if isinstance(one, models.JSONField):
        return one.get_default() if one.has_default() else None if one.null else {}
    if one.blank or one.name in MADE:
        return "" if not one.null else None
    return marker[: one.max_length] if one.max_length else marker


def _prose(model: type[models.Model], tables: dict[str, TextTable]) -> TextTable | None:
    table, names = tables.get(model._meta.db_table), {one.column for one in prose(model)}
    columns = [one for one in table.columns if one.name in names] if table else []
    return TextTable(table.name, table.key, columns) if table and columns else None


def _scrub(
    table: TextTable, pattern: str, marker: str, *, keys: set[int] | None = None, whole: set[str] | None = None
) -> int:
    """Replace every mention in the table's texts; returns how many rows changed. With `keys` only in those rows."""
    texts, others = [one for one in table.columns if one.is_text], [one for one in table.columns if not one.is_text]
    changed = _scrub_texts(table, texts, pattern, marker, keys) if texts else 0
    return changed + sum(_scrub_values(table, one, pattern, marker, keys, whole or set()) for one in others)


def _scrub_texts(table: TextTable, columns: list[Column], pattern: str, marker: str, keys: set[int] | None) -> int:
    # Values by place, not by name: what lifts the refusals puts its own in front of them.
    sets, where = ", ".join(map(_shortened, columns)), " OR ".join(f"{_quoted(one.name)} ~* %s" for one in columns)
    among, values = _among(table, keys)
    version = ", version = version + 1" if _counts_versions(table.name) else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_quoted(table.name)} SET {sets}{version} WHERE {among}({where})",
            [*[pattern, marker.replace("\\", r"\\")] * len(columns), *values, *[pattern] * len(columns)],
        )
        return int(cursor.rowcount)


def _shortened(column: Column) -> str:
    name = _quoted(column.name)
    made = f"regexp_replace({name}, %s, %s, 'gi')"
    return f"{name} = left({made}, {column.size})" if column.size > 0 else f"{name} = {made}"


def _among(table: TextTable, keys: set[int] | None) -> tuple[str, list[list[int]]]:
    return (f"{_quoted(table.key)} = ANY(%s) AND ", [sorted(keys)]) if keys is not None else ("", [])


def _scrub_values(
    table: TextTable, column: Column, pattern: str, marker: str, keys: set[int] | None, whole: set[str]
) -> int:
    """The same for JSON and lists of texts, value by value: a mention may stand as a number, or as a text among signs of JSON."""
    name, key = _quoted(column.name), _quoted(table.key)
    in_python, changed = rules.python_pattern(pattern), 0
    among, values = _among(table, keys)
    where = f"{among}true" if keys is not None else f"{name}::text ~* %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, to_jsonb({name})::text FROM {_quoted(table.name)} WHERE {name} IS NOT NULL AND {where}",
            values or [pattern],
        )
        for row, text in cursor.fetchall():
            before = json.loads(text)
            after = rules.replaced(before, in_python, marker, whole)
            if after != before:
                _set_value(cursor, table, column, row, after)
                changed += 1
    return changed


def _set_value(cursor: Any, table: TextTable, column: Column, row: Any, value: Any) -> None:
    is_list = column.type.startswith("_")
    cursor.execute(
        f"UPDATE {_quoted(table.name)} SET {_quoted(column.name)} = %s{'' if is_list else f'::{column.type}'} WHERE {_quoted(table.key)} = %s",
        [value if is_list else json.dumps(value, ensure_ascii=False), row],
    )


def _counts_versions(table: str) -> bool:
    model = next((one for one in apps.get_models() if one._meta.db_table == table), None)
    return (
        model is not None
        and not issubclass(model, Event)
        and "version" in {f.name for f in model._meta.fields}
        and (hasattr(model, "deleted_at"))
    )


def _files(person: Person) -> list[str]:
    """Flag and, when the transaction holds, remove what lies on disk: files of the person's own rows, exports made of them, and the files
    an import brought the person in with. Named by record, for a file's own name may tell whose it is.
    """
    flagged: list[str] = []
    for model, keys in person.own.items():
        for one in (f for f in model._meta.concrete_fields if isinstance(f, models.FileField)):
            flagged += _gone(model._base_manager.filter(pk__in=keys), one)
    subject = "contact" if person.subject._meta.model_name == "contact" else "partner"
    own = {model._meta.model_name: keys for model, keys in person.own.items()}
    exports = PersonExport.objects.filter(subject=subject, subject_id__in=own.get(subject, ()))
    flagged += _gone(exports, PersonExport._meta.get_field("file"))
    flagged += _to_look_at(person)
    run = apps.get_model("imports", "ImportRun")
    return flagged + _gone(run._base_manager.filter(pk__in=_runs(person)), run._meta.get_field("file"), empty=False)


def _to_look_at(person: Person) -> list[str]:
    """Files of the partner that are called by the person's name: somebody has to look into them. Marked by a question mark."""
    words, found = rules.python_pattern(person.words), []
    for model, keys in person.circle.items():
        if any(isinstance(one, models.FileField) for one in model._meta.concrete_fields) and not issubclass(
            model, Event
        ):
            names = [one.name for one in prose(model)]
            for key, *texts in model._base_manager.filter(pk__in=keys).values_list("pk", *names):
                if any(words.search(str(text)) for text in texts):
                    found.append(f"{model._meta.label_lower} {key}?")
    return found


def _runs(person: Person) -> list[int]:
    """Imports that made or changed one of the person's own rows, or show the person among their samples or in what became of their rows."""
    labels = {model._meta.label_lower: sorted(keys) for model, keys in person.own.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM imports_importrun WHERE samples::text ~* %s OR outcome::text ~* %s", [person.pattern] * 2
        )
        found = {row[0] for row in cursor.fetchall()}
        for label, keys in labels.items():
            cursor.execute(
                "SELECT run_id FROM imports_importedrecords r WHERE model = %s AND EXISTS "
                "(SELECT FROM unnest(r.ids) span(ids), unnest(%s::bigint[]) k(id) WHERE span.ids @> k.id)",
                [label, keys],
            )
            found |= {row[0] for row in cursor.fetchall()}
    return sorted(found)


def _gone(rows: models.QuerySet[Any], column: Any, *, empty: bool = True) -> list[str]:
    storage: Storage = column.storage
    named = [(key, name) for key, name in rows.values_list("pk", column.name) if name]
    for _key, name in named:
        for one in (name, f"{name}.refused.csv"):
            transaction.on_commit(lambda name=one: storage.delete(name))  # type: ignore[misc]
    if empty:
        rows.update(**{column.name: ""})
    return [f"{rows.model._meta.label_lower} {key}" for key, _name in named]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name).replace("%", "%%")
