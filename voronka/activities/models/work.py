"""Work to do and what was said: activities of all kinds, their words, their files."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.activities import files
from voronka.activities.querysets import A_DAY, ActivityQuerySet, AttachmentQuerySet
from voronka.core.audit import tracked
from voronka.core.models import Kept, Lookup, Owned
from voronka.partners.models import ALIVE, Contact, Partner
from voronka.partners.querysets import LookupQuerySet

HALF_DAY = timedelta(hours=12)
IS_OPEN = Q(status="open")


class Kind(models.TextChoices):
    CALL = "call", pgettext_lazy("activity kind", "Call")
    MEETING = "meeting", pgettext_lazy("activity kind", "Meeting")
    TASK = "task", pgettext_lazy("activity kind", "Task")
    NOTE = "note", pgettext_lazy("activity kind", "Note")
    EMAIL = "email", pgettext_lazy("activity kind", "E-mail")
    CAMPAIGN = "campaign", pgettext_lazy("activity kind", "Campaign")
    OTHER = "other", pgettext_lazy("activity kind", "Other")


class Status(models.TextChoices):
    OPEN = "open", pgettext_lazy("activity status", "Planned")
    DONE = "done", pgettext_lazy("activity status", "Done")
    CANCELLED = "cancelled", pgettext_lazy("activity status", "Cancelled")


class Words(Func):
    """Texts as stems of their words. The Russian configuration knows both languages: words in Latin letters go to the English stemmer."""

    template = "to_tsvector('russian', translate(%(expressions)s, 'ёЁ', 'еЕ'))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class ActivityType(Lookup):
    """What an activity is about, in the company's own words (presentation, complaint, payment)."""

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("activity type")
        verbose_name_plural = _("activity types")


