"""Columns of the lists of partners, and the values of one partner on its card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from voronka.core import custom
from voronka.core.addresses import address_of
from voronka.core.money import money_text, percent_text
from voronka.core.tables import Column, Table, day_text
from voronka.partners.models import Contact, Partner
from voronka.partners.rules import phone_for_reading

PARTNERS = Table(
    [
        Column("name", _("Name"), kind="link", sort="name_key"),
        Column("kind", _("Kind"), kind="choice", choices=tuple(Partner.Kind.choices)),
        Column("owner", _("Owner"), "owner__name", kind="person"),
        Column("phone", _("Phone"), kind="phone"),
        Column("email", _("E-mail"), kind="email"),
        Column("industry", _("Industry"), "industry__name"),
        Column("territory", _("Territory"), "territory__name"),
        Column("source", _("Source"), "source__name", shown=False),
        Column("group", _("Group"), "group__name", shown=False),
        Column("code", _("Code"), shown=False),
        Column("tax_id", _("Tax ID"), shown=False),
        Column("alias", _("Also called"), shown=False),
        Column("priority", _("Priority"), "priority__name", shown=False),
        Column("payment_terms", _("Payment terms"), "payment_terms__name", shown=False),
        Column("price_list", _("Price list"), shown=False),
        Column("discount_percent", _("Discount, %"), kind="percent", shown=False),
        Column("credit_limit", _("Credit limit"), kind="money", shown=False),
        Column("project", _("Project"), shown=False),
        Column("created_at", _("Created"), kind="moment", sort="created_at"),
        Column("updated_at", _("Changed"), kind="moment", sort="updated_at", shown=False),
    ],
    default_sort="name",
    detail="partners:detail",
)

CONTACTS = Table(
    [
        Column("name", pgettext_lazy("of a person", "Name"), kind="link", sort="name_key"),
        Column("partner", _("Partner"), "partner__name", kind="related", extra=("partner",), to="partners:detail"),
        Column("position", _("Job title")),
        Column("phone", _("Phone"), kind="phone"),
        Column("mobile", _("Mobile phone"), kind="phone", shown=False),
        Column("email", _("E-mail"), kind="email"),
        Column("owner", _("Owner"), "partner__owner__name", kind="person"),
        Column("kind", _("Kind"), "partner__kind", kind="choice", choices=tuple(Partner.Kind.choices), shown=False),
        Column("birth_date", _("Date of birth"), kind="date", shown=False),
        Column("language", _("Language"), kind="choice", choices=tuple(settings.LANGUAGES), shown=False),
        Column("remarks", _("Remarks"), shown=False),
        Column("created_at", _("Created"), kind="moment", sort="created_at"),
    ],
    default_sort="name",
    detail="partners:contact",
)

PHONES: Final = ("phone", "phone2")
# What people copy into contracts and payments.
COPIED: Final = ("full_name", "tax_id", "kpp", "ogrn")
PERCENTS: Final = ("discount_percent", "interest_percent")


@dataclass(frozen=True)
class Fact:
    """One value on a card: the name of its input, its label, its words, where a click on them leads, and the address of the form that changes it."""

    name: str
    label: str
    words: str
    href: str
    address: str
    tags: tuple[str, ...] = ()

    @property
    def copied(self) -> str:
        return self.words if self.name in COPIED else ""


def facts(
    partner: Partner, names: Iterable[str], linked: Mapping[int, str], tags: Iterable[str] = (), currency: str = ""
) -> list[Fact]:
    """The named values of a partner, custom ones included. `linked` are the partners this person may open, by key."""
    shown, language = {one.name: one for one in custom.shown(partner, linked)}, get_language() or ""
    found = []
    for name in names:
        address = address_of("partners:change", partner.pk, (name,))
        if name in shown:
            one = shown[name]
            href = address_of("partners:detail", one.link) if one.link else ""
            found.append(Fact(name, one.label, one.words, href, address))
        else:
            label = _label(name, language)
            if name == "tags":
                stuck = tuple(tags)
                found.append(Fact(name, label, ", ".join(stuck), "", address, stuck))
            else:
                found.append(Fact(name, label, _words(partner, name, currency), _href(partner, name, linked), address))
    return found


@lru_cache(maxsize=256)
def _label(name: str, language: str) -> str:
    return str(capfirst(Partner._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def _words(partner: Partner, name: str, currency: str) -> str:
    if name in PHONES:
        return phone_for_reading(getattr(partner, name)) if getattr(partner, name) else ""
    if display := getattr(partner, f"get_{name}_display", None):
        return str(display() or "")
    value: Any = getattr(partner, name)
    if value is None or value is False or value == "":
        return ""
    if value is True:
        return gettext("yes")
    if isinstance(value, Decimal):
        return percent_text(value) if name in PERCENTS else money_text(value, currency)
    return day_text(value) if isinstance(value, date) else str(value)


def _href(partner: Partner, name: str, linked: Mapping[int, str]) -> str:
    if name in PHONES and getattr(partner, name):
        return f"tel:{getattr(partner, name)}"
    if name == "email" and partner.email:
        return f"mailto:{partner.email}"
    if name == "website" and partner.website:
        return partner.website if partner.website.startswith(("http://", "https://")) else f"https://{partner.website}"
    key = getattr(partner, f"{name}_id") if name in ("channel", "connected") else 0
    return address_of("partners:detail", key) if key in linked else ""


def phones(contact: Contact) -> list[tuple[str, str]]:
    """A person's phones as they are dialled and as they are read."""
    return [(number, phone_for_reading(number)) for number in (contact.phone, contact.mobile) if number]


def requisites_text(facts: Iterable[Fact]) -> str:
    """The filled requisites as lines for a contract."""
    return "\n".join(f"{one.label}: {one.words}" for one in facts if one.words)
