"""New leads: whom they go to by rule, who waits for the first word, and how long it took."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from voronka.accounts.models import Notice
from voronka.activities import actions as work
from voronka.activities.models import Activity
from voronka.activities.tests import make as activities
from voronka.partners import actions
from voronka.partners.models import AssignmentRule, Industry, Partner, Source, Territory
from voronka.partners.rules import Turn, is_within, whose_turn
from voronka.partners.tests import make

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_whoever_waits_longest_is_next():
    turns = [Turn(1, 2, NOON), Turn(2, 2, NOON - timedelta(hours=1)), Turn(3, 0, None)]
    assert whose_turn(turns, None).person == 3
    assert whose_turn(turns[:2], None).person == 2
    assert whose_turn(turns[:2], 2) is None


def test_a_place_lies_within_those_above():
    parents = {1: None, 2: 1, 3: 2, 4: None}
    assert [is_within(place, 1, parents) for place in (1, 3, 4, None)] == [True, True, False, False]


@pytest.fixture
def rule(world):
    made = AssignmentRule.objects.create(name="All", daily_limit=2)
    made.people.set([world.alice, world.charlie])
    return made


def owners(leads):
    return [Partner.objects.get(pk=lead.pk).owner.name for lead in leads]


def distribute(leads, by):
    return actions.distribute(Partner.objects.filter(pk__in=[lead.pk for lead in leads]), by=by)


def test_leads_go_round_up_to_the_limit_of_the_day(world, rule):
    leads = [make.partner(world.dana, f"Lead {number}") for number in range(5)]
    assert distribute(leads, world.dana) == (4, 1)
    assert owners(leads) == ["Alice", "Charlie", "Alice", "Charlie", "Dana"]
    assert [one.title for one in Notice.objects.filter(kind="lead")] == ["2 new leads are yours"] * 2


def test_the_turn_is_remembered(world, rule):
    leads = [make.partner(world.dana, f"Lead {number}") for number in range(3)]
    for lead in leads:
        distribute([lead], world.dana)
    assert owners(leads) == ["Alice", "Charlie", "Alice"]


def test_the_first_rule_that_fits_decides(world, rule):
    europe = Territory.objects.create(name="Europe")
    italy = Territory.objects.create(name="Italy", parent=europe)
    source, industry = Source.objects.create(name="Fair"), Industry.objects.create(name="Food")
    first = AssignmentRule.objects.create(name="Fairs", position=1, territory=europe, source=source, industry=industry)
    first.people.set([world.bob])
    fits = make.partner(world.dana, "Fits", territory=italy, source=source, industry=industry)
    other = make.partner(world.dana, "Other", territory=italy, source=source)
    distribute([fits, other], world.dana)
    assert owners([fits, other]) == ["Bob", "Alice"]


def test_who_left_gets_nothing(world, rule):
    world.alice.is_active = False
    world.alice.save()
    lead = make.partner(world.dana, "Lead")
    distribute([lead], world.dana)
    assert owners([lead]) == ["Charlie"]


def test_a_program_that_names_no_owner_lets_the_rules_decide(world, rule, client):
    client.force_login(world.dana)
    body = {"name": "From the site"}
    assert client.post("/api/v1/partners", body, content_type="application/json").json()["owner_id"] == world.alice.pk
    named = client.post("/api/v1/partners", body | {"owner": world.dana.pk}, content_type="application/json")
    assert named.json()["owner_id"] == world.dana.pk


def answered(partner):
    return Partner.objects.get(pk=partner.pk).answered_at


def test_the_first_word_is_kept_and_a_note_is_none(world):
    lead = make.partner(world.alice, "Lead")
    work.write_note(lead, "Looks rich", by=world.alice)
    assert answered(lead) is None
    call = activities.planned(world.alice, partner=lead)
    assert answered(lead) is None
    work.complete(call, by=world.alice)
    first = answered(lead)
    assert first is not None
    work.log(Activity(kind="call", partner=lead, owner=world.alice), by=world.alice)
    assert answered(lead) == first


def test_many_closed_at_once_are_words_too(world):
    leads = [make.partner(world.alice, f"Lead {number}") for number in range(2)]
    for lead in leads:
        activities.planned(world.alice, partner=lead)
    work.close_many(Activity.objects.filter(partner__in=leads), "done", by=world.alice)
    assert all(answered(lead) for lead in leads)


def test_the_queue_shows_who_waits_and_how_long_others_did(world, rule, sign_in):
    Partner.objects.filter(pk=world.partner.pk).update(
        created_at=timezone.now() - timedelta(hours=5), answered_at=timezone.now() - timedelta(hours=2)
    )
    make.partner(world.alice, "Waiting LLC")
    page = sign_in(world.bob).get(reverse("partners:leads")).content.decode()
    assert "Waiting LLC" in page
    assert "1 lead waits" in page
    assert "3 h" in page
    assert "Waiting LLC" not in sign_in(world.charlie).get(reverse("partners:leads")).content.decode()


def test_a_head_gives_the_queue_by_the_rules_and_a_salesperson_may_not(world, rule, sign_in):
    lead = make.partner(world.bob, "Waiting LLC")
    address = reverse("partners:distribute")
    assert sign_in(world.charlie).post(address).status_code == 403
    assert sign_in(world.bob).post(address, {"ids": [lead.pk]}).status_code == 302
    assert owners([lead]) == ["Alice"]


def test_rules_are_made_by_those_who_configure(world, sign_in):
    address = reverse("partners:assignment_create")
    assert sign_in(world.bob).get(address).status_code == 403
    asked = {
        "name": "All",
        "people": [world.alice.pk, world.bob.pk],
        "position": 1,
        "is_active": "on",
        "daily_limit": "",
    }
    assert sign_in(world.dana).post(address, asked).status_code == 302
    made = AssignmentRule.objects.get()
    assert {one.name for one in made.people.all()} == {"Alice", "Bob"}
    assert "Alice, Bob" in sign_in(world.dana).get(reverse("partners:assignment")).content.decode()
    wrong = sign_in(world.dana).post(reverse("partners:assignment_edit", args=[made.pk]), asked | {"people": []})
    assert wrong.status_code == 422
