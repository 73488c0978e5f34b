"""Imports at work: rows into a scratch table, judged, and if asked written in one transaction."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from voronka.accounts.actions import notify
from voronka.core.actions import defer_once
from voronka.core.audit import acting
from voronka.core.errors import RuleBroken
from voronka.core.registry import import_targets
from voronka.imports import staging
from voronka.imports import undo as undoing
from voronka.imports.models import ImportRun
from voronka.imports.pace import Pace, Steps, Stopped, pace_of, stopped

if TYPE_CHECKING:
    from voronka.accounts.models import User

Progress = Callable[[float], None]
LOCK = 726001  # the first half of the advisory locks of runs
SHOWN: Final = 50  # rows of each outcome kept to be shown
LONGEST: Final = 80  # signs of a value shown
WORTH_A_LETTER: Final = 60  # seconds of work after which people are told by e-mail too
Status, Phase = ImportRun.Status, ImportRun.Phase
BUSY: Final = (Status.CHECKING, Status.RUNNING, Status.UNDOING)


@app.task(name="imports.work")
def work(run_id: int, write: bool) -> None:
    """Check a run or bring it in; what is refused stays on the run as its message. A run that is done is left alone."""
    run = ImportRun.objects.select_related("owner__role").get(pk=run_id)
    if run.status not in (Status.CHECKING, Status.RUNNING):
        return
    with translation.override(run.owner.language or None):
        with suppress(RuleBroken):
            bring_in(run, write=write)  # bring_in keeps the sentence of a refusal on the run, where its owner reads it
        _tell(run)


@app.task(name="imports.undo")
def undo(run_id: int) -> None:
    """Take a run back in the background."""
    run = ImportRun.objects.select_related("owner__role").get(pk=run_id)
    if run.status == Status.UNDOING:
        take_back(run, by=run.owner)
        _tell(run)


@app.periodic(cron="* * * * *")
@app.task(name="imports.resume", queueing_lock="imports.resume")
def resume(timestamp: int) -> None:
    """Start what a killed process left behind anew, once a minute: an import writes in one transaction, so nothing of it is there yet."""
    for run in ImportRun.objects.filter(status__in=BUSY, bundle=None):
        with _alone(run) as is_free:
            pass
        if is_free:
            hand_over(run)
    _sweep()


def _sweep() -> None:
    """Drop the scratch tables of runs that are neither at work nor paused: what a killed process could not drop itself."""
    kept = set(ImportRun.objects.filter(status__in=[*BUSY, Status.PAUSED]).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT substring(tablename FROM '^imports_staging_([0-9]+)')::bigint FROM pg_tables WHERE tablename ~ '^imports_staging_[0-9]+'"
        )
        for (number,) in cursor.fetchall():
            if number not in kept:
                staging.drop(ImportRun(pk=number))


def hand_over(run: ImportRun) -> None:
    """Let the background worker do what the run's status says; a run that waits for it already waits once."""
    lock = f"imports-{run.pk}"
    if run.status == Status.UNDOING:
        defer_once(undo, lock=lock, run_id=run.pk)
    else:
        defer_once(work, lock=lock, run_id=run.pk, write=run.status == Status.RUNNING)


@contextmanager
def _alone(run: ImportRun) -> Iterator[bool]:
    """Whether no other process works on the run; until the block ends none will. The lock dies with its database session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, run.pk])
        is_free = bool(cursor.fetchone()[0])
        try:
            yield is_free
        finally:
            if is_free:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, run.pk])


def _tell(run: ImportRun) -> None:
    """Tell the owner what became of the work, unless the page was closed on purpose: a check or a run called off is no news."""
    titles = {
        Status.DONE: gettext_lazy("The file is in: %(name)s"),
        Status.CHECKED: gettext_lazy("The file is checked: %(name)s"),
        Status.FAILED: gettext_lazy("The file was refused: %(name)s"),
        Status.UNDONE: gettext_lazy("The import was taken back: %(name)s"),
    }
    if run.status not in titles:
        return
    with translation.override(run.owner.language_or_default()):
        notify(
            run.owner, titles[Status(run.status)] % {"name": run.name}, text=run.message or told(run), kind="import",
            url=reverse("imports:detail", args=[run.pk]), key=f"import-{run.pk}-{run.status}-{timezone.now():%Y%m%d%H%M%S}",
            mail=run.seconds > WORTH_A_LETTER,
        )  # fmt: skip


def told(run: ImportRun) -> str:
    """The counts in words."""
    if run.status == Status.UNDONE:
        return _("Removed: %(removed)s, restored: %(restored)s.") % {"removed": run.removed, "restored": run.restored}
    return (
        _("%(rows)s rows: %(created)s created, %(updated)s updated, %(skipped)s skipped, %(refused)s refused")
        % run.answer()
    )


def target_of(run: ImportRun) -> Any:
    """The registered target of the run's kind. Raises RuleBroken for a kind nobody takes."""
    target = import_targets.get(run.kind)
    if target is None:
        words = {"kind": run.kind[:40], "kinds": ", ".join(import_targets.slugs())}
        raise RuleBroken(
            _("There is no kind of data “%(kind)s”. Kinds: %(kinds)s.") % words, code="unknown_kind", field="kind"
        )
    return target.with_own()


