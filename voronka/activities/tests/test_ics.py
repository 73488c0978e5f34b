"""The calendar for other programs, read as they read it; letters that invite, through a real mail server."""

import email
import socket
from datetime import datetime, time, timedelta
from email import policy
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from dateutil.rrule import rrulestr
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from voronka.activities import actions, jobs, rules, schedule
from voronka.activities.models import Activity, Invitation
from voronka.activities.schedule import Repeat
from voronka.core import actions as kernel

MOSCOW = ZoneInfo("Europe/Moscow")


def at(days, hour=10):
    return datetime.combine(timezone.localdate(timezone=MOSCOW) + timedelta(days=days), time(hour), MOSCOW)


def planned(owner, title="Show samples", days=1, hour=10, participants=(), **fields):
    found = Activity(kind="meeting", title=title, owner=owner, **fields)
    return actions.plan(found, rules.plan_at(at(days, hour), timedelta(hours=1)), participants=participants, by=owner)


def read(client, secret):
    answer = client.get(reverse("activities:feed", args=[secret]))
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    return Calendar.from_ical(answer.content)


def feed_of(client, person):
    return read(client, schedule.open_feed(by=person))


def test_the_feed_holds_ones_own_work_and_nobody_elses(world, client):
    planned(world.alice, partner=world.partner)
    planned(world.alice, "Dentist", 2, is_private=True)
    planned(world.bob, "For Bob", partner=world.partner)
    planned(world.bob, "With Alice", 3, is_private=True, participants=[world.alice])
    actions.cancel(planned(world.alice, "Off", partner=world.partner), by=world.alice)
    found = {str(one["summary"]) for one in feed_of(client, world.alice).walk("VEVENT")}
    assert found == {"Show samples — Romashka LLC", "Dentist", "With Alice"}


def test_moments_days_and_tasks_of_a_day(world, client):
    planned(world.alice, partner=world.partner)
    fair = Activity(kind="meeting", title="Fair", owner=world.alice, is_private=True)
    day = at(3).date()
    actions.plan(fair, rules.plan_all_day(day, day + timedelta(days=1), MOSCOW), by=world.alice)
    task = Activity(kind="task", title="Offer", owner=world.alice, is_private=True)
    actions.plan(task, rules.plan_on(day, MOSCOW), by=world.alice)
    found = {str(one["summary"]).split(" —")[0]: one for one in feed_of(client, world.alice).walk("VEVENT")}
    assert found["Show samples"].decoded("dtstart") == at(1)
    assert (found["Fair"].decoded("dtstart"), found["Fair"].decoded("dtend")) == (day, day + timedelta(days=2))
    assert (found["Offer"].decoded("dtstart"), str(found["Offer"]["transp"])) == (day, "TRANSPARENT")
    assert all(one["uid"] and one["dtstamp"] for one in found.values())


def occurrences(calendar, until):
    """The starts a calendar program shows: rules without gaps, exceptions in place of what they replace."""
    events = list(calendar.walk("VEVENT"))
    starts = []
    for master in (one for one in events if "rrule" in one):
        start = master.decoded("dtstart")
        gaps = master.get("exdate", [])
        out = {gap.dt for entry in (gaps if isinstance(gaps, list) else [gaps]) for gap in entry.dts}
        others = [one for one in events if one["uid"] == master["uid"] and "recurrence-id" in one]
        out |= {one.decoded("recurrence-id") for one in others}
        rule = rrulestr(master["rrule"].to_ical().decode(), dtstart=start)
        starts += [one for one in rule.between(start, until, inc=True) if one not in out]
        starts += [one.decoded("dtstart") for one in others]
    return sorted(starts)


def test_a_series_is_one_rule_with_its_exceptions(world, client):
    first = Activity(kind="meeting", title="Standing", owner=world.alice, partner=world.partner)
    series = schedule.repeat(first, rules.plan_at(at(1), timedelta(hours=1)), Repeat("FREQ=DAILY", at(9).date()), by=world.alice).series  # fmt: skip
    rows = {one.original_start: one for one in Activity.objects.filter(series=series).select_related("owner", "series")}
    schedule.drag(rows[at(3)], rules.plan_at(at(3, 15), timedelta(hours=1)), by=world.alice)
    kernel.delete(rows[at(5)], by=world.alice)
    actions.cancel(rows[at(6)], by=world.alice)
    calendar = feed_of(client, world.alice)
    shown = occurrences(calendar, at(30))
    assert shown == [at(1), at(2), at(3, 15), at(4), at(7), at(8), at(9)]
    [master] = [one for one in calendar.walk("VEVENT") if "rrule" in one]
    assert master["dtstart"].params["TZID"] == "Europe/Moscow"
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Moscow"]
    schedule.drag(rows[at(8)], rules.plan_at(at(8, 12), timedelta(hours=1)), scope="following", by=world.alice)
    assert occurrences(feed_of(client, world.alice), at(30)) == [
        at(1),
        at(2),
        at(3, 15),
        at(4),
        at(7),
        at(8, 12),
        at(9, 12),
    ]


