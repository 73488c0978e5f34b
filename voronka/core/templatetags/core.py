"""The only template tags of the house."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from voronka.core import money as texts
from voronka.core import tables

register = template.Library()

VERBS = {
    "change": _("changed"), "delete": _("moved to the recycle bin"), "restore": _("restored"), "move": _("moved to another stage"),
    "won": _("won"), "lost": _("lost"), "reopen": _("reopened"), "change_owner": _("changed the owner"), "convert": _("made a customer"),
    "connect": _("connected"), "import": _("imported"), "open": _("created"), "note": _("wrote a note"),
    "plan": _("planned"), "log": _("logged"), "complete": _("completed"), "cancel": _("cancelled"), "reschedule": _("rescheduled"),
    "reassign": _("reassigned"), "hand_over": _("handed over"), "take_back": _("took a hand-over back"),
}  # fmt: skip


@register.simple_tag
@lru_cache(maxsize=128)
def icon(name: str) -> SafeString:
    """One picture of the sprite; it is decoration, words stand beside it."""
    return format_html(
        '<svg class="icon" width="20" height="20" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("core/img/icons.svg"),
        name,
    )


@register.filter
def money(value: Decimal | None, currency: str = "") -> str:
    return texts.money_text(value, currency)


@register.filter
def short_money(value: Decimal | None, currency: str = "") -> str:
    return texts.short_money(value or 0, currency)


@register.filter
def number(value: Decimal | int | None) -> str:
    return "" if value is None else texts.number_text(value)


@register.filter
def percent(value: Decimal | None) -> str:
    return texts.percent_text(value)


@register.filter
def avatar_class(name: str) -> str:
    return tables.avatar_class(name)


@register.filter
def day(value: Any) -> str:
    return tables.day_text(value) if value else ""


@register.filter
def moment(value: datetime | None, timed: bool = True) -> str:
    """A moment as people say it: today, 15:00."""
    return tables.moment_words(value, timezone.now(), timed=bool(timed)) if value else ""


@register.filter
def verb(value: str) -> str:
    """The verb of a history entry in words."""
    return str(VERBS.get(value, _("changed")))


@register.simple_tag
def pill(name: str, percentage: Decimal) -> SafeString:
    return tables.pill(name, percentage)
