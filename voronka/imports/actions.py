"""What people do with files: hand one in, map its columns, check it, bring it in, call it off.

The rows go by COPY into a scratch table; from there on everything is SQL over the whole of it, in the target's words. A check writes
nothing but the scratch table; the run itself is one transaction, so a file is in wholly or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.core.errors import RuleBroken
from voronka.core.registry import import_targets
from voronka.imports import dialects, formats, jobs, rules, staging
from voronka.imports.formats import archive
from voronka.imports.jobs import BUSY, parts_of, refused_file, target_of
from voronka.imports.models import BUNDLE, ImportConflict, ImportRun, SavedMapping

if TYPE_CHECKING:
    from voronka.accounts.models import User

Status = ImportRun.Status
# What is done with what the file does not say; `dates`, `decimal` and `repair` are found out or asked for where they are empty.
DEFAULTS: Final = {
    "on_duplicate": "skip", "create_missing": True, "without_partner": "refuse", "keep_unmapped": True, "dates": "", "decimal": "", "repair": "",
    "left_out": False, "share_mapping": False,
}  # fmt: skip
CHOICES: Final = {
    "on_duplicate": ("skip", "update", "create"), "without_partner": ("refuse", "placeholder"), "dates": ("", "dmy", "mdy"), "decimal": ("", ",", "."),
    "repair": ("", "yes", "no"),
}  # fmt: skip
MOST_FILES: Final = 30


def receive(file: File, name: str, *, kind: str = "", by: User) -> ImportRun:
    """Take a file in: recognise it and propose kind and mapping; an archive of several is one run of several. Raises RuleBroken (formats.Refused)
    with one sentence otherwise.
    """
    return receive_together([(file, name)], kind=kind, by=by)


def receive_together(files: Sequence[tuple[File, str]], *, kind: str = "", by: User) -> ImportRun:
    """Take files in that belong together, as one run: checked, brought in and taken back together. Raises RuleBroken naming the file that can't be
    taken; then none is.
    """
    unpacked = [one for file, name in files for one in archive.unpacked(file, name, settings.IMPORT_MAX_BYTES)]
    if len(unpacked) == 1:
        return _receive(*unpacked[0], kind, by)
    if not 0 < len(unpacked) <= MOST_FILES:
        raise RuleBroken(
            _("From 1 to %(most)s files are taken together.") % {"most": MOST_FILES}, code="files", field="file"
        )
    parts: list[ImportRun] = []
    try:
        with transaction.atomic():
            bundle = ImportRun.objects.create(
                owner=by, kind=BUNDLE, name=_name_of(files, unpacked), options=dict(DEFAULTS)
            )
            for file, name in unpacked:
                parts.append(_receive_part(bundle, file, name, by))
    except RuleBroken:
        for part in parts:
            part.file.delete(save=False)
        raise
    bundle.size = sum(part.size for part in parts)
    bundle.save(update_fields=["size"])
    return bundle


def _name_of(files: Sequence[tuple[File, str]], unpacked: Sequence[tuple[File, str]]) -> str:
    """An archive by its own name, several files by their number and the first."""
    if len(files) == 1:
        return Path(files[0][1]).name[:200]
    words = {"count": len(unpacked), "first": Path(unpacked[0][1]).name[:150]}
    return ngettext("%(count)s file: %(first)s", "%(count)s files: %(first)s …", len(unpacked)) % words


def _receive_part(bundle: ImportRun, file: File, name: str, by: User) -> ImportRun:
    """One of several files. What can't be brought in as it is, because nothing in it is known, is left out until somebody maps it."""
    try:
        part = _receive(file, name, "", by)
    except RuleBroken as refusal:
        words = {"file": Path(name).name, "sentence": refusal}
        raise RuleBroken(_("%(file)s: %(sentence)s") % words, code=refusal.code, field="file") from refusal
    target = target_of(part)
    part.bundle, part.position = bundle, target.place
    part.options["left_out"] = not set(part.mapping.values()) & set(target.required)
    part.save()
    return part


def _receive(file: File, name: str, kind: str, by: User) -> ImportRun:
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
        _recognise(run, kind)
    except RuleBroken:
        run.file.delete(save=False)
        raise
    run.save()
    return run


def _recognise(run: ImportRun, kind: str = "", sheet: str = "") -> None:
    """Look into the file: what it is, whose, and how its columns are read. A workbook whose first sheet says nothing is looked through."""
    found, match = _look(run, kind, sheet)
    others = [name for name in found.facts.get("sheets", []) if name != found.facts.get("sheet")]
    for other in [] if sheet or _is_enough(match) else others:
        try:
            looked = _look(run, kind, other)
        except formats.Refused:
            continue
        if _is_enough(looked[1]):
            found, match = looked
            break
    run.headers = _named(found.headers)
    run.kind = match.kind
    run.mapping = _with_own(run, match.mapping)
    run.facts = found.facts | {"format": found.format, "dialect": match.dialect.slug if match.dialect else ""}
    run.total = None
    _no_header_twice(run)
    rows = [row for row in found.samples if not (match.dialect and match.dialect.is_comment(row))]
    run.samples = [[cell[:200] for cell in row] for row in rows[:5]]
    _recall(run, kind)


