"""The words of reading currencies and their rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import OuterRef, Subquery

if TYPE_CHECKING:
    from voronka.accounts.models import User


class CurrencyQuerySet(models.QuerySet[Any]):
    """Currencies: known to everyone, changed by those who configure."""

    def visible_to(self, user: User) -> Self:
        return self.all() if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        return self.all() if user.has_perm("core.configure") else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_last_rate(self) -> Self:
        """Each with `last_rate` and `last_day`, the newest rate known; None without any."""
        rates = self.model.rates.rel.related_model._base_manager.filter(currency=OuterRef("pk")).order_by("-day")
        return self.annotate(last_rate=Subquery(rates.values("rate")[:1]), last_day=Subquery(rates.values("day")[:1]))


class RateQuerySet(models.QuerySet[Any]):
    """Rates: known to everyone, changed by those who configure."""

    def visible_to(self, user: User) -> Self:
        return self.all() if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        return self.all() if user.has_perm("core.configure") else self.none()

    def of_code(self, code: str) -> Self:
        return self.filter(currency__code=code)
