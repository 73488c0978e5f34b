"""The calendar as people see it: who sees what, moves, series, warnings, absences, holidays."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from voronka.activities import actions, rules, schedule
from voronka.activities.models import Absence, Activity, Holiday, Series
from voronka.activities.schedule import Repeat
from voronka.activities.tests import make

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY = date(2030, 5, 6)


def at(day, hour, minute=0, zone=MOSCOW):
    return datetime.combine(day, time(hour, minute), zone)


def events(client, people=(), first=MONDAY, days=7, **more):
    asked = {
        "start": f"{first}T00:00:00Z",
        "end": f"{first + timedelta(days=days)}T00:00:00Z",
        "people": [one.pk for one in people],
    }
    answer = client.get(reverse("activities:calendar_events"), asked | more)
    assert answer.status_code == 200, answer.content
    return [one for one in answer.json()["events"] if one.get("display") != "background"]


def titles(*args, **more):
    return {one["title"] for one in events(*args, **more)}


def meeting(owner, title, start, minutes=60, **fields):
    found = Activity(kind="meeting", title=title, owner=owner, **fields)
    people = fields.pop("participants", ())
    return actions.plan(found, rules.plan_at(start, timedelta(minutes=minutes)), participants=people, by=owner)


def test_everybody_sees_in_the_calendar_what_they_see_elsewhere_and_private_work_as_busy(world, sign_in):
    meeting(world.alice, "Show samples", at(MONDAY, 10), partner=world.partner)
    meeting(world.alice, "Dentist", at(MONDAY, 12), is_private=True)
    alice = [world.alice]
    assert titles(sign_in(world.alice), alice) == {"Show samples", "Dentist"}
    assert titles(sign_in(world.bob), alice) == {"Show samples", "Busy"}
    assert titles(sign_in(world.dana), alice) == {"Show samples", "Busy"}
    assert titles(sign_in(world.charlie), alice) == set()
    [busy] = [one for one in events(sign_in(world.bob), alice) if one["title"] == "Busy"]
    assert "url" not in busy
    assert "Dentist" not in sign_in(world.bob).get(f"{reverse('activities:calendar')}?date={MONDAY}&people={world.alice.pk}").content.decode()  # fmt: skip


def test_times_are_those_of_the_readers_clock(world, sign_in):
    meeting(world.alice, "Call to Vladivostok", at(MONDAY, 10), partner=world.partner)
    world.bob.time_zone = "Asia/Vladivostok"
    world.bob.save()
    [seen] = events(sign_in(world.bob), [world.alice])
    assert (seen["start"], seen["end"]) == ("2030-05-06T17:00:00", "2030-05-06T18:00:00")


def test_a_window_shows_what_began_long_before_it_and_nothing_that_ended(world, sign_in):
    meeting(world.alice, "Fair", at(MONDAY - timedelta(days=40), 9), minutes=45 * 1440, partner=world.partner)
    meeting(world.alice, "Night shift", at(MONDAY - timedelta(days=1), 22), minutes=240, partner=world.partner)
    meeting(world.alice, "Sunday", at(MONDAY - timedelta(days=1), 22), minutes=120, partner=world.partner)
    meeting(world.alice, "Exhibition", at(MONDAY - timedelta(days=40), 9), minutes=30 * 1440, partner=world.partner)
    assert titles(sign_in(world.alice), [world.alice]) == {"Fair", "Night shift"}


def test_whole_days_are_the_same_days_in_every_zone(world, sign_in):
    fair = Activity(kind="meeting", title="Fair", owner=world.alice, partner=world.partner)
    actions.plan(fair, rules.plan_all_day(MONDAY, MONDAY + timedelta(days=1), MOSCOW), by=world.alice)
    for zone in ("Asia/Vladivostok", "America/New_York"):
        world.bob.time_zone = zone
        world.bob.save()
        [seen] = events(sign_in(world.bob), [world.alice])
        assert (seen["allDay"], seen["start"], seen["end"]) == (True, "2030-05-06", "2030-05-08")


def test_letters_notes_and_what_was_called_off_are_not_in_it(world, sign_in):
    kept = meeting(world.alice, "Kept", at(MONDAY, 9), partner=world.partner)
    actions.cancel(meeting(world.alice, "Off", at(MONDAY, 10), partner=world.partner), by=world.alice)
    make.planned(world.alice, "email", at=at(MONDAY, 11), partner=world.partner, title="Letter")
    make.planned(world.alice, "task", on=MONDAY, partner=world.partner, title="Any time")
    assert titles(sign_in(world.alice)) == {"Kept", "Any time"}
    assert titles(sign_in(world.alice), kinds="task") == {"Any time"}
    assert titles(sign_in(world.alice), q="kept") == {"Kept"}
    actions.complete(kept, by=world.alice)
    assert titles(sign_in(world.alice), open_only="1") == {"Any time"}


def test_what_overlaps_says_so_for_each_person(world, sign_in):
    meeting(world.alice, "First", at(MONDAY, 10), partner=world.partner)
    meeting(world.alice, "Second", at(MONDAY, 10, 30), partner=world.partner)
    meeting(world.alice, "Third", at(MONDAY, 11, 30), partner=world.partner)
    found = {one["title"]: one["extendedProps"]["clashes"] for one in events(sign_in(world.alice))}
    assert found == {"First": True, "Second": True, "Third": False}


def test_later_weeks_of_a_series_are_seen_before_they_are_rows(world, sign_in):
    standing = Activity(kind="meeting", title="Standing", owner=world.alice, partner=world.partner)
    schedule.repeat(
        standing, rules.plan_at(at(MONDAY, 10)), Repeat("FREQ=WEEKLY"), participants=[world.bob], by=world.alice
    )
    assert Activity.objects.count() == 1
    later = MONDAY + timedelta(weeks=30)
    [seen] = events(sign_in(world.bob), [world.bob], first=later)
    assert (seen["title"], seen["start"]) == ("Standing", f"{later}T10:00:00")
    page = sign_in(world.bob).get(seen["url"])
    assert "Every week" in page.content.decode()
    assert sign_in(world.charlie).get(seen["url"]).status_code == 404
    assert sign_in(world.alice).post(seen["url"], {"act": "open"}).status_code == 302
    assert Activity.objects.filter(original_start=at(later, 10)).exists()
    assert len(events(sign_in(world.bob), [world.bob], first=later)) == 1


def test_a_later_one_is_left_out_or_the_series_ends_there(world, sign_in):
    standing = Activity(kind="meeting", title="Standing", owner=world.alice, partner=world.partner)
    series = schedule.repeat(standing, rules.plan_at(at(MONDAY, 10)), Repeat("FREQ=WEEKLY"), by=world.alice).series
    second, third = (reverse("activities:occurrence", args=[series.pk, f"203005{day}T070000Z"]) for day in (13, 20))
    client = sign_in(world.alice)
    client.post(second, {"act": "skip"})
    assert events(client, first=MONDAY + timedelta(days=7)) == []
    client.post(third, {"act": "stop"})
    assert events(client, first=MONDAY + timedelta(days=14)) == []
    assert len(events(client)) == 1
    assert client.post(third, {"act": "open"}).status_code == 302
    assert Activity.objects.alive().count() == 1


def move(client, **values):
    return client.post(reverse("activities:calendar_move"), values)


def test_it_is_dragged_and_put_back(world, sign_in):
    found = meeting(world.alice, "Show samples", at(MONDAY, 10), partner=world.partner)
    meeting(world.alice, "Other", at(MONDAY, 14), partner=world.partner)
    client = sign_in(world.alice)
    answer = move(client, activity=found.pk, start="2030-05-06T14:30:00", end="2030-05-06T15:30:00", version=1).json()
    found.refresh_from_db()
    assert found.starts_at == at(MONDAY, 14, 30)
    assert any("Other" in one for one in answer["warnings"])
    move(client, **answer["undo"])
    found.refresh_from_db()
    assert (found.starts_at, found.ends_at) == (at(MONDAY, 10), at(MONDAY, 11))


def test_of_two_who_drag_one_thing_the_second_is_told(world, sign_in):
    found = meeting(world.alice, "Show samples", at(MONDAY, 10), partner=world.partner)
    where = {"activity": found.pk, "start": "2030-05-07T10:00:00", "end": "2030-05-07T11:00:00", "version": 1}
    assert move(sign_in(world.alice), **where).status_code == 200
    assert move(sign_in(world.bob), **where).status_code == 409
    assert move(sign_in(world.charlie), **where).status_code == 404
    assert move(sign_in(world.alice), activity=found.pk, start="nonsense").status_code == 422


def test_into_another_persons_column(world, sign_in):
    found = meeting(world.alice, "Show samples", at(MONDAY, 10), partner=world.partner)
    where = {"activity": found.pk, "start": "2030-05-06T12:00:00", "end": "2030-05-06T13:00:00"}
    assert move(sign_in(world.bob), owner=world.charlie.pk, **where).status_code == 422
    assert move(sign_in(world.bob), owner=world.bob.pk, **where).status_code == 200
    found.refresh_from_db()
    assert (found.owner, found.starts_at) == (world.bob, at(MONDAY, 12))


def test_a_task_without_a_time_gets_one_or_another_day(world, sign_in):
    task = make.planned(world.alice, "task", on=MONDAY, partner=world.partner, title="Offer")
    client = sign_in(world.alice)
    move(client, activity=task.pk, day="2030-05-08")
    task.refresh_from_db()
    assert (task.due_on, task.starts_at) == (date(2030, 5, 8), None)
    move(client, activity=task.pk, start="2030-05-09T10:00:00")
    task.refresh_from_db()
    assert (task.starts_at, task.minutes) == (at(date(2030, 5, 9), 10), 30)


def test_a_later_occurrence_is_dragged_with_those_that_follow(world, sign_in):
    standing = Activity(kind="meeting", title="Standing", owner=world.alice, partner=world.partner)
    series = schedule.repeat(standing, rules.plan_at(at(MONDAY, 10), timedelta(hours=1)), Repeat("FREQ=WEEKLY;BYDAY=MO"), by=world.alice).series  # fmt: skip
    answer = move(
        sign_in(world.alice), occurrence=f"{series.pk}/20300520T070000Z", scope="following", start="2030-05-21T12:00:00", end="2030-05-21T13:00:00",
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    old, new = Series.objects.order_by("pk")
    assert (old.last_on, new.rule, new.starts_on, new.clock) == (
        date(2030, 5, 19),
        "FREQ=WEEKLY;BYDAY=TU",
        date(2030, 5, 21),
        time(12),
    )
    found = [one["start"] for one in events(sign_in(world.alice), days=35)]
    assert found == [
        "2030-05-06T10:00:00",
        "2030-05-13T10:00:00",
        "2030-05-21T12:00:00",
        "2030-05-28T12:00:00",
        "2030-06-04T12:00:00",
    ]


def test_the_form_plans_what_repeats_and_changes_it(world, sign_in):
    client, day = sign_in(world.alice), timezone.localdate(timezone=MOSCOW) + timedelta(days=1)
    values = {
        "kind": "meeting",
        "title": "Standing",
        "priority": 1,
        "partner": world.partner.pk,
        "day": day,
        "clock": "10:00",
        "lasts": "1h",
    }
    wrong = client.post(reverse("activities:create"), values | {"clock": "", "repeats": "WEEKLY"})
    assert (wrong.status_code, "clock" in wrong.context["form"].errors) == (422, True)
    assert (
        client.post(reverse("activities:create"), values | {"repeats": "WEEKLY", "repeat_times": 4}).status_code == 302
    )
    rows = Activity.objects.alive().order_by("starts_at")
    assert len(rows) == 4
    second = rows[1]
    form = client.get(reverse("activities:edit", args=[second.pk])).context["form"]
    assert (form.initial["repeats"], form.initial["repeat_times"], form.initial["scope"]) == ("WEEKLY", 4, "one")
    changed = values | {
        "day": day + timedelta(days=7),
        "clock": "12:00",
        "repeats": "WEEKLY",
        "repeat_times": 4,
        "scope": "following",
        "title": "Moved",
    }
    assert client.post(reverse("activities:edit", args=[second.pk]), changed).status_code == 302
    assert [(one.title, one.starts_at.astimezone(MOSCOW).hour) for one in rows.all()] == [("Standing", 10)] + [
        ("Moved", 12)
    ] * 3
    third = rows.all()[2]
    client.post(reverse("activities:edit", args=[third.pk]), changed | {"day": day + timedelta(days=14), "repeats": ""})
    assert rows.all().count() == 3
    assert client.post(reverse("activities:end_series", args=[rows[1].pk])).status_code == 302
    assert rows.all().count() == 2


def test_what_speaks_against_a_time_is_told_before_it_is_kept(world, sign_in):
    meeting(world.charlie, "Secret deal", at(MONDAY, 10), is_private=True)
    schedule.save_absence(Absence(owner=world.bob, kind="sick", first_on=MONDAY, last_on=MONDAY), by=world.bob)
    Holiday.objects.create(day=MONDAY, name="Day of Chairs")
    asked = {"day": MONDAY, "clock": "10:30", "lasts": "1h", "participants": [world.charlie.pk, world.bob.pk]}
    told = sign_in(world.alice).get(reverse("activities:calendar_warnings"), asked).content.decode()
    assert "Charlie is busy from 10:00 to 11:00." in told
    assert "Secret" not in told
    assert "Bob is away" in told
    assert "sick" not in told.lower()
    assert "Day of Chairs" in told
    free = {"day": MONDAY + timedelta(days=1), "clock": "10:30"}
    assert "alert" not in sign_in(world.alice).get(reverse("activities:calendar_warnings"), free).content.decode()


def test_the_list_beside_it_needs_no_javascript(world, sign_in):
    meeting(world.alice, "Show samples", at(MONDAY, 10), partner=world.partner)
    Holiday.objects.create(day=MONDAY, name="Day of Chairs")
    for view in ("day", "workweek", "week", "month", "agenda", "team"):
        page = sign_in(world.alice).get(reverse("activities:calendar"), {"view": view, "date": MONDAY.isoformat()})
        words = page.content.decode()
        assert "Show samples" in words, view
        assert "Day of Chairs" in words, view
    assert (
        sign_in(world.alice).get(reverse("activities:calendar"), {"view": "x", "date": "y", "people": "z"}).status_code
        == 200
    )


def test_the_policy_lets_in_styles_by_nonce_on_this_page_alone(world, sign_in):
    policy = sign_in(world.alice).get(reverse("activities:calendar"))["Content-Security-Policy"]
    assert "style-src 'self' 'nonce-" in policy
    assert "script-src 'self'" in policy.split("; ")
    assert "nonce" not in sign_in(world.alice).get(reverse("activities:list"))["Content-Security-Policy"]


def test_absences_are_kept_by_the_person_and_their_head(world, sign_in):
    new = reverse("activities:absence_create")
    values = {"owner": world.alice.pk, "kind": "sick", "first_on": MONDAY, "last_on": MONDAY, "remarks": "Flu"}
    assert sign_in(world.alice).post(new, values).status_code == 302
    away = Absence.objects.get()
    assert sign_in(world.alice).post(new, values).status_code == 422
    assert sign_in(world.charlie).post(new, values).status_code == 422
    assert sign_in(world.charlie).get(reverse("activities:absence_edit", args=[away.pk])).status_code == 404
    assert sign_in(world.bob).get(reverse("activities:absence_edit", args=[away.pk])).status_code == 200
    assert "Flu" in sign_in(world.bob).get(reverse("activities:absences")).content.decode()
    colleague = sign_in(world.charlie).get(reverse("activities:absences")).content.decode()
    assert "Alice" in colleague
    assert "Flu" not in colleague
    assert "Sick" not in colleague
    assert sign_in(world.charlie).post(reverse("activities:absence_delete", args=[away.pk])).status_code == 404
    assert sign_in(world.alice).post(reverse("activities:absence_delete", args=[away.pk])).status_code == 302


def test_holidays_are_set_up_by_those_who_configure(world, sign_in):
    page = reverse("activities:holidays")
    assert sign_in(world.alice).get(page).status_code == 403
    client = sign_in(world.eve)
    client.post(f"{page}?year=2025", {"fill": "1"})
    assert Holiday.objects.filter(day=date(2025, 1, 1)).exists()
    again = client.post(f"{page}?year=2025", {"add": "1", "day": "2025-01-01", "name": "New Year"})
    assert again.status_code == 422
    assert (
        client.post(f"{page}?year=2025", {"add": "1", "day": "2025-03-03", "name": "Founding day"}).status_code == 302
    )
    own = Holiday.objects.get(day=date(2025, 3, 3))
    client.post(f"{page}?year=2025", {"remove": own.pk})
    assert not Holiday.objects.filter(pk=own.pk).exists()


@pytest.mark.parametrize("days", [0, 46, -1])
def test_a_window_that_is_none_is_refused(world, sign_in, days):
    asked = {"start": f"{MONDAY}T00:00:00Z", "end": f"{MONDAY + timedelta(days=days)}T00:00:00Z"}
    assert sign_in(world.alice).get(reverse("activities:calendar_events"), asked).status_code == 422
