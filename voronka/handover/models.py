"""Hand-overs, what exactly changed hands by each, and the briefs written for whoever took over."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.handover.querysets import BriefQuerySet, HandoverQuerySet
from voronka.partners.models import Partner


class Handover(models.Model):
    """Work of one person given to another: everything, that of the partners a list shows, or that of chosen partners.

    It is written by one transaction of the background worker: `moved` (place -> rows) is empty until then.
    """

    class What(models.TextChoices):
        ALL = "all", pgettext_lazy("hand over", "Everything")
        FILTER = "filter", pgettext_lazy("hand over", "What the list of partners shows")
        PARTNERS = "partners", pgettext_lazy("hand over", "Chosen partners")

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("hand-over", "Waits for the worker")
        RUNNING = "running", pgettext_lazy("hand-over", "Under way")
        DONE = "done", pgettext_lazy("hand-over", "Done")
        CANCELLED = "cancelled", pgettext_lazy("hand-over", "Called off")
        FAILED = "failed", pgettext_lazy("hand-over", "Refused")
        UNDOING = "undoing", pgettext_lazy("hand-over", "Being taken back")
        UNDONE = "undone", pgettext_lazy("hand-over", "Taken back")

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("from whom"))
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("to whom"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("handed over by"), db_index=False
    )
    what = models.CharField(pgettext_lazy("hand over", "what"), max_length=8, choices=What.choices, default=What.ALL)
    # The filters of the list of partners as its address holds them, or the keys of the partners.
    query = models.TextField(blank=True)
    partners = ArrayField(models.BigIntegerField(), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.WAITING)
    message = models.TextField(blank=True)
    share = models.FloatField(default=0)
    moved = models.JSONField(default=dict)
    # What could not be taken back: [place, key, name of the record, who changed it, which verb, when].
    conflicts = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    done_at = models.DateTimeField(_("done"), null=True)
    undone_at = models.DateTimeField(_("taken back"), null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(giver=models.F("taker")), name="handover_between_two")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(status__in=["waiting", "running", "undoing"]), name="handover_busy")
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.taker}"

    def get_absolute_url(self) -> str:
        return reverse("handover:detail", args=[self.pk])

    @property
    def is_busy(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING, self.Status.UNDOING)

    @property
    def may_be_stopped(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING)

    @property
    def may_be_undone(self) -> bool:
        return self.status == self.Status.DONE


class HandedRows(models.Model):
    """The rows of one place (app.model.field) that changed hands, and the version each had afterwards: a row at another version was touched since."""

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="rows")
    place = models.CharField(max_length=120)
    keys = ArrayField(models.BigIntegerField())
    versions = ArrayField(models.PositiveIntegerField())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["handover", "place"], name="handedrows_once")]

    def __str__(self) -> str:
        return f"{self.place}: {len(self.keys)}"


class Brief(models.Model):
    """What whoever takes a partner over should know, as it was on the day: facts without words, told in the reader's language."""

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="briefs")
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="briefs")
    facts = models.JSONField(encoder=DjangoJSONEncoder)

    objects = BriefQuerySet.as_manager()

    class Meta:
        verbose_name = _("brief")
        verbose_name_plural = _("briefs")
        constraints: ClassVar = [models.UniqueConstraint(fields=["handover", "partner"], name="brief_once")]

    def __str__(self) -> str:
        return str(self.partner)

    def get_absolute_url(self) -> str:
        return reverse("handover:brief", args=[self.pk])
