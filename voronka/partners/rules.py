"""Checks and keys of partners: tax ids, bank accounts, phones, names. Plain functions of plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

import phonenumbers
from stdnum import bic as stdnum_bic
from stdnum import iban as stdnum_iban
from stdnum.ru import inn as ru_inn
from stdnum.ru import ogrn as ru_ogrn

# Weights 7,1,3 repeat over BIC tail + account: Bank of Russia, order of calculating the control key (1997, No. 515).
_KEY_WEIGHTS: Final = (7, 1, 3)
_LEGAL_FORMS: Final = re.compile(
    r"(?<!\w)(ооо|оао|зао|пао|ао|ип|нко|ано|фгуп|гуп|муп|тоо|чп|llc|ltd|inc|gmbh|plc|corp|co|ag|sa|srl|oy|ab|bv)\.?(?!\w)",
    re.IGNORECASE,
)


def digits(text: str) -> str:
    """The digits of a text, in order."""
    return "".join(character for character in text if character.isdigit())


def is_inn(value: str) -> bool:
    """A Russian taxpayer number: 10 digits (company) or 12 (person) with right check digits."""
    return ru_inn.is_valid(value)


def is_kpp(value: str) -> bool:
    """A Russian registration reason code: four digits, two digits or capital letters, three digits (FNS order ММВ-7-6/435@)."""
    return bool(re.fullmatch(r"\d{4}[\dA-Z]{2}\d{3}", value))


def with_leading_zero(value: str, key: str) -> str:
    """The number with the leading zero a spreadsheet took off, where that makes it a right one: a Russian tax id (`key` "tax_id"), KPP or BIC."""
    longer = f"0{value}"
    is_right = {"tax_id": is_inn, "kpp": is_kpp, "bank_bic": is_bic}.get(key)
    return longer if is_right and len(value) in (8, 9, 11) and not is_right(value) and is_right(longer) else value


def is_ogrn(value: str) -> bool:
    """A Russian state registration number: 13 digits (company) or 15 (sole proprietor) with the right check digit."""
    return ru_ogrn.is_valid(value)


def is_bic(value: str) -> bool:
    """A Russian bank identification code: nine digits beginning with 0 (or 1, 2 for indirect participants)."""
    return len(value) == 9 and value.isdigit() and value[0] in "012"


def account_key_is_right(account: str, bic: str, correspondent: bool = False) -> bool:
    """Whether the ninth digit (the control key) of a 20-digit account fits the bank.

    The sum of digit products by weights 7,1,3 over a three-digit prefix and the account must end with 0. The prefix is the last
    three digits of the BIC, or for correspondent accounts and for accounts kept with the central bank 0 and digits 5-6.
    """
    if len(account) != 20 or not account.isdigit() or not is_bic(bic):
        return False
    kept_with_central_bank = bic[6:] in ("000", "001", "002")
    prefix = "0" + bic[4:6] if correspondent or kept_with_central_bank else bic[6:]
    total = sum(int(digit) * _KEY_WEIGHTS[index % 3] for index, digit in enumerate(prefix + account))
    return total % 10 == 0


def iban(value: str) -> str:
    """The IBAN without spaces, or "" when its check digits or the structure of its country are wrong (ISO 13616)."""
    bare = stdnum_iban.compact(value)
    return bare if stdnum_iban.is_valid(bare) else ""


def is_swift(value: str) -> bool:
    """A business identifier code: four letters, a country, two and perhaps three more signs (ISO 9362)."""
    return stdnum_bic.is_valid(value)


def is_frozen(frozen: bool, since: date | None, until: date | None, day: date) -> bool:
    """Whether nothing new may be started with a partner on that day; both ends belong to the period, a missing one leaves it open."""
    return frozen and (since is None or since <= day) and (until is None or day <= until)


def group_fits(side: str, kind: str) -> bool:
    """Whether a group meant for buyers ("buyers"), vendors ("vendors") or all ("") may hold a partner of the kind."""
    return side in ("", "vendors" if kind == "vendor" else "buyers")


def full_name(first: str, middle: str, last: str, *, family_first: bool) -> str:
    """The parts of a person's name in their order: "Иванова Анна Петровна", "Anna Grace Irving"."""
    parts = (last, first, middle) if family_first else (first, middle, last)
    return " ".join(part.strip() for part in parts if part.strip())


_PHONE_MARKS = str.maketrans("", "", " ()-")


@lru_cache(maxsize=65536)
def phone_e164(text: str, country: str = "RU") -> str:
    """The phone in E.164 ("+74951234567"), or "" when it can't be a number of that country or the world."""
    bare = text.translate(_PHONE_MARKS)
    if len(bare) == 12 and bare.startswith("+7") and bare.isascii() and bare[1:].isdigit():
        return bare  # any ten digits are possible there: the library need not be asked, which matters for files of a million rows
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4096)
def phone_for_reading(e164: str) -> str:
    """A stored phone as people write it: "+7 495 123-45-67"."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return e164


def name_key(name: str) -> str:
    """The name without legal form, quotes and case: two spellings of one company share it."""
    bare = _LEGAL_FORMS.sub(" ", name.lower().replace("ё", "е"))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def search_words(text: str) -> list[str]:
    """A search text as fragments that must all occur: lower case, a phone-like text as its digits."""
    bare = text.strip().lower()
    if len(digits(bare)) >= 5 and not any(c.isalpha() for c in bare):
        number = digits(bare)
        return [number[1:] if number[0] == "8" and len(number) == 11 else number]
    return bare.split()


@dataclass
class Turn:
    """Somebody who takes turns: how many leads they got today, and when the last one (None: never)."""

    person: int
    today: int
    last: datetime | None


def whose_turn(turns: Iterable[Turn], limit: int | None) -> Turn | None:
    """Who gets the next lead: of those below the day's limit whoever waits longest, those who never got one first; None when all have enough."""
    free = [one for one in turns if limit is None or one.today < limit]
    return min(free, key=lambda one: (one.last is not None, one.last or 0, one.person), default=None)


def is_within(place: int | None, top: int, parents: Mapping[int, int | None]) -> bool:
    """Whether a place is `top` or lies below it; `parents` is place -> the place above."""
    while place is not None and place != top:
        place = parents.get(place)
    return place is not None
