"""The words of reading import runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models

from voronka.core.access import ScopedQuerySet

if TYPE_CHECKING:
    from voronka.accounts.models import User


class ImportRunQuerySet(ScopedQuerySet):
    scope_of: ClassVar[str] = "imports.importrun"
    bin_path: ClassVar[str] = ""

    def newest(self) -> Self:
        """Newest first, without the parts of runs of several files."""
        return self.filter(bundle=None).select_related("owner").order_by("-pk")


class SavedMappingQuerySet(ScopedQuerySet):
    bin_path: ClassVar[str] = ""

    def visible_to(self, user: User) -> Self:
        """One's own, and what others share."""
        return self.filter(models.Q(owner=user) | models.Q(is_shared=True))

    def editable_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def fitting(self, signature: str, user: User) -> Self:
        """For files with these headers, one's own first, then the latest shared."""
        own = models.Case(models.When(owner=user, then=0), default=1)
        return self.visible_to(user).filter(signature=signature).order_by(own, "-used_at")
