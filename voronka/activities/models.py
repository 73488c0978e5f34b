"""Contacts with partners. First width: notes; calls, meetings and tasks follow in the same table."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.activities.querysets import ActivityQuerySet
from voronka.core.audit import tracked
from voronka.core.models import Owned
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
