"""Serves the listed files of the npm packages as static files under vendor/, and nothing else of node_modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage


class PackageFinder(BaseFinder):
    """Finds `vendor/<package>/<path>` for each (package, path) of settings.FRONTEND_FILES; a path may be a folder."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:
        found = [str(file) for address, file in self._files() if address == path]
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        if settings.FRONTEND is None:
            return
        storage = FileSystemStorage(location=str(settings.FRONTEND))
        storage.prefix = "vendor"  # type: ignore[attr-defined]
        for address, _file in self._files():
            yield address.removeprefix("vendor/"), storage

    def _files(self) -> Iterator[tuple[str, Path]]:
        if settings.FRONTEND is None:
            return
        for package, path in settings.FRONTEND_FILES:
            root = settings.FRONTEND / package / path
            for file in [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file()):
                yield f"vendor/{file.relative_to(settings.FRONTEND).as_posix()}", file