def _look(run: ImportRun, kind: str, sheet: str) -> tuple[formats.Recognised, dialects.Match]:
    found = formats.recognise(Path(run.file.path), sheet)
    return found, dialects.recognise(_named(found.headers), kind)


def _named(headers: Sequence[str]) -> list[str]:
    return [header or str(_("Column %(number)s") % {"number": place}) for place, header in enumerate(headers, 1)]


def _is_enough(match: dialects.Match) -> bool:
    """Whether the columns of a sheet say something of which a record can be made."""
    target: Any = import_targets.get(match.kind)
    return bool(target and set(match.mapping.values()) & set(target.required))


def _recall(run: ImportRun, kind: str) -> None:
    """Read the columns as they were read the last time, if a person said so then."""
    saved = SavedMapping.objects.fitting(rules.signature(run.headers), run.owner).first()
    if saved is None or (kind and saved.kind != kind):
        return
    fields = target_of(ImportRun(kind=saved.kind)).aliases
    run.kind = saved.kind
    run.mapping = {
        str(place): saved.mapping[name]
        for place, name in enumerate(map(rules.normalise_header, run.headers))
        if saved.mapping.get(name) in fields
    }
    run.facts["saved"] = saved.pk


def _remember(run: ImportRun) -> None:
    """Keep how a person read the columns for the next file with these headers; what was proposed anyway need not be kept."""
    if run.is_bundle:
        for part in parts_of(run):
            _remember(part)
        return
    signature = rules.signature(run.headers)
    if run.mapping == propose(run) and run.kind == dialects.recognise(run.headers).kind:
        SavedMapping.objects.editable_by(run.owner).filter(signature=signature).delete()
        return
    names = {rules.normalise_header(run.headers[int(place)]): field for place, field in run.mapping.items()}
    values = {"kind": run.kind, "mapping": names, "name": run.name}
    shares = bool(run.options.get("share_mapping")) and run.owner.has_perm("core.share_views")
    SavedMapping.objects.update_or_create(
        owner=run.owner, signature=signature, defaults=values | ({"is_shared": True} if shares else {})
    )


def share_mapping(saved: SavedMapping, is_shared: bool, *, by: User) -> SavedMapping:
    """Offer a mapping to everybody, or to oneself alone again. Raises PermissionDenied for those who share nothing."""
    if is_shared and not by.has_perm("core.share_views"):
        raise PermissionDenied
    saved.is_shared = is_shared
    saved.save(update_fields=["is_shared"])
    return saved


def forget_mapping(saved: SavedMapping, *, by: User) -> None:
    """Let the columns be recognised anew the next time."""
    saved.delete()


def choose_sheet(run: ImportRun, sheet: str, *, by: User) -> ImportRun:
    """Read another sheet of the workbook. Raises RuleBroken where there is none of that name or nothing in it."""
    _changeable(run)
    if sheet not in run.facts.get("sheets", []):
        raise RuleBroken(
            _("There is no sheet “%(sheet)s”.") % {"sheet": sheet[:60]}, code="unknown_sheet", field="sheet"
        )
    _recognise(run, sheet=sheet)
    run.status, run.missing, run.outcome = Status.DRAFT, {}, {}
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
    """Say how the columns are read. Raises RuleBroken for an unknown field or option, or a field named twice that takes one column."""
    _changeable(run)
    run.kind = kind or run.kind
    run.options = _options(run, options)
    if run.is_bundle:
        return _to_parts(run, options, by)
    target = target_of(run)
    chosen = {column: field for column, field in mapping.items() if field}
    for column, field in chosen.items():
        if field not in target.aliases or not column.isdecimal() or int(column) >= len(run.headers):
            raise RuleBroken(
                _("There is no field “%(field)s”.") % {"field": str(field)[:60]}, code="unknown_field", field="mapping"
            )
    single = [field for field in chosen.values() if field not in target.patterns]
    if len(set(single)) < len(single):
        raise RuleBroken(_("A field is filled from one column only."), code="field_twice", field="mapping")
    run.mapping, run.status = chosen, Status.DRAFT
    run.position = target.place
    run.facts.pop("staged", None)
    run.save()
    if run.bundle:
        ImportRun.objects.filter(pk=run.bundle.pk).update(status=Status.DRAFT)
    return run


def _changeable(run: ImportRun) -> None:
    at_work = run.bundle or run
    if at_work.is_busy or at_work.status == Status.DONE:
        raise RuleBroken(_("This import can no longer be changed."), code="busy")


def _options(run: ImportRun, said: dict[str, Any]) -> dict[str, Any]:
    """The run's options with what was said now. Raises RuleBroken for a value an option does not take."""
    for name, value in said.items():
        taken = CHOICES.get(name)
        if (taken and value not in taken) or (not taken and name in DEFAULTS and not isinstance(value, bool)):
            words = {"option": name, "values": ", ".join(f"“{one}”" for one in taken or ("true", "false"))}
            raise RuleBroken(
                _("The option %(option)s takes: %(values)s.") % words, code="unknown_option", field="options"
            )
    return DEFAULTS | run.options | {name: value for name, value in said.items() if name in DEFAULTS}


