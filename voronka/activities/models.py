"""Contacts with partners and work to do: calls, meetings, tasks, notes, e-mails, in one table from planning to what came of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.activities import files, letters, recurrence
from voronka.activities.querysets import (
    A_DAY,
    AbsenceQuerySet,
    ActivityQuerySet,
    AttachmentQuerySet,
    FeedQuerySet,
    HolidayQuerySet,
    LetterQuerySet,
    MailboxQuerySet,
    SequenceRunQuerySet,
    SeriesQuerySet,
)
from voronka.core.audit import tracked
from voronka.core.models import Kept, Lookup, Owned
from voronka.partners.models import ALIVE, Contact, Partner
from voronka.partners.querysets import LookupQuerySet

HALF_DAY = timedelta(hours=12)
IS_OPEN = Q(status="open")
# A mailbox nobody looked into for this long is late: the worker stands still.
LATE = timedelta(minutes=20)
PORT = (MinValueValidator(1), MaxValueValidator(65535))


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
class Series(Owned):
    """Work that repeats: what each time is about, and on which days by the wall clock of a zone (`recurrence.Pattern`).

    Occurrences of the coming weeks are activities like any other (`occurrences.keep_ahead`), later ones are made when somebody touches them.
    An occurrence that was changed, moved or deleted is its own row and wins over the series; `excluded` remembers those deleted for good.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.MEETING)
    type = models.ForeignKey(
        ActivityType, models.PROTECT, verbose_name=_("activity type"), null=True, blank=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    subject = models.ForeignKey(
        ActivitySubject, models.PROTECT, verbose_name=_("activity subject"), null=True, blank=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    partner = models.ForeignKey(
        Partner, models.CASCADE, related_name="series", verbose_name=_("partner"), null=True, blank=True
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, verbose_name=_("contact"), null=True, blank=True, related_name="+"
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity", models.CASCADE, related_name="series", verbose_name=_("opportunity"), null=True, blank=True,
    )  # fmt: skip
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("assigned by"), related_name="+", null=True, blank=True,
        db_index=False,
    )  # fmt: skip
    participants = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("participants"), related_name="+", blank=True
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    location = models.CharField(_("place"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Activity.Priority.choices, default=Activity.Priority.NORMAL
    )
    direction = models.CharField(_("direction"), max_length=3, choices=Activity.Direction.choices, blank=True)
    is_private = models.BooleanField(_("private"), default=False)
    is_tentative = models.BooleanField(_("tentative"), default=False)
    invites = models.BooleanField(_("send invitations by e-mail"), default=False)
    remind_before = models.PositiveIntegerField(_("remind before, minutes"), null=True, blank=True)
    # RFC 5545 without UNTIL; the day and the time of day are those of the zone. No time of day: whole days, `length` counts them.
    rule = models.CharField(_("repeats"), max_length=200)
    zone = models.CharField(_("time zone"), max_length=64)
    starts_on = models.DateField(_("first day"))
    clock = models.TimeField(_("time"), null=True, blank=True)
    length = models.DurationField(_("takes"))
    last_on = models.DateField(_("last day"), null=True, blank=True)
    excluded = ArrayField(models.DateTimeField(), default=list, editable=False)
    invited_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        indexes: ClassVar = [
            models.Index(fields=["owner", "starts_on"], condition=ALIVE, name="series_by_owner"),
            models.Index(
                fields=["id"], condition=Q(invites=True) & ~Q(version=F("invited_version")), name="series_to_invite"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(partner__isnull=False) | Q(is_private=True), name="series_partner_or_private"
            )
        ]

    def __str__(self) -> str:
        return self.title or str(self.get_kind_display())

    @property
    def pattern(self) -> recurrence.Pattern:
        return recurrence.Pattern(self.rule, self.starts_on, self.clock, ZoneInfo(self.zone), self.last_on)

    def end_of(self, start: datetime) -> datetime:
        """When the occurrence that starts at a moment ends: whole days end at a midnight of the zone, however long the days between were."""
        if self.clock is not None:
            return start + self.length
        local = start.astimezone(ZoneInfo(self.zone))
        return (local.replace(tzinfo=None) + self.length).replace(tzinfo=local.tzinfo).astimezone(UTC)


@tracked
class Absence(Owned):
    """Days the owner is away; both ends included."""

    class Kind(models.TextChoices):
        VACATION = "vacation", pgettext_lazy("absence", "Vacation")
        SICK = "sick", pgettext_lazy("absence", "Sick leave")
        TRIP = "trip", pgettext_lazy("absence", "Business trip")
        TRAINING = "training", pgettext_lazy("absence", "Training")
        OTHER = "other", pgettext_lazy("absence", "Other")

    kind = models.CharField(_("reason"), max_length=8, choices=Kind.choices, default=Kind.VACATION)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    remarks = models.CharField(_("remarks"), max_length=300, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering: ClassVar = ["-first_on", "-id"]
        indexes: ClassVar = [models.Index(fields=["owner", "last_on"], condition=ALIVE, name="absence_by_owner")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="absence_forward_in_time")
        ]

    def __str__(self) -> str:
        return f"{self.owner}: {self.get_kind_display()}"


class Holiday(models.Model):
    """A day the company does not work, or a weekend day it does (`works`)."""

    day = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    works = models.BooleanField(_("a working day"), default=False)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering: ClassVar = ["day"]

    def __str__(self) -> str:
        return self.name


class CalendarFeed(models.Model):
    """The secret address of one's calendar for other programs; only its hash is kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    read_at = models.DateTimeField(_("last read"), null=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return str(self.user)


class Invitation(models.Model):
    """Somebody who was sent an .ics of a meeting or of a series, so that its changes and its end are sent too.

    `event` and `instance` are what their calendar knows it by: a meeting by itself, or one occurrence of a series.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="invitations", null=True)
    series = models.ForeignKey(Series, models.CASCADE, related_name="invitations", null=True)
    event = models.CharField(max_length=40, blank=True, db_default="")
    instance = models.DateTimeField(null=True)
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(max_length=2, blank=True)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["activity", "email"], name="invitation_once"),
            models.UniqueConstraint(fields=["series", "email"], name="invitation_once_of_series"),
            models.CheckConstraint(
                condition=Q(activity__isnull=False, series__isnull=True)
                | Q(activity__isnull=True, series__isnull=False),
                name="invitation_to_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.email


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


class Sequence(models.Model):
    """A template of planned steps (call tomorrow, letter in three days, call in a week), in the company's own words."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    position = models.PositiveIntegerField(_("order in lists"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    objects = LookupQuerySet.as_manager()

    class Meta:
        verbose_name = _("sequence of actions")
        verbose_name_plural = _("sequences of actions")
        ordering: ClassVar = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class SequenceStep(models.Model):
    """One step of a template. Sequences at work have their own activities: a later change of the template is not theirs."""

    WORK: ClassVar = [(one.value, one.label) for one in (Kind.CALL, Kind.EMAIL, Kind.MEETING, Kind.TASK)]

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="steps")
    after_days = models.PositiveSmallIntegerField(
        _("days after the start"), default=1, validators=[MaxValueValidator(365)]
    )
    kind = models.CharField(_("kind"), max_length=8, choices=WORK, default=Kind.CALL)
    title = models.CharField(_("title"), max_length=200)

    class Meta:
        verbose_name = _("step of a sequence")
        ordering: ClassVar = ["after_days", "id"]

    def __str__(self) -> str:
        return self.title


class SequenceRun(Owned):
    """A sequence at work with a partner; its steps are activities. It is open as long as one of them is."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("sequence", "Under way")
        DONE = "done", pgettext_lazy("sequence", "Done")
        STOPPED = "stopped", pgettext_lazy("sequence", "Stopped")

    sequence = models.ForeignKey(Sequence, models.PROTECT, related_name="runs", verbose_name=_("sequence of actions"))
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="sequences", verbose_name=_("partner"))
    status = models.CharField(_("status"), max_length=7, choices=Status.choices, default=Status.OPEN)

    objects = SequenceRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("sequence at work")
        verbose_name_plural = _("sequences at work")
        indexes: ClassVar = [models.Index(fields=["-id"], condition=ALIVE & IS_OPEN, name="sequencerun_open")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sequence", "partner"], condition=IS_OPEN, name="sequencerun_one_open")
        ]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.partner}"


