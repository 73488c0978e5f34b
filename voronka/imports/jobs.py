"""Imports at work: rows into a scratch table, judged, and if asked written in one transaction."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from psycopg import sql

from voronka.core.audit import acting
from voronka.core.errors import RuleBroken
from voronka.core.registry import import_targets
from voronka.imports import dialects, formats, rules
from voronka.imports import undo as undoing
from voronka.imports.formats import tables
from voronka.imports.models import ImportRun
from voronka.partners.models import NameKey

if TYPE_CHECKING:
    from voronka.accounts.models import User

Progress = Callable[[int], None]
LOCK = 726001  # the first half of the advisory locks of runs
SAY_EVERY = 0.3  # seconds between two words about the progress
Status = ImportRun.Status


@app.task(name="imports.work")
def work(run_id: int, write: bool) -> None:
    """Check a run or bring it in; what is refused stays on the run as its message. A run that is done is left alone."""
    run = ImportRun.objects.select_related("owner__role").get(pk=run_id)
    if run.status not in (Status.CHECKING, Status.RUNNING):
        return
    with translation.override(run.owner.language or None), suppress(RuleBroken):
        bring_in(run, write=write)  # bring_in keeps the sentence of a refusal on the run, where its owner reads it


@app.task(name="imports.undo")
def undo(run_id: int) -> None:
    """Take a run back in the background."""
    run = ImportRun.objects.select_related("owner__role").get(pk=run_id)
    if run.status == Status.UNDOING:
        take_back(run, by=run.owner)


@app.periodic(cron="* * * * *")
@app.task(name="imports.resume", queueing_lock="imports.resume")
def resume(timestamp: int) -> None:
    """Start what a killed process left behind anew, once a minute: an import writes in one transaction, so nothing of it is there yet."""
    for run in ImportRun.objects.filter(status__in=[Status.CHECKING, Status.RUNNING, Status.UNDOING]):
        with _alone(run) as is_free:
            pass
        if is_free:
            hand_over(run)


def hand_over(run: ImportRun) -> None:
    """Let the background worker do what the run's status says; a run that waits for it already waits once."""
    lock = f"imports-{run.pk}"
    with suppress(AlreadyEnqueued), transaction.atomic():
        if run.status == Status.UNDOING:
            undo.configure(queueing_lock=lock).defer(run_id=run.pk)
        else:
            work.configure(queueing_lock=lock).defer(run_id=run.pk, write=run.status == Status.RUNNING)


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


def target_of(run: ImportRun) -> Any:
    """The registered target of the run's kind. Raises RuleBroken for a kind nobody takes."""
    target = import_targets.get(run.kind)
    if target is None:
        words = {"kind": run.kind[:40], "kinds": ", ".join(import_targets.slugs())}
        raise RuleBroken(
            _("There is no kind of data “%(kind)s”. Kinds: %(kinds)s.") % words, code="unknown_kind", field="kind"
        )
    return target.with_own()


def bring_in(run: ImportRun, *, write: bool, progress: Progress | None = None) -> None:
    """Stage, judge and, if asked, write in one transaction with the run's new status; a refusal leaves the run `failed` with its sentence.

    Raises RuleBroken for the refusal. A run another process works on is left to it.
    """
    with _alone(run) as is_free:
        if not is_free:
            return
        _set(run, status=Status.RUNNING if write else Status.CHECKING, message="", rows=0)
        try:
            with connection.cursor() as cursor:
                began = time.monotonic()
                _stage(run, target_of(run), cursor, progress)
                _settle(run, cursor, write, began)
        except RuleBroken as refusal:
            if refusal.code != "cancelled":
                _set(run, status=Status.FAILED, message=str(refusal))
            raise
        finally:
            _drop(run)


def _settle(run: ImportRun, cursor: Any, write: bool, began: float) -> None:
    """Judge the staged rows and write them: all of it happens, with the run's status, or nothing."""
    target, by = target_of(run), run.owner
    with transaction.atomic(), acting(by, "import", import_run=run.pk) as context:
        target.judge(run, by, cursor)
        outcome = _counts(run, cursor) | {"missing": target.missing(run, cursor)}
        if write:
            run.records.all().delete()
            run.conflicts.all().delete()
            target.write(run, by, cursor)
            _stop_if_cancelled(run)
        _keep_refused(run, cursor)
        status = Status.DONE if write else Status.CHECKED
        _set(run, status=status, context=context.id, seconds=time.monotonic() - began, **outcome)