def _to_parts(run: ImportRun, options: dict[str, Any], by: User) -> ImportRun:
    """What is said of all files together is said of each."""
    said = {name: value for name, value in options.items() if name not in ("left_out", "share_mapping")}
    with transaction.atomic():
        for part in run.parts.all():
            part.options = _options(part, said)
            part.save(update_fields=["options"])
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
    _remember(run)
    jobs.bring_in(run, progress=progress, write=True)
    return run


def start(run: ImportRun, *, write: bool, by: User) -> ImportRun:
    """Hand the check or the run over to the background worker. A run that was taken back can be run again. Raises RuleBroken for a file that is in
    or at work already, one of several files, or garbled text of which nobody said whether it is to be repaired.
    """
    _require(run)
    _asked_about_repair(run)
    fresh = ImportRun.objects.filter(pk=run.pk, bundle=None).exclude(status__in=[*BUSY, Status.DONE, Status.PAUSED])
    values = {"rows": 0, "message": "", "share": 0, "phase": "", "began_at": timezone.now(), "writes": write}
    if not fresh.update(status=Status.RUNNING if write else Status.CHECKING, **values):
        raise RuleBroken(_("This import is under way or done already."), code="busy")
    run.refresh_from_db()
    if write:
        _remember(run)
    transaction.on_commit(lambda: jobs.hand_over(run))
    return run


def pause(run: ImportRun, *, by: User) -> ImportRun:
    """Let the worker rest at its next step; what it has read is kept, nothing is written yet. Raises RuleBroken for a run that is not at work."""
    at_work = ImportRun.objects.filter(pk=run.pk, status__in=[Status.CHECKING, Status.RUNNING])
    if not at_work.update(status=Status.PAUSED):
        raise RuleBroken(_("Only an import at work can be paused."), code="not_running")
    run.refresh_from_db()
    return run


def resume(run: ImportRun, *, by: User) -> ImportRun:
    """Go on where the pause began. Raises RuleBroken for a run that is not paused."""
    status = Status.RUNNING if run.writes else Status.CHECKING
    if not ImportRun.objects.filter(pk=run.pk, status=Status.PAUSED).update(status=status):
        raise RuleBroken(_("Only a paused import can go on."), code="not_paused")
    run.refresh_from_db()
    transaction.on_commit(lambda: jobs.hand_over(run))
    return run


def undo(run: ImportRun, *, by: User) -> ImportRun:
    """Let the background worker take the run back: what it made is removed, what it overwrote is restored, what people changed since stays
    and is listed. Raises RuleBroken for a run that is not in.
    """
    if not ImportRun.objects.filter(pk=run.pk, status=Status.DONE).update(
        status=Status.UNDOING, share=0, began_at=timezone.now()
    ):
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
    was_paused = run.status == Status.PAUSED
    ImportRun.objects.filter(pk=run.pk).filter(
        status__in=[Status.DRAFT, Status.CHECKING, Status.CHECKED, Status.RUNNING, Status.PAUSED]
    ).update(status=Status.CANCELLED)
    run.refresh_from_db()
    if was_paused and run.status == Status.CANCELLED:
        for part in parts_of(run):
            staging.drop(part)
    return run


def conflicts_of(run: ImportRun) -> QuerySet[ImportConflict]:
    """What taking the run back left alone, of all its files."""
    return ImportConflict.objects.filter(Q(run=run) | Q(run__bundle=run))


def _asked_about_repair(run: ImportRun) -> None:
    for part in parts_of(run):
        if part.facts.get("mojibake") and not part.options.get("repair"):
            raise RuleBroken(
                _("The text of the file is garbled. Say first whether it is to be repaired."),
                code="garbled",
                field="repair",
            )


def _require(run: ImportRun) -> None:
    if run.is_bundle:
        if not parts_of(run):
            raise RuleBroken(_("Every file is left out: nothing would come in."), code="nothing_mapped")
        for part in parts_of(run):
            _require(part)
        return
    if not run.file.storage.exists(str(run.file.name)):
        raise RuleBroken(
            _("The file of this import was removed together with a person's data. Drop it again."), code="file_gone"
        )
    target = target_of(run)
    if not set(run.mapping.values()) & set(target.required):
        words = {"fields": ", ".join(str(target.labels[name]) for name in target.required)}
        raise RuleBroken(
            _("Say which column holds one of: %(fields)s.") % words, code="nothing_mapped", field="mapping"
        )


__all__ = [
    "cancel",
    "check",
    "choose_sheet",
    "conflicts_of",
    "forget_mapping",
    "parts_of",
    "pause",
    "propose",
    "receive",
    "receive_together",
    "refused_file",
    "resume",
    "run_now",
    "set_mapping",
    "share_mapping",
    "start",
    "target_of",
    "undo",
    "undo_now",
]
