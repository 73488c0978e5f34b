"""The operator's language, known before Django is: for sentences about folders, locks and servers."""

from __future__ import annotations

import gettext as catalogues
import os
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def operator_language() -> str:
    """Two letters: VORONKA_LANGUAGE, else the terminal's language, else English."""
    for name in ("VORONKA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "ru" if value.lower().startswith("ru") else "en"
    return "en"


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    for folder in (PACKAGE / "locale", PACKAGE.parent / "locale"):
        found = catalogues.translation("django", folder, [language], fallback=True)
        if isinstance(found, catalogues.GNUTranslations):
            return found
    return catalogues.NullTranslations()


def gettext(sentence: str) -> str:
    """The sentence in the operator's language, from the product's own catalogue."""
    return _catalogue(operator_language()).gettext(sentence)