def parts_of(run: ImportRun) -> list[ImportRun]:
    """The files of a run in the order they come in: itself, or those of several that belong together and are not left out."""
    if not run.is_bundle:
        return [run]
    parts = [part for part in run.parts.order_by("position", "pk") if not part.options.get("left_out")]
    for part in parts:
        part.bundle, part.owner = run, run.owner
    return parts


def bring_in(run: ImportRun, *, write: bool, progress: Progress | None = None) -> None:
    """Stage, judge and, if asked, write in one transaction with the run's new status; a refusal leaves the run `failed` with its sentence.

    Raises RuleBroken for the refusal. A run another process works on is left to it.
    """
    with _alone(run) as is_free:
        if not is_free:
            return
        status, parts = Status.RUNNING if write else Status.CHECKING, parts_of(run)
        _set(run, status=status, writes=write, message="", share=0, began_at=timezone.now())
        try:
            with pace_of(run, progress) as pace:
                began = time.monotonic()
                _read(run, parts, pace)
                _settle(run, parts, pace, write, began)
        except Stopped as stop:
            _keep(run, parts, is_paused=stop.code == "paused")
            raise
        except RuleBroken as refusal:
            _set(run, status=Status.FAILED, message=str(refusal))
            raise
        finally:
            if run.status != Status.PAUSED:
                _drop(parts)


def _keep(run: ImportRun, parts: Sequence[ImportRun], *, is_paused: bool) -> None:
    """Remember what lies in the scratch tables of a paused run, so that it goes on from there; one called off starts anew."""
    with connection.cursor() as cursor:
        for part in parts:
            found = staging.staged(part, cursor) if is_paused else None
            facts = {name: value for name, value in part.facts.items() if name != "staged"}
            _set(part, facts=facts if found is None else facts | {"staged": found}, rows=part.rows if is_paused else 0)
    run.status = Status.PAUSED if is_paused else Status.CANCELLED


def _drop(parts: Sequence[ImportRun]) -> None:
    for part in parts:
        staging.drop(part)
        if part.facts.pop("staged", None) is not None:
            _set(part, facts=part.facts)


def _read(run: ImportRun, parts: Sequence[ImportRun], pace: Pace) -> None:
    """Every file into its scratch table."""
    for part in parts:
        if part.total is None:
            _set(part, total=staging.count(part))
    whole = sum(part.total or 0 for part in parts) or 1
    if run.is_bundle:
        _set(run, total=whole)
    with connection.cursor() as cursor:
        for part in parts:
            pace.enter(Phase.READING, pace.behind / whole, (pace.behind + (part.total or 0)) / whole)
            staging.fill(part, target_of(part), cursor, pace)
            pace.behind += part.total or 0
            _set(part, total=part.rows)
    if run.is_bundle:
        _set(run, total=sum(part.rows for part in parts))


def _settle(run: ImportRun, parts: Sequence[ImportRun], pace: Pace, write: bool, began: float) -> None:
    """Judge the staged rows and write them: all of it happens, with the run's status, or nothing.

    Files that belong together are judged one after another, each when those before are written; a check takes that back again.
    """
    found: list[dict[str, Any]] = []
    with transaction.atomic(), acting(run.owner, "import", import_run=run.pk) as context:
        for place, part in enumerate(parts):
            stretch = place / len(parts), (place + 1) / len(parts)
            found.append(_judge(part, pace.enter(Phase.JUDGING, *stretch)))
            if write or len(parts) > 1:
                _write(part, pace.enter(Phase.WRITING, *stretch) if write else pace)
            _keep_refused(part)
        if write:
            _links(pace)
            _finish(run, parts, found, context=context.id, status=Status.DONE, seconds=time.monotonic() - began)
        elif len(parts) > 1:
            transaction.set_rollback(True)
    if not write:
        _finish(run, parts, found, status=Status.CHECKED, seconds=time.monotonic() - began)


def _judge(part: ImportRun, pace: Pace) -> dict[str, Any]:
    """What becomes of each row of a file: counts, values of lists to be made, and what is shown of it."""
    target = target_of(part)
    with connection.cursor() as cursor:
        steps = Steps(cursor, pace, target.judging)
        target.judge(part, part.owner, steps)
        counts = _counts(part, cursor)
        return counts | {"missing": target.missing(part, cursor), "outcome": _outcome(part, target, cursor, counts)}


def _write(part: ImportRun, pace: Pace) -> None:
    part.records.all().delete()
    part.conflicts.all().delete()
    target = target_of(part)
    with connection.cursor() as cursor:
        target.write(part, part.owner, Steps(cursor, pace, target.writing))