def take_back(run: ImportRun, *, by: User) -> None:
    """Take the run back in one transaction. A run another process works on is left to it."""
    with _alone(run) as is_free:
        if not is_free:
            return
        with transaction.atomic(), acting(by, "undo_import", import_run=run.pk):
            outcome = undoing.take_back(run, target_of(run).model)
            _set(run, status=Status.UNDONE, removed=outcome.removed, restored=outcome.restored)


def _set(run: ImportRun, **values: Any) -> None:
    for name, value in values.items():
        setattr(run, name, value)
    ImportRun.objects.filter(pk=run.pk).update(**values)


def _drop(run: ImportRun) -> None:
    """Drop the run's scratch tables: the rows, and what the target made beside them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename ~ %s",
            [f"^{run.staging}(_|$)"],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))


def _stop_if_cancelled(run: ImportRun) -> None:
    if ImportRun.objects.filter(pk=run.pk, status=Status.CANCELLED).exists():
        raise RuleBroken(_("The import was called off; nothing was written."), code="cancelled")


def _stage(run: ImportRun, target: Any, cursor: Any, progress: Progress | None) -> None:
    """Fill the scratch table by COPY, a batch at a time; progress is seen by others after each."""
    _drop(run)
    columns = ", ".join(f"{field} text NOT NULL DEFAULT ''" for field in target.staged)
    name_key = NameKey.template % {"expressions": target.name_field}
    cursor.execute(
        f"CREATE UNLOGGED TABLE {run.staging} (row_no int, reason text, target_id bigint, {columns}, "
        f"name_key text GENERATED ALWAYS AS ({name_key.replace('%', '%%')}) STORED)"
    )
    if run.total is None:
        _set(run, total=sum(len(rows) for _number, rows in _batches(run)))
    read, done, said = _reader(run, target), 0, time.monotonic()
    for number, rows in _batches(run):
        _copy(run, cursor, number, list(read(rows)))
        done += len(rows)
        if time.monotonic() - said > SAY_EVERY:
            said = time.monotonic()
            _set(run, rows=done)
            _stop_if_cancelled(run)
        if progress:
            progress(done)
    _set(run, rows=done)
    _stop_if_cancelled(run)
    cursor.execute(f"ANALYZE {run.staging}")


def _batches(run: ImportRun) -> Iterator[tuple[int, list[list[str]]]]:
    return formats.batches(Path(run.file.path), len(run.headers), run.facts.get("skip", 1))


def _copy(run: ImportRun, cursor: Any, number: int, rows: list[tuple[str, dict[str, str]]]) -> None:
    """One batch by COPY, only the columns it has anything for. Rows without anything are passed over; the first has the `number`."""
    fields = sorted({field for _reason, values in rows for field in values})
    lines = []
    for row_no, (reason, values) in enumerate(rows, number):
        if reason != "blank":
            cells = [values.get(field, "") for field in fields]
            lines.append("\t".join([str(row_no), reason or "\\N", *(cell.translate(_COPIED) for cell in cells)]))
    if lines:
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(run.staging), sql.SQL(", ").join(map(sql.Identifier, ["row_no", "reason", *fields]))
        )
        with cursor.connection.cursor() as raw, raw.copy(copy) as pipe:
            pipe.write("\n".join(lines) + "\n")


# How COPY wants the signs it uses itself.
_COPIED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _reader(run: ImportRun, target: Any) -> Callable[[list[list[str]]], Iterator[tuple[str, dict[str, str]]]]:
    """Rows of the file -> (reason or "", staged values): typed values in the file's habit, then the target's own rules.

    Columns nobody mapped are kept in the remarks if the run says so.
    """
    columns = {int(column): field for column, field in run.mapping.items()}
    spare = [index for index, header in enumerate(run.headers) if header and index not in columns]
    spare = spare if run.options.get("keep_unmapped") and "remarks" in target.staged else []
    typed = [(field, _PARSERS[kind]) for field, kind in target.types.items() if field in columns.values()]
    dates = [column for column, field in columns.items() if target.types.get(field) == "date"]
    day_first = rules.is_day_first(row[column] for row in run.samples for column in dates)

    dialect = dialects.dialect_of(run.facts.get("dialect", ""))
    foreign = [
        (field, words) for field, words in (dialect.words if dialect else {}).items() if field in columns.values()
    ]
    known = dialects.preferred(dialect, run.kind, run.headers)
    fallbacks = [
        (field, [place for place in known.get(field, []) if place not in columns]) for field in columns.values()
    ]
    fallbacks = [(field, others) for field, others in fallbacks if others]
    is_comment = dialect.is_comment if dialect else lambda _row: False

    def read(rows: list[list[str]]) -> Iterator[tuple[str, dict[str, str]]]:
        for row in rows:
            values = {field: row[column].replace("\x00", "").strip() for column, field in columns.items()}
            if not any(values.values()) or tables.is_total(row) or is_comment(row):
                yield "blank", {}
                continue
            for field, others in fallbacks:
                values[field] = values[field] or next(
                    (row[place].strip() for place in others if row[place].strip()), ""
                )
            for field, words in foreign:
                values[field] = words.get(values[field].lower(), values[field])
            if spare and (
                kept := [f"{run.headers[i]}: {row[i].strip()}" for i in spare if row[i].strip() not in ("", "Select")]
            ):
                values["remarks"] = "\n".join(filter(None, [values.get("remarks", ""), *kept])).replace("\x00", "")
            yield _typed(values, typed, day_first) or target.put_right(values), values

    return read


def _typed(values: dict[str, str], typed: list[tuple[str, Callable[[str, bool], str]]], day_first: bool) -> str:
    """Read the typed values in place; the reason when one can't be read."""
    for field, parse in typed:
        if text := values[field]:
            try:
                values[field] = parse(text, day_first)
            except ValueError as fault:
                return str(fault)
    return ""


