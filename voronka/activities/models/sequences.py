"""Sequences of planned steps, in the company's own words and at work."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.activities.models.work import IS_OPEN, Activity, Kind
from voronka.activities.querysets import SequenceRunQuerySet
from voronka.core.models import Owned
from voronka.partners.models import ALIVE, Partner
from voronka.partners.querysets import LookupQuerySet


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
