"""Currencies with rates for tests, as plain functions."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from voronka.products.models import Currency, Rate


def currency(code="USD", rate=90, days_ago=0, **fields):
    """A currency with one rate that holds since so many days ago."""
    found = Currency.objects.get_or_create(code=code, defaults={"name": code, **fields})[0]
    day = timezone.localdate() - timedelta(days=days_ago)
    Rate.objects.update_or_create(currency=found, day=day, defaults={"rate": Decimal(rate)})
    return found