def _amount(text: str, _day_first: bool) -> str:
    value = rules.parse_decimal(text)
    if value < 0:
        raise ValueError("negative")
    return str(round(value, 2))


def _whole(text: str, day_first: bool) -> str:
    value = int(float(_amount(text, day_first)))
    if value > 2**31 - 1:
        raise ValueError("number")
    return str(value)


def _percent(text: str, _day_first: bool) -> str:
    value = rules.parse_decimal(text.replace("%", ""))
    if not 0 <= value <= 100:
        raise ValueError("percent")
    return str(round(value, 2))


def _decimal(text: str, _day_first: bool) -> str:
    value = round(rules.parse_decimal(text), 4)
    if abs(value) >= 10**11:
        raise ValueError("number")
    return str(value.normalize()) if value else "0"


_PARSERS: dict[str, Callable[[str, bool], str]] = {
    "amount": _amount,
    "whole": _whole,
    "percent": _percent,
    "decimal": _decimal,
    "bool": lambda text, _day_first: "true" if rules.parse_bool(text) else "false",
    "date": lambda text, day_first: rules.parse_date(text, day_first).isoformat(),
}


def _counts(run: ImportRun, cursor: Any) -> dict[str, int]:
    cursor.execute(f"SELECT action, count(*) FROM {run.staging}_main GROUP BY action")
    found = dict(cursor.fetchall())
    counts = {name: found.get(name, 0) for name in ("created", "updated", "skipped", "refused")}
    return counts | {"rows": sum(counts.values())}


def refused_file(run: ImportRun) -> Path:
    """Where the refused rows of a run lie."""
    return Path(run.file.path + ".refused.csv")


def _keep_refused(run: ImportRun, cursor: Any) -> None:
    """Write the refused and skipped rows with their reasons beside the file, in its own columns, to be corrected and dropped again."""
    cursor.execute(f"SELECT row_no, reason FROM {run.staging}_main WHERE action = 'refused'")
    reasons = dict(cursor.fetchall())
    target = target_of(run)
    with refused_file(run).open("w", encoding="utf-8-sig", newline="") as output:
        writer = csv.writer(output, delimiter=";")
        writer.writerow([*run.headers, _("Reason")])
        if not reasons:
            return
        for number, rows in _batches(run):
            for offset, row in enumerate(rows):
                if (reason := reasons.get(number + offset)) is not None:
                    writer.writerow([*row, str(target.words(reason))])
