"""Deals are won, lost with a reason, and opened again."""

import pytest

from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.opportunities import actions
from voronka.opportunities.tests import make
from voronka.opportunities.tests.test_moving import assert_tiled, spans


def test_winning_closes_today_and_keeps_the_stage(world):
    actions.win(world.opportunity, comment="Signed", by=world.alice)
    assert (world.opportunity.status, world.opportunity.stage) == ("won", world.stages[0])
    assert world.opportunity.closed_on is not None
    assert [state.status for state in spans(world.opportunity)] == ["open", "won"]
    assert_tiled(world.opportunity)


def test_losing_asks_why(world):
    with pytest.raises(RuleBroken, match="why") as refused:
        actions.lose(world.opportunity, by=world.alice)
    assert refused.value.field == "reasons"
    actions.lose(world.opportunity, reasons=[make.reason("Price")], by=world.alice)
    assert [reason.name for reason in world.opportunity.reasons.all()] == ["Price"]


def test_the_company_may_do_without_reasons(world):
    Company.objects.update(loss_reason_required=False)
    assert actions.lose(world.opportunity, by=world.alice).status == "lost"


def test_a_closed_deal_stays_as_it_is_until_reopened(world):
    actions.win(world.opportunity, by=world.alice)
    with pytest.raises(RuleBroken, match="Reopen it first"):
        actions.move_to_stage(world.opportunity, world.stages[1], by=world.alice)
    with pytest.raises(RuleBroken, match="Reopen it first"):
        actions.win(world.opportunity, by=world.alice)
    actions.reopen(world.opportunity, by=world.alice)
    actions.move_to_stage(world.opportunity, world.stages[1], by=world.alice)
    assert world.opportunity.closed_on is None
    assert_tiled(world.opportunity)


def test_an_open_deal_cant_be_reopened(world):
    with pytest.raises(RuleBroken, match="is open"):
        actions.reopen(world.opportunity, by=world.alice)
