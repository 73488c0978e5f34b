"""Puts into a wheel what is not in version control: compiled catalogues and the listed files of the npm packages."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def served_files(settings: Path) -> list[tuple[str, str]]:
    """FRONTEND_FILES of the settings, read as text: Django is not there while a wheel is built."""
    for node in ast.parse(settings.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "FRONTEND_FILES":
            return list(ast.literal_eval(node.value))
    raise LookupError(f"{settings} has no FRONTEND_FILES")


class CustomBuildHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        packages = root / "frontend" / "node_modules"
        for package, path in served_files(root / "voronka" / "config" / "settings.py"):
            file = packages / package / path
            if not file.exists():
                raise FileNotFoundError(f"{file} is missing: run `make frontend` first")
            build_data["force_include"][str(file)] = f"voronka/frontend_dist/{package}/{path}"
        for source in (root / "locale").glob("*/LC_MESSAGES/*.po"):
            target = source.with_suffix(".mo")
            with source.open("rb") as text, target.open("wb") as compiled:
                write_mo(compiled, read_po(text))
            build_data["force_include"][str(target)] = f"voronka/locale/{target.relative_to(root / 'locale')}"
