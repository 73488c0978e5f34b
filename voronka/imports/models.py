"""Import runs, and what each of them created and updated."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.imports.querysets import ImportRunQuerySet


class ImportRun(models.Model):
    """One file on its way in: what it is, how its columns are read, and what became of its rows."""

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("import", "Mapping")
        CHECKING = "checking", pgettext_lazy("import", "Checking")
        CHECKED = "checked", pgettext_lazy("import", "Checked")
        RUNNING = "running", pgettext_lazy("import", "Running")
        DONE = "done", pgettext_lazy("import", "Done")
        FAILED = "failed", pgettext_lazy("import", "Refused")
        CANCELLED = "cancelled", pgettext_lazy("import", "Cancelled")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("owner"), related_name="+")
    kind = models.CharField(_("kind of data"), max_length=20)
    name = models.CharField(_("file"), max_length=200)
    file = models.FileField(upload_to="imports/", max_length=200)
    size = models.BigIntegerField(default=0)
    facts = models.JSONField(default=dict)
    headers = models.JSONField(default=list)
    samples = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    message = models.TextField(blank=True)
    rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    missing = models.JSONField(default=dict)
    seconds = models.FloatField(default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes: ClassVar = [models.Index(fields=["owner", "-id"], name="importrun_by_owner")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_busy(self) -> bool:
        return self.status in (self.Status.CHECKING, self.Status.RUNNING)

    @property
    def staging(self) -> str:
        """The scratch table with the file's rows; others begin with its name. They live until the run ends."""
        return f"imports_staging_{self.pk}"

    def answer(self) -> dict[str, Any]:
        """The counts as `voronka import --json` and the API say them."""
        counts = {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "skipped": self.skipped,
            "refused": self.refused,
        }
        return {"id": self.pk, "kind": self.kind, **counts, "seconds": round(self.seconds, 3)}


class ImportedRow(models.Model):
    """A record a run created or updated: what the run is taken back from. Pre-images of updates are kept by the audit."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="records")
    model = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    action = models.CharField(max_length=7)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run", "model", "object_id"], name="importedrow_by_run")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"
