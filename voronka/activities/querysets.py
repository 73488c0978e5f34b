"""The words of reading activities."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q, QuerySet

from voronka.activities.rules import search_terms
from voronka.core.access import Scope, ScopedQuerySet

if TYPE_CHECKING:
    from voronka.accounts.models import User


class ActivityQuerySet(ScopedQuerySet):
    """Seen by those who see the partner, by the owner, by who assigned it and by the participants; what is private by the last three alone."""

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "partner__owner"
    edited_as: ClassVar[str] = "activities.activity"

    def visible_to(self, user: User) -> Self:
        if not user.is_active:
            return self.none()
        rows, party = self._of_living_partners(), self._party(user)
        match user.scope_for(self.scope_of, "see"):
            case Scope.ALL:
                return rows.filter(Q(is_private=False) | party)
            case Scope.TEAM:
                return rows.filter(Q(is_private=False, partner__owner__in=user.team_member_ids) | party)
            case Scope.OWN:
                return rows.filter(Q(is_private=False, partner__owner=user) | party)
        return rows.filter(party)

    def editable_by(self, user: User) -> Self:
        """Everybody may change what is theirs to do and what they assigned, heads also the work of their people but not what they wrote in
        notes; those whose role reaches all activities everything they see.
        """
        mine = Q(owner=user) | Q(assigned_by=user)
        match user.scope_for(self.edited_as, "edit"):
            case Scope.ALL:
                return self.visible_to(user)
            case Scope.TEAM:
                return self.visible_to(user).filter(mine | Q(~Q(kind="note"), owner__in=user.team_member_ids))
            case Scope.OWN:
                return self.visible_to(user).filter(mine)
        return self.none()

    def in_bin_of(self, user: User) -> Self:
        """Deleted activities their owners, and those whose role reaches all, may take back."""
        rows = self.filter(deleted_at__isnull=False)
        scope = user.scope_for(self.edited_as, "edit")
        return rows if scope == Scope.ALL else rows.none() if scope == Scope.NONE else rows.filter(owner=user)

    def _of_living_partners(self) -> Self:
        return self.alive().filter(Q(partner__isnull=True) | Q(partner__deleted_at__isnull=True))

    def _party(self, user: Any) -> Q:
        """Those the activity itself names, whoever owns the partner."""
        invited = self.model.participants.through._base_manager.filter(activity=OuterRef("pk"), user=user)
        return Q(owner=user) | Q(assigned_by=user) | Q(Exists(invited))

    def of_partner(self, partner: Any) -> Self:
        return self.filter(partner=partner)

    def of_opportunity(self, opportunity: Any) -> Self:
        return self.filter(opportunity=opportunity)

    def said_about(self, opportunity: Any, user: Any) -> Self:
        """What an opportunity's timeline shows those who see it, whoever owns its partner; newest first. Takes slots."""
        rows = self.alive().of_opportunity(opportunity)
        return rows.filter(Q(is_private=False) | self._party(user)).for_timeline()

    def open(self) -> Self:
        return self.filter(status="open")

    def overdue(self, now: datetime) -> Self:
        """Open and due before the moment."""
        return self.open().filter(happened_at__lt=now)

    def happened(self) -> Self:
        """What was said or done, not what is planned or was called off."""
        return self.filter(status="done")

    def to_do_by(self, user: Any, until: datetime) -> Self:
        """A person's open work due before the moment: overdue first, then timed, then for the day."""
        return self.alive().open().filter(owner=user, happened_at__lt=until).order_by("happened_at", "pk")

    def in_span(self, first: datetime, last: datetime) -> Self:
        """What a calendar shows between two moments: planned or past, with a start."""
        return self.filter(starts_at__lt=last, starts_at__isnull=False).filter(
            Q(ends_at__gt=first) | Q(starts_at__gte=first)
        )

    def search(self, text: str) -> Self:
        """Every word occurs in the title, the text or the result, in any of its forms; the last may be unfinished."""
        terms = search_terms(text)
        return self.filter(words=SearchQuery(terms, config="russian", search_type="raw")) if terms else self.all()

    def for_timeline(self) -> Self:
        return self.select_related("owner", "contact", "outcome", "type").order_by("-happened_at", "-pk")


def next_step(model: Any, **of: Any) -> QuerySet[Any]:
    """The open activity that comes first on a deal or a partner (`opportunity=OuterRef("pk")`), for a subquery."""
    return model._base_manager.filter(**of, status="open", deleted_at__isnull=True, is_private=False).order_by(
        "happened_at"
    )
