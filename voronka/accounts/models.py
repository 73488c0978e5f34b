"""People, teams, roles and API tokens."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from tree_queries.models import TreeNode

from voronka.accounts.querysets import NoticeQuerySet, TokenQuerySet, UserManager
from voronka.core.access import Scope
from voronka.core.models import Company

MEMBERS_BELOW = """
    WITH RECURSIVE below(id) AS (
        SELECT %s::bigint UNION SELECT team.id FROM accounts_team team JOIN below ON team.parent_id = below.id
    )
    SELECT member.id FROM accounts_user member JOIN below ON member.team_id = below.id
"""


class Team(TreeNode):
    """A group of people under one head; the head's team scope reaches all teams below."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """What a person may see, change and do: scopes by kind of record, and permissions."""

    slug = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=100, unique=True)
    scopes = models.JSONField(_("scopes"), default=dict)
    permissions = ArrayField(models.CharField(max_length=60), verbose_name=_("permissions"), default=list, blank=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """Somebody who works here. Inactive people cannot sign in but keep their records and their place in history."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("as the system")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=150)
    job_title = models.CharField(_("job title"), max_length=150, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    role = models.ForeignKey(Role, models.PROTECT, verbose_name=_("role"), related_name="users")
    team = models.ForeignKey(Team, models.PROTECT, verbose_name=_("team"), related_name="users", null=True, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    is_active = models.BooleanField(_("active"), default=True)
    notices_by_mail = models.BooleanField(_("send me notices by e-mail too"), default=True, db_default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def scope_for(self, label: str, verb: str) -> Scope:
        """How far this person reaches in a model ("partners.partner") by a verb ("see", "edit")."""
        if not self.is_active:
            return Scope.NONE
        return Scope(self.role.scopes.get(label, {}).get(verb, Scope.NONE))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether the role allows this kind of thing at all; which rows is a question for the querysets."""
        return self.is_active and perm in self.role.permissions

    def has_perms(self, perms: Iterable[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the role may do anything named after the app; templates ask."""
        return any(perm.startswith(f"{app_label}.") for perm in self.role.permissions)

    @cached_property
    def unread(self) -> int:
        """How many notices this person has not read yet; it comes along with the person of a session."""
        return Notice.objects.visible_to(self).unread().count()

    @cached_property
    def team_member_ids(self) -> list[int]:
        """Ids of everybody in this person's team and the teams below, this person included. One statement."""
        if self.team_id is None:
            return [self.pk]
        with connection.cursor() as cursor:
            cursor.execute(MEMBERS_BELOW, [self.team_id])
            return sorted({self.pk, *(row[0] for row in cursor)})

    def people_within(self, scope: Scope) -> list[int]:
        """Ids of the people a scope reaches; none are listed for everybody and for nobody."""
        return self.team_member_ids if scope == Scope.TEAM else [self.pk] if scope == Scope.OWN else []

    def assignment_reach(self) -> list[int] | None:
        """Ids of people this one may name as owner, None for everybody."""
        scopes = {self.scope_for(label, "edit") for label in ("partners.partner", "opportunities.opportunity")}
        if Scope.ALL in scopes:
            return None
        return self.team_member_ids if Scope.TEAM in scopes else [self.pk]

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone this person's moments are shown in."""
        return zoneinfo.ZoneInfo(self.time_zone or settings.TIME_ZONE)

    def language_or_default(self) -> str:
        """The language this person reads: their own choice, else the company's."""
        return self.language or Company.lately().language

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()


class ApiToken(models.Model):
    """A key for programs. Only its hash is kept; the key itself is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=8)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    used_on = models.DateField(_("last used"), null=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Notice(models.Model):
    """Something a person should know: it waits under the bell, and may go by mail. Written in the reader's language when it is made."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40, blank=True)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    # An address inside the product, beginning with "/".
    url = models.CharField(max_length=300, blank=True)
    # The same key never tells the same person twice.
    key = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True)
    # When to try to mail it next; null where it does not go by mail, was mailed, or was given up.
    mail_after = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at", "-id"], name="notice_by_user"),
            models.Index(fields=["mail_after"], condition=models.Q(mail_after__isnull=False), name="notice_to_mail"),
            models.Index(fields=["user"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], condition=~models.Q(key=""), name="notice_once")
        ]

    def __str__(self) -> str:
        return self.title
