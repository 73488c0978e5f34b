"""Numbers as people read them. Written by hand because a list formats hundreds of them per page."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.translation import get_language, gettext

NBSP: Final = "\u00a0"
SIGNS: Final = {"RUB": "₽", "USD": "$", "EUR": "€", "KZT": "₸", "BYN": "Br", "GBP": "£", "CNY": "¥"}
CENT: Final = Decimal("0.01")
UNITS: Final = (Decimal(1), Decimal("0.1"), CENT, Decimal("0.001"), Decimal("0.0001"))


def number_text(value: Decimal | int, places: int = 0, language: str = "") -> str:
    """The number with grouped thousands, rounded half up: "1 234,5" in Russian, "1,234.5" in English.

    A list asks for the reader's language once and hands it over with every number.
    """
    text = f"{Decimal(value).quantize(UNITS[places], ROUND_HALF_UP):,}"
    return text if (language or get_language()) == "en" else text.replace(",", NBSP).replace(".", ",")


def money_text(value: Decimal | None, currency: str = "", language: str = "") -> str:
    """An exact amount with its currency; kopecks only where there are any."""
    if value is None:
        return ""
    text = number_text(value, 0 if value == value.to_integral_value() else 2, language)
    sign = SIGNS.get(currency, currency)
    return f"{text}{NBSP}{sign}" if sign else text


def short_money(value: Decimal | int, currency: str = "") -> str:
    """An amount for pictures and headers: "1,2 млн ₽", "48 тыс. ₽"."""
    amount = Decimal(value or 0)
    for size, words in ((9, gettext("bn")), (6, gettext("m")), (3, gettext("k"))):
        if abs(amount) >= 10**size:
            scaled = amount.scaleb(-size)
            text = number_text(scaled, 0 if abs(scaled) >= 100 else 1)
            return f"{text}{NBSP}{words}{NBSP}{SIGNS.get(currency, currency)}".strip()
    return money_text(amount.quantize(Decimal(1), ROUND_HALF_UP), currency)


def percent_text(value: Decimal | None, language: str = "") -> str:
    """A percentage with at most one place."""
    if value is None:
        return ""
    return f"{number_text(value, 0 if value == value.to_integral_value() else 1, language)}{NBSP}%"
