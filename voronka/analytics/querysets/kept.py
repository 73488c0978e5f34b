"""What is kept of reports: variants, home pages, forecasts, schedules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from django.db import models
from django.db.models import F, Q, QuerySet

from voronka.core.access import ScopedQuerySet
from voronka.core.models import SavedView

if TYPE_CHECKING:
    from voronka.accounts.models import User

REPORT_PAGE: Final = "analytics:report:"  # what the page of a saved variant begins with; its report's slug follows


def shown_variants(user: User, keys: Iterable[int]) -> QuerySet[SavedView]:
    """Of saved variants of reports those this person may see."""
    rows = SavedView.objects.filter(Q(is_shared=True) | Q(user=user), pk__in=list(keys))
    return rows.filter(page__startswith=REPORT_PAGE)


def saved_variants(user: User, page: str) -> QuerySet[SavedView]:
    """The saved variants of a report: one's own and those shared with everyone."""
    return SavedView.objects.filter(Q(is_shared=True) | Q(user=user), page=page).order_by("name")


class ForecastQuerySet(ScopedQuerySet):
    """Kept forecasts and their corrections: seen by those who see the opportunities of the person they are about."""

    scope_of: ClassVar[str] = "opportunities.opportunity"
    bin_path: ClassVar[str] = ""

    def of_period(self, kind: str, first: date) -> Self:
        return self.filter(kind=kind, first=first)

    def standing(self, moment: datetime | None = None) -> Self:
        """Of corrections the one that counts (at a moment) for each person and period."""
        rows = self.filter(at__lte=moment) if moment else self
        return rows.order_by("owner_id", "kind", "first", "-at", "-pk").distinct("owner_id", "kind", "first")


class HomePageQuerySet(models.QuerySet[Any]):
    """Home pages: one's own, and that of one's role."""

    def visible_to(self, user: User) -> Self:
        return self.filter(Q(user=user) | Q(role=user.role_id)).order_by(F("user").asc(nulls_last=True))


class ScheduleQuerySet(models.QuerySet[Any]):
    """Regular reports: everybody sees and changes their own."""

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)

    def due(self, now: datetime) -> Self:
        return self.filter(next_at__lte=now, user__is_active=True)
