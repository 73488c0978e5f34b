"""Values of one row put right before they are staged."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from voronka.partners import rules

# Made once: this is asked of every row.
_NUMBERS: Final = (("tax_id", 32, _("Tax ID")), ("kpp", 9, _("KPP")), ("ogrn", 15, _("OGRN")))


def put_keys_right(values: dict[str, str], prefix: str = "") -> None:
    """Phones to E.164, e-mail small, tax id bare; what can't be a key is kept in the remarks rather than lost."""
    phone, email = f"{prefix}phone", f"{prefix}email"
    if typed := values.get(phone, ""):
        first = typed.split(",")[0].split(";")[0]
        values[phone] = rules.phone_e164(first)
        if not values[phone] or first != typed:
            _remark(values, prefix, f"{_('Phone')}: {typed}")
    if typed := values.get(f"{phone}2", ""):
        values[f"{phone}2"] = rules.phone_e164(typed)
        if not values[f"{phone}2"]:
            _remark(values, prefix, f"{_('Phone')}: {typed}")
    if typed := values.get(email, ""):
        values[email] = _first_email(typed)
        if values[email] != typed.lower():
            _remark(values, prefix, f"{_('E-mail')}: {typed}")
    for name, most, words in _NUMBERS:
        key = f"{prefix}{name}"
        if typed := values.get(key, ""):
            values[key] = rules.with_leading_zero(typed.replace(" ", ""), name)
            if len(values[key]) > most:
                _remark(values, prefix, f"{words}: {typed}")
                values[key] = ""


def put_contact_right(values: dict[str, str], prefix: str) -> None:
    """The keys of a contact; one that is none is left out: a contact has no room for it."""
    phone, email = f"{prefix}phone", f"{prefix}email"
    if typed := values.get(phone, ""):
        values[phone] = rules.phone_e164(typed.split(",")[0].split(";")[0])
    if typed := values.get(email, ""):
        values[email] = _first_email(typed)


def put_account_right(values: dict[str, str]) -> None:
    """Account numbers without spaces, a BIC with the zero a spreadsheet takes off."""
    for key in ("bank_account", "bank_bic", "bank_correspondent"):
        if typed := values.get(key, ""):
            values[key] = rules.with_leading_zero(typed.replace(" ", ""), key)


def _first_email(typed: str) -> str:
    first = typed.replace(";", ",").split(",")[0].strip().lower()
    return first if "@" in first and " " not in first else ""


def _remark(values: dict[str, str], prefix: str, text: str) -> None:
    field = f"{prefix}remarks"
    values[field] = "\n".join(filter(None, [values.get(field, ""), text]))