class RunStep(models.Model):
    """An activity that is a step of a sequence, and the moment it was due by the plan, wherever it was put off to since."""

    run = models.ForeignKey(SequenceRun, models.CASCADE, related_name="steps")
    activity = models.OneToOneField(Activity, models.CASCADE, related_name="run_step")
    due = models.DateTimeField(_("day in the plan"))

    class Meta:
        ordering: ClassVar = ["due", "id"]

    def __str__(self) -> str:
        return str(self.activity)


class LeftBytes(models.Model):
    """A file in the storage whose row is gone; the worker removes it."""

    place = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.place


class Letter(models.Model):
    """What an e-mail has besides the activity it is: its envelope, its thread, its HTML, and how far it got on its way.

    `key` is its Message-ID, so the copies of two colleagues are one row. `thread` is the key of the letter it all began with.
    """

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("state of a letter", "Received")
        WAITING = "waiting", pgettext_lazy("state of a letter", "Waiting to be sent")
        SENT = "sent", pgettext_lazy("state of a letter", "Sent")
        FAILED = "failed", pgettext_lazy("state of a letter", "Not sent")

    activity = models.OneToOneField(Activity, models.CASCADE, primary_key=True, related_name="letter")
    key = models.CharField(max_length=250, unique=True)
    thread = models.CharField(max_length=250, db_index=True)
    answers = ArrayField(models.CharField(max_length=250), default=list, blank=True)
    sender = models.CharField(_("from"), max_length=254, blank=True)
    sender_name = models.CharField(_("name of the sender"), max_length=200, blank=True)
    to = ArrayField(models.CharField(max_length=254), verbose_name=_("to"), default=list)
    cc = ArrayField(models.CharField(max_length=254), verbose_name=_("copy"), default=list, blank=True)
    dated = models.DateTimeField(_("date of the letter"), null=True)
    html = models.TextField(blank=True)
    enclosed = models.PositiveSmallIntegerField(_("files"), default=0)
    # Names of enclosed files that were not kept, with the reason in the company's language.
    left_out = ArrayField(models.CharField(max_length=400), default=list, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.RECEIVED)
    send_after = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes: ClassVar = [
            models.Index(fields=["send_after"], condition=Q(state="waiting"), name="letter_to_send"),
        ]

    def __str__(self) -> str:
        return str(self.activity)

    @property
    def own_words(self) -> str:
        """What was written, without what was answered."""
        return letters.own_words(self.activity.text)


