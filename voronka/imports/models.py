"""Import runs, and what each of them created and updated."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core import custom
from voronka.imports.querysets import ImportRunQuerySet, SavedMappingQuerySet

BUNDLE: Final = "bundle"


class ImportRun(models.Model):
    """One file on its way in: what it is, how its columns are read, and what became of its rows."""

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("import", "Mapping")
        CHECKING = "checking", pgettext_lazy("import", "Checking")
        CHECKED = "checked", pgettext_lazy("import", "Checked")
        RUNNING = "running", pgettext_lazy("import", "Running")
        PAUSED = "paused", pgettext_lazy("import", "Paused")
        DONE = "done", pgettext_lazy("import", "Done")
        FAILED = "failed", pgettext_lazy("import", "Refused")
        CANCELLED = "cancelled", pgettext_lazy("import", "Cancelled")
        UNDOING = "undoing", pgettext_lazy("import", "Being taken back")
        UNDONE = "undone", pgettext_lazy("import", "Taken back")

    class Phase(models.TextChoices):
        READING = "reading", pgettext_lazy("import", "Reading the rows")
        JUDGING = "judging", pgettext_lazy("import", "Comparing them with what is there")
        WRITING = "writing", pgettext_lazy("import", "Writing")
        UNDOING = "undoing", pgettext_lazy("import", "Taking back")

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
    # How many rows the file has, once it was read to its end: the whole of which the progress is a part.
    total = models.PositiveIntegerField(null=True)
    # Several files that belong together are the parts of one run, which has no file of its own. They come in by `position`.
    bundle = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")
    position = models.PositiveSmallIntegerField(default=0)
    # How far it is: what is being done, how much of the whole is behind (0 to 1), and since when it is at work;
    # `writes` tells a run from a check.
    writes = models.BooleanField(default=False)
    phase = models.CharField(max_length=8, choices=Phase.choices, blank=True)
    share = models.FloatField(default=0)
    began_at = models.DateTimeField(null=True)
    # What the check found, to be shown: action -> {"reasons": [[reason, rows], ...], "rows": [[row, reason, id of the record, {field: value}], ...]}.
    outcome = models.JSONField(default=dict)
    # SHA-256 of the file, and the audit's context under which the run wrote.
    digest = models.CharField(max_length=64, blank=True)
    context = models.UUIDField(null=True)
    removed = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
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
        return self.status in (self.Status.CHECKING, self.Status.RUNNING, self.Status.UNDOING)

    @property
    def is_bundle(self) -> bool:
        return self.kind == BUNDLE

    @property
    def rows_done(self) -> int:
        """Rows behind, as the share of the work that is done says: writing a row is more work than reading it."""
        return round((self.total or self.rows) * self.share)

    @property
    def speed(self) -> int:
        """Rows a second since the work began."""
        return round(self.rows_done / self.working) if self.working > 0 else 0

    @property
    def seconds_left(self) -> int | None:
        """Seconds still to go at the speed so far; None while too little is done to say."""
        return round(self.working * (1 - self.share) / self.share) if self.share > 0.02 and self.working > 1 else None

    @property
    def minutes_left(self) -> int:
        return round((self.seconds_left or 0) / 60)

    @property
    def promille(self) -> int:
        """The share in thousandths, as a bar wants it."""
        return round(self.share * 1000)

    @property
    def working(self) -> float:
        """Seconds since the work began."""
        return (timezone.now() - self.began_at).total_seconds() if self.began_at else 0

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
        parts = [part.answer() for part in self.parts.all()] if self.is_bundle else []
        told = {"id": self.pk, "kind": self.kind, **counts, "seconds": round(self.seconds, 3)}
        return told | ({"parts": parts} if parts else {})


class ImportedRecords(models.Model):
    """Records of one model a run created or updated, as ranges of their ids: what the run is taken back from.

    Pre-images of updates are kept by the audit under the run's `context`.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="records")
    model = models.CharField(max_length=40)
    action = models.CharField(max_length=7)
    ids = ArrayField(BigIntegerRangeField())

    def __str__(self) -> str:
        return f"{self.model}, {self.action}"


class ImportedState(models.Model):
    """The one state of an opportunity as it was before a run laid the states it went through in its place."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="states")
    state_id = models.BigIntegerField()
    opportunity_id = models.BigIntegerField()
    before = models.JSONField()

    def __str__(self) -> str:
        return f"state {self.state_id}"


class ImportConflict(models.Model):
    """What taking a run back left alone: a record people changed or use since, or one field of a record that was updated.

    `field` is empty where the whole record was kept; `reason` says why: edited, used or gone.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="conflicts")
    model = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    title = models.CharField(max_length=200)
    field = models.CharField(max_length=60, blank=True)
    before = models.TextField(blank=True)
    imported = models.TextField(blank=True)
    current = models.TextField(blank=True)
    reason = models.CharField(max_length=10)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.title}: {self.field or self.reason}"

    @property
    def label(self) -> str:
        """The field as people call it; "custom.key" is one the company added."""
        if key := self.field.partition("custom.")[2]:
            own = {one.key: one.name for one in custom.lately(apps.get_model(self.model), retired=True)}
            return own.get(key, key)
        columns = {field.column: field for field in apps.get_model(self.model)._meta.concrete_fields}
        return str(columns[self.field].verbose_name) if self.field in columns else self.field


class SavedMapping(models.Model):
    """How the columns of a kind of file were read the last time, offered by itself for the next file with the same headers.

    `signature` is made from the headers, whatever their order; `mapping` is header -> field.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("owner"), related_name="+")
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind of data"), max_length=20)
    signature = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    is_shared = models.BooleanField(_("shared with everyone"), default=False)
    used_at = models.DateTimeField(_("last used"), auto_now=True)

    objects = SavedMappingQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved mapping")
        verbose_name_plural = _("saved mappings")
        ordering: ClassVar = ["-used_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "signature"], name="savedmapping_once")]
        indexes: ClassVar = [
            models.Index(fields=["signature"], condition=models.Q(is_shared=True), name="savedmapping_shared")
        ]

    def __str__(self) -> str:
        return self.name
