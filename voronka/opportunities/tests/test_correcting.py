"""The past is put right: states tile time, the header equals the last one, sums agree, what was there is kept."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voronka.analytics.querysets import tally_differences
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.opportunities import actions
from voronka.opportunities.models import Opportunity, OpportunityState, OwnerTally
from voronka.opportunities.tests.test_moving import assert_tiled, spans
from voronka.products.tests import make as money

IN_ORDER = {"tally": 0, "ownertally": 0, "stagetally": 0, "last_spans": 0, "gaps": 0}
DAY = timedelta(days=1)


def state(world, days_ago, stage=0, status="open", potential=1000, **fields):
    return OpportunityState(
        since=timezone.now() - timedelta(days=days_ago), status=status, stage=world.stages[stage], percentage=world.stages[stage].percentage,
        potential=Decimal(potential), currency=fields.pop("currency", "RUB"), predicted_close_on=timezone.localdate() + 30 * DAY,
        owner=fields.pop("owner", world.alice), **fields,
    )  # fmt: skip


def correct(world, states, **more):
    return actions.correct_history(world.opportunity, states, reason="Typed late", by=world.bob, **more)


def test_a_forgotten_stage_is_put_between(world):
    first = spans(world.opportunity)[0]
    first.since -= 20 * DAY
    correct(world, [first, state(world, 5, 2), state(world, 12, 1, potential=700)])
    assert [(one.stage, one.potential) for one in spans(world.opportunity)] == [
        (world.stages[0], 250000), (world.stages[1], 700), (world.stages[2], 1000)
    ]  # fmt: skip
    assert (world.opportunity.stage, world.opportunity.potential) == (world.stages[2], 1000)
    assert world.opportunity.opened_on == timezone.localdate(first.since)
    assert_tiled(world.opportunity)
    assert tally_differences() == IN_ORDER


def test_what_was_there_is_kept_with_who_and_why(world):
    before = spans(world.opportunity)[0]
    correct(world, [state(world, 3)])
    [kept] = world.opportunity.historycorrections.all()
    assert (kept.by, kept.reason) == (world.bob, "Typed late")
    assert [Decimal(one["potential"]) for one in kept.before] == [before.potential]


def test_kept_states_keep_who_made_them_and_new_ones_name_the_corrector(world):
    actions.change(world.opportunity, gross_profit_percent=Decimal(20), by=world.alice)
    correct(world, [*spans(world.opportunity), state(world, 40)])
    assert [one.changed_by for one in spans(world.opportunity)] == [world.bob, world.alice, world.alice]
    assert spans(world.opportunity)[0].gross_profit_percent == 0


def test_a_deal_closed_on_paper_long_ago_is_closed_then(world):
    correct(world, [state(world, 60), state(world, 20, 3, "won", 900)])
    assert (world.opportunity.status, world.opportunity.closed_on) == ("won", timezone.localdate() - 20 * DAY)
    month = (timezone.localdate() - 20 * DAY).replace(day=1)
    assert [(row["month"], row["total"]) for row in OwnerTally.objects.summed("month", "status")] == [(month, 900)]
    assert tally_differences() == IN_ORDER


def test_states_in_dollars_count_at_the_rates_of_their_days(world):
    money.currency("USD", 80, days_ago=30)
    money.currency("USD", 100, days_ago=10)
    correct(world, [state(world, 20, currency="USD"), state(world, 5, 1, currency="USD")])
    assert [one.potential_company for one in spans(world.opportunity)] == [80000, 100000]
    assert world.opportunity.potential_company == 100000


def test_the_stay_in_a_stage_begins_with_its_first_state(world):
    correct(
        world,
        [state(world, 30), state(world, 20, 1), state(world, 10, 1, potential=5), state(world, 2, 1, potential=7)],
    )
    assert timezone.localdate(world.opportunity.stage_since) == timezone.localdate() - 20 * DAY


@pytest.mark.parametrize(("days", "words"), [([], "at least one"), ([3, 3], "same moment"), ([3, -1], "in the future")])
def test_what_cannot_be_is_refused_in_words(world, days, words):
    at = timezone.now()
    states = [state(world, 0) for _ in days]
    for one, ago in zip(states, days, strict=True):
        one.since = at - timedelta(days=ago)
    with pytest.raises(RuleBroken, match=words):
        correct(world, states)
    assert len(spans(world.opportunity)) == 1


def test_a_stale_page_corrects_nothing(world):
    seen = world.opportunity.version
    actions.change(world.opportunity, potential=Decimal(5), by=world.alice)
    with pytest.raises(StaleRecord):
        correct(world, [state(world, 3)], seen_version=seen)
    assert len(spans(world.opportunity)) == 2


CORRECTED = st.lists(
    st.tuples(
        st.integers(0, 400 * 24 * 60), st.integers(0, 3), st.sampled_from(["open", "open", "open", "won", "lost"]),
        st.integers(0, 10**9), st.sampled_from(["RUB", "USD"]), st.sampled_from(["alice", "bob", "charlie"]),
    ),
    min_size=1, max_size=9, unique_by=lambda one: one[0],
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(corrections=st.lists(CORRECTED, min_size=1, max_size=2))
def test_whatever_is_corrected_the_invariants_hold(world, corrections):
    money.currency("USD", "91.37", days_ago=200)
    deal = Opportunity.objects.get(pk=world.opportunity.pk)
    now = timezone.now()
    for rows in corrections:
        states = [
            state(world, 0, stage, status, Decimal(amount) / 100, currency=currency, owner=getattr(world, owner))
            for _minutes, stage, status, amount, currency, owner in rows
        ]
        for one, row in zip(states, rows, strict=True):
            one.since = now - timedelta(minutes=row[0])
        actions.correct_history(deal, states, reason="Any", by=world.dana)
        assert len(spans(deal)) == len(rows)
        assert_tiled(deal)
        assert (deal.closed_on is None) == (deal.status == "open")
        assert tally_differences() == IN_ORDER


def test_a_clone_is_a_new_deal_like_the_old_one(world):
    actions.move_to_stage(world.opportunity, world.stages[2], by=world.alice)
    world.opportunity.dealitems.create(name="Chair", quantity=5, price=100)
    actions.win(world.opportunity, by=world.alice)
    made = actions.clone(world.opportunity, by=world.alice)
    assert (made.status, made.stage, made.percentage, made.potential) == ("open", world.stages[0], 10, 250000)
    assert (made.name, made.partner, made.opened_on) == ("Office chairs", world.partner, timezone.localdate())
    assert [(item.name, item.amount) for item in made.dealitems.all()] == [("Chair", 500)]
    assert_tiled(made)
    assert world.opportunity.dealitems.count() == 1