class LetterTemplate(Lookup):
    """Words for letters, written once: {contact}, {partner}, {deal} and {sender} are filled in."""

    title = models.CharField(_("subject of the letter"), max_length=200, blank=True)
    text = models.TextField(_("text"))

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("letter template")
        verbose_name_plural = _("letter templates")


class Mailbox(models.Model):
    """A person's own mailbox: letters with known partners come from it to their timelines, and what the person writes goes out under its address.

    The password is sealed and shown to nobody, the person included.
    """

    class Security(models.TextChoices):
        SSL = "ssl", _("TLS from the start (usual)")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("none: only inside one's own network")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mailbox")
    address = models.EmailField(_("my address"))
    host = models.CharField(_("IMAP server"), max_length=253)
    port = models.PositiveIntegerField(_("port"), default=993, validators=PORT)
    security = models.CharField(_("encryption"), max_length=8, choices=Security.choices, default=Security.SSL)
    login = models.CharField(_("login"), max_length=254)
    sealed = models.TextField(editable=False)
    sent_folder = models.CharField(_("folder of sent letters"), max_length=200, blank=True)
    since = models.DateField(_("bring letters since"))
    is_private = models.BooleanField(_("show my letters to those who took part only"), default=False)
    is_active = models.BooleanField(_("bring letters"), default=True)
    # Where letters go out; empty: through the company's server.
    smtp_host = models.CharField(_("SMTP server"), max_length=253, blank=True)
    smtp_port = models.PositiveIntegerField(_("SMTP port"), default=465, validators=PORT)
    smtp_security = models.CharField(_("SMTP encryption"), max_length=8, choices=Security.choices, default=Security.SSL)
    look_after = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(_("last looked into without trouble"), null=True)
    last_letter_at = models.DateTimeField(_("last letter"), null=True)
    trouble = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    broken_since = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        indexes: ClassVar = [models.Index(fields=["look_after"], condition=Q(is_active=True), name="mailbox_to_look")]

    def __str__(self) -> str:
        return self.address

    def get_absolute_url(self) -> str:
        return reverse("activities:mailbox")

    @property
    def health(self) -> str:
        """ "broken", "paused", "new" (never looked into), "late" (nobody looked for LATE) or "well"."""
        if not self.is_active:
            return "paused"
        if self.trouble:
            return "broken"
        if self.looked_at is None:
            return "new"
        return "late" if timezone.now() - self.looked_at > LATE else "well"

    @property
    def reason(self) -> str:
        """Why it can't be read, as a sentence that says what to do."""
        sentence = TROUBLES.get(self.trouble)
        return str(sentence) % {"detail": self.detail} if sentence else ""


TROUBLES = {
    "login": _("The mail server refused the login or the password. It said: %(detail)s"),
    "tls": _("The server's certificate can't be trusted, or it speaks no TLS on this port: %(detail)s"),
    "host": _("There is no server named %(detail)s."),
    "timeout": _("%(detail)s did not answer in time."),
    "connection": _("The mail server can't be reached: %(detail)s"),
    "folder": _("A folder can't be opened: %(detail)s"),
    "protocol": _("The mail server answered in a way nobody understands: %(detail)s"),
    "sealed": _("The password can't be read any more, because the installation's secret changed. Type it again."),
}


class MailFolder(models.Model):
    """How far a folder of a mailbox was read: up to which number, as long as the server keeps its numbering."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="folders")
    name = models.CharField(max_length=200)
    numbering = models.BigIntegerField(default=0)
    last_number = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["mailbox", "name"], name="mailfolder_once")]

    def __str__(self) -> str:
        return self.name
