"""Files as rows of text. A format recognises itself by content; reading happens in a child process with limits."""

from __future__ import annotations

import json
import marshal
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from django.utils.translation import gettext_lazy as _

from voronka.core.errors import RuleBroken
from voronka.core.registry import import_formats
from voronka.imports.formats import tables

MEMORY: Final = 6 * 1024**3
SECONDS: Final = 900
MAX_COLUMNS: Final = 500
LOOK: Final = 60
BATCH: Final = 2000

REFUSALS: Final = {
    "empty": _("The file is empty."),
    "header_only": _("The file has headers and no rows."),
    "encoding": _("The file's encoding is not known. Save it as UTF-8 or Windows-1251 and try again."),
    "encrypted": _("The workbook is protected by a password. Remove the password and try again."),
    "broken": _("The file is damaged or incomplete. Save it anew and try again."),
    "picture": _("This is a picture, not a table."),
    "unknown": _("This is not a table we can read: CSV and Excel files are."),
    "too_large": _("The file is too large."),
    "bomb": _("The workbook unpacks to far more than its size: it is not opened."),
    "columns": _("The file has more than 500 columns."),
    "limits": _("Reading the file took too much memory or time. Split it and try again."),
}


class Refused(RuleBroken):
    """The file can't be taken, with one sentence that says why."""


def refused(code: str, detail: str = "") -> Refused:
    message: Any = REFUSALS.get(code, REFUSALS["unknown"])
    if code == "duplicate_headers":
        message = _("Two columns have the same header: %(headers)s. Rename one of them.") % {"headers": detail}
    return Refused(message, code)


@dataclass(frozen=True)
class Format:
    """A kind of file: `sniff` says from the first bytes whether it is one, `rows` yields its rows as lists of text."""

    slug: str
    sniff: Callable[[bytes], bool]
    rows: Callable[[Path, dict[str, Any]], Iterator[list[str]]]


def import_format(slug: str, sniff: Callable[[bytes], bool]) -> Callable[[Any], Any]:
    """Register the decorated row reader as a format."""

    def register(rows: Any) -> Any:
        import_formats.add(slug, Format(slug, sniff, rows))
        return rows

    return register


@dataclass(frozen=True)
class Recognised:
    """What a file is: its format and facts (encoding, delimiter, sheet), its headers, and some rows below them."""

    format: str
    facts: dict[str, Any]
    headers: list[str]
    samples: list[list[str]]


def recognise(path: Path, sheet: str = "") -> Recognised:
    """Look at the beginning of a file, of a workbook at the `sheet` named or the first with anything in it. Raises Refused for a file that can't
    be taken.

    `facts["skip"]` counts the rows down to the headers, which `batches` passes over. Titles above the headers are left out, headers of two
    rows are read together; a column without a header is called by its number.
    """
    found: list[list[str]] = []
    facts: dict[str, Any] = {}
    for kind, load in _messages(path, LOOK, {"sheet": sheet}):
        if kind == "facts":
            facts = load
        elif kind == "rows":
            found += load
    if not any(any(cell.strip() for cell in row) for row in found):
        raise refused("empty")
    place, depth = tables.header_place(found)
    below = [row for row in found[place + depth :] if any(cell.strip() for cell in row)]
    headers = tables.named(tables.joined(found[place : place + depth]), below)
    if len(headers) > MAX_COLUMNS:
        raise refused("columns")
    if not below:
        raise refused("header_only")
    width, facts["skip"] = len(headers), place + depth
    if height := facts.pop("height", 0):
        facts["rows"] = height - facts["skip"]
    return Recognised(facts.pop("format"), facts, headers, [(row + [""] * width)[:width] for row in below])


def batches(
    path: Path, width: int, skip: int = 1, *, sheet: str = "", as_it_is: bool = False
) -> Iterator[tuple[int, list[list[str]]]]:
    """(number of the batch's first row, rows) of everything below the `skip` rows of the headers; rows are padded to `width`.

    Rows are numbered from 1 below the header; garbled text is repaired unless it is to stay `as_it_is`. Raises Refused when reading fails in the
    middle.
    """
    number = 1
    for kind, load in _messages(path, 0, {"sheet": sheet, "as_it_is": as_it_is}):
        if kind != "rows":
            continue
        passed = min(skip, len(load))
        load, skip = load[passed:], skip - passed
        rows = [row if len(row) == width else (row + [""] * width)[:width] for row in load]
        yield number, rows
        number += len(rows)


def _messages(path: Path, limit: int, how: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the child says: ("facts", …), ("rows", …); its ("refused", code) becomes Refused here. `how` are facts known beforehand."""
    command = [sys.executable, "-m", "voronka.imports.formats.child", str(path), str(limit), json.dumps(how)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=_limit) as child:
        pipe: Any = child.stdout
        try:
            yield from _read(pipe)
        finally:
            child.kill()


def _read(pipe: IO[bytes]) -> Iterator[tuple[str, Any]]:
    while True:
        size = pipe.read(4)
        if len(size) < 4:
            raise refused("limits")
        kind, load = marshal.loads(pipe.read(int.from_bytes(size)))  # noqa: S302  (our own child wrote it)
        if kind == "end":
            return
        if kind == "refused":
            raise refused(*load)
        yield kind, load


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
