"""A salesperson changes amount, date, owner; impossible values and stale pages are refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from voronka.core.errors import RuleBroken, StaleRecord
from voronka.opportunities import actions
from voronka.opportunities.models import Opportunity, Tally
from voronka.opportunities.tests import make
from voronka.opportunities.tests.test_moving import assert_tiled, spans
from voronka.partners.tests import make as partners


def test_a_new_amount_starts_a_new_state(world):
    actions.change(world.opportunity, potential=300000, by=world.alice)
    assert [state.potential for state in spans(world.opportunity)] == [250000, 300000]
    assert_tiled(world.opportunity)


def test_a_new_name_starts_none(world):
    world.opportunity.name = "Office desks"
    actions.save_opportunity(world.opportunity, by=world.alice)
    assert len(spans(world.opportunity)) == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"potential": -1}, "negative"),
        ({"percentage": 101}, "between 0 and 100"),
        ({"predicted_close_on": timezone.localdate() - timedelta(days=400)}, "before the opening"),
    ],
)
def test_impossible_values_are_refused_in_words(world, values, words):
    with pytest.raises(RuleBroken, match=words):
        actions.change(world.opportunity, by=world.alice, **values)
    assert len(spans(world.opportunity)) == 1


def test_a_stale_page_overwrites_nothing(world):
    mine = Opportunity.objects.get(pk=world.opportunity.pk)
    world.opportunity.name = "Office desks"
    actions.save_opportunity(world.opportunity, by=world.bob)
    mine.name = "Office lamps"
    with pytest.raises(StaleRecord):
        actions.save_opportunity(mine, by=world.alice)
    assert Opportunity.objects.get(pk=mine.pk).name == "Office desks"


def test_a_vendor_gets_no_opportunity(world):
    vendor = partners.partner(world.alice, "Paper mill", kind="vendor")
    with pytest.raises(RuleBroken, match="not for vendors"):
        make.opportunity(world.alice, partner=vendor)


def test_many_deals_change_hands_at_once_with_a_state_each(world):
    deals = [world.opportunity, *(make.opportunity(world.alice, partner=world.partner) for _ in range(3))]
    lost = actions.lose(make.opportunity(world.alice), reasons=[make.reason()], by=world.alice)
    assert actions.change_owner(Opportunity.objects.editable_by(world.bob), owner=world.bob, by=world.bob) == 4
    for deal in deals:
        deal.refresh_from_db()
        assert deal.owner == world.bob
        assert_tiled(deal)
    lost.refresh_from_db()
    assert lost.owner == world.alice


def test_the_summary_follows_every_change(world):
    actions.change(world.opportunity, potential=1000, percentage=50, by=world.alice)
    [row] = Tally.objects.visible_to(world.alice).summed("stage", "status")
    assert (row["n"], row["total"], row["expected"]) == (1, 1000, 500)
    assert not Tally.objects.visible_to(world.charlie).summed("stage")
