"""What people do with files: hand one in, map its columns, check it, bring it in, call it off.

The rows go by COPY into a scratch table; from there on everything is SQL over the whole of it, in the target's words. A check writes
nothing but the scratch table; the run itself is one transaction, so a file is in wholly or not at all.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from voronka.core.errors import RuleBroken
from voronka.imports import dialects, formats, jobs, rules
from voronka.imports.jobs import refused_file, target_of
from voronka.imports.models import ImportRun

if TYPE_CHECKING:
    from voronka.accounts.models import User

Status = ImportRun.Status
BUSY = (Status.CHECKING, Status.RUNNING, Status.UNDOING)
DEFAULTS = {"on_duplicate": "skip", "create_missing": True, "without_partner": "refuse", "keep_unmapped": True}


def receive(file: File, name: str, *, kind: str = "", by: User) -> ImportRun:
    """Take a file in: recognise it and propose kind and mapping. Raises RuleBroken (formats.Refused) with one sentence otherwise."""
    size = file.size
    if size > settings.IMPORT_MAX_BYTES:
        words = {"size": size // 2**20 + 1, "most": settings.IMPORT_MAX_BYTES // 2**20}
        raise RuleBroken(
            _("The file has %(size)s MB; at most %(most)s MB are taken. Split it.") % words,
            code="too_large",
            field="file",
        )
    run = ImportRun(owner=by, name=Path(name).name[:200], size=size, options=dict(DEFAULTS))
    run.file.save(f"{time.time_ns()}", file, save=False)
    try:
        found = formats.recognise(Path(run.file.path))
    except RuleBroken:
        run.file.delete(save=False)
        raise
    run.headers = [
        header or str(_("Column %(number)s") % {"number": place}) for place, header in enumerate(found.headers, 1)
    ]
    match = dialects.recognise(run.headers, kind)
    run.kind = match.kind
    run.mapping = _with_own(run, match.mapping)
    run.facts = found.facts | {"format": found.format, "dialect": match.dialect.slug if match.dialect else ""}
    try:
        _no_header_twice(run)
    except RuleBroken:
        run.file.delete(save=False)
        raise
    rows = [row for row in found.samples if not (match.dialect and match.dialect.is_comment(row))]
    run.samples = [[cell[:200] for cell in row] for row in rows[:5]]
    run.save()
    return run


def _no_header_twice(run: ImportRun) -> None:
    """Two columns of one name are numbered; raises Refused where both could fill the same field and no known system wrote the file."""
    seen: dict[str, int] = {}
    aliases = target_of(run).aliases
    for place, header in enumerate(run.headers):
        name = rules.normalise_header(header)
        seen[name] = seen.get(name, 0) + 1
        if seen[name] == 1:
            continue
        if not run.facts["dialect"] and rules.match_headers([header], aliases):
            raise formats.refused("duplicate_headers", header)
        run.headers[place] = f"{header} ({seen[name]})"


def propose(run: ImportRun) -> dict[str, str]:
    """Column number -> field, by the headers, for the run's kind."""
    found = dialects.mapped(dialects.dialect_of(run.facts.get("dialect", "")), run.kind, run.headers)
    return _with_own(run, found)


def _with_own(run: ImportRun, found: dict[int, str]) -> dict[str, str]:
    """The mapping with the company's own fields in columns of their names that are nothing else."""
    own = rules.match_headers(run.headers, {name: (one.name, one.key) for name, one in target_of(run).own.items()})
    return {str(column): field for column, field in sorted({**own, **found}.items())}


def set_mapping(
    run: ImportRun, mapping: dict[str, str], options: dict[str, Any], *, kind: str = "", by: User
) -> ImportRun:
    """Say how the columns are read. Raises RuleBroken for an unknown field, a field named twice, or a required one left out."""
    if run.is_busy or run.status == Status.DONE:
        raise RuleBroken(_("This import can no longer be changed."), code="busy")
    run.kind = kind or run.kind
    target = target_of(run)
    chosen = {column: field for column, field in mapping.items() if field}
    for column, field in chosen.items():
        if field not in target.aliases or not column.isdigit() or int(column) >= len(run.headers):
            raise RuleBroken(
                _("There is no field “%(field)s”.") % {"field": str(field)[:60]}, code="unknown_field", field="mapping"
            )
    if len(set(chosen.values())) < len(chosen):
        raise RuleBroken(_("A field is filled from one column only."), code="field_twice", field="mapping")
    run.mapping = chosen
    run.options = DEFAULTS | run.options | {key: value for key, value in options.items() if key in DEFAULTS}
    run.status = Status.DRAFT
    run.save()
    return run


def check(run: ImportRun, *, by: User, progress: jobs.Progress | None = None) -> ImportRun:
    """Read every row and say what would become of it; the database stays as it is. Raises RuleBroken when the file can't be read."""
    _require(run)
    jobs.bring_in(run, progress=progress, write=False)
    return run


def run_now(run: ImportRun, *, by: User, progress: jobs.Progress | None = None) -> ImportRun:
    """Bring the file in, here and now. Raises RuleBroken when it can't be read or was called off; then nothing is written."""
    _require(run)
    if run.status == Status.DONE:
        raise RuleBroken(_("This file is in already."), code="done")
    jobs.bring_in(run, progress=progress, write=True)
    return run


def start(run: ImportRun, *, write: bool, by: User) -> ImportRun:
    """Hand the check or the run over to the background worker. A run that was taken back can be run again."""
    _require(run)
    fresh = ImportRun.objects.filter(pk=run.pk).exclude(status__in=[*BUSY, Status.DONE])
    if not fresh.update(status=Status.RUNNING if write else Status.CHECKING, rows=0, message=""):
        raise RuleBroken(_("This import is under way or done already."), code="busy")
    run.refresh_from_db()
    transaction.on_commit(lambda: jobs.hand_over(run))
    return run


def undo(run: ImportRun, *, by: User) -> ImportRun:
    """Let the background worker take the run back: what it made is removed, what it overwrote is restored, what people changed since stays
    and is listed. Raises RuleBroken for a run that is not in.
    """
    if not ImportRun.objects.filter(pk=run.pk, status=Status.DONE).update(status=Status.UNDOING):
        raise RuleBroken(_("Only an import that is in can be taken back."), code="not_done")
    run.refresh_from_db()
    transaction.on_commit(lambda: jobs.hand_over(run))
    return run


def undo_now(run: ImportRun, *, by: User) -> ImportRun:
    """Take the run back here and now. Raises RuleBroken for a run that is not in."""
    if run.status != Status.DONE:
        raise RuleBroken(_("Only an import that is in can be taken back."), code="not_done")
    jobs.take_back(run, by=by)
    return run


def cancel(run: ImportRun, *, by: User) -> ImportRun:
    """Call a run off; the worker notices at its next step and writes nothing."""
    ImportRun.objects.filter(pk=run.pk).filter(
        status__in=[Status.DRAFT, Status.CHECKING, Status.CHECKED, Status.RUNNING]
    ).update(status=Status.CANCELLED)
    run.refresh_from_db()
    return run


def _require(run: ImportRun) -> None:
    target = target_of(run)
    if not set(run.mapping.values()) & set(target.required):
        words = {"fields": ", ".join(str(target.labels[name]) for name in target.required)}
        raise RuleBroken(
            _("Say which column holds one of: %(fields)s.") % words, code="nothing_mapped", field="mapping"
        )


__all__ = [
    "cancel",
    "check",
    "propose",
    "receive",
    "refused_file",
    "run_now",
    "set_mapping",
    "start",
    "target_of",
    "undo",
    "undo_now",
]
