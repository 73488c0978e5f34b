"""The words of reading import runs."""

from __future__ import annotations

from typing import ClassVar, Self

from voronka.core.access import ScopedQuerySet


class ImportRunQuerySet(ScopedQuerySet):
    scope_of: ClassVar[str] = "imports.importrun"
    bin_path: ClassVar[str] = ""

    def newest(self) -> Self:
        return self.select_related("owner").order_by("-pk")
