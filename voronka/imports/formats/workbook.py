"""Workbooks: xlsx, xlsb, xls, ods. The first sheet that has anything is read; formulas give their last values."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import python_calamine

from voronka.imports.formats import import_format, refused

MAX_UNPACKED = 3 * 1024**3
MAX_RATIO = 300
MAX_SHEETS = 30


def sniff(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


@import_format("workbook", sniff)
def rows(path: Path, facts: dict[str, Any]) -> Iterator[list[str]]:
    """The rows of the sheet named in `facts` or of the first with anything in it, every value as text: whole numbers without a point, dates ISO."""
    _check_zip(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        facts["sheets"] = book.sheet_names[:MAX_SHEETS]
        for name in [facts["sheet"]] if facts.get("sheet") in book.sheet_names else book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height and sheet.width:
                facts["sheet"], facts["height"] = name, sheet.height
                yield from ([_text(value) for value in row] for row in sheet.iter_rows())
                return
    except python_calamine.PasswordError as fault:
        raise refused("encrypted") from fault
    except (python_calamine.CalamineError, OSError, ValueError) as fault:
        raise refused(_why(path)) from fault
    raise refused("empty")


def _why(path: Path) -> str:
    """An OLE file that is no old workbook is usually an encrypted new one."""
    head = path.read_bytes()[:200_000]
    return "encrypted" if "EncryptedPackage".encode("utf-16-le") in head else "broken"


def _check_zip(path: Path) -> None:
    if path.open("rb").read(2) != b"PK":
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError) as fault:
        raise refused("broken") from fault
    if unpacked > MAX_UNPACKED or (unpacked > 200_000_000 and unpacked > MAX_RATIO * path.stat().st_size):
        raise refused("bomb")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else str(value)
