"""The fields files may fill, with the words headers say for them, and the reasons why a row is not taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

REASONS: Final = {
    "no_name": _("There is no name."),
    "long_name": _("The name is longer than 200 characters."),
    "long_value": _("A value is longer than its field takes."),
    "twice": _("The same record stands in this file above."),
    "exists": _("This record exists already."),
    "same": _("This record exists already and says the same."),
    "not_yours": _("This partner belongs to somebody whose records you may not change."),
    "number": _("An amount can't be read."),
    "negative": _("An amount is negative."),
    "date": _("A date can't be read."),
    "date_range": _("A date lies before 1950 or after 2090."),
    "percent": _("A percentage lies between 0 and 100."),
    "no_partner": _("There is no partner in this row."),
    "closed": _("This opportunity is closed; reopen it first."),
    "dates_order": _("It was closed before it was opened."),
    "bool": _("Yes or no can't be read."),
    "choice": _("A value is none of those the field offers."),
    "link": _("The partner a field links to is not known."),
    "no_stage": _("There is no such stage, and new ones are not to be created."),
    "no_value": _("There is no such value in the company’s list, and new ones are not to be created."),
    "no_opportunity": _("There is no such opportunity, or it is not yours to change."),
    "no_contact": _("The partner of this opportunity has no such contact."),
    "role": _("There is no such role; the roles are: decides, influences, uses, pays."),
    "no_price": _("There is no price."),
    "quantity": _("A quantity must be more than zero."),
    "has_history": _("This opportunity has a history of its own already."),
    "no_account": _("There is no account number."),
    "rounded": _("The spreadsheet rounded this number; keep account numbers as text."),
    "account_key": _("The account does not fit the BIC: its control digit differs."),
    "no_address": _("There is neither a city nor a street."),
    "empty": _("There is nothing in this row but its keys."),
}
KINDS: Final = {
    "лид": "lead", "lead": "lead", "потенциальный": "lead", "клиент": "customer", "покупатель": "customer", "заказчик": "customer", "customer": "customer",
    "client": "customer", "поставщик": "vendor", "vendor": "vendor", "supplier": "vendor", "c": "customer", "s": "vendor", "l": "lead",
    "ccustomer": "customer", "csupplier": "vendor", "clid": "lead",
}  # fmt: skip
ADDRESS_KINDS: Final = {
    "юридический": "legal", "юр. адрес": "legal", "legal": "legal", "registered": "legal", "фактический": "actual", "actual": "actual", "плательщик": "billing",
    "для счетов": "billing", "billing": "billing", "bill to": "billing", "b": "billing", "bo_billto": "billing", "invoice": "billing", "доставка": "shipping",
    "доставки": "shipping", "shipping": "shipping", "ship to": "shipping", "s": "shipping", "bo_shipto": "shipping", "delivery": "shipping",
    "почтовый": "postal", "postal": "postal", "mailing": "postal",
}  # fmt: skip
MOST: Final = 100_000  # signs of a text without a limit of its own


@dataclass(frozen=True)
class Field:
    """One field a column can be mapped to: its label, other names of it, the kind of value, and how long a text it takes."""

    label: Any
    aliases: tuple[str, ...] = ()
    kind: str = "text"
    longest: int = 0


PARTNER: Final = {
    "name": Field(_("Name"), ("account", "company", "company name", "organization", "наименование", "название", "название компании", "компания", "контрагент", "организация", "клиент"), longest=200),
    "full_name": Field(_("Full legal name"), ("полное наименование", "legal name", "full name"), longest=300),
    "kind": Field(_("Kind"), ("type", "тип", "вид", "тип контрагента")),
    "tax_id": Field(_("Tax ID"), ("инн", "tax id", "vat", "inn", "инн контрагента"), longest=32),
    "kpp": Field(_("KPP"), ("кпп",)),
    "ogrn": Field(_("OGRN"), ("огрн", "огрнип")),
    "phone": Field(_("Phone"), ("телефон", "рабочий телефон", "phone number", "mobile", "тел", "мобильный телефон"), longest=32),
    "phone2": Field(_("Second phone"), ("другой телефон", "other phone", "second phone", "phone 2", "телефон 2")),
    "email": Field(_("E-mail"), ("e-mail", "эл. почта", "электронная почта", "почта", "email address", "рабочий email"), longest=254),
    "website": Field(_("Website"), ("сайт", "web", "site", "url", "веб-сайт"), longest=200),
    "industry": Field(_("Industry"), ("sector", "отрасль", "сфера деятельности"), longest=100),
    "source": Field(_("Source"), ("источник", "lead source", "information source", "источник информации"), longest=100),
    "territory": Field(_("Territory"), ("территория", "регион продаж", "office location"), longest=100),
    "group_name": Field(_("Group"), ("группа", "group"), longest=100),
    "external_id": Field(_("Number in another system"), ("lead number", "id", "код", "number", "номер"), longest=100),
    "employees": Field(_("Employees"), ("сотрудников", "численность", "number of employees"), "whole"),
    "annual_revenue": Field(_("Annual revenue"), ("revenue", "выручка", "годовая выручка"), "amount"),
    "remarks": Field(_("Remarks"), ("примечание", "комментарий", "note", "notes", "remarks", "comment", "description")),
}  # fmt: skip
CONTACT: Final = {
    "name": Field(
        pgettext_lazy("of a person", "Name"),
        ("контактное лицо", "contact", "contact person", "контакт", "фио"),
        longest=150,
    ),
    "first_name": Field(_("First name"), ("имя", "first name", "firstname")),
    "last_name": Field(_("Last name"), ("фамилия", "last name", "lastname", "surname")),
    "middle_name": Field(_("Middle name"), ("отчество", "middle name")),
    "position": Field(_("Job title"), ("должность", "job title", "position", "title"), longest=150),
    "phone": Field(_("Phone"), ("телефон контакта", "contact phone"), longest=32),
    "email": Field(_("E-mail"), ("email контакта", "contact email"), longest=254),
}
ADDRESS: Final = {
    "country": Field(_("Country"), ("страна",), longest=100),
    "postcode": Field(_("Postcode"), ("индекс", "почтовый индекс", "zip", "postal code", "zip code"), longest=20),
    "region": Field(_("Region"), ("область", "state", "state/region", "край"), longest=100),
    "city": Field(_("City"), ("город", "town", "нас. пункт", "населенный пункт"), longest=100),
    "street": Field(_("Address"), ("адрес", "address", "улица", "street"), longest=300),
    "address_kind": Field(_("Kind of address"), ("вид адреса", "тип адреса", "address type", "address kind")),
}
ACCOUNT: Final = {
    "bank_account": Field(
        _("Bank account"), ("расчетный счет", "р/с", "рс", "счет", "bank account", "iban"), longest=34
    ),
    "bank_bic": Field(_("BIC"), ("бик", "bic", "swift"), longest=11),
    "bank_name": Field(_("Bank"), ("банк", "bank", "bank name", "наименование банка"), longest=200),
    "bank_correspondent": Field(
        _("Correspondent account"), ("корр. счет", "к/с", "корреспондентский счет"), longest=20
    ),
}
OWNER: Final = {
    "owner_name": Field(_("Owner"), ("owner", "sales agent", "ответственный", "менеджер", "account owner"), longest=150)
}


def prefixed(fields: dict[str, Field], prefix: str, whose: Any, **aliases: tuple[str, ...]) -> dict[str, Field]:
    """The fields of another record in the same row: "partner_phone", labelled "Partner: Phone", under aliases of its own."""
    return {
        f"{prefix}{name}": replace(
            field, label=format_lazy("{whose}: {label}", whose=whose, label=field.label), aliases=aliases.get(name, ())
        )
        for name, field in fields.items()
    }
