"""Planning, doing, calling off, taking back, giving away."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from voronka.activities import actions, rules
from voronka.activities.models import Activity, ActivitySubject, ActivityType, Outcome
from voronka.activities.tests import make
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.partners.tests import make as partners


def test_a_call_is_planned_made_and_followed_up(world):
    call = make.planned(world.alice, partner=world.partner, opportunity=world.opportunity, contact=world.contact)
    assert call.is_open
    assert call.minutes == 15
    reached = Outcome.objects.create(name="Reached")
    tomorrow = timezone.now() + timedelta(days=1)
    step = Activity(kind="meeting", title="Show samples")
    actions.complete(
        call, outcome=reached, result="Likes oak", next_step=step, next_when=rules.plan_at(tomorrow), by=world.alice
    )
    assert (call.status, call.outcome, call.result) == ("done", reached, "Likes oak")
    assert call.happened_at <= timezone.now()
    step.refresh_from_db()
    assert (step.follow_up_of, step.partner, step.opportunity_id, step.contact) == (
        call, world.partner, world.opportunity.pk, world.contact,
    )  # fmt: skip
    assert (step.owner, step.happened_at, step.is_open) == (world.alice, tomorrow, True)


def test_work_for_a_day_is_due_when_the_day_is_over_for_its_owner(world):
    world.alice.time_zone = "Asia/Vladivostok"
    task = make.planned(world.alice, "task", partner=world.partner, on=date(2030, 5, 6))
    assert task.happened_at.isoformat() == "2030-05-06T23:59:59+10:00"
    assert Activity.objects.get(pk=task.pk).is_overdue is False


def test_closed_work_is_locked_until_it_is_reopened(world):
    call = make.planned(world.alice, partner=world.partner)
    actions.cancel(call, reason="They moved", by=world.alice)
    for act in (
        lambda: actions.complete(call, by=world.alice),
        lambda: actions.cancel(call, by=world.alice),
        lambda: actions.reassign(call, world.bob, by=world.alice),
        lambda: actions.save_activity(call, by=world.alice),
    ):
        with pytest.raises(RuleBroken):
            act()
    actions.reopen(call, by=world.alice)
    assert (call.is_open, call.closed_at) == (True, None)
    with pytest.raises(RuleBroken):
        actions.reopen(call, by=world.alice)


def test_of_two_people_moving_one_call_the_second_hears_of_it(world):
    call = make.planned(world.alice, partner=world.partner)
    other = Activity.objects.get(pk=call.pk)
    actions.reschedule(call, rules.plan_at(timezone.now()), by=world.alice)
    with pytest.raises(StaleRecord):
        actions.complete(other, by=world.bob)


def test_what_cannot_be_is_refused_with_its_reason(world):
    someone = partners.contact(partners.partner(world.alice, "Vasilek LLC"), "Oleg")
    kind, other = ActivityType.objects.create(name="Sale"), ActivityType.objects.create(name="Complaint")
    subject = ActivitySubject.objects.create(type=other, name="Late")
    wrong = [
        ("partner", {"partner": None}),
        ("contact", {"contact": someone}),
        ("subject", {"type": kind, "subject": subject}),
        ("title", {"title": " ", "kind": "task"}),
        ("kind", {"kind": "note"}),
        ("ends_at", {"starts_at": timezone.now(), "ends_at": timezone.now() - timedelta(hours=1)}),
    ]
    for field, values in wrong:
        fields = {"kind": "call", "title": "Talk", "partner": world.partner, "owner": world.alice} | values
        with pytest.raises(RuleBroken) as broken:
            actions.plan(Activity(**fields), by=world.alice)
        assert broken.value.field == field
    assert not Activity.objects.exists()


def test_only_what_has_happened_is_logged(world):
    call, now = Activity(kind="call", partner=world.partner, owner=world.alice), timezone.now()
    with pytest.raises(RuleBroken):
        actions.log(call, rules.plan_at(now + timedelta(hours=2)), by=world.alice)
    with pytest.raises(RuleBroken):
        actions.log(call, rules.plan_on(timezone.localdate() + timedelta(days=1), world.alice.zone), by=world.alice)
    actions.log(call, rules.plan_at(now - timedelta(hours=2)), by=world.alice)
    assert (call.status, call.is_overdue, call.happened_at) == ("done", False, now - timedelta(hours=2))


def test_many_are_moved_given_away_and_closed(world):
    world.alice.time_zone = "Europe/Moscow"
    world.alice.save()
    calls = [make.planned(world.alice, partner=world.partner) for _number in range(3)]
    actions.cancel(calls[2], by=world.alice)
    rows = Activity.objects.editable_by(world.alice)
    assert actions.reschedule_many(rows, date(2030, 5, 6), by=world.alice) == 2
    moved = Activity.objects.get(pk=calls[0].pk)
    assert moved.starts_at.astimezone(world.alice.zone).date() == date(2030, 5, 6)
    assert moved.starts_at.time().minute == calls[0].starts_at.time().minute
    assert actions.reassign_many(rows, world.bob, by=world.alice) == 2
    assert Activity.objects.get(pk=calls[0].pk).assigned_by == world.alice
    assert actions.close_many(Activity.objects.filter(owner=world.bob), "done", by=world.bob) == 2


def test_seen_by_who_sees_the_partner_and_by_who_takes_part(world):
    def sees(person):
        return set(Activity.objects.visible_to(person).values_list("title", flat=True))

    make.planned(world.alice, partner=world.partner, title="ours")
    make.planned(world.alice, partner=world.partner, title="with Charlie", participants=[world.charlie])
    make.planned(world.alice, partner=world.partner, title="secret", is_private=True)
    make.planned(world.alice, title="dentist", is_private=True)
    make.planned(world.charlie, title="for Charlie", is_private=True, by=world.dana)
    assert sees(world.alice) == {"ours", "with Charlie", "secret", "dentist"}
    assert sees(world.bob) == {"ours", "with Charlie"}
    assert sees(world.charlie) == {"with Charlie", "for Charlie"}
    assert sees(world.dana) == {"ours", "with Charlie", "for Charlie"}
    assert set(Activity.objects.editable_by(world.charlie).values_list("title", flat=True)) == {"for Charlie"}


def test_words_are_found_in_all_their_forms(world):
    for text in ("Отправили договоры на поставку", "They were asking about chairs", "Купили ёлки"):
        actions.write_note(world.partner, text, by=world.alice)

    def found(text):
        return Activity.objects.search(text).count()

    assert found("договор поставки") == 1
    assert found("ask chair") == 1
    assert found("елка") == 1
    assert found("догов") == 1
    assert found("кресла") == 0
    assert found("'|!:*") == 3
