"""The forecasts the demo company kept: each week's is what the time machine says of it, which is what would have been written then."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pgtrigger
from django.db.models import Sum
from django.utils import timezone

from voronka.analytics.history import keep_forecast, moment_of, week_of
from voronka.analytics.models import ForecastCorrection, ForecastSnapshot
from voronka.opportunities.models import Opportunity, OpportunityState

if TYPE_CHECKING:
    from datetime import date

    from voronka.cli.demo import World

WEEKS: Final = 78
HEAD: Final = 2  # the head of sales
REASONS: Final[dict[str, tuple[str, ...]]] = {
    "ru": ("Крупная сделка почти подписана", "Два клиента переносят бюджет", "Половина суммы держится на одной сделке", "Отпуск, закрывать некому", "Договоры уже у юристов"),
    "en": ("A large deal is nearly signed", "Two customers put their budget off", "Half of it hangs on one deal", "On leave, nobody to close", "Contracts are with the lawyers"),
}  # fmt: skip


def keep(world: World, language: str) -> None:
    """A year and a half of weekly forecasts, and a head who puts some of them right before each month."""
    dice, last = random.Random(1948), week_of(world.today)  # noqa: S311
    _say(dice)
    for back in range(WEEKS, -1, -1):
        week = last - timedelta(weeks=back)
        keep_forecast(week)
        coming = week + timedelta(weeks=2)
        if coming.day <= 7:
            _put_right(world, REASONS[language], week, coming.replace(day=1), dice)


def _say(dice: random.Random) -> None:
    """What salespeople say of some open deals, other than the percentage does; it holds since their present state began."""
    said: dict[str, list[int]] = {"commit": [], "best": [], "omitted": []}
    for deal in Opportunity.objects.open().order_by("pk"):
        word = "omitted" if deal.percentage <= 30 else "best" if deal.percentage > 80 else "commit"
        if dice.random() < 0.12:
            said[word].append(deal.pk)
    with pgtrigger.ignore("opportunities.Opportunity:update_update"):
        for word, keys in said.items():
            OpportunityState.objects.filter(opportunity__in=keys, until=None).update(forecast_category=word)
            Opportunity.objects.filter(pk__in=keys).update(forecast_category=word)


def _put_right(world: World, reasons: tuple[str, ...], week: date, month: date, dice: random.Random) -> None:
    """The head's word on every third person's coming month, two days into the week."""
    head, at = world.people[HEAD], moment_of(week, world.zone) + timedelta(days=2, hours=10)
    kept = ForecastSnapshot.objects.filter(week=week, kind="month", first=month, pipeline__isnull=False)
    rows = []
    for row in kept.values("owner_id").annotate(computed=Sum("won") + Sum("weighted")).order_by("owner_id"):
        if dice.random() < 0.35 and at < timezone.now():
            amount = row["computed"] * dice.choice([65, 80, 90, 115, 130]) / 100
            rows.append(
                ForecastCorrection(
                    owner_id=row["owner_id"], kind="month", first=month, amount=round(amount, -3),
                    computed=row["computed"], comment=dice.choice(reasons), at=at, by=head,
                )
            )  # fmt: skip
    ForecastCorrection.objects.bulk_create(rows)
