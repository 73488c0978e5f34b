"""Reports sent by mail at their time; forecasts as they were made, and what a head thinks of them; home pages as people arranged them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.accounts.models import Role
from voronka.analytics.querysets import ForecastQuerySet, HomePageQuerySet, ScheduleQuerySet
from voronka.opportunities.models import Pipeline, Target


class Schedule(models.Model):
    """A report with its criteria, sent to people again and again; each gets what their own rights show, in their language."""

    class Every(models.TextChoices):
        DAY = "day", _("every day")
        WEEK = "week", _("every week")
        MONTH = "month", _("every month")

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        XLSX = "xlsx", "XLSX"
        CSV = "csv", "CSV"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="schedules")
    report = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    name = models.CharField(_("name"), max_length=80)
    recipients = models.ManyToManyField(settings.AUTH_USER_MODEL, verbose_name=_("recipients"), related_name="+")
    every = models.CharField(_("how often"), max_length=5, choices=Every.choices, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(
        _("day of the week"), default=0, choices=[
            (0, pgettext_lazy("weekday", "Monday")), (1, pgettext_lazy("weekday", "Tuesday")), (2, pgettext_lazy("weekday", "Wednesday")),
            (3, pgettext_lazy("weekday", "Thursday")), (4, pgettext_lazy("weekday", "Friday")), (5, pgettext_lazy("weekday", "Saturday")),
            (6, pgettext_lazy("weekday", "Sunday")),
        ],
    )  # fmt: skip
    day = models.PositiveSmallIntegerField(
        _("day of the month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=_("In a shorter month its last day."),
    )  # fmt: skip
    hour = models.PositiveSmallIntegerField(
        _("hour"), default=8, choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        help_text=_("In the time zone of the company."),
    )  # fmt: skip
    format = models.CharField(_("file"), max_length=4, choices=Format.choices, default=Format.PDF)
    # When it is due next; the job that sends it moves it on first, so that no two send it.
    next_at = models.DateTimeField(_("next"), db_index=True)
    sent_at = models.DateTimeField(_("last sent"), null=True, editable=False)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("regular report")
        verbose_name_plural = _("regular reports")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("analytics:schedule_edit", args=[self.pk])


class ForecastSnapshot(models.Model):
    """What was expected of a person in a month or quarter when a week began, in the company's currency; written once, never changed.

    One row per pipeline. A target and the head's word know no pipelines: they have a row of their own without one, where there are any.
    `week` is the Monday whose first moment (company's time zone) the figures are of. `weighted` is that of all open deals
    predicted to close in the period; `commit`, `best` and `pipeline_amount` are their amounts by category, those omitted left out.
    """

    week = models.DateField(_("week"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="+", verbose_name=_("pipeline"), null=True)
    kind = models.CharField(_("period"), max_length=7, choices=Target.Kind.choices)
    first = models.DateField(_("first day"))
    currency = models.CharField(_("currency"), max_length=3)
    won: Any = models.DecimalField(_("won"), max_digits=18, decimal_places=2, default=0)
    weighted: Any = models.DecimalField(_("weighted"), max_digits=18, decimal_places=2, default=0)
    commit: Any = models.DecimalField(_("commit"), max_digits=18, decimal_places=2, default=0)
    best: Any = models.DecimalField(_("best case"), max_digits=18, decimal_places=2, default=0)
    pipeline_amount: Any = models.DecimalField(_("other open ones"), max_digits=18, decimal_places=2, default=0)
    target = models.DecimalField(_("target"), max_digits=18, decimal_places=2, null=True)
    corrected = models.DecimalField(_("the head's word"), max_digits=18, decimal_places=2, null=True)

    objects = ForecastQuerySet.as_manager()

    class Meta:
        verbose_name = _("kept forecast")
        verbose_name_plural = _("kept forecasts")
        ordering: ClassVar = ["week", "id"]
        indexes: ClassVar = [models.Index(fields=["kind", "first", "week"], name="snapshot_by_period")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["week", "owner", "pipeline", "kind", "first"], name="snapshot_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.first} {self.week}"


class ForecastCorrection(models.Model):
    """What a head expects of a person in a period, beside the computed figure, in the company's currency. The latest one counts; none is ever
    changed, so that all of them are the history.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    kind = models.CharField(_("period"), max_length=7, choices=Target.Kind.choices)
    first = models.DateField(_("first day"))
    # None takes the word back: the computed figure counts again.
    amount = models.DecimalField(
        _("expected"), max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_("Empty: the computed figure counts again."),
    )  # fmt: skip
    computed = models.DecimalField(_("computed then"), max_digits=18, decimal_places=2, editable=False)
    comment = models.CharField(_("why"), max_length=500)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))

    objects = ForecastQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction of a forecast")
        verbose_name_plural = _("corrections of forecasts")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["kind", "first", "owner", "at"], name="correction_by_period")]

    def __str__(self) -> str:
        return f"{self.first} {self.amount}"


class HomePage(models.Model):
    """The tiles of a person's home page, or of everybody's with a role who arranged none: slugs in their order, in two columns."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", null=True)
    role = models.OneToOneField(Role, models.CASCADE, related_name="+", null=True)
    wide = ArrayField(models.CharField(max_length=60), default=list)
    side = ArrayField(models.CharField(max_length=60), default=list)

    objects = HomePageQuerySet.as_manager()

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, role__isnull=False) | Q(user__isnull=False, role__isnull=True),
                name="homepage_of_one",
            )
        ]

    def __str__(self) -> str:
        return " ".join([*self.wide, "|", *self.side])
