"""Reminders come once, also after a crash, and people are told what they were given."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from voronka.accounts.models import Notice
from voronka.activities import actions, jobs, rules
from voronka.activities.models import Activity
from voronka.activities.tests import make


def remind_in(world, minutes, **fields):
    at = timezone.now() + timedelta(minutes=minutes)
    return make.planned(world.alice, partner=world.partner, at=at, remind_before=15, **fields)


def told(person):
    return list(Notice.objects.filter(user=person, kind="reminder").values_list("title", flat=True))


def test_owner_and_participants_are_reminded_once(world, time_machine):
    remind_in(world, 60, participants=[world.bob])
    jobs.remind()
    assert told(world.alice) == []
    time_machine.move_to(timezone.now() + timedelta(minutes=46))
    jobs.remind()
    jobs.remind()
    assert len(told(world.alice)) == len(told(world.bob)) == 1
    assert "Talk about chairs" in told(world.alice)[0]


@transaction.atomic
def _remind_and_crash():
    assert jobs.remind_next()
    raise InterruptedError


def test_a_crash_undoes_both_and_nobody_is_told_twice(world, time_machine):
    call = remind_in(world, 60)
    time_machine.move_to(timezone.now() + timedelta(minutes=50))
    with pytest.raises(InterruptedError):
        _remind_and_crash()
    assert told(world.alice) == []
    jobs.remind()
    Activity.objects.filter(pk=call.pk).update(remind_at=timezone.now())  # as if the note of it was lost
    jobs.remind()
    assert len(told(world.alice)) == 1


def test_what_moved_is_reminded_of_anew_and_what_is_closed_is_not(world, time_machine):
    moved, closed = remind_in(world, 60), remind_in(world, 60, title="Closed")
    actions.complete(closed, by=world.alice)
    time_machine.move_to(timezone.now() + timedelta(minutes=50))
    jobs.remind()
    actions.reschedule(moved, rules.plan_at(timezone.now() + timedelta(minutes=20)), by=world.alice)
    time_machine.move_to(timezone.now() + timedelta(minutes=10))
    jobs.remind()
    assert len(told(world.alice)) == 2


def test_people_are_told_what_others_gave_them(world):
    call = make.planned(world.alice, partner=world.partner)
    actions.reassign(call, world.bob, by=world.alice)
    make.planned(world.bob, partner=world.partner, by=world.bob, participants=[world.alice])
    assert list(Notice.objects.order_by("pk").values_list("user__name", "title")) == [
        ("Bob", "Alice gave you: Talk about chairs"), ("Alice", "Bob invited you: Talk about chairs"),
    ]  # fmt: skip
