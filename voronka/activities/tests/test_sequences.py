"""Sequences: planned at once from a template, followed or visibly not."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from voronka.activities import actions, rules
from voronka.activities.models import Activity, RunStep, Sequence, SequenceRun, SequenceStep
from voronka.core.errors import RuleBroken
from voronka.handover.tests import make as handovers

NOON = datetime(2026, 1, 7, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "due", "closed", "state"),
    [
        ("done", NOON, NOON - HOUR, "done"), ("done", NOON, NOON + HOUR, "late"), ("cancelled", NOON, NOON, "left_out"),
        ("open", NOON - HOUR, None, "overdue"), ("open", NOON + HOUR, None, "planned"),
    ],
)  # fmt: skip
def test_how_a_step_was_followed(status, due, closed, state):
    assert rules.step_state(status, due, closed, NOON) == state


def test_a_weekend_moves_to_monday():
    days = [rules.working_day(date(2026, 1, day)) for day in (9, 10, 11, 12)]
    assert [day.day for day in days] == [9, 12, 12, 12]


@pytest.fixture
def sequence(world):
    made = Sequence.objects.create(name="Warm up")
    for days, kind, title in ((1, "call", "Call"), (3, "email", "Letter"), (7, "call", "Call again")):
        SequenceStep.objects.create(sequence=made, after_days=days, kind=kind, title=title)
    return made


@pytest.fixture
def run(sequence, world):
    return actions.start_sequence(sequence, world.partner, owner=world.alice, by=world.alice)


def test_all_steps_are_planned_at_once(run, world):
    planned = Activity.objects.filter(partner=world.partner, status="open").order_by("happened_at")
    assert [one.title for one in planned] == ["Call", "Letter", "Call again"]
    assert {one.owner for one in planned} == {world.alice}
    assert planned[0].due_on > timezone.localdate(timezone=world.alice.zone)


def test_a_sequence_runs_once_at_a_time_with_a_partner(run, sequence, world):
    with pytest.raises(RuleBroken) as refused:
        actions.start_sequence(sequence, world.partner, owner=world.alice, by=world.alice)
    assert refused.value.code == "under_way"


def test_it_is_done_with_its_last_step_and_open_again_with_a_reopened_one(run, world):
    for activity in Activity.objects.filter(run_step__run=run):
        actions.complete(activity, by=world.alice)
    run.refresh_from_db()
    assert run.status == "done"
    actions.reopen(Activity.objects.filter(run_step__run=run).first(), by=world.alice)
    run.refresh_from_db()
    assert run.status == "open"


def test_stopped_it_cancels_what_is_open(run, world):
    actions.complete(Activity.objects.filter(run_step__run=run).first(), by=world.alice)
    actions.stop_sequence(run, by=world.alice)
    run.refresh_from_db()
    assert run.status == "stopped"
    assert sorted(Activity.objects.filter(run_step__run=run).values_list("status", flat=True)) == [
        "cancelled",
        "cancelled",
        "done",
    ]
    with pytest.raises(RuleBroken):
        actions.stop_sequence(run, by=world.alice)


def test_it_is_handed_over_with_the_partner(run, world):
    handovers.handed_over(world.alice, world.charlie, world.dana)
    assert SequenceRun.objects.get().owner == world.charlie
    assert set(Activity.objects.filter(run_step__run=run).values_list("owner__name", flat=True)) == {"Charlie"}


def test_what_is_not_followed_is_seen(run, world, sign_in):
    address = reverse("activities:sequences_of_partner", args=[world.partner.pk])
    page = sign_in(world.bob).get(address).content.decode()
    assert "0 of 3 done" in page
    assert "not followed" not in page
    RunStep.objects.filter(activity__title="Call").update(due=timezone.now() - timedelta(days=1))
    assert "not followed" in sign_in(world.bob).get(address).content.decode()
    assert "not followed" in sign_in(world.bob).get(reverse("activities:sequences_at_work")).content.decode()
    assert sign_in(world.charlie).get(address).status_code == 404


def test_it_is_started_and_stopped_on_the_card(sequence, world, sign_in):
    start = reverse("activities:sequence_start", args=[world.partner.pk])
    assert sign_in(world.charlie).post(start, {"sequence": sequence.pk}).status_code == 404
    assert sign_in(world.alice).post(start, {"sequence": sequence.pk}).status_code == 302
    found = SequenceRun.objects.get()
    stop = reverse("activities:sequence_stop", args=[found.pk])
    assert sign_in(world.charlie).post(stop).status_code == 404
    assert sign_in(world.alice).post(stop).status_code == 302


def test_a_template_is_made_on_its_page(world, sign_in):
    address = reverse("activities:sequence_create")
    assert sign_in(world.alice).get(address).status_code == 403
    asked = {
        "name": "Warm up", "position": 1, "is_active": "on", "steps-TOTAL_FORMS": 1, "steps-INITIAL_FORMS": 0,
        "steps-0-after_days": 2, "steps-0-kind": "call", "steps-0-title": "Call",
    }  # fmt: skip
    assert sign_in(world.dana).post(address, asked).status_code == 302
    assert [step.title for step in Sequence.objects.get().steps.all()] == ["Call"]
    refused = sign_in(world.dana).post(address, asked | {"name": "Empty", "steps-TOTAL_FORMS": 0})
    assert refused.status_code == 422
    assert not Sequence.objects.filter(name="Empty").exists()
