"""A salesperson moves deals through the funnel; two people meet at one card."""

from itertools import pairwise

import pytest

from voronka.core.errors import RuleBroken, StaleRecord
from voronka.opportunities import actions
from voronka.opportunities.history import STATE_COLUMNS, respan
from voronka.opportunities.models import Opportunity
from voronka.opportunities.tests import make


def spans(opportunity):
    return list(opportunity.states.order_by("since"))


def assert_tiled(opportunity):
    states = spans(opportunity)
    assert states[-1].until is None
    assert all(one.until == two.since for one, two in pairwise(states))
    for column in STATE_COLUMNS:
        assert getattr(states[-1], column) == getattr(opportunity, column)


def test_a_new_deal_starts_in_its_first_stage_with_that_stages_percentage(world):
    state = spans(world.opportunity)[0]
    assert (state.stage, state.percentage, state.potential) == (world.stages[0], 10, 250000)
    assert_tiled(world.opportunity)


def test_moving_takes_the_stages_percentage_and_keeps_the_past(world):
    actions.move_to_stage(world.opportunity, world.stages[2], comment="They asked for prices", by=world.alice)
    first, second = spans(world.opportunity)
    assert (first.stage, second.stage) == (world.stages[0], world.stages[2])
    assert (second.percentage, second.comment, second.changed_by) == (60, "They asked for prices", world.alice)
    assert world.opportunity.weighted == 150000
    assert_tiled(world.opportunity)


def test_the_second_of_two_movers_hears_who_was_first_and_nothing_changes(world):
    mine = Opportunity.objects.get(pk=world.opportunity.pk)
    actions.move_to_stage(world.opportunity, world.stages[1], by=world.bob)
    with pytest.raises(StaleRecord, match=r"Bob was first.*Meeting"):
        actions.move_to_stage(mine, world.stages[3], by=world.alice)
    mine.refresh_from_db()
    assert mine.stage == world.stages[1]
    assert len(spans(mine)) == 2


def test_moving_to_the_same_stage_changes_nothing(world):
    actions.move_to_stage(world.opportunity, world.stages[0], by=world.alice)
    assert len(spans(world.opportunity)) == 1


def test_a_stage_of_another_pipeline_is_refused(world):
    other = make.pipeline("Projects").stages.first()
    with pytest.raises(RuleBroken, match="another pipeline"):
        actions.move_to_stage(world.opportunity, other, by=world.alice)


def test_moving_past_the_clock_of_another_machine_keeps_the_order(world):
    first = spans(world.opportunity)[0]
    respan([world.opportunity.pk], at=first.since, by=world.alice)
    assert_tiled(world.opportunity)
