"""A stage asks for what must be true of an opportunity before it enters."""

from datetime import timedelta

import pytest
from django.utils import timezone

from voronka.activities.actions import write_note
from voronka.activities.models import Activity
from voronka.core.errors import RuleBroken
from voronka.opportunities import actions
from voronka.opportunities.models import REQUIRABLE, Competitor, Interest, InterestLevel, Opportunity
from voronka.opportunities.tests import make
from voronka.partners.models import Industry, Source, Territory


@pytest.fixture
def quotation(world):
    def asks(**rules):
        stage = world.stages[2]
        for name, value in rules.items():
            setattr(stage, name, value)
        return actions.save_stage(stage, by=world.eve)

    return asks


def test_missing_fields_are_named_and_nothing_moves(world, quotation):
    stage = quotation(required=["contact", "product", "potential"])
    with pytest.raises(RuleBroken, match="“Quotation” first needs: contact, product"):
        actions.move_to_stage(world.opportunity, stage, by=world.alice)
    assert Opportunity.objects.get(pk=world.opportunity.pk).stage == world.stages[0]
    assert world.opportunity.states.count() == 1


def test_what_is_missing_can_be_given_with_the_move(world, quotation):
    stage = quotation(required=["contact", "product"])
    moved = actions.move_to_stage(world.opportunity, stage, by=world.alice, contact=world.contact, product="Chairs")
    assert (moved.stage, moved.contact, moved.product) == (stage, world.contact, "Chairs")


def test_everything_that_can_be_required_can_be_filled(world, quotation):
    stage = quotation(required=list(REQUIRABLE))
    deal = make.opportunity(
        world.alice, contact=None, partner=world.partner, product="Chairs", next_step="Call", remarks="Urgent", gross_profit_percent=20,
        interest_level=InterestLevel.objects.create(name="warm"), source=Source.objects.create(name="Fair"),
        industry=Industry.objects.create(name="Trade"), territory=Territory.objects.create(name="North"),
    )  # fmt: skip
    actions.set_interests(deal, [Interest.objects.create(name="Chairs")], by=world.alice)
    with pytest.raises(RuleBroken, match=r"needs: contact, items, competitors, roles of contacts\.$"):
        actions.move_to_stage(deal, stage, by=world.alice)
    deal.refresh_from_db()
    deal.dealitems.create(name="Chair", price=5)
    deal.dealcompetitors.create(competitor=Competitor.objects.create(name="Rival"))
    deal.dealcontacts.create(contact=world.contact)
    assert actions.move_to_stage(deal, stage, by=world.alice, contact=world.contact).stage == stage


def test_an_activity_must_have_happened_lately(world, quotation):
    stage = quotation(activity_days=7)
    write_note(world.partner, "About something else", by=world.alice)
    note = write_note(world.partner, "Called", opportunity=world.opportunity, by=world.alice)
    Activity.objects.filter(pk=note.pk).update(happened_at=timezone.now() - timedelta(days=8))
    with pytest.raises(RuleBroken, match="within the last 7 days"):
        actions.move_to_stage(world.opportunity, stage, by=world.alice)
    world.opportunity.refresh_from_db()
    write_note(world.partner, "Met", opportunity=world.opportunity, by=world.alice)
    assert actions.move_to_stage(world.opportunity, stage, by=world.alice).stage == stage


def test_a_comment_may_be_asked_for(world, quotation):
    stage = quotation(asks_comment=True)
    with pytest.raises(RuleBroken, match="comment") as refused:
        actions.move_to_stage(world.opportunity, stage, comment=" ", by=world.alice)
    assert refused.value.field == "comment"
    world.opportunity.refresh_from_db()
    assert actions.move_to_stage(world.opportunity, stage, comment="They asked", by=world.alice).stage == stage


def test_of_many_only_those_move_that_may(world, quotation):
    stage = quotation(required=["product"])
    ready = make.opportunity(world.alice, product="Chairs")
    assert actions.move_many(Opportunity.objects.all(), stage, by=world.bob) == 1
    ready.refresh_from_db()
    assert ready.stage == stage


def test_the_form_asks_too_and_a_new_deal_in_a_late_stage(world, quotation):
    stage = quotation(required=["product"])
    world.opportunity.stage = stage
    with pytest.raises(RuleBroken, match="product"):
        actions.save_opportunity(world.opportunity, by=world.alice)
    with pytest.raises(RuleBroken, match="product"):
        make.opportunity(world.alice, stage=stage)
