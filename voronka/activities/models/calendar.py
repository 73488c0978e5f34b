"""What repeats, who is away, days off, and calendars of other programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.activities import recurrence
from voronka.activities.models.work import Activity, ActivitySubject, ActivityType, Kind
from voronka.activities.querysets import AbsenceQuerySet, FeedQuerySet, HolidayQuerySet, SeriesQuerySet
from voronka.core.audit import tracked
from voronka.core.models import Owned
from voronka.partners.models import ALIVE, Contact, Partner


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
