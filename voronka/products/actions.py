"""What people do to currencies and their rates. What stands in the company's currency is valued anew after rates change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.products import rules
from voronka.products.models import Currency, Rate

if TYPE_CHECKING:
    from voronka.accounts.models import User

# Who keeps figures at the rate of the day, by the name of the job that brings them up to date: apps above, known here by name only.
VALUED: Final = ("opportunities.revalue",)


def save_currency(currency: Currency, *, by: User) -> Currency:
    """Create or change a currency. Raises RuleBroken for the company's own, which needs no rate."""
    if currency.code == Company.current().currency:
        raise RuleBroken(_("This is the company's own currency; it needs no rate."), code="own_currency", field="code")
    return kernel.save(currency, by=by, verb="currency")


@transaction.atomic
def set_rates(currency: Currency, rates: Iterable[tuple[date, Decimal]], *, by: User) -> int:
    """Write the rates of these days, over those that were there; amounts in the currency are valued anew after the commit.

    Returns how many days were given. The last of two rates of one day counts.
    """
    rows = [Rate(currency=currency, day=day, rate=rate) for day, rate in dict(rates).items()]
    Rate.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["currency", "day"], update_fields=["rate"], batch_size=5000
    )
    _value_anew(currency.code)
    return len(rows)


@transaction.atomic
def delete_rate(rate: Rate, *, by: User) -> None:
    """Forget a rate: the one before it holds on."""
    kernel.delete(rate, by=by)
    _value_anew(rate.currency.code)


@transaction.atomic
def bring_rates(text: str, *, code: str = "", by: User) -> int:
    """Take the rates of a CSV file with columns for day, currency, rate and nominal; unknown currencies are added. Returns how many.

    `code` is the currency of a file without a column for it. All or nothing: raises RuleBroken naming the first line that can't be read.
    """
    try:
        rows = rules.read_rates(text, code)
    except rules.Unreadable as fault:
        raise RuleBroken(_words(fault), code=f"rates_{fault.code}", field="file") from fault
    own = Company.current().currency
    by_code: dict[str, list[tuple[date, Decimal]]] = {}
    for row in rows:
        if row.code != own:
            by_code.setdefault(row.code, []).append((row.day, row.rate))
    for one, rates in by_code.items():
        currency = Currency.objects.get_or_create(code=one, defaults={"name": one})[0]
        set_rates(currency, rates, by=by)
    return sum(len(rates) for rates in by_code.values())


def _words(fault: rules.Unreadable) -> str:
    """Why a file of rates can't be read, in one sentence."""
    words = {
        "empty": _("The file is empty."),
        "too_long": _("The file has more than 50,000 lines. Split it."),
        "no_columns": _("The first line must name the columns: date, currency, rate."),
        "bad_code": _("Line %(line)s: a currency has three letters, like RUB or USD."),
        "bad_rate": _("Line %(line)s: the rate can't be read."),
        "bad_day": _("Line %(line)s: the date can't be read."),
    }
    return words[fault.code] % {"line": fault.line} if fault.line else words[fault.code]


def _value_anew(code: str) -> None:
    for job in VALUED:
        transaction.on_commit(partial(_hand_over, job, code))


def _hand_over(job: str, code: str) -> None:
    app.configure_task(job).defer(code=code)
