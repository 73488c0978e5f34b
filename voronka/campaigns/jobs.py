"""Slow work: many members into a segment; on persons' data the export, the erasure, and the end of exports."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from voronka.campaigns import erasure as erasing
from voronka.campaigns import filling, rules
from voronka.campaigns.models import Erasure, Filling, PersonExport
from voronka.campaigns.persons import Person, leaning, prose
from voronka.core.actions import defer_once
from voronka.core.audit import Names
from voronka.core.models import Company

if TYPE_CHECKING:
    from voronka.campaigns.persons import Rows

# Bookkeeping of the program and of the audit: in the JSON, not on the page.
HIDDEN: Final = {"search", "name_key", "version", "token", "pgh_id", "pgh_label", "pgh_context_id", "pgh_obj_id"}
SILENT: Final = timedelta(minutes=2)
Section = dict[str, list[dict[str, Any]]]


@app.task(name="campaigns.fill")
def fill(filling_id: int) -> None:
    """Put many members into a fixed list; one that is done or called off is left alone."""
    asked = Filling.objects.busy().select_related("segment", "other", "by__role").filter(pk=filling_id).first()
    if asked:
        filling.fill(asked)


def hand_to_worker(asked: Filling) -> None:
    """Let the background worker do it; what waits for the worker already waits once."""
    defer_once(fill, lock=f"filling-{asked.pk}", filling_id=asked.pk)


@app.periodic(cron="* * * * *")
@app.task(name="campaigns.resume", queueing_lock="campaigns.resume")
def resume(timestamp: int = 0) -> None:
    """Hand what gave no sign of life for a while to the worker anew, once a minute: its worker was killed. It goes on where it was."""
    for asked in Filling.objects.busy().filter(seen_at__lt=timezone.now() - SILENT):
        hand_to_worker(asked)


@app.task(name="campaigns.export_person")
def export_person(export_id: int) -> None:
    """Gather everything about a person into a zip with a page to read and JSON; one that is there already is left alone."""
    export = PersonExport.objects.select_related("by__role").filter(pk=export_id, status="waiting").first()
    if export is None:
        return
    with translation.override(export.by.language or Company.current().language):
        try:
            person = Person.of(export.subject, export.subject_id)
        except ObjectDoesNotExist:
            PersonExport.objects.filter(pk=export_id).update(status="failed", done_at=timezone.now())
            return
        _keep(export, gathered(person))


@app.task(name="campaigns.erase_person")
def erase_person(erasure_id: int) -> None:
    """Erase a person; an entry that is done is left alone."""
    entry = Erasure.objects.select_related("by__role").filter(pk=erasure_id, status="waiting").first()
    if entry is None:
        return
    try:
        erasing.erase(entry)
    except ObjectDoesNotExist:
        Erasure.objects.filter(pk=erasure_id).update(status="failed", done_at=timezone.now())


@app.periodic(cron="40 3 * * *")
@app.task(name="campaigns.drop_exports", queueing_lock="campaigns.drop_exports")
def drop_exports(timestamp: int) -> None:
    """Remove, every night, the files that may no longer be fetched; who asked for what stays on record."""
    for export in PersonExport.objects.filter(expires_at__lt=timezone.now()).exclude(file=""):
        export.file.delete(save=False)
        PersonExport.objects.filter(pk=export.pk).update(file="")


def gathered(person: Person) -> dict[str, Section]:
    """Three sections, each table -> rows: the person's own with their past, records that point to the person, and every other place that
    names them. Of other places only the columns, and of lists only the rows, that do: the rest speaks of other people.
    """
    return {"own": _own(person.own), "linked": _linked(person), "mentions": _mentions(person)}


def _own(rows: Rows) -> Section:
    found = {
        str(model._meta.label_lower): list(model._base_manager.filter(pk__in=keys).order_by("pk").values())
        for model, keys in rows.items()
    }
    return {label: found[label] for label in sorted(found) if found[label]}


def _linked(person: Person) -> Section:
    found: Section = {}
    for model, name in leaning(type(person.subject)):
        if model is not type(person.subject):
            rows = model._base_manager.filter(**{name: person.subject}).exclude(pk__in=person.own.get(model, ()))
            if kept := list(rows.order_by("pk").values()):
                found.setdefault(str(model._meta.label_lower), []).extend(kept)
    return found


def _mentions(person: Person) -> Section:
    found: Section = {}
    own = {(model._meta.db_table, str(key)) for model, keys in person.own.items() for key in keys}
    pattern = rules.python_pattern(person.pattern)
    for table, rows in person.mentions():
        for text in rows:
            row = json.loads(text)
            if (table.name, str(row.get(table.key))) not in own:
                found.setdefault(table.name, []).append({table.key: row.get(table.key)} | _naming(row, pattern))
    words = rules.python_pattern(person.words)
    for model, keys in person.circle.items():
        names = [one.attname for one in prose(model)]
        for row in model._base_manager.filter(pk__in=keys).values("pk", *names) if names else ():
            if part := _naming({name: row[name] for name in names}, words):
                kept = found.setdefault(model._meta.db_table, [])
                kept.extend([] if any(row["pk"] in one.values() for one in kept) else [{"id": row["pk"]} | part])
    return found


def _naming(row: dict[str, Any], pattern: Any) -> dict[str, Any]:
    parts = ((name, rules.mentioning(value, pattern)) for name, value in row.items())
    return {name: part for name, part in parts if part is not None}


def _keep(export: PersonExport, found: dict[str, Section]) -> None:
    target, now = io.BytesIO(), timezone.now()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(found, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder))
        archive.writestr("index.html", _page(export, found))
    export.file.save(f"{export.pk}.zip", ContentFile(target.getvalue()), save=False)
    PersonExport.objects.filter(pk=export.pk).update(
        status="done", file=export.file.name, size=len(target.getvalue()), done_at=now,
        records=sum(len(rows) for section in found.values() for rows in section.values()),
        expires_at=now + timedelta(days=PersonExport.DAYS),
    )  # fmt: skip


def _page(export: PersonExport, found: dict[str, Section]) -> str:
    titles = {
        "own": _("The person's own records and their past"),
        "linked": _("Records that point to the person"),
        "mentions": _("Other places that name the person"),
    }
    names = Names()
    sections = [
        (titles[name], [_table(label, rows, names) for label, rows in part.items()]) for name, part in found.items()
    ]
    context = {"export": export, "company": Company.current(), "sections": sections, "now": timezone.localtime()}
    return render_to_string("campaigns/person.html", context)


def _table(label: str, rows: list[dict[str, Any]], names: Names) -> tuple[str, list[list[tuple[str, Any]]]]:
    """A table of the page: its title, and each row as (name of the field, value in words) of what is filled."""
    model = _model(label)
    fields = {one.attname: one for one in model._meta.concrete_fields} if model else {}
    return str(model._meta.verbose_name) if model else label, [
        [
            (str(fields[name].verbose_name), names.word(fields[name], value)) if name in fields else (name, value)
            for name, value in row.items()
            if value not in (None, "", [], {}) and name not in HIDDEN
        ]
        for row in rows
    ]


def _model(label: str) -> type[models.Model] | None:
    known = [
        one
        for one in apps.get_models(include_auto_created=True)
        if label in (one._meta.label_lower, one._meta.db_table)
    ]
    return known[0] if known else None
