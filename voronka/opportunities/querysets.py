"""The words of reading opportunities and their states over time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from django.db import models
from django.db.models import Case, Count, Exists, ExpressionWrapper, F, OuterRef, Q, Sum, Value, When

from voronka.core.access import Scope, ScopedQuerySet
from voronka.opportunities import rules
from voronka.partners.rules import search_words

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.opportunities.models import Stage


# What a stage may require that hangs on the opportunity: word -> relation.
PARTS: Final = {"items": "dealitems", "competitors": "dealcompetitors", "contact_roles": "dealcontacts"}


def in_forecast() -> Case:
    """`rules.forecast_category` of opportunities and of states, for the database."""
    return Case(
        When(~Q(forecast_category=""), then=F("forecast_category")),
        When(percentage__lte=0, then=Value(rules.OMITTED)),
        When(percentage__gte=rules.COMMIT_FROM, then=Value(rules.COMMIT)),
        When(percentage__gte=rules.BEST_FROM, then=Value(rules.BEST)),
        default=Value(rules.PIPELINE),
        output_field=models.CharField(),
    )


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

    def lacking(self, required: Iterable[str]) -> Self:
        """Rows with `lacks_<word>` for each word of REQUIRED: whether that is still to be filled in."""
        conditions = {f"lacks_{word}": ~self._filled(word) for word in required}
        return self.annotate(**{name: ExpressionWrapper(q, models.BooleanField()) for name, q in conditions.items()})

    def ready_for(self, stage: Stage, now: datetime) -> Self:
        """Rows that may enter the stage: everything it requires is filled in, and something was done lately if it asks for that."""
        rows = self
        for word in stage.required:
            rows = rows.filter(self._filled(word))
        return rows.active_since(now - timedelta(days=stage.activity_days), now) if stage.activity_days else rows

    def silent_since(self, since: datetime) -> Self:
        """Open rows without a word and without a move since the moment."""
        spoken = self._has("activities", status="done", happened_at__gte=since, deleted_at__isnull=True)
        return self.open().filter(stage_since__lt=since).exclude(spoken)

    def with_plans(self, wanted: bool) -> Self:
        """Rows somebody has planned something for, or nobody has."""
        planned = self._has("activities", status="open", deleted_at__isnull=True)
        return self.filter(planned) if wanted else self.exclude(planned)

    def active_since(self, first: datetime, last: datetime) -> Self:
        """Rows with an activity done between two moments."""
        done = self._has("activities", status="done", happened_at__range=(first, last), deleted_at__isnull=True)
        return self.filter(done)

    def _filled(self, word: str) -> Q:
        plain = {
            "potential": Q(potential__gt=0), "gross_profit_percent": Q(gross_profit_percent__gt=0), "contact": Q(contact__isnull=False),
            "interest_level": Q(interest_level__isnull=False), "source": Q(source__isnull=False), "industry": Q(industry__isnull=False),
            "territory": Q(territory__isnull=False), "product": ~Q(product=""), "next_step": ~Q(next_step=""), "remarks": ~Q(remarks=""),
        }  # fmt: skip
        return plain.get(word) or self._has(PARTS[word])

    def _has(self, relation: str, **conditions: Any) -> Q:
        parts: Any = self.model._meta.get_field(relation).related_model
        return Q(Exists(parts._base_manager.filter(opportunity=OuterRef("pk"), **conditions)))

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


class PartQuerySet(ScopedQuerySet):
    """Items, competitors, partners, contacts: seen and changed by those who see and change the opportunity."""

    scope_of: ClassVar[str] = "opportunities.opportunity"
    owner_path: ClassVar[str] = "opportunity__owner"
    bin_path: ClassVar[str] = "opportunity__deleted_at"


class TargetQuerySet(models.QuerySet[Any]):
    """Targets: one sees those of the people within one's scope; those who reach everybody see all, teams' and the company's too."""

    def visible_to(self, user: User) -> Self:
        return self._within(user, user.scope_for("opportunities.opportunity", "see"))

    def editable_by(self, user: User) -> Self:
        """Nobody sets a target for themselves alone: a head does for the team, who reaches everybody for everybody."""
        scope = user.scope_for("opportunities.opportunity", "edit")
        return self.none() if scope == Scope.OWN else self._within(user, scope)

    def _within(self, user: User, scope: Scope) -> Self:
        if scope == Scope.TEAM:
            ours = Q(person__in=user.team_member_ids) | Q(team=user.team_id, team__isnull=False)
            return self.filter(ours)
        if scope == Scope.OWN:
            return self.filter(person=user)
        return self.all() if scope == Scope.ALL else self.none()


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


class StageTallyQuerySet(TallyQuerySet):
    """The summary that knows no people: of no use to who does not see everything."""

    def visible_to(self, user: User) -> Self:
        return self.all() if user.scope_for("opportunities.opportunity", "see") == Scope.ALL else self.none()
