"""Access is how rows are fetched: `visible_to` and `editable_by`, from the role's scope for the model."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import F, Func
from django.db.models.lookups import IsNull

from voronka.core.prepared import Slot

if TYPE_CHECKING:
    from voronka.accounts.models import User


class Scope(StrEnum):
    """How far a role reaches in one model, from nothing to everything."""

    NONE = "none"
    OWN = "own"
    TEAM = "team"
    ALL = "all"


def _value(record: Any, path: str) -> Any:
    for name in path.split("__"):
        record = getattr(record, name)
    return record


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows a person may see or change.

    `scope_of` names the model whose scope decides (children borrow their parent's), `owner_path` leads to the owner,
    `bin_path` to the moment of deletion ("" where rows are deleted for good).
    """

    scope_of: ClassVar[str] = ""
    owner_path: ClassVar[str] = "owner"
    bin_path: ClassVar[str] = "deleted_at"

    def visible_to(self, user: User) -> Self:
        """Live rows the role lets this person read."""
        return self.alive()._within(user, "see")

    def editable_by(self, user: User) -> Self:
        """Live rows the role lets this person change."""
        return self.alive()._within(user, "edit")

    def in_bin_of(self, user: User) -> Self:
        """Deleted rows this person may restore."""
        return self.filter(**{f"{self.bin_path}__isnull": False})._within(user, "edit")

    def alive(self) -> Self:
        """Rows outside the recycle bin."""
        return self.filter(**{f"{self.bin_path}__isnull": True}) if self.bin_path else self.all()

    def reaching(self, scope: Scope) -> Self:
        """`visible_to` for a prepared statement: the scope is its shape, the people within reach come by the slot "people"
        (`User.people_within`).
        """
        if scope == Scope.ALL:
            return self.alive()
        if scope == Scope.NONE:
            return self.none()
        place = Func(Slot("people"), F(self.owner_path), function="array_position", output_field=models.IntegerField())
        return self.alive().filter(IsNull(place, False))

    def allows(self, user: User, verb: str, record: Any) -> bool:
        """Whether the reach of the role covers a live record at hand: the question of `visible_to` ("see") and `editable_by` ("edit")
        without asking the database; only a team costs a statement, once per person.
        """
        if self.bin_path and _value(record, self.bin_path) is not None:
            return False
        scope = user.scope_for(self.scope_of or self.model._meta.label_lower, verb)
        if scope in (Scope.ALL, Scope.NONE):
            return scope == Scope.ALL
        owner = _value(record, f"{self.owner_path}_id")
        return owner in user.team_member_ids if scope == Scope.TEAM else owner == user.pk

    def _within(self, user: User, verb: str) -> Self:
        scope = user.scope_for(self.scope_of or self.model._meta.label_lower, verb)
        if scope == Scope.ALL:
            return self.all()
        if scope == Scope.TEAM:
            return self.filter(**{f"{self.owner_path}__in": user.team_member_ids})
        if scope == Scope.OWN:
            return self.filter(**{self.owner_path: user})
        return self.none()
