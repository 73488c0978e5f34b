"""Sixteen people move, win, value, correct and hand over the same deals at once, each on a connection of their own.

Usually for a few seconds; `VORONKA_WRITERS_SECONDS=60` for as long as one wants.
"""

import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from voronka.analytics.querysets import tally_differences
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.handover.tests import make as handovers
from voronka.opportunities import actions
from voronka.opportunities.models import Opportunity, OpportunityState, fold_tally
from voronka.opportunities.tests import make
from voronka.opportunities.tests.test_moving import assert_tiled

WRITERS = 16
SECONDS = float(os.environ.get("VORONKA_WRITERS_SECONDS", "4"))


def correct(deal, dice, by):
    states = list(OpportunityState._base_manager.filter(opportunity=deal).order_by("since"))
    dice.choice(states).potential = dice.randrange(1, 10**6)
    return actions.correct_history(deal, states, reason="Mistyped", by=by)


def one_act(people, key, stages, dice):
    """A random act on a freshly read deal; refusals are part of the game, anything else is not."""
    by = people[0]
    deal = Opportunity.objects.visible_to(by).select_related("partner", "stage").get(pk=key)
    giver, taker = dice.sample(people, 2)
    acts = {
        "move": lambda: actions.move_to_stage(deal, dice.choice(stages), by=by),
        "value": lambda: actions.change(deal, potential=dice.randrange(1, 10**6), by=by),
        "win": lambda: actions.win(deal, by=by),
        "reopen": lambda: actions.reopen(deal, by=by),
        "give": lambda: actions.change_owner(Opportunity.objects.filter(pk=key), owner=taker, by=by),
        "correct": lambda: correct(deal, dice, by),
        "fold": fold_tally,
        "hand over": lambda: handovers.handed_over(giver, taker, by),
    }
    name = dice.choices(list(acts), weights=[20, 20, 10, 10, 10, 10, 2, 2])[0]
    try:
        acts[name]()
    except StaleRecord:
        return "late"
    except RuleBroken:
        return "refused"
    return name


def work(people, keys, stages, seed, until):
    dice, done = random.Random(seed), Counter()
    try:
        while time.monotonic() < until:
            done[one_act(people, dice.choice(keys), stages, dice)] += 1
    finally:
        connection.close()
    return done


@pytest.mark.django_db(transaction=True)
def test_sixteen_writers_leave_no_gap_no_wrong_sum_and_meet_no_deadlock(world):
    people = [world.dana, world.alice, world.bob, world.charlie]
    deals = [make.opportunity(person, 500) for person in people for _ in range(3)]
    keys, until = [deal.pk for deal in deals], time.monotonic() + SECONDS
    with ThreadPoolExecutor(WRITERS) as pool:
        counts = pool.map(lambda seed: work(people, keys, world.stages, seed, until), range(WRITERS))
    done = sum(counts, Counter())
    assert {"move", "value", "win", "give", "correct", "hand over"} <= set(done), done
    for deal in deals:
        deal.refresh_from_db()
        assert_tiled(deal)
    assert not any(tally_differences().values())
