"""How the values of a report look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from voronka.core.money import money_text, number_text, percent_text

if TYPE_CHECKING:
    from voronka.analytics.reports import Column


def text_of(column: Column, value: Any, currency: str) -> str:
    """The value of a report's column as people read it."""
    if value is None:
        return _("Not set")
    if column.kind == "money":
        return money_text(value, currency)
    if column.kind == "percent":
        return percent_text(value)
    return number_text(value) if column.kind == "count" else str(value)
