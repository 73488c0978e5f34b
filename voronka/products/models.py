"""Currencies and their rates by day; items, price lists and taxes will stand here too."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Func, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.products.querysets import CurrencyQuerySet, RateQuerySet


class Currency(models.Model):
    """A currency prices are named in besides the company's own."""

    code = models.CharField(
        _("code"),
        max_length=3,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", _("A currency has three letters, like RUB or USD."))],
    )
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveIntegerField(_("order in lists"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    objects = CurrencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        ordering: ClassVar = ["position", "code"]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("products:currency", args=[self.pk])


class Rate(models.Model):
    """How many units of the company's currency one unit costs, from this day until the next one with a rate."""

    currency = models.ForeignKey(Currency, models.CASCADE, related_name="rates", verbose_name=_("currency"))
    day = models.DateField(_("day"), default=timezone.localdate)
    rate = models.DecimalField(
        _("rate"), max_digits=18, decimal_places=8, validators=[MinValueValidator(Decimal("0.00000001"))]
    )

    objects = RateQuerySet.as_manager()

    class Meta:
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        ordering: ClassVar = ["-day"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["currency", "day"], name="rate_once_a_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency_id} {self.day} {self.rate}"


class CompanyValue(Func):
    """An amount in the company's currency at the rate of the day a moment lies in (company's time zone), rounded half up to the cent.

    The rate is the last one known that day, else the first known later, else 1. The database's function `company_value` does the
    work, so that statements over many rows say the same as those over one.
    """

    function = "company_value"
    output_field = models.DecimalField(max_digits=18, decimal_places=2)

    def __init__(self, amount: Any, currency: Any, at: Any, **extra: Any) -> None:
        kinds: list[models.Field[Any, Any]] = [self.output_field, models.TextField(), models.DateTimeField()]
        given = [
            one if hasattr(one, "resolve_expression") else Value(one, kind)
            for one, kind in zip((amount, currency, at), kinds, strict=True)
        ]
        super().__init__(*given, **extra)
