"""Several people work on the same deals at once, each on a connection of their own."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Count, Sum

from voronka.core.errors import RuleBroken, StaleRecord
from voronka.opportunities import actions
from voronka.opportunities.models import Opportunity, Tally
from voronka.opportunities.tests import make
from voronka.opportunities.tests.test_moving import assert_tiled


def one_step(person, pk, stages, dice):
    """A random act on a freshly read deal; refusals are part of the game."""
    deal = Opportunity.objects.visible_to(person).select_related("partner", "stage").get(pk=pk)
    acts = [
        lambda: actions.move_to_stage(deal, dice.choice(stages), by=person),
        lambda: actions.change(deal, potential=dice.randrange(1, 10**6), by=person),
        lambda: actions.win(deal, by=person),
        lambda: actions.reopen(deal, by=person),
        lambda: actions.change_owner(Opportunity.objects.filter(pk=pk), owner=person, by=person),
    ]
    try:
        dice.choice(acts)()
    except StaleRecord:
        return "late"
    except RuleBroken:
        return "refused"
    return "done"


def work(person, keys, stages, seed):
    dice = random.Random(seed)
    try:
        return [one_step(person, dice.choice(keys), stages, dice) for _ in range(40)]
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_six_people_at_three_deals_leave_no_gap_and_no_wrong_sum(world):
    deals = [world.opportunity, make.opportunity(world.alice, 500), make.opportunity(world.alice, 700)]
    keys = [deal.pk for deal in deals]
    with ThreadPoolExecutor(6) as pool:
        results = pool.map(lambda seed: work([world.dana, world.eve][seed % 2], keys, world.stages, seed), range(6))
    assert "done" in {step for steps in results for step in steps}
    for deal in deals:
        deal.refresh_from_db()
        assert_tiled(deal)
    rows = Opportunity.objects.aggregate(n=Count("pk"), total=Sum("potential"), expected=Sum("weighted"))
    shares = Tally.objects.aggregate(n=Sum("count"), total=Sum("potential"), expected=Sum("weighted"))
    assert rows == shares
