"""What every record of the house has, the company's settings, and saved views."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any, ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.encoding import force_str
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.prepared import Prepared

LATELY: Final = 5.0
EMPTY: Final = Value({}, output_field=models.JSONField())


@lru_cache(maxsize=512)
def _words_of(field: models.Field[Any, Any]) -> dict[Any, Any]:
    return dict(field.flatchoices)


class Kept(models.Model):
    """A record that knows its age, counts its changes and goes to the recycle bin instead of vanishing."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("created by"),
        related_name="+",
        null=True,
        editable=False,
        db_index=False,
    )
    # Counts the writes: an UPDATE that names the version it saw can't overwrite what it did not see.
    version = models.PositiveIntegerField(default=1, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("deleted by"),
        related_name="+",
        null=True,
        editable=False,
        db_index=False,
    )

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: models.Field[Any, Any]) -> Any:
        """The value in words, as Django says it; Django makes a dictionary of the choices each time, a timeline asks a hundred times."""
        value = getattr(self, field.attname)
        return force_str(_words_of(field).get(value, value), strings_only=True)


class Owned(Kept):
    """A record somebody answers for; the owner decides who sees it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("owner"), related_name="+")

    class Meta:
        abstract = True


class Lookup(models.Model):
    """A value of a list the company keeps itself: smaller `position` first; inactive values stay in old records only.

    `MORE` names further fields, yes/no or with choices, that are set beside the name on the page of the list.
    """

    MORE: ClassVar[tuple[str, ...]] = ()

    name = models.CharField(_("name"), max_length=100, unique=True)
    position = models.PositiveIntegerField(_("order in lists"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        abstract = True
        ordering: ClassVar = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Customised(models.Model):
    """A record with fields the company added itself (`core.custom`): key -> value."""

    custom = models.JSONField(_("custom fields"), default=dict, db_default=EMPTY, blank=True, editable=False)

    class Meta:
        abstract = True


class CustomField(models.Model):
    """A field the company added to a kind of record. It is retired rather than deleted, so that its key is never given again."""

    class Kind(models.TextChoices):
        TEXT = "text", pgettext_lazy("kind of field", "Text")
        NUMBER = "number", pgettext_lazy("kind of field", "Number")
        DATE = "date", pgettext_lazy("kind of field", "Date")
        CHOICE = "choice", pgettext_lazy("kind of field", "Choice from a list")
        YES_NO = "yes_no", pgettext_lazy("kind of field", "Yes or no")
        PARTNER = "partner", pgettext_lazy("kind of field", "Link to a partner")

    model = models.CharField(max_length=60, editable=False)
    key = models.CharField(_("key"), max_length=40, editable=False)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.TEXT)
    choices = ArrayField(models.CharField(max_length=100), verbose_name=_("choices"), default=list, blank=True)
    required = models.BooleanField(_("must be filled in"), default=False)
    in_lists = models.BooleanField(_("shown in lists"), default=False)
    position = models.PositiveIntegerField(_("order in lists"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "key"], name="core_customfield_unique_key"),
            models.UniqueConstraint("model", Lower("name"), name="core_customfield_unique_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Company(models.Model):
    """The one company this installation serves."""

    name = models.CharField(_("name"), max_length=200)
    full_name = models.CharField(_("full name"), max_length=300, blank=True)
    tax_id = models.CharField(_("tax ID"), max_length=32, blank=True)
    kpp = models.CharField(_("KPP"), max_length=9, blank=True)
    ogrn = models.CharField(_("OGRN"), max_length=15, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    country = models.CharField(_("country"), max_length=2, default="RU")
    currency = models.CharField(_("currency"), max_length=3, default="RUB")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="ru")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Moscow")
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("fiscal year starts in month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    work_starts = models.TimeField(_("working day starts"), default="09:00")
    work_ends = models.TimeField(_("working day ends"), default="18:00")
    loss_reason_required = models.BooleanField(_("a lost opportunity needs a reason"), default=True)
    silent_days = models.PositiveSmallIntegerField(
        _("days without a word until an opportunity or a lead is silent"),
        default=14,
        db_default=14,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    next_step_required = models.BooleanField(
        _("remind of open opportunities without a next step"), default=True, db_default=True
    )

    _read: ClassVar[tuple[float, Company | None]] = (0.0, None)

    class Meta:
        verbose_name = _("company")
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="core_company_single")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.forget()

    @classmethod
    def current(cls) -> Company:
        """The company's settings; before the first-run page was filled in, the defaults."""
        rows = _COMPANY()
        return rows[0] if rows else cls(pk=1, name="Voronka")

    @classmethod
    def lately(cls) -> Company:
        """The settings as they were at most LATELY seconds ago: for what pages show, never for what a rule decides."""
        read_at, company = cls._read
        if company is None or time.monotonic() - read_at > LATELY:
            company = cls.current()
            cls._read = (time.monotonic(), company)
        return company

    @classmethod
    def forget(cls) -> None:
        """Let the next page read the settings anew."""
        cls._read = (0.0, None)


_COMPANY: Final = Prepared(lambda: Company.objects.filter(pk=1))


class SavedView(models.Model):
    """A list as somebody likes it: the query string of its filters, sort and columns."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(_("shared with everyone"), default=False)
    is_default = models.BooleanField(_("open by default"), default=False)

    class Meta:
        verbose_name = _("saved view")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="core_savedview_unique_name"),
            models.UniqueConstraint(
                fields=["user", "page"], condition=models.Q(is_default=True), name="core_savedview_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name
