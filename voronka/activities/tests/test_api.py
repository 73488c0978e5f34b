"""Letters, what repeats and sequences, as programs read and write them."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from voronka.accounts.tests import make as people
from voronka.activities import jobs
from voronka.activities.models import Activity, Letter, Sequence, SequenceStep, Series
from voronka.activities.tests import make
from voronka.partners.tests import make as partners

MOSCOW = ZoneInfo("Europe/Moscow")
FAR = "9999-12-31T23:00:00Z"


def at(days, hour=10):
    return datetime.combine(timezone.localdate(timezone=MOSCOW) + timedelta(days=days), time(hour), MOSCOW)


def iso(days, hour=10):
    return at(days, hour).isoformat()


def test_a_letter_is_written_sent_and_answered(world, call, taker):
    body = {"opportunity": world.opportunity.pk, "to": ["Anna@Romashka.example"], "cc": ["boss@romashka.example"], "title": "Chairs", "text": "Dear Anna"}  # fmt: skip
    status, made = call(world.alice, "post", "/letters", body)
    assert (status, made["state"], made["contact_id"]) == (201, "waiting", world.contact.pk)
    jobs.send_letters()
    assert taker.letters[0]["To"] == "anna@romashka.example"
    status, read = call(world.alice, "get", f"/letters/{made['id']}")
    assert (read["state"], read["direction"], read["partner_id"]) == ("sent", "out", world.partner.pk)
    status, answer = call(world.alice, "post", "/letters", {"answers": made["id"], "to": ["anna@romashka.example"], "title": "Re: Chairs", "text": "And tables"})  # fmt: skip
    assert (status, answer["thread"], answer["opportunity_id"]) == (201, read["thread"], world.opportunity.pk)
    assert call(world.alice, "post", f"/letters/{answer['id']}/send-again")[0] == 409


@pytest.mark.parametrize(
    ("change", "status", "place"),
    [({"to": ["nobody"]}, 422, "to"), ({"to": []}, 422, "to"), ({"title": " "}, 422, "title"), ({"partner": None}, 409, "partner"), ({"answers": 1}, 409, "partner")],
)  # fmt: skip
def test_a_letter_that_can_not_be_is_told_why(world, call, taker, change, status, place):
    body = {"partner": world.partner.pk, "to": ["anna@romashka.example"], "title": "Chairs", "text": "Dear Anna"}
    answered, said = call(world.alice, "post", "/letters", body | change)
    assert (answered, place in str(said)) == (status, True)
    assert not Letter.objects.exists()


def test_letters_come_in_pages_to_those_who_see_the_partner(world, call):
    made = [make.letter(world.alice, world.partner, title=f"Letter {number}") for number in range(3)]
    make.letter(world.alice, world.partner, state="failed", error="550 No such mailbox")
    Activity.objects.filter(pk=made[0].pk).update(is_private=True)
    seen, cursor = [], ""
    while cursor is not None:
        _status, page = call(world.bob, "get", "/letters", {"limit": 1, "state": "received", "cursor": cursor})
        seen, cursor = seen + [one["title"] for one in page["items"]], page["next"]
    assert seen == ["Letter 2", "Letter 1"]
    assert call(world.charlie, "get", "/letters")[1]["items"] == []
    assert call(world.charlie, "get", f"/letters/{made[1].pk}")[0] == 404
    assert call(world.charlie, "post", "/letters", {"answers": made[1].pk, "to": ["a@b.example"], "title": "x", "text": "x"})[0] == 404  # fmt: skip
    assert call(people.user("Olga", "observer"), "post", "/letters", {"partner": world.partner.pk, "to": ["a@b.example"], "title": "x", "text": "x"})[0] == 403  # fmt: skip


def repeated(call, world, **change):
    body = {"partner": world.partner.pk, "title": "Standing", "starts_at": iso(1), "ends_at": iso(1, 11), "rule": "FREQ=DAILY", "last_on": at(9).date().isoformat()}  # fmt: skip
    return call(world.alice, "post", "/series", body | change)


def starts(call, person, key):
    _status, found = call(person, "get", f"/series/{key}/occurrences", {"first": iso(0), "last": iso(60)})
    return [datetime.fromisoformat(one["starts_at"]) for one in found]


def test_a_series_is_planned_read_and_one_of_its_days_moved(world, call):
    status, made = repeated(call, world, participants=[world.bob.pk])
    assert (status, made["rule"], made["clock"], made["zone"]) == (201, "FREQ=DAILY", "10:00:00", "Europe/Moscow")
    assert starts(call, world.bob, made["id"]) == [at(day) for day in range(1, 10)]
    status, row = call(world.alice, "post", f"/series/{made['id']}/occurrences", {"start": iso(3)})
    assert (status, row["title"]) == (200, "Standing")
    call(world.alice, "post", f"/activities/{row['id']}/reschedule", {"starts_at": iso(3, 15), "ends_at": iso(3, 16)})
    assert at(3, 15) in starts(call, world.alice, made["id"])
    assert at(3) not in starts(call, world.alice, made["id"])
    assert [one["id"] for one in call(world.alice, "get", "/series", {"owner": world.alice.pk})[1]["items"]] == [made["id"]]  # fmt: skip


def test_a_series_is_changed_from_a_day_on_and_ended(world, call):
    _status, made = repeated(call, world)
    status, tail = call(world.alice, "patch", f"/series/{made['id']}", {"since": iso(5), "title": "Shorter", "starts_at": iso(5, 12)})  # fmt: skip
    assert (status, tail["title"], tail["clock"], tail["minutes"]) == (200, "Shorter", "12:00:00", 60)
    assert starts(call, world.alice, made["id"]) == [at(day) for day in range(1, 5)]
    assert starts(call, world.alice, tail["id"]) == [at(day, 12) for day in range(5, 10)]
    assert call(world.alice, "post", f"/series/{tail['id']}/stop", {"start": iso(7, 12)})[0] == 204
    assert starts(call, world.alice, tail["id"]) == [at(5, 12), at(6, 12)]
    assert call(world.alice, "post", f"/series/{tail['id']}/stop", {"start": iso(7, 12)})[0] == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [({"rule": "FREQ=SECONDLY"}, "rule"), ({"rule": "every day"}, "rule"), ({"starts_at": FAR, "ends_at": None}, "starts_at"), ({"last_on": "2020-01-01"}, "repeat_until")],
)  # fmt: skip
def test_a_rule_that_is_none_is_told(world, call, change, field):
    status, said = repeated(call, world, **change)
    assert (status, said["field"]) == (409, field)
    assert not Series.objects.exists()


def test_strangers_find_no_series_and_readers_plan_none(world, call):
    _status, made = repeated(call, world)
    path = f"/series/{made['id']}"
    assert call(world.charlie, "get", path)[0] == 404
    assert call(world.charlie, "get", f"{path}/occurrences", {"first": iso(0), "last": iso(9)})[0] == 404
    assert call(world.charlie, "patch", path, {"since": iso(2)})[0] == 404
    assert call(world.charlie, "post", f"{path}/stop", {"start": iso(2)})[0] == 404
    assert call(world.charlie, "post", f"{path}/occurrences", {"start": iso(2)})[0] == 404
    assert repeated(call, world, partner=partners.partner(world.charlie).pk)[0] == 404
    assert call(people.user("Olga", "observer"), "post", "/series", {"title": "x", "starts_at": iso(1), "rule": "FREQ=DAILY"})[0] == 403  # fmt: skip


@pytest.fixture
def sequence(db):
    made = Sequence.objects.create(name="New lead")
    for after, title in ((1, "Call"), (3, "Write")):
        SequenceStep.objects.create(sequence=made, after_days=after, title=title)
    return made


def test_a_sequence_is_planned_followed_and_stopped(world, call, sequence):
    assert [one["title"] for one in call(world.alice, "get", "/sequences")[1][0]["steps"]] == ["Call", "Write"]
    status, run = call(world.alice, "post", "/sequence-runs", {"sequence": sequence.pk, "partner": world.partner.pk})
    assert (status, run["status"], [step["status"] for step in run["steps"]]) == (201, "open", ["open", "open"])
    assert call(world.alice, "post", "/sequence-runs", {"sequence": sequence.pk, "partner": world.partner.pk})[0] == 409
    call(world.alice, "post", f"/activities/{run['steps'][0]['activity_id']}/complete", {})
    path = f"/sequence-runs/{run['id']}"
    assert [step["status"] for step in call(world.alice, "get", path)[1]["steps"]] == ["done", "open"]
    assert call(world.charlie, "get", path)[0] == call(world.charlie, "post", f"{path}/stop")[0] == 404
    assert call(world.alice, "post", f"{path}/stop")[1]["status"] == "stopped"
    assert call(world.alice, "post", f"{path}/stop")[0] == 409
    assert call(world.alice, "get", "/sequence-runs", {"status": "open"})[1]["items"] == []
    assert len(call(world.alice, "get", "/sequence-runs", {"partner": world.partner.pk})[1]["items"]) == 1
    assert call(world.charlie, "post", "/sequence-runs", {"sequence": sequence.pk, "partner": world.partner.pk})[0] == 404  # fmt: skip