def test_whole_days_that_repeat_end_on_a_day(world, client):
    fair = Activity(kind="meeting", title="Fair", owner=world.alice, is_private=True)
    day = at(1).date()
    schedule.repeat(
        fair, rules.plan_all_day(day, day, MOSCOW), Repeat("FREQ=WEEKLY", day + timedelta(days=14)), by=world.alice
    )
    [master] = feed_of(client, world.alice).walk("VEVENT")
    assert master.decoded("dtstart") == day
    assert master["rrule"]["UNTIL"] == [day + timedelta(days=14)]


def test_a_new_address_ends_the_old_one_and_a_wrong_one_tells_nothing(world, client, sign_in):
    planned(world.alice, partner=world.partner)
    page = sign_in(world.alice).post(reverse("activities:feed_settings"))
    secret = page.context["address"].rpartition("/")[2].removesuffix(".ics")
    assert len(secret) >= 43
    client.logout()
    assert len(list(read(client, secret).walk("VEVENT"))) == 1
    newer = schedule.open_feed(by=world.alice)
    assert client.get(reverse("activities:feed", args=[secret])).status_code == 404
    assert secret not in sign_in(world.alice).get(reverse("activities:feed_settings")).content.decode()
    sign_in(world.alice).post(reverse("activities:feed_settings"), {"close": "1"})
    assert client.get(reverse("activities:feed", args=[newer])).status_code == 404


def test_who_left_has_no_feed(world, client):
    secret = schedule.open_feed(by=world.alice)
    world.alice.is_active = False
    world.alice.save()
    assert client.get(reverse("activities:feed", args=[secret])).status_code == 404


def test_a_program_that_asks_too_often_is_told_to_wait(world, client):
    secret = schedule.open_feed(by=world.alice)
    wrong = [client.get(reverse("activities:feed", args=["guess"])).status_code for _time in range(29)]
    assert set(wrong) == {404}
    assert client.get(reverse("activities:feed", args=[secret])).status_code == 200
    assert client.get(reverse("activities:feed", args=[secret])).status_code == 429


class Mailbox:
    """Keeps what arrives; may be told to refuse."""

    def __init__(self):
        self.letters, self.refusals = [], 0

    async def handle_DATA(self, server, session, envelope):
        if self.refusals:
            self.refusals -= 1
            return "451 Try again later"
        self.letters.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 Taken"

    def taken(self):
        """(to, method, sequence, start) of the letters since the last look."""
        found = []
        for letter in self.letters:
            [part] = [one for one in letter.walk() if one.get_content_type() == "text/calendar"]
            calendar = Calendar.from_ical(part.get_content())
            [event] = calendar.walk("VEVENT")
            assert part.get_param("method") == str(calendar["method"])
            found.append((letter["To"], str(calendar["method"]), int(event["sequence"]), event.decoded("dtstart")))
        self.letters.clear()
        return sorted(found)


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield box
    server.stop()


def test_guests_are_invited_told_of_changes_and_of_the_end(world, mailbox):
    found = planned(
        world.alice,
        partner=world.partner,
        contact=world.contact,
        invites=True,
        participants=[world.bob],
        text="Discount up to 20 %",
    )
    jobs.mail_invitations()
    letter = mailbox.letters[0]
    assert "Show samples" in letter["Subject"]
    assert letter["Reply-To"] == world.alice.email
    assert "Discount" not in letter.as_string()
    people = [world.contact.email, world.bob.email]
    assert mailbox.taken() == sorted((to, "REQUEST", 1, at(1)) for to in people)
    jobs.mail_invitations()
    assert mailbox.taken() == []
    found.refresh_from_db()
    actions.reschedule(found, rules.plan_at(at(2)), by=world.alice)
    jobs.mail_invitations()
    assert mailbox.taken() == sorted((to, "REQUEST", 2, at(2)) for to in people)
    actions.save_activity(found, participants=[], by=world.alice)
    jobs.mail_invitations()
    assert mailbox.taken() == sorted(
        [(world.bob.email, "CANCEL", 3, at(2)), (world.contact.email, "REQUEST", 3, at(2))]
    )
    kernel.delete(found, by=world.alice)
    jobs.mail_invitations()
    assert mailbox.taken() == [(world.contact.email, "CANCEL", 4, at(2))]
    assert not Invitation.objects.exists()


def test_a_meeting_that_was_held_is_not_called_off(world, mailbox):
    found = planned(world.alice, partner=world.partner, contact=world.contact, invites=True)
    jobs.mail_invitations()
    mailbox.taken()
    found.refresh_from_db()
    actions.complete(found, by=world.alice)
    jobs.mail_invitations()
    assert mailbox.taken() == []


def test_a_letter_that_is_not_taken_goes_with_the_next_run(world, mailbox):
    planned(world.alice, partner=world.partner, contact=world.contact, invites=True)
    planned(world.alice, "Other", 2, partner=world.partner, contact=world.contact, invites=True)
    mailbox.refusals = 1
    jobs.mail_invitations()
    assert len(mailbox.taken()) == 1
    jobs.mail_invitations()
    assert len(mailbox.taken()) == 1
    assert Invitation.objects.count() == 2


def test_without_a_wish_nobody_is_written_to(world, mailbox):
    planned(world.alice, partner=world.partner, contact=world.contact, participants=[world.bob])
    jobs.mail_invitations()
    assert mailbox.letters == []
