"""Text tables: UTF-8 (with or without mark), UTF-16 with mark, Windows-1251; comma, semicolon or tab; a `sep=` line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from voronka.imports.formats import import_format, refused

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_RUSSIAN = re.compile(r"[а-яА-ЯёЁ«»—–№’…“”„ ©]")
_HIGH = re.compile(r"[^\x00-\x7f]")
_SWAPPED, _USUAL = re.compile(r"[а-я][А-Я]"), re.compile(r"[А-Я][а-я]")


def sniff(head: bytes) -> bool:
    return not head.startswith((ZIP, OLE))


@import_format("csv", sniff)
def rows(path: Path, facts: dict[str, Any]) -> Iterator[list[str]]:
    """The rows as they stand; encoding and delimiter go into `facts`."""
    encoding = facts["encoding"] = encoding_of(path)
    csv.field_size_limit(10**7)
    try:
        with path.open(encoding=encoding, newline="") as file:
            start = file.read(65536)
            delimiter = facts["delimiter"] = delimiter_of(start)
            file.seek(0)
            if start.lower().startswith("sep="):
                file.readline()
            yield from csv.reader(file, delimiter=delimiter)
    except UnicodeDecodeError as fault:
        raise refused("encoding") from fault
    except csv.Error as fault:
        raise refused("broken") from fault


def encoding_of(path: Path) -> str:
    """The encoding by its mark, else UTF-8 if the whole file is valid UTF-8, else Windows-1251 if it reads as Russian."""
    with path.open("rb") as file:
        head = file.read(1 << 20)
        if head.startswith(b"\xef\xbb\xbf"):
            return "utf-8-sig"
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        if b"\x00" in head:
            raise refused("unknown")
        if _is_utf8(path):
            return "utf-8"
    return _russian(head)


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _russian(head: bytes) -> str:
    """Windows-1251 if the text then looks Russian: another encoding read so gives odd signs or capitals inside words."""
    try:
        text = head.decode("cp1251")
    except UnicodeDecodeError as fault:
        raise refused("encoding") from fault
    high, russian = len(_HIGH.findall(text)), len(_RUSSIAN.findall(text)) - text.count(" ")
    if russian < 0.8 * high or len(_SWAPPED.findall(text)) > len(_USUAL.findall(text)):
        raise refused("encoding")
    return "cp1251"


def delimiter_of(text: str) -> str:
    """The delimiter named by a `sep=` line, else the one that occurs most in the header line."""
    if text.lower().startswith("sep="):
        return text[4]
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(";,\t", key=bare.count)
