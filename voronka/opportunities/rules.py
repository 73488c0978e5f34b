"""Arithmetic and questions of opportunities: plain functions of plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any, Final

from dateutil.relativedelta import relativedelta

CENT = Decimal("0.01")
OPEN, WON, LOST = "open", "won", "lost"
# What a salesperson stands for in a forecast, from certain to left out; where nobody said so, the closing percentage does.
COMMIT, BEST, PIPELINE, OMITTED = "commit", "best", "pipeline", "omitted"
COMMIT_FROM, BEST_FROM = 80, 50
# How other systems call the ends of a deal, in small letters.
WON_WORDS = {"won", "closed won", "closedwon", "выиграна", "выиграно", "успешно реализовано", "успех", "продано"}
LOST_WORDS = {
    "lost",
    "closed lost",
    "closedlost",
    "проиграна",
    "проиграно",
    "закрыто и не реализовано",
    "отказ",
    "провал",
}
OPEN_WORDS = {"open", "открыта", "открыто", "в работе"}
# How files and other systems call the categories of a forecast; the word for closed deals says nothing of open ones.
CATEGORY_WORDS = {
    "commit": COMMIT, "обязательство": COMMIT, "обязательства": COMMIT, "точно": COMMIT,
    "best case": BEST, "best": BEST, "most likely": BEST, "лучший случай": BEST, "вероятно": BEST,
    "pipeline": PIPELINE, "воронка": PIPELINE, "в работе": PIPELINE,
    "omitted": OMITTED, "not forecasted": OMITTED, "не учитывать": OMITTED, "вне прогноза": OMITTED,
    "closed": "", "closed won": "", "закрыта": "", "закрыто": "",
}  # fmt: skip


def status_of(text: str) -> str:
    """won, lost or open for a word that says so; "" for the name of a stage."""
    bare = " ".join(text.lower().split())
    return WON if bare in WON_WORDS else LOST if bare in LOST_WORDS else OPEN if bare in OPEN_WORDS else ""


def category_of(text: str) -> str | None:
    """The category of a forecast a word means, "" for none; None for a word nobody knows."""
    bare = " ".join(text.lower().split())
    return CATEGORY_WORDS.get(bare) if bare else ""


def weighted(potential: Decimal, percentage: Decimal) -> Decimal:
    """Potential × percentage / 100, rounded half up to the cent (SAP Business One: weighted amount of a stage row)."""
    return (potential * percentage / 100).quantize(CENT, ROUND_HALF_UP)


def forecast_category(said: str, percentage: Decimal) -> str:
    """The category of an open opportunity in a forecast: what was said of it, else commit from 80 %, best case from 50 %, omitted at 0 %."""
    if said:
        return said
    if percentage <= 0:
        return OMITTED
    return COMMIT if percentage >= COMMIT_FROM else BEST if percentage >= BEST_FROM else PIPELINE


def gross_profit(potential: Decimal, percent: Decimal) -> Decimal:
    """Potential × gross profit % / 100, rounded half up to the cent."""
    return (potential * percent / 100).quantize(CENT, ROUND_HALF_UP)


def predicted_close(opened_on: date, number: int, unit: str) -> date:
    """The day `number` days, weeks or months (unit D, W, M) after opening; a month's end stays within its month."""
    steps: dict[str, Any] = {
        "D": timedelta(days=number),
        "W": timedelta(weeks=number),
        "M": relativedelta(months=number),
    }
    return opened_on + steps[unit]


def closes_in(opened_on: date, predicted_close_on: date, unit: str) -> int:
    """The other way round: whole days, weeks or months between opening and predicted closing, rounded down."""
    if unit == "M":
        span = relativedelta(predicted_close_on, opened_on)
        return span.years * 12 + span.months
    days = (predicted_close_on - opened_on).days
    return days // 7 if unit == "W" else days


def days_in_pipeline(opened_on: date, closed_on: date | None, today: date) -> int:
    """Days from opening to closing, or to today while open."""
    return ((closed_on or today) - opened_on).days


def may_change(status: str) -> bool:
    """Only an open opportunity changes; a won or lost one is reopened first."""
    return status == OPEN


def is_percentage(value: Decimal) -> bool:
    return 0 <= value <= 100


def is_stale(days_in_stage: int, usual_days: int | None) -> bool:
    """A deal that stays longer in its stage than the stage usually takes."""
    return usual_days is not None and days_in_stage > usual_days


def history_fault(starts: Sequence[datetime], now: datetime) -> str:
    """Why moments can't be the starts of states that tile time, as a word; "" where they can: at least one, rising, none ahead of now."""
    if not starts:
        return "empty"
    if any(later <= earlier for earlier, later in pairwise(starts)):
        return "same_moment"
    return "future" if starts[-1] > now else ""


LEAST_QUANTITY: Final = Decimal("0.001")  # of an item
# How files write the threat of a competitor -> the number it is kept as.
THREATS: Final = {
    "1": "1", "low": "1", "tllow": "1", "низкая": "1", "2": "2", "medium": "2", "tlmedium": "2", "средняя": "2", "3": "3", "high": "3", "tlhigh": "3", "высокая": "3",
}  # fmt: skip
# How files write what a contact does in a deal -> the role it is kept as.
ROLES: Final = {
    "": "decides", "decides": "decides", "decision maker": "decides", "decision-maker": "decides", "economic decision maker": "decides", "лпр": "decides",
    "решает": "decides", "принимает решение": "decides", "influences": "influences", "influencer": "influences", "evaluator": "influences",
    "technical buyer": "influences", "executive sponsor": "influences", "лвр": "influences", "влияет": "influences", "влияет на решение": "influences",
    "uses": "uses", "user": "uses", "business user": "uses", "end user": "uses", "пользуется": "uses", "пользователь": "uses", "использует": "uses",
    "будет пользоваться": "uses", "pays": "pays", "payer": "pays", "economic buyer": "pays", "платит": "pays", "плательщик": "pays", "оплачивает": "pays",
}  # fmt: skip


def role_of(said: str) -> str:
    """The role a word means, the usual one where nothing is said; "" for a word that is none."""
    return ROLES.get(" ".join(said.split()).lower(), "")


def item_fault(quantity: str, price: str) -> str:
    """Why an item's quantity ("": one) and price can't be kept, as a word; "" where they can: more than nothing, and within what the columns hold."""
    number, each = Decimal(quantity or 1), Decimal(price)
    if number < LEAST_QUANTITY:
        return "quantity"
    is_large = round(number, 3) >= 10**11 or each >= 10**14 or number * each >= 10**18
    return "long_value" if is_large else ""