class ActivitySubject(models.Model):
    """A finer word within one type."""

    type = models.ForeignKey(ActivityType, models.PROTECT, related_name="subjects", verbose_name=_("activity type"))
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveIntegerField(_("order in lists"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    objects = LookupQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity subject")
        verbose_name_plural = _("activity subjects")
        ordering: ClassVar = ["type", "position", "name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["type", "name"], name="activitysubject_unique_name")]

    def __str__(self) -> str:
        return self.name


class Outcome(Lookup):
    """What came of a call or a meeting; `reached` says whether we spoke with somebody."""

    MORE: ClassVar = ("reached",)

    reached = models.BooleanField(_("somebody was reached"), default=True)

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")


@partial(tracked, without=("words", "duration"))
class Activity(Owned):
    """Something that is to be done, was said or was done. The owner is who does it; only actions change it.

    Planned for a moment it has `starts_at` and `ends_at`, for a day without a time `due_on` alone. Its place in time is `happened_at`: while it is
    open the moment it is due (the start, or the end of the day in the owner's zone), afterwards the moment it happened. So one order
    shows overdue, timed and untimed work, and one comparison with the clock tells what is overdue.
    """

    Kind = Kind
    Status = Status

    class Direction(models.TextChoices):
        IN = "in", pgettext_lazy("direction", "Incoming")
        OUT = "out", pgettext_lazy("direction", "Outgoing")

    class Priority(models.IntegerChoices):
        LOW = 0, pgettext_lazy("priority", "Low")
        NORMAL = 1, pgettext_lazy("priority", "Normal")
        HIGH = 2, pgettext_lazy("priority", "High")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.NOTE)
    type = models.ForeignKey(
        ActivityType, models.PROTECT, verbose_name=_("activity type"), null=True, blank=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    subject = models.ForeignKey(
        ActivitySubject, models.PROTECT, verbose_name=_("activity subject"), null=True, blank=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    partner = models.ForeignKey(
        Partner, models.CASCADE, related_name="activities", verbose_name=_("partner"), null=True, blank=True, db_index=False,
    )  # fmt: skip
    contact = models.ForeignKey(
        Contact, models.SET_NULL, verbose_name=_("contact"), null=True, blank=True, related_name="activities",
        db_index=False,
    )  # fmt: skip
    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        models.CASCADE,
        related_name="activities",
        verbose_name=_("opportunity"),
        null=True,
        blank=True,
        db_index=False,
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("assigned by"), related_name="+", null=True, blank=True,
        db_index=False,
    )  # fmt: skip
    participants = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("participants"), related_name="invited_to", blank=True
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    result = models.TextField(_("what came of it"), blank=True)
    happened_at = models.DateTimeField(_("when"), default=timezone.now)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    all_day = models.BooleanField(_("all day"), default=False)
    duration = models.GeneratedField(
        expression=F("ends_at") - F("starts_at"),
        output_field=models.DurationField(_("duration")),
        db_persist=True,
    )
    location = models.CharField(_("place"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction.choices, blank=True)
    outcome = models.ForeignKey(
        Outcome, models.PROTECT, verbose_name=_("outcome"), null=True, blank=True, related_name="+", db_index=False
    )
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.DONE)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    is_private = models.BooleanField(_("private"), default=False)
    is_tentative = models.BooleanField(_("tentative"), default=False)
    # Minutes before `happened_at`; `remind_at` is the moment of the next reminder, empty once it was given.
    remind_before = models.PositiveIntegerField(_("remind before, minutes"), null=True, blank=True)
    remind_at = models.DateTimeField(_("reminder"), null=True, editable=False)
    follow_up_of = models.ForeignKey(
        "self", models.SET_NULL, verbose_name=_("follows"), null=True, blank=True, related_name="follow_ups",
        db_index=False,
    )  # fmt: skip
    # An occurrence of a series keeps the start it had in it, wherever it was moved: by that the series knows it (`occurrences`).
    series = models.ForeignKey(
        "Series", models.CASCADE, verbose_name=_("series"), null=True, blank=True, related_name="occurrences",
        db_index=False,
    )  # fmt: skip
    original_start = models.DateTimeField(_("start in the series"), null=True, blank=True, editable=False)
    # Letters with an .ics go to participants and contact; `invited_version` is the version they were told last.
    invites = models.BooleanField(_("send invitations by e-mail"), default=False, db_default=False)
    invited_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    external_id = models.CharField(_("number in another system"), max_length=100, blank=True)
    words = models.GeneratedField(
        expression=Words(F("title"), F("text"), F("result")), output_field=SearchVectorField(), db_persist=True
    )

    # For the page that shows it: whether its reader may change it (`tables.entries`).
    may_edit = False

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes: ClassVar = [
            models.Index(fields=["partner", "-happened_at", "-id"], name="activity_by_partner"),
            models.Index(
                fields=["opportunity", "-happened_at", "-id"],
                condition=Q(opportunity__isnull=False),
                name="activity_by_opportunity",
            ),
            models.Index(fields=["owner", "-happened_at"], name="activity_by_owner"),
            models.Index(fields=["happened_at", "id"], condition=ALIVE, name="activity_by_moment"),
            models.Index(fields=["created_at", "id"], condition=ALIVE, name="activity_by_created"),
            # What is to be done: by person for the day's list, by deal and partner for the next step, of everybody for what is overdue.
            models.Index(fields=["happened_at", "id"], condition=ALIVE & IS_OPEN, name="activity_open"),
            models.Index(fields=["owner", "happened_at", "id"], condition=ALIVE & IS_OPEN, name="activity_to_do"),
            models.Index(
                fields=["opportunity", "happened_at"],
                condition=ALIVE & IS_OPEN & Q(opportunity__isnull=False),
                name="activity_next_of_opportunity",
            ),
            models.Index(
                fields=["partner", "happened_at"],
                condition=ALIVE & IS_OPEN & Q(partner__isnull=False),
                name="activity_next_of_partner",
            ),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="activity_to_remind"),
            models.Index(fields=["contact"], condition=Q(contact__isnull=False), name="activity_by_contact"),
            models.Index(
                fields=["follow_up_of"], condition=Q(follow_up_of__isnull=False), name="activity_by_follow_up_of"
            ),
            models.Index(
                fields=["owner", "starts_at", "id"],
                condition=ALIVE & Q(starts_at__isnull=False),
                name="activity_by_start",
            ),
            models.Index(
                fields=["owner", "ends_at"], condition=ALIVE & Q(duration__gt=A_DAY), name="activity_longer_than_a_day"
            ),
            models.Index(
                fields=["owner", "due_on", "id"],
                condition=ALIVE & Q(starts_at__isnull=True, due_on__isnull=False),
                name="activity_by_day",
            ),
            models.Index(
                fields=["assigned_by", "happened_at", "id"],
                condition=ALIVE & Q(assigned_by__isnull=False),
                name="activity_by_assigned_by",
            ),
            models.Index(
                fields=["id"], condition=Q(invites=True) & ~Q(version=F("invited_version")), name="activity_to_invite"
            ),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="activity_by_external_id"),
            GinIndex(fields=["words"], name="activity_words"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(partner__isnull=False) | Q(is_private=True), name="activity_partner_or_private"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__isnull=False, ends_at__gte=F("starts_at")),
                name="activity_forward_in_time",
            ),
            models.CheckConstraint(condition=~IS_OPEN | Q(closed_at__isnull=True), name="activity_open_is_not_closed"),
            models.UniqueConstraint(
                fields=["series", "original_start"],
                condition=Q(series__isnull=False),
                name="activity_once_in_series",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.text[:60] or str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return reverse("activities:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status == Status.OPEN

    @property
    def is_gone(self) -> bool:
        """It does not take place: called off, or in the recycle bin."""
        return self.deleted_at is not None or self.status == Status.CANCELLED

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.happened_at < timezone.now()

    @property
    def is_timed(self) -> bool:
        """At a moment of the day, not somewhere on it."""
        return self.starts_at is not None and not self.all_day

    @property
    def first_day(self) -> date:
        """The first day it takes, in the reader's zone; whole days are the same days in all zones, whose midnight they began at."""
        if self.starts_at is None:
            return self.due_on or timezone.localdate(self.happened_at)
        return timezone.localdate(self.starts_at + HALF_DAY if self.all_day else self.starts_at)

    @property
    def last_day(self) -> date:
        """The last day it takes, as `first_day`."""
        if self.starts_at is None or self.ends_at is None:
            return self.first_day
        if self.all_day:
            return timezone.localdate(self.ends_at - HALF_DAY)
        return max(timezone.localdate(self.ends_at - timedelta(microseconds=1)), self.first_day)

    @property
    def minutes(self) -> int | None:
        """How long it takes or took, in whole minutes."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


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
        return files.ending(self.name)[:5]

    @property
    def is_shown(self) -> bool:
        """Whether a browser may show it by itself."""
        return self.media_type in files.SHOWN


class LeftBytes(models.Model):
    """A file in the storage whose row is gone; the worker removes it."""

    place = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.place
