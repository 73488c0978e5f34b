"""The words of reading opportunities and their states over time."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from voronka.core.access import Scope, ScopedQuerySet
from voronka.partners.rules import search_words

if TYPE_CHECKING:
    from voronka.accounts.models import User


class OpportunityQuerySet(ScopedQuerySet):
    scope_of: ClassVar[str] = "opportunities.opportunity"

    def open(self) -> Self:
        return self.filter(status="open")

    def won(self) -> Self:
        return self.filter(status="won")

    def lost(self) -> Self:
        return self.filter(status="lost")

    def in_stage(self, stage: Any) -> Self:
        return self.filter(stage=stage)

    def for_list(self) -> Self:
        return self.select_related("partner", "stage", "owner", "territory", "source", "industry")

    def closing_between(self, first: date, last: date) -> Self:
        """Predicted to close in the period, both days included."""
        return self.filter(predicted_close_on__range=(first, last))

    def search(self, text: str) -> Self:
        """Every word occurs in the opportunity's name, number or product, or in the partner's search text."""
        words = search_words(text)
        if not words:
            return self.all()
        own, of_partner = Q(), Q()
        for word in words:
            own &= Q(search__contains=word)
            of_partner &= Q(search__contains=word)
        partner = self.model._meta.get_field("partner").related_model
        partners = partner._base_manager.filter(of_partner).values("pk")
        base = self.model._base_manager
        found = base.filter(own).values("pk").union(base.filter(partner_id__in=partners).values("pk"))
        return self.filter(pk__in=found)

    def totals(self) -> dict[str, Any]:
        """Count, potential and weighted of these rows in the company's currency, exactly, in one statement."""
        return self.aggregate(count=Count("pk"), potential=Sum("potential_company"), weighted=Sum("weighted_company"))


class StateQuerySet(ScopedQuerySet):
    """Spans. Seen by those who see the opportunity; reports of the past ask `visible_then`."""

    scope_of: ClassVar[str] = "opportunities.opportunity"
    owner_path: ClassVar[str] = "opportunity__owner"
    bin_path: ClassVar[str] = "opportunity__deleted_at"

    def at(self, moment: datetime) -> Self:
        """The spans that held at the moment (since <= moment < until) of opportunities that were not in the bin then.

        An opportunity that was deleted and restored counts as never deleted.
        """
        held = self.filter(since__lte=moment).filter(Q(until__gt=moment) | Q(until__isnull=True))
        opportunity = self.model._meta.get_field("opportunity").related_model
        # Few are in the bin: an anti-join with those is quicker than a join with all opportunities.
        gone = opportunity._base_manager.filter(pk=OuterRef("opportunity"), deleted_at__lte=moment)
        return held.filter(~Exists(gone))

    def visible_then(self, user: User) -> Self:
        """Spans whose owner of that time is within the person's scope: what a report of that day would have shown them."""
        rows = self.all()
        scope = user.scope_for(self.scope_of, "see")
        if scope == Scope.ALL:
            return rows
        return rows.filter(
            owner__in=user.team_member_ids if scope == Scope.TEAM else [user.pk] if scope == Scope.OWN else []
        )

    def of(self, opportunity: Any) -> Self:
        return self.filter(opportunity=opportunity).order_by("since")


class TallyQuerySet(models.QuerySet[Any]):
    """Summaries by dimension: every row is a signed share, their sum is the truth."""

    def visible_to(self, user: User) -> Self:
        """Shares of opportunities within the person's scope; the owner is one of the dimensions."""
        scope = user.scope_for("opportunities.opportunity", "see")
        if scope == Scope.ALL:
            return self.all()
        return self.filter(
            owner__in=user.team_member_ids if scope == Scope.TEAM else [user.pk] if scope == Scope.OWN else []
        )

    def summed(self, *dimensions: str, **aliases: Any) -> models.QuerySet[Any, dict[str, Any]]:
        """Count, potential and weighted by dimensions."""
        return (
            self.values(*dimensions, **aliases)
            .annotate(n=Sum("count"), total=Sum("potential"), expected=Sum("weighted"))
            .filter(~Q(n=0))
            .order_by(*dimensions, *(F(alias) for alias in aliases))
        )
