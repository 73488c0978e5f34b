"""Contacts with partners. First width: notes; calls, meetings and tasks follow in the same table."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.activities import rules
from voronka.activities.querysets import ActivityQuerySet, AttachmentQuerySet
from voronka.core.audit import tracked
from voronka.core.models import Kept, Owned
from voronka.partners.models import Partner


@tracked
class Activity(Owned):
    """Something that was said or done with a partner."""

    class Kind(models.TextChoices):
        NOTE = "note", pgettext_lazy("activity kind", "Note")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.NOTE)
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="activities", verbose_name=_("partner"))
    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        models.CASCADE,
        related_name="activities",
        verbose_name=_("opportunity"),
        null=True,
        blank=True,
    )
    text = models.TextField(_("text"))
    happened_at = models.DateTimeField(_("when"), default=timezone.now)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes: ClassVar = [
            models.Index(fields=["partner", "-happened_at"], name="activity_by_partner"),
            models.Index(
                fields=["opportunity", "-happened_at"],
                condition=models.Q(opportunity__isnull=False),
                name="activity_by_opportunity",
            ),
            models.Index(fields=["owner", "-happened_at"], name="activity_by_owner"),
            models.Index(
                fields=["happened_at", "id"], condition=models.Q(deleted_at__isnull=True), name="activity_by_moment"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


@tracked
class Attachment(Kept):
    """A file of a partner, perhaps of one of its opportunities or activities. Where it lies says nothing of what it is called."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="attachments", verbose_name=_("partner"))
    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        models.CASCADE,
        related_name="attachments",
        verbose_name=_("opportunity"),
        null=True,
        blank=True,
        db_index=False,
    )
    activity = models.ForeignKey(
        Activity,
        models.CASCADE,
        related_name="attachments",
        verbose_name=_("activity"),
        null=True,
        blank=True,
        db_index=False,
    )
    file = models.FileField(_("file"), max_length=100, editable=False)
    name = models.CharField(_("file name"), max_length=200)
    size = models.BigIntegerField(_("size"), editable=False)
    media_type = models.CharField(_("kind of file"), max_length=100, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    remarks = models.CharField(_("remarks"), max_length=500, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(opportunity__isnull=True) | models.Q(activity__isnull=True),
                name="attachment_of_one_thing",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["opportunity", "-id"],
                condition=models.Q(opportunity__isnull=False),
                name="attachment_by_opportunity",
            ),
            models.Index(
                fields=["activity", "-id"], condition=models.Q(activity__isnull=False), name="attachment_by_activity"
            ),
        ]
        # However a row goes (a purge, a cascade, an import taken back), its bytes are named for the worker once that is committed.
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="leave_bytes",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                referencing=pgtrigger.Referencing(old="gone"),
                func="INSERT INTO activities_leftbytes (place) SELECT file FROM gone; RETURN NULL;",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ending(self) -> str:
        """What the name ends with, for a small mark beside it."""
        return rules.ending(self.name)[:5]

    @property
    def is_shown(self) -> bool:
        """Whether a browser may show it by itself."""
        return self.media_type in rules.SHOWN


class LeftBytes(models.Model):
    """A file in the storage whose row is gone; the worker removes it."""

    place = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.place
