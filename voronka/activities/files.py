"""What a file is and how it may be called. Plain functions of plain values."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NAME_LENGTH: Final = 200
# Enough of a file to know its kind.
HEAD: Final = 65536
BINARY: Final = "application/octet-stream"

# (offset, first bytes, media type): the kinds that are named by their content. What is not listed is text or unknown.
SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"BM", "image/bmp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b", "application/gzip"),
    (257, b"ustar", "application/x-tar"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-executable"),
    (0, b"\xca\xfe\xba\xbe", "application/x-executable"),
)
# What office programs write is a zip: the names of its entries tell which, at its beginning or in the directory at its end.
PACKED: Final = {
    b"word": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
ENTRY: Final = re.compile(rb"PK(?:\x03\x04.{26}|\x01\x02.{42})(word|xl|ppt)/", re.DOTALL)
OPEN_DOCUMENT: Final = re.compile(rb"mimetype(application/vnd\.oasis\.opendocument\.[a-z]+)")
MARKUP: Final = re.compile(rb"<(!doctype|html|head|body|script|svg|iframe|\?xml)", re.IGNORECASE)
# The program that a double click would start: by content, and by the ending of the name.
PROGRAMS: Final = {"application/vnd.microsoft.portable-executable", "application/x-executable"}
PROGRAM_ENDINGS: Final = frozenset({
    "exe", "dll", "msi", "msp", "com", "bat", "cmd", "scr", "pif", "cpl", "hta", "js", "jse", "mjs", "vbs", "vbe", "wsf", "wsh", "ps1", "psm1", "reg",
    "lnk", "url", "scf", "jar", "app", "dmg", "pkg", "sh", "desktop",
})  # fmt: skip
# What a browser may show by itself; everything else, HTML and SVG above all, is only ever downloaded.
SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "application/pdf"})


def media_type(head: bytes, tail: bytes = b"") -> str:
    """The media type by the first and the last HEAD bytes of a file, whatever its name says. Nothing is unpacked."""
    for offset, signature, kind in SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return _packed(head, tail) if kind == "application/zip" else kind
    if MARKUP.search(head[:1024]):
        return "text/html"
    return "text/plain" if _is_text(head) else BINARY


def _packed(head: bytes, tail: bytes) -> str:
    """Which office document a zip is, or that it is just a zip."""
    if found := OPEN_DOCUMENT.match(head[30:150]):
        return found[1].decode()
    entry = ENTRY.search(head) or ENTRY.search(tail)
    return PACKED[entry[1]] if entry else "application/zip"


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)


def is_program(name: str, kind: str) -> bool:
    """Whether the file would run when somebody opens it: such files are not taken."""
    return kind in PROGRAMS or ending(name) in PROGRAM_ENDINGS


def ending(name: str) -> str:
    """The part of a name after its last point, small: "pdf"."""
    return name.rpartition(".")[2].lower().strip() if "." in name else ""


def clean_name(name: str) -> str:
    """A name fit for showing and saving: no folders, no control characters, nothing that turns the reading direction round, at most
    NAME_LENGTH characters with the ending kept; "file" when nothing is left.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(c for c in last if c.isspace() or unicodedata.category(c)[0] != "C")
    bare = re.sub(r'[<>:"|?*]', "_", " ".join(seen.split())).strip(". ")
    if not bare:
        return "file"
    stem, point, tail = bare.rpartition(".")
    if len(bare) <= NAME_LENGTH:
        return bare
    return f"{stem[: NAME_LENGTH - len(tail) - 1]}.{tail}" if point and len(tail) <= 10 else bare[:NAME_LENGTH]
