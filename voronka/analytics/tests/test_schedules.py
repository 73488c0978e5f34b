"""Reports sent by mail: when they are due, to whom, with whose rights, and once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from voronka.accounts.tests import make as people
from voronka.analytics import actions, jobs
from voronka.analytics.models import Schedule
from voronka.analytics.rules import next_time
from voronka.core.errors import RuleBroken
from voronka.opportunities.tests import make

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("every", "weekday", "day", "expected"),
    [
        ("day", 0, 1, datetime(2026, 2, 13, 8, tzinfo=MOSCOW)),
        ("week", 0, 1, datetime(2026, 2, 16, 8, tzinfo=MOSCOW)),
        ("week", 3, 1, datetime(2026, 2, 19, 8, tzinfo=MOSCOW)),
        ("month", 0, 31, datetime(2026, 2, 28, 8, tzinfo=MOSCOW)),
        ("month", 0, 12, datetime(2026, 3, 12, 8, tzinfo=MOSCOW)),
    ],
)
def test_the_next_time_is_a_full_hour_of_the_companys_zone(every, weekday, day, expected):
    thursday = datetime(2026, 2, 12, 5, 0, tzinfo=UTC)  # exactly eight in Moscow: that time has come already
    assert next_time(thursday, every, weekday, day, 8, MOSCOW) == expected


@pytest.fixture
def schedule(world):
    made = Schedule(
        user=world.bob, report="opportunities", query="status=open", name="Open deals", every="day", format="csv"
    )
    return actions.save_schedule(made, recipients=[world.alice, world.dana], by=world.bob)


def test_a_schedule_needs_a_recipient(world):
    with pytest.raises(RuleBroken, match="who gets the report"):
        actions.save_schedule(Schedule(user=world.bob, report="won", name="Won"), recipients=[], by=world.bob)


def test_each_gets_what_they_may_see_in_their_language(world, schedule, mailoutbox):
    make.opportunity(world.charlie, 4321, name="Secret of the south")
    world.dana.language = "ru"
    world.dana.save()
    for person in (world.alice, world.dana):
        jobs.send_one(schedule_id=schedule.pk, user_id=person.pk, due=1)
    hers, boss = mailoutbox
    assert (hers.to, boss.to) == ([world.alice.email], [world.dana.email])
    name, content, kind = hers.attachments[0]
    assert (name, kind) == ("opportunities.csv", "text/csv")
    assert "Office chairs" in content
    assert "Secret of the south" not in content
    assert "Secret of the south" in boss.attachments[0][1]
    assert "Сделка" in boss.attachments[0][1]
    assert "Bob отправляет вам" in boss.body


def test_a_letter_sent_again_is_the_same_letter(world, schedule, mailoutbox):
    for _try in range(2):
        jobs.send_one(schedule_id=schedule.pk, user_id=world.alice.pk, due=7)
    assert mailoutbox[0].extra_headers["Message-ID"] == mailoutbox[1].extra_headers["Message-ID"]


def test_who_left_or_sees_no_reports_gets_none(world, schedule, mailoutbox):
    engineer = people.user("Fred", "service-engineer")
    world.alice.is_active = False
    world.alice.save()
    for person in (world.alice, engineer):
        jobs.send_one(schedule_id=schedule.pk, user_id=person.pk, due=1)
    assert mailoutbox == []


def test_what_is_due_is_handed_over_once(world, schedule, time_machine):
    assert schedule.next_at > timezone.now()
    time_machine.move_to(schedule.next_at + timedelta(minutes=1))
    seen = Schedule.objects.due(timezone.now()).get()
    assert jobs.hand_over(seen) == 2
    assert jobs.hand_over(seen) == 0, "another worker was first"
    assert not Schedule.objects.due(timezone.now()).exists()


def test_the_pages(world, schedule, sign_in):
    client = sign_in(world.bob)
    assert b"Open deals" in client.get("/reports/schedules/").content
    made = client.post(
        "/reports/schedules/new/",
        {"report": "won", "query": "by=source", "name": "Won", "format": "pdf", "every": "week", "hour": 9, "weekday": 4, "day": 1, "recipients": [world.bob.pk]},
    )  # fmt: skip
    assert made.status_code == 302, made.content
    found = Schedule.objects.get(report="won")
    assert (found.query, found.user, list(found.recipients.all())) == ("by=source", world.bob, [world.bob])
    refused = client.post("/reports/schedules/new/", {"report": "won", "name": "Won"})
    assert refused.status_code == 422
    client.post(f"/reports/schedules/{found.pk}/act/", {"act": "delete"})
    assert not Schedule.objects.filter(pk=found.pk).exists()
    client = sign_in(world.charlie)
    assert b"Open deals" not in client.get("/reports/schedules/").content
    assert client.get(f"/reports/schedules/{schedule.pk}/").status_code == 404
    assert client.post(f"/reports/schedules/{schedule.pk}/act/", {"act": "delete"}).status_code == 404
    assert client.get("/reports/schedules/new/?report=horoscope").status_code == 404


def test_a_saved_variant_opens_by_default_and_is_shared_by_those_who_may(world, sign_in):
    client = sign_in(world.bob)
    given = {
        "page": "analytics:report:won",
        "name": "By source",
        "query": "by=source",
        "back": "/reports/won/",
        "is_default": "on",
    }
    client.post("/views/save/", given)
    assert client.get("/reports/won/").headers["Location"].startswith("/reports/won/?by=source&view=")
    assert client.get("/reports/lost/").status_code == 200
    assert "By source" not in sign_in(world.alice).get("/reports/won/").content.decode()
