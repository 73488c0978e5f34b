"""The words of reading activities."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db.models import Max, Min, Q

from voronka.core.access import Scope, ScopedQuerySet

if TYPE_CHECKING:
    from voronka.accounts.models import User


class ActivityQuerySet(ScopedQuerySet):
    """Notes for now. Seen by those who see the partner; changed by their author or whoever may change the partner."""

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "partner__owner"

    def visible_to(self, user: User) -> Self:
        return super().visible_to(user).filter(partner__deleted_at__isnull=True)

    def editable_by(self, user: User) -> Self:
        """Everybody may change what they wrote themselves; those who reach all partners may change everything."""
        rows = self.visible_to(user)
        return rows if user.scope_for(self.scope_of, "edit") == Scope.ALL else rows.filter(owner=user)

    def of_partner(self, partner: Any) -> Self:
        return self.filter(partner=partner)

    def of_opportunity(self, opportunity: Any) -> Self:
        return self.filter(opportunity=opportunity)

    def said_about(self, opportunity: Any) -> Self:
        """Notes on an opportunity for those who see it, whoever owns its partner; newest first."""
        return self.alive().of_opportunity(opportunity).for_timeline()

    def contact_moments(self, now: datetime) -> dict[str, datetime | None]:
        """The `last` contact until now and the `next` one after it, in one statement; None where there is none."""
        last, after = (
            Max("happened_at", filter=Q(happened_at__lte=now)),
            Min("happened_at", filter=Q(happened_at__gt=now)),
        )
        return self.aggregate(last=last, next=after)

    def search(self, text: str) -> Self:
        """Every word occurs in the text."""
        rows = self
        for word in text.split():
            rows = rows.filter(text__icontains=word)
        return rows

    def for_timeline(self) -> Self:
        return self.select_related("owner").order_by("-happened_at", "-pk")
