"""The words of reading activities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db.models import Q

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

    def search(self, text: str) -> Self:
        """Every word occurs in the text."""
        rows = self
        for word in text.split():
            rows = rows.filter(text__icontains=word)
        return rows

    def for_timeline(self) -> Self:
        return self.select_related("owner").order_by("-happened_at", "-pk")


class AttachmentQuerySet(ScopedQuerySet):
    """Files: seen by those who see the partner or the opportunity, changed by who uploaded them and who may change either."""

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "partner__owner"

    def alive(self) -> Self:
        """Files outside the recycle bin whose records are outside it too: they go and come back with them."""
        standing = Q(deleted_at__isnull=True, partner__deleted_at__isnull=True)
        return self.filter(standing, opportunity__deleted_at__isnull=True, activity__deleted_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        return self.alive().filter(self._of_records(user, "visible_to"))

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user).filter(self._theirs(user))

    def in_bin_of(self, user: User) -> Self:
        """Deleted files this person may take back."""
        thrown = self.filter(deleted_at__isnull=False, partner__deleted_at__isnull=True)
        return thrown.filter(self._of_records(user, "visible_to"), self._theirs(user))

    def of(self, partner: Any = None, opportunity: Any = None, activity: Any = None) -> Self:
        """Files of a record; a partner's are those of its opportunities and activities as well. Newest first."""
        given = {"activity": activity, "opportunity": opportunity, "partner": partner}
        name, record = next((name, record) for name, record in given.items() if record is not None)
        return self.filter(**{name: record}).select_related("created_by", "opportunity").order_by("-pk")

    def _theirs(self, user: User) -> Q:
        """Uploaded by this person, or of a record the person may change."""
        return Q(created_by=user) | self._of_records(user, "editable_by")

    def _of_records(self, user: User, reach: str) -> Q:
        """Of a partner or an opportunity within the person's reach ("visible_to", "editable_by")."""
        partner, opportunity = (self.model._meta.get_field(name).related_model for name in ("partner", "opportunity"))
        within = [getattr(model.objects, reach)(user).values("pk") for model in (partner, opportunity)]
        return Q(partner__in=within[0]) | Q(opportunity__in=within[1])
