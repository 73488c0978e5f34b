"""Tables in markup that are called .xls: HTML as Bitrix24 and many reports write it, and SpreadsheetML of Excel 2003."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from lxml import etree

from voronka.imports.formats import import_format, refused

SPREADSHEET: Final = "{urn:schemas-microsoft-com:office:spreadsheet}"
_HTML: Final = re.compile(rb"<(!doctype html|html|table|head|meta|body)\b", re.IGNORECASE)


def _start(head: bytes) -> bytes:
    """The beginning as single bytes, whatever the width of its signs."""
    return head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def is_html(head: bytes) -> bool:
    start = _start(head)
    return start.startswith(b"<") and not is_spreadsheet(head) and bool(_HTML.search(start))


def is_spreadsheet(head: bytes) -> bool:
    start = _start(head)
    return start.startswith(b"<?xml") and b"schemas-microsoft-com:office:spreadsheet" in start


@import_format("html", is_html)
def html_rows(path: Path, facts: dict[str, Any]) -> Iterator[list[str]]:
    """The rows of the page's tables, one after another; cells over several columns are repeated empty."""
    found = False
    try:
        for _event, row in etree.iterparse(str(path), events=("end",), tag="tr", html=True, huge_tree=False):
            cells: list[str] = []
            for cell in row.iter("td", "th"):
                cells += [_text(cell), *[""] * (_number(cell.get("colspan")) - 1)]
            found = True
            yield cells
            row.clear(keep_tail=True)
    except (etree.XMLSyntaxError, OSError) as fault:
        raise refused("broken") from fault
    if not found:
        raise refused("unknown")
    facts.setdefault("sheet", "")


@import_format("spreadsheetml", is_spreadsheet)
def spreadsheet_rows(path: Path, facts: dict[str, Any]) -> Iterator[list[str]]:
    """The rows of the first worksheet; a cell may say its own place."""
    try:
        # Nothing outside the file is looked up, and entities are not unfolded.
        for _event, node in etree.iterparse(
            str(path),
            events=("end",),
            tag=(f"{SPREADSHEET}Row", f"{SPREADSHEET}Worksheet"),
            resolve_entities=False,
            no_network=True,
        ):
            if node.tag.endswith("Worksheet"):
                return
            cells: list[str] = []
            for cell in node.iter(f"{SPREADSHEET}Cell"):
                place = _number(cell.get(f"{SPREADSHEET}Index"), default=len(cells) + 1)
                cells += [""] * min(place - 1 - len(cells), 500)
                cells.append(_text(cell))
            yield cells
            node.clear(keep_tail=True)
    except (etree.XMLSyntaxError, OSError) as fault:
        raise refused("broken") from fault


def _text(cell: Any) -> str:
    return " ".join("".join(cell.itertext()).split())


def _number(text: str | None, default: int = 1) -> int:
    return min(int(text), 500) if text and text.isdigit() else default
