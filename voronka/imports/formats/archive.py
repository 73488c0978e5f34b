"""Several files in one: archives as other systems make them. Workbooks are archives too and are left as they are."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from django.core.files import File
from django.core.files.base import ContentFile

from voronka.imports.formats import refused

# Parts only workbooks have.
OF_WORKBOOKS: Final = {"[Content_Types].xml", "mimetype", "content.xml", "xl/workbook.xml", "xl/workbook.bin"}
TABLES: Final = (".csv", ".txt", ".tsv", ".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")


def unpacked(file: File, name: str, most: int) -> Iterator[tuple[File, str]]:
    """The tables in an archive by their names, or the file itself if it is none. Raises Refused for an archive that is damaged, has no table
    in it, or unpacks to more than `most` bytes.
    """
    file.seek(0)
    if file.read(4) != b"PK\x03\x04" or not zipfile.is_zipfile(file):
        yield file, name
        return
    with zipfile.ZipFile(file) as archive:
        if OF_WORKBOOKS & set(archive.namelist()) or any(one.startswith("xl/") for one in archive.namelist()):
            yield file, name
            return
        tables = [part for part in archive.infolist() if _is_table(part)]
        if not tables:
            raise refused("unknown")
        if sum(part.file_size for part in tables) > most:
            raise refused("too_large")
        for part in tables:
            try:
                yield ContentFile(archive.read(part)), PurePosixPath(_name(part)).name
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as fault:
                raise refused("encrypted" if part.flag_bits & 1 else "broken") from fault


def _is_table(part: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(part.filename)
    hidden = path.parts[0] == "__MACOSX" or path.name.startswith(".")
    return not part.is_dir() and not hidden and path.suffix.lower() in TABLES


def _name(part: zipfile.ZipInfo) -> str:
    """Names not marked as UTF-8 are read as DOS ones; Russian Windows writes them so."""
    if part.flag_bits & 0x800:
        return part.filename
    try:
        return part.filename.encode("cp437").decode("cp866")
    except UnicodeError:
        return part.filename
