"""Reports that are sent by mail at their time."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.analytics.querysets import ScheduleQuerySet


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
