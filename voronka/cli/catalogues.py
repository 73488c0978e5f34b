"""The sentences of the product: found in Python and templates, kept in locale/<language>/LC_MESSAGES/django.po."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).resolve().parent.parent.parent
LANGUAGES: Final = ("ru", "en")
# Where each function keeps its arguments: None the first, (1, 2) singular and plural, (1c, 2) context and message.
KEYWORDS: Final[dict[str, Any]] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip


def extract() -> Catalog:
    """Every sentence of the source with its places; the catalogue has no translations."""
    catalogue = Catalog(project="Voronka", fuzzy=False)
    for file, source in _sources():
        for line, function, arguments, _comments in extract_python(source, KEYWORDS, [], {}):
            message, context = _message(str(function), arguments)
            if message:
                catalogue.add(message, locations=[(file.relative_to(ROOT).as_posix(), line)], context=context)
    return catalogue


def _sources() -> Iterator[tuple[Path, io.BytesIO]]:
    for file in sorted((ROOT / "voronka").rglob("*.py")):
        if not {"tests", "migrations"} & set(file.parts):
            yield file, io.BytesIO(file.read_bytes())
    for pattern in ("*.html", "*.txt"):
        for file in sorted((ROOT / "voronka").rglob(f"templates/**/{pattern}")):
            # Python's tokenizer minds indentation, a template does not.
            text = "\n".join(line.strip() for line in templatize(file.read_text("utf-8")).splitlines())
            yield file, io.BytesIO(f"# -*- coding: utf-8 -*-\n{text}".encode())


def _message(function: str, arguments: Any) -> tuple[Any, str | None]:
    """The message (a pair for plurals) and its context, or None where the call holds no literal."""
    values = arguments if isinstance(arguments, list | tuple) else [arguments]
    context = None
    if function.startswith(("pgettext", "npgettext")):
        context, *values = values
    wanted = values[: 2 if "ngettext" in function or "npgettext" in function else 1]
    if not wanted or not all(isinstance(value, str) and value for value in wanted):
        return None, None
    return (tuple(wanted) if len(wanted) == 2 else wanted[0]), context


def po_file(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The kept catalogue of a language."""
    with po_file(language).open("rb") as source:
        return read_po(source, locale=language)


def update(language: str) -> Catalog:
    """Bring a catalogue up to date: new sentences come in empty (in English: as they are), vanished ones go."""
    found = extract()
    kept = read(language) if po_file(language).exists() else Catalog(locale=language)
    fresh = Catalog(locale=language, project="Voronka", fuzzy=False)
    for message in found:
        if message.id:
            fresh.add(message.id, _translation(language, message, kept), context=message.context)
    with po_file(language).open("wb") as target:
        write_po(target, fresh, width=120, sort_output=True, omit_header=False, include_previous=False)
    return fresh


def _translation(language: str, message: Any, kept: Catalog) -> Any:
    if language == "en":
        return message.id
    old = kept.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
    return old.string if old is not None else ""


def compile_all() -> list[Path]:
    """Write the .mo file beside every .po file; returns what was written."""
    written = []
    for language in LANGUAGES:
        target = po_file(language).with_suffix(".mo")
        with target.open("wb") as output:
            write_mo(output, read(language))
        written.append(target)
    return written
