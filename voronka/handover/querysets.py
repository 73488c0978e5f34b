"""The words of reading hand-overs and briefs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from voronka.core.access import ScopedQuerySet

if TYPE_CHECKING:
    from voronka.accounts.models import User


class HandoverQuerySet(models.QuerySet[Any]):
    """Hand-overs: seen by those they are between, by who made them, and by those who may hand over the work of who gave."""

    def visible_to(self, user: User) -> Self:
        if not user.is_active:
            return self.none()
        return self.filter(Q(giver=user) | Q(taker=user) | Q(by=user) | self._within(user))

    def editable_by(self, user: User) -> Self:
        """Called off and undone by who made them, and by those who may hand over the work of who gave."""
        return self.filter(Q(by=user) | self._within(user)) if user.is_active else self.none()

    def busy(self) -> Self:
        return self.filter(status__in=["waiting", "running", "undoing"])

    def newest(self) -> Self:
        return self.select_related("giver", "taker", "by").order_by("-pk")

    def _within(self, user: User) -> Q:
        if not user.has_perm("handover.run"):
            return Q(pk__in=[])
        reach = user.assignment_reach()
        # An empty Q would vanish beside others instead of letting everything through.
        return Q(pk__isnull=False) if reach is None else Q(giver__in=reach)


class BriefQuerySet(ScopedQuerySet):
    """Briefs are read by those who see the partner."""

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "partner__owner"
    bin_path: ClassVar[str] = "partner__deleted_at"

    def of_handover(self, handover: Any) -> Self:
        return self.filter(handover=handover).select_related("partner").order_by("partner__name_key", "pk")
