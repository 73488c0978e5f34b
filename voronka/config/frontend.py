"""Serves the listed files of the npm packages as static files under vendor/, and nothing else of node_modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PackageFinder(BaseFinder):
    """Finds `vendor/<package>/<path>` for each (package, path) of settings.FRONTEND_FILES; a path may be a folder."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:  # type: ignore[override]
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


class NamedByContent(CompressedManifestStaticFilesStorage):
    """Collected files are named by their content, also where our own ES modules import each other. No source maps."""

    patterns: tuple[tuple[str, Any], ...] = (
        ("*.css", CompressedManifestStaticFilesStorage.patterns[0][1][:2]),
    )  # url() and @import only

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        imports = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]
        ours = (app.split(".")[-1] for app in settings.INSTALLED_APPS if app.startswith("voronka."))
        self.patterns += tuple((f"{app}/*.js", imports) for app in ours)
        super().__init__(*args, **kwargs)
