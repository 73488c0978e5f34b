"""The words of reading people and their tokens."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from voronka.accounts.models import User


class UserQuerySet(models.QuerySet[Any]):
    """Colleagues: their names are known to everyone signed in, their records are not."""

    def visible_to(self, user: User) -> Self:
        """Everybody sees who works here."""
        return self.all() if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        """Those who manage users change everybody, others only themselves."""
        return self.all() if user.has_perm("accounts.manage_users") else self.filter(pk=user.pk)

    def active(self) -> Self:
        return self.filter(is_active=True)

    def assignable_by(self, user: User) -> Self:
        """Whom this person may name as an owner: active colleagues within the widest scope of editing."""
        reach = user.assignment_reach()
        rows = self.active()
        return rows if reach is None else rows.filter(pk__in=reach)

    def for_list(self) -> Self:
        return self.select_related("role", "team")

    def with_unread(self) -> Self:
        """Each with `unread`, the number of their notices not read yet: the badge on every page costs no statement of its own."""
        notices: Any = self.model._meta.get_field("notices").related_model
        waiting = notices.objects.unread().filter(user=OuterRef("pk")).order_by().values("user")
        return self.annotate(unread=Coalesce(Subquery(waiting.values(n=Count("pk"))), 0))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes accounts; the e-mail is the name one signs in with."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **fields)


class TokenQuerySet(models.QuerySet[Any]):
    """API tokens are seen and revoked by their holder alone."""

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)


class NoticeQuerySet(models.QuerySet[Any]):
    """Notices are read by the one they were written to."""

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def to_mail(self, now: datetime) -> Self:
        """Those whose turn to go by mail has come, oldest first."""
        return self.filter(mail_after__lte=now).order_by("mail_after", "pk")
