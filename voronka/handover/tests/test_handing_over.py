"""A person's work goes to another as a whole, is told to both, and comes back as far as nobody touched it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from voronka.accounts.models import Notice
from voronka.activities import actions as work
from voronka.activities import rules, schedule
from voronka.activities.models import Activity, Series
from voronka.activities.tests import make as activities
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.handover import actions, jobs, moving
from voronka.handover.models import Brief, Handover
from voronka.handover.tests import make
from voronka.opportunities import actions as deals
from voronka.opportunities.models import Opportunity, OpportunityState
from voronka.opportunities.tests import make as opportunities
from voronka.partners.actions import save_partner
from voronka.partners.models import Partner
from voronka.partners.tests import make as partners


def owner(record):
    return type(record)._base_manager.get(pk=record.pk).owner.name


def test_everything_open_moves_and_the_past_stays(world):
    call = activities.planned(world.alice, partner=world.partner, opportunity=world.opportunity)
    said = work.write_note(world.partner, "They like chairs", by=world.alice)
    won = deals.win(opportunities.opportunity(world.alice, 500, partner=world.partner), by=world.alice)
    done = make.handed_over(world.alice, world.charlie, world.bob, note="Alice is on leave")
    assert done.status == "done"
    assert [owner(one) for one in (world.partner, world.opportunity, call)] == ["Charlie"] * 3
    assert [owner(one) for one in (said, won)] == ["Alice", "Alice"]
    assert Partner.objects.visible_to(world.charlie).filter(pk=world.partner.pk).exists()


def test_the_change_of_owner_is_a_new_state_of_the_opportunity(world):
    make.handed_over(world.alice, world.charlie, world.dana)
    states = OpportunityState.objects.filter(opportunity=world.opportunity).order_by("since")
    assert [(one.owner.name, one.changed_by.name) for one in states] == [("Alice", "Alice"), ("Charlie", "Dana")]
    assert states[0].until == states[1].since


def test_one_partner_moves_alone(world):
    other = partners.partner(world.alice, "Lopukh")
    deal = opportunities.opportunity(world.alice, partner=other)
    make.handed_over(world.alice, world.bob, what="partners", partners=[other.pk])
    assert [owner(one) for one in (other, deal, world.partner, world.opportunity)] == ["Bob", "Bob", "Alice", "Alice"]


def test_the_partners_a_list_shows_move(world):
    leads = [partners.partner(world.alice, f"Lead {number}", kind="lead") for number in range(2)]
    customer = partners.partner(world.alice, "Customer", kind="customer")
    make.handed_over(world.alice, world.bob, what="filter", query="kind=customer")
    assert [owner(one) for one in (*leads, customer)] == ["Alice", "Alice", "Bob"]


def test_of_a_partner_of_somebody_else_only_ones_own_deals_move(world):
    deal = opportunities.opportunity(world.alice, partner=partners.partner(world.charlie, "Lopukh"))
    make.handed_over(world.alice, world.bob, world.dana)
    assert (owner(deal), owner(deal.partner)) == ("Bob", "Charlie")


def test_work_that_repeats_moves_with_its_coming_times(world):
    meeting = Activity(kind="meeting", title="Every week", partner=world.partner, owner=world.alice)
    when = rules.plan_at(timezone.now() + timedelta(hours=1))
    schedule.repeat(meeting, when, schedule.Repeat("FREQ=WEEKLY"), by=world.alice)
    make.handed_over(world.alice, world.bob, world.dana)
    assert owner(Series.objects.get()) == "Bob"
    assert set(Activity.objects.filter(title="Every week").values_list("owner__name", flat=True)) == {"Bob"}


def test_a_director_sees_the_hand_overs_of_everybody(world):
    done = make.handed_over(world.alice, world.bob)
    sees = [
        Handover.objects.visible_to(one).filter(pk=done.pk).exists() for one in (world.dana, world.bob, world.charlie)
    ]
    assert sees == [True, True, False]


def test_private_work_stays_private(world):
    private = activities.planned(world.alice, title="Dentist", is_private=True)
    make.handed_over(world.alice, world.bob, world.dana)
    assert owner(private) == "Alice"


def test_both_are_told_in_their_language_and_once(world):
    world.charlie.language = "ru"
    world.charlie.save()
    done = make.handed_over(world.alice, world.charlie, world.dana, note="Because")
    jobs.work(done.pk)
    told = {one.user.name: one for one in Notice.objects.filter(kind="handover")}
    assert sorted(told) == ["Alice", "Charlie", "Dana"]
    assert "Charlie" in told["Alice"].title
    assert told["Alice"].text == "1 partner\nBecause"
    assert Notice.objects.filter(kind="handover").count() == 3


@pytest.mark.parametrize(
    ("by", "giver", "taker", "code"),
    [
        ("alice", "charlie", "alice", "not_yours"), ("bob", "charlie", "alice", "not_yours"), ("alice", "alice", "alice", "same_person"),
        ("charlie", "charlie", "alice", "nothing"),
    ],
)  # fmt: skip
def test_what_may_not_be(world, by, giver, taker, code):
    by, giver, taker = (getattr(world, name) for name in (by, giver, taker))
    with pytest.raises(RuleBroken) as refused:
        actions.hand_over(make.wanted(giver, taker, by), by=by)
    assert refused.value.code == code


def test_nobody_hands_over_to_who_left(world):
    world.charlie.is_active = False
    world.charlie.save()
    with pytest.raises(RuleBroken, match="does not work here"):
        actions.hand_over(make.wanted(world.alice, world.charlie), by=world.alice)


def test_who_left_is_handed_over_by_the_boss(world):
    world.alice.is_active = False
    world.alice.save()
    assert make.handed_over(world.alice, world.charlie, world.dana).status == "done"
    assert owner(world.partner) == "Charlie"


def test_taken_back_all_is_as_before(world):
    call = activities.planned(world.alice, partner=world.partner)
    done = make.handed_over(world.alice, world.charlie, world.dana)
    back = make.taken_back(done, world.dana)
    assert (back.status, back.conflicts) == ("undone", [])
    assert [owner(one) for one in (world.partner, world.opportunity, call)] == ["Alice"] * 3
    assert OpportunityState.objects.filter(opportunity=world.opportunity).count() == 3


def test_what_somebody_touched_since_stays_and_is_listed(world):
    call = activities.planned(world.alice, partner=world.partner)
    done = make.handed_over(world.alice, world.charlie, world.dana)
    partner = Partner.objects.visible_to(world.charlie).get(pk=world.partner.pk)
    partner.website = "new.example"
    save_partner(partner, by=world.charlie)
    work.complete(Activity.objects.get(pk=call.pk), by=world.charlie)
    back = make.taken_back(done, world.dana)
    assert [owner(one) for one in (world.partner, call, world.opportunity)] == ["Charlie", "Charlie", "Alice"]
    assert [(place, name, by, verb) for place, _key, name, by, verb, _at in back.conflicts] == [
        ("partners.partner.owner", "Romashka LLC", world.charlie.pk, "change"),
        ("activities.activity.owner", "Talk about chairs", world.charlie.pk, "complete"),
    ]


def test_it_is_taken_back_once(world):
    done = make.handed_over(world.alice, world.charlie, world.dana)
    make.taken_back(done, world.dana)
    with pytest.raises(StaleRecord):
        actions.take_back(done, by=world.dana)


def test_called_off_before_it_is_written_nothing_moves(world):
    made = actions.hand_over(make.wanted(world.alice, world.charlie), by=world.alice)
    actions.call_off(made, by=world.alice)
    assert make.worked(made).status == "cancelled"
    assert owner(world.partner) == "Alice"


def test_called_off_in_the_middle_nothing_moves(world):
    made = actions.hand_over(make.wanted(world.alice, world.charlie), by=world.alice)
    Handover.objects.filter(pk=made.pk).update(status="running")

    def told(share):
        if share > moving.BRIEFED:  # some rows are moved already
            Handover.objects.filter(pk=made.pk).update(status="cancelled")
            raise moving.CalledOff

    with pytest.raises(moving.CalledOff):
        moving.hand_over(made, told)
    assert owner(world.partner) == "Alice"
    assert not Brief.objects.exists()


def test_another_zone_ends_the_day_at_another_moment(world):
    world.charlie.time_zone = "Asia/Vladivostok"
    world.charlie.save()
    tomorrow = timezone.localdate() + timedelta(days=1)
    task = activities.planned(world.alice, "task", on=tomorrow, partner=world.partner)
    make.handed_over(world.alice, world.charlie, world.dana)
    moved = Activity.objects.get(pk=task.pk).happened_at.astimezone(world.charlie.zone)
    assert (moved.date(), moved.hour) == (tomorrow, 23)


def test_ten_thousand_activities_are_one_act_of_few_statements(world, django_assert_max_num_queries):
    now = timezone.now()
    Activity.objects.bulk_create(
        Activity(kind="call", title=f"Call {number}", owner=world.alice, partner=world.partner, status="open", happened_at=now, starts_at=now)
        for number in range(10_000)
    )  # fmt: skip
    made = actions.hand_over(make.wanted(world.alice, world.charlie), by=world.alice)
    with django_assert_max_num_queries(110):
        make.worked(made)
    assert made.moved["activities.activity.owner"] == 10_000
    assert Opportunity.objects.get(pk=world.opportunity.pk).owner == world.charlie