def _links(pace: Pace) -> None:
    """Let the database check every foreign key now, while the run can still be called off, and not at the very end."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    pace.enter(Phase.WRITING, 1, 1)


def _finish(run: ImportRun, parts: Sequence[ImportRun], found: list[dict[str, Any]], **last: Any) -> None:
    """Keep the outcome on the run and its parts. Raises Stopped where somebody was quicker in calling it off."""
    counts = {name: sum(one[name] for one in found) for name in ("rows", "created", "updated", "skipped", "refused")}
    values = last | counts | {"share": 1.0, "phase": "", "message": _all_refused(parts, found, counts)}
    for part, outcome in zip(parts, found, strict=True):
        _set(part, **(values | outcome if part is not run else outcome))
    before = [Status.RUNNING if run.writes else Status.CHECKING]
    if not ImportRun.objects.filter(pk=run.pk, status__in=before).update(**values):
        raise stopped(ImportRun.objects.values_list("status", flat=True).get(pk=run.pk))
    for name, value in values.items():
        setattr(run, name, value)


def _all_refused(parts: Sequence[ImportRun], found: list[dict[str, Any]], counts: dict[str, int]) -> str:
    """The sentence for a file of which no row can be taken, with the commonest reason."""
    if not counts["rows"] or counts["refused"] < counts["rows"]:
        return ""
    part, outcome = next((one, what) for one, what in zip(parts, found, strict=True) if what["refused"])
    reason = outcome["outcome"]["refused"]["reasons"][0][0]
    return _("No row of the file can be taken. The commonest reason: %(reason)s") % {
        "reason": target_of(part).words(reason)
    }


def take_back(run: ImportRun, *, by: User) -> None:
    """Take the run back in one transaction, the file that came last first. A run another process works on is left to it."""
    with _alone(run) as is_free:
        if not is_free:
            return
        _set(run, status=Status.UNDOING, share=0, began_at=timezone.now(), total=run.total or run.rows)
        parts = parts_of(run)[::-1]
        with pace_of(run) as pace, transaction.atomic(), acting(by, "undo_import", import_run=run.pk):
            removed = restored = 0
            for place, part in enumerate(parts):
                pace.enter(Phase.UNDOING, place / len(parts), (place + 1) / len(parts))
                outcome = undoing.take_back(part, target_of(part).model, pace=pace)
                _set(part, status=Status.UNDONE, removed=outcome.removed, restored=outcome.restored)
                removed, restored = removed + outcome.removed, restored + outcome.restored
            _set(run, status=Status.UNDONE, removed=removed, restored=restored, phase="", share=1.0)


def _set(run: ImportRun, **values: Any) -> None:
    for name, value in values.items():
        setattr(run, name, value)
    ImportRun.objects.filter(pk=run.pk).update(**values)


def _counts(run: ImportRun, cursor: Any) -> dict[str, int]:
    cursor.execute(f"SELECT action, count(*) FROM {run.staging}_main GROUP BY action")
    found = dict(cursor.fetchall())
    counts = {name: found.get(name, 0) for name in ("created", "updated", "skipped", "refused")}
    return counts | {"rows": sum(counts.values())}


_REASONS: Final = "SELECT action, coalesce(reason, ''), count(*) FROM {t}_main GROUP BY 1, 2 ORDER BY 3 DESC, 2"
_ROWS: Final = """
    SELECT shown.action, shown.row_no, coalesce(shown.reason, ''), shown.target_id, to_jsonb(s) FROM unnest(%s::text[]) AS wanted(action)
    CROSS JOIN LATERAL (SELECT m.* FROM {t}_main m WHERE m.action = wanted.action ORDER BY m.row_no LIMIT %s) shown
    JOIN {t} s USING (row_no) ORDER BY shown.row_no
"""


def _outcome(run: ImportRun, target: Any, cursor: Any, counts: dict[str, int]) -> dict[str, Any]:
    """Of each outcome the reasons with their numbers of rows, and the first rows as they were understood."""
    actions = [name for name in ("created", "updated", "skipped", "refused") if counts[name]]
    found: dict[str, Any] = {name: {"reasons": [], "rows": []} for name in actions}
    cursor.execute(_REASONS.format(t=run.staging))
    for action, reason, rows in cursor.fetchall():
        found[action]["reasons"].append([reason, rows])
    cursor.execute(_ROWS.format(t=run.staging), [actions, SHOWN])
    for action, row_no, reason, key, values in cursor.fetchall():
        values = json.loads(values) if isinstance(values, str) else values
        told = {name: values[name][:LONGEST] for name in target.staged if values[name]}
        found[action]["rows"].append([row_no, reason, key if action != "created" else None, told])
    return found


def refused_file(run: ImportRun) -> Path:
    """Where the refused rows of a run lie."""
    return Path(run.file.path + ".refused.csv")


def _keep_refused(run: ImportRun) -> None:
    """Write the refused rows with their reasons beside the file, in its own columns, to be corrected and dropped again."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row_no, reason FROM {run.staging}_main WHERE action = 'refused'")
        reasons = dict(cursor.fetchall())
    target = target_of(run)
    with refused_file(run).open("w", encoding="utf-8-sig", newline="") as output:
        writer = csv.writer(output, delimiter=";")
        writer.writerow([*run.headers, _("Reason")])
        for number, rows in staging.batches(run) if reasons else ():
            for offset, row in enumerate(rows):
                if (reason := reasons.get(number + offset)) is not None:
                    writer.writerow([*row, str(target.words(reason))])
