"""Text tables in the encodings and with the delimiters people meet; which of them is found out from the text itself."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from voronka.imports.formats import import_format, refused
from voronka.imports.formats.markup import is_html, is_spreadsheet

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
LOOKED_AT: Final = 1 << 20
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# Letters by how common they are in Russian, commonest first (National Corpus of the Russian language).
LETTERS: Final = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
WEIGHT: Final = {letter: 1 - place / 40 for place, letter in enumerate(LETTERS)}
WEIGHT_IN_TEXT: Final = WEIGHT | {letter.upper(): weight / 2 for letter, weight in WEIGHT.items()}
SIGNS: Final = set("«»—–№’…“”„\xa0©€₽°")
_SWAPPED: Final = re.compile(r"[а-яё][А-ЯЁ]")
# UTF-8 read as Windows-1251: a Р or С before nearly every letter.
_MOJIBAKE: Final = re.compile(r"[РС][\u0080-\u00ff\u0400-\u045f\u2010-\u2122]")
# Windows-1251 has no sign at 0x98, the second byte of И: programs drop it.
_LOST: Final = re.compile(rb"\xd0(?![\x80-\xbf])")
_CYRILLIC: Final = re.compile(r"[\u0400-\u045f]")


def sniff(head: bytes) -> bool:
    return not head.startswith((ZIP, OLE)) and not is_html(head) and not is_spreadsheet(head)


@import_format("csv", sniff)
def rows(path: Path, facts: dict[str, Any]) -> Iterator[list[str]]:
    """The rows as they stand; encoding and delimiter go into `facts`, and whether garbled text was put right."""
    encoding = facts["encoding"] = encoding_of(path)
    csv.field_size_limit(10**7)
    try:
        with path.open(encoding=encoding, newline="") as file:
            start = file.read(65536)
            is_garbled = facts["mojibake"] = is_mojibake(start)
            delimiter = facts["delimiter"] = delimiter_of(start)
            file.seek(0)
            if is_garbled:
                facts["garbled"] = _sample(start)
            lines = _repaired(file) if is_garbled and not facts.get("as_it_is") else file
            if start.lower().startswith("sep="):
                next(iter(lines))
            yield from csv.reader(lines, delimiter=delimiter)
    except UnicodeDecodeError as fault:
        raise refused("encoding") from fault
    except csv.Error as fault:
        raise refused("broken") from fault


def encoding_of(path: Path) -> str:
    """The encoding by its mark, else UTF-8 if the whole file is valid UTF-8, else UTF-16 by its zeros, else the Russian one that reads best."""
    with path.open("rb") as file:
        head = file.read(LOOKED_AT)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    if b"\x00" in head:
        return _without_mark(head)
    return "utf-8" if _is_utf8(path) else _russian(head)


def _without_mark(head: bytes) -> str:
    """UTF-16 without a mark: the delimiters and line ends have a zero on one side, always the same."""
    for encoding, end in (("utf-16-le", b"\n\x00"), ("utf-16-be", b"\x00\n")):
        if end in head:
            text = head[: len(head) // 2 * 2].decode(encoding, "replace")
            if "\ufffd" not in text[:-1] and sum(c.isprintable() or c in "\r\n\t" for c in text) > 0.98 * len(text):
                return encoding
    raise refused("unknown")


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(LOOKED_AT):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _russian(head: bytes) -> str:
    """Windows-1251, DOS or KOI8-R: the one in which the text looks most like Russian."""
    found = {encoding: _likeness(head, encoding) for encoding in ("cp1251", "cp866", "koi8-r")}
    found["cp1251"] += 0.05  # by far the commonest: it wins where nothing decides
    best = max(found, key=lambda encoding: found[encoding])
    if found[best] < 0.3:
        raise refused("encoding")
    return best


def _likeness(head: bytes, encoding: str) -> float:
    """From below 0 to 1: letters by their frequency, against signs no text has and capitals inside words."""
    text = head.decode(encoding, "replace")
    high = [sign for sign in text if sign > "\x7f" and sign not in SIGNS]
    if not high:
        return 0.5
    points = sum(WEIGHT_IN_TEXT.get(sign, -2) for sign in high)
    return (points - 1.5 * len(_SWAPPED.findall(text))) / len(high)


def is_mojibake(text: str) -> bool:
    """Whether UTF-8 was once read as Windows-1251 and saved so."""
    letters = len(_CYRILLIC.findall(text))
    return letters > 10 and len(_MOJIBAKE.findall(text)) > 0.4 * letters


def repair(text: str) -> str:
    """The text as it was before it was garbled; a line that was not garbled stays as it is."""
    try:
        return _LOST.sub(b"\xd0\x98", b"".join(_byte(sign) for sign in text)).decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return text


def _byte(sign: str) -> bytes:
    # Other programs pass signs that Windows-1251 lacks on as they are.
    return bytes([ord(sign)]) if "\x80" <= sign <= "\x9f" else sign.encode("cp1251")


def _sample(start: str) -> list[str]:
    """The longest of the first garbled lines, as it stands and repaired."""
    lines = [line.strip() for line in start.splitlines()[:20]]
    found = max((line for line in lines if repair(line) != line), key=len, default=lines[0])
    return [found[:200], repair(found)[:100]]


def _repaired(file: io.TextIOBase | Any) -> Iterator[str]:
    for line in file:
        yield repair(line)


def delimiter_of(text: str) -> str:
    """The delimiter named by a `sep=` line, else the one that occurs alike in most of the first lines."""
    if text.lower().startswith("sep="):
        return text[4]
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:20] if line.strip()]
    counts = {delimiter: sorted(line.count(delimiter) for line in lines) for delimiter in ";,\t|"}
    # Title rows have none, ragged rows fewer: the middle line speaks for all, the header for a file of two lines.
    return max(counts, key=lambda one: (counts[one][len(lines) // 2] if lines else 0, sum(counts[one])))
