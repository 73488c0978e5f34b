"""Invitations to what repeats, through a real mail server: read as a guest's calendar reads them."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from django.utils import timezone
from icalendar import Calendar

from voronka.activities import actions, jobs, rules, schedule
from voronka.activities.models import Activity, Invitation, Series
from voronka.activities.schedule import Repeat
from voronka.core import actions as kernel

MOSCOW = ZoneInfo("Europe/Moscow")
ANNA, BOB = "anna@romashka.example", "bob@example.com"


class Guests:
    """The calendars of those who got letters: each keeps what the newest SEQUENCE of every event said."""

    def __init__(self, taker):
        self.taker, self.calendars = taker, {}

    def look(self):
        """Take in what arrived; returns (to, method, whether about one occurrence) of each letter."""
        jobs.mail_invitations()
        found = [self._take(letter) for letter in self.taker.letters]
        self.taker.letters.clear()
        return sorted(found)

    def _take(self, letter):
        [part] = [one for one in letter.walk() if one.get_content_type() == "text/calendar"]
        calendar = Calendar.from_ical(part.get_content())
        method, events = str(calendar["method"]), list(calendar.walk("VEVENT"))
        assert part.get_param("method") == method
        assert len({str(one["uid"]) for one in events}) == 1
        kept = self.calendars.setdefault(letter["To"], {})
        for event in events:
            instance = event.decoded("recurrence-id") if "recurrence-id" in event else None
            key = (str(event["uid"]), instance)
            assert int(event["sequence"]) >= max(
                [int(one["sequence"]) for (uid, _at), (_m, one) in kept.items() if uid == key[0]] or [0]
            )
            if instance is None:  # the rule replaces all that was said of its occurrences
                kept = {one: said for one, said in kept.items() if one[0] != key[0]}
            kept[key] = (method, event)
        self.calendars[letter["To"]] = kept
        return letter["To"], method, "recurrence-id" in events[0]

    def of(self, email, until):
        """The starts in the calendar of a guest."""
        kept = self.calendars.get(email, {})
        starts = []
        for (uid, instance), (method, event) in kept.items():
            if instance is None and method == "REQUEST":
                starts += self._of_event(event, until, {at for one, at in kept if one == uid and at is not None})
            elif method == "REQUEST":
                starts.append(event.decoded("dtstart"))
        return sorted(starts)

    def _of_event(self, event, until, replaced):
        start = event.decoded("dtstart")
        if "rrule" not in event:
            return [start]
        gaps = event.get("exdate", [])
        gone = {gap.dt for entry in (gaps if isinstance(gaps, list) else [gaps]) for gap in entry.dts}
        return [
            at
            for at in rrulestr(event["rrule"].to_ical().decode(), dtstart=start).between(start, until, inc=True)
            if at not in gone | replaced
        ]


@pytest.fixture
def guests(taker):
    return Guests(taker)


def at(days, hour=10):
    return datetime.combine(timezone.localdate(timezone=MOSCOW) + timedelta(days=days), time(hour), MOSCOW)


def an_hour(days, hour=10):
    return rules.plan_at(at(days, hour), timedelta(hours=1))


@pytest.fixture
def series(world):
    """Every day from tomorrow, nine times, with Bob and the customer's Anna."""
    first = Activity(
        kind="meeting", title="Standing", owner=world.alice, partner=world.partner, contact=world.contact, invites=True, text="Discount up to 20 %"
    )  # fmt: skip
    made = schedule.repeat(
        first, an_hour(1), Repeat("FREQ=DAILY", at(9).date()), participants=[world.bob], by=world.alice
    )
    return made.series


def row(series, day):
    return Activity.objects.select_related("owner", "series").get(series=series, original_start=at(day))


def days(*numbers):
    return [at(one) for one in numbers]


def test_a_series_is_one_letter_a_guest_and_nothing_private_is_told(world, series, guests):
    jobs.mail_invitations()
    assert sorted(one["To"] for one in guests.taker.letters) == [ANNA, BOB]
    letter = guests.taker.letters[0]
    assert "Standing" in letter["Subject"]
    assert "Every day until" in letter.get_body(("plain",)).get_content()
    assert not [word for word in ("Discount", "Romashka LLC") if word in letter.as_string()]
    assert guests.look() == [(ANNA, "REQUEST", False), (BOB, "REQUEST", False)]
    assert guests.of(ANNA, at(30)) == guests.of(BOB, at(30)) == days(*range(1, 10))
    assert guests.look() == []


def test_one_that_is_moved_called_off_or_deleted_is_told_alone(world, series, guests):
    guests.look()
    schedule.drag(row(series, 3), an_hour(3, 15), by=world.alice)
    assert guests.look() == [(ANNA, "REQUEST", True), (BOB, "REQUEST", True)]
    kernel.delete(row(series, 5), by=world.alice)
    actions.cancel(row(series, 6), by=world.alice)
    assert guests.look() == [(ANNA, "CANCEL", True)] * 2 + [(BOB, "CANCEL", True)] * 2
    left = sorted([*days(1, 2, 4, 7, 8, 9), at(3, 15)])
    assert guests.of(ANNA, at(30)) == guests.of(BOB, at(30)) == left
    actions.reopen(row(series, 6), by=world.alice)
    guests.look()
    assert guests.of(ANNA, at(30)) == sorted([*left, at(6)])


def test_whoever_comes_later_gets_the_rule_with_its_exceptions(world, series, guests):
    schedule.drag(row(series, 3), an_hour(3, 15), by=world.alice)
    kernel.delete(row(series, 5), by=world.alice)
    assert guests.look() == [(ANNA, "REQUEST", False), (BOB, "REQUEST", False)]
    assert guests.of(ANNA, at(30)) == sorted([*days(1, 2, 4, 6, 7, 8, 9), at(3, 15)])
    assert guests.look() == []


def test_a_series_cut_in_two_is_two_rules_and_the_exceptions_stay(world, series, guests):
    schedule.drag(row(series, 7), an_hour(7, 18), by=world.alice)
    guests.look()
    schedule.drag(row(series, 5), an_hour(5, 12), scope="following", by=world.alice)
    guests.look()
    shown = [*days(1, 2, 3, 4), at(5, 12), at(6, 12), at(7, 18), at(8, 12), at(9, 12)]
    assert guests.of(ANNA, at(30)) == guests.of(BOB, at(30)) == shown
    assert guests.look() == []


def test_the_end_of_a_series_is_told(world, series, guests):
    guests.look()
    schedule.stop(series, at(4), by=world.alice)
    guests.look()
    assert guests.of(ANNA, at(30)) == days(1, 2, 3)
    schedule.stop(Series.objects.get(pk=series.pk), at(1), by=world.alice)
    assert guests.look() == [(ANNA, "CANCEL", False), (BOB, "CANCEL", False)]
    assert guests.of(ANNA, at(30)) == guests.of(BOB, at(30)) == []
    assert not Invitation.objects.exists()


def test_a_guest_of_one_day_is_told_of_that_day_alone_and_of_its_end(world, series, guests):
    guests.look()
    actions.save_activity(row(series, 2), participants=[world.bob, world.dana], by=world.alice)
    guests.look()
    assert guests.of(world.dana.email, at(30)) == days(2)
    actions.save_activity(row(series, 4), participants=[], by=world.alice)
    assert (BOB, "CANCEL", True) in guests.look()
    assert guests.of(BOB, at(30)) == days(1, 2, 3, 5, 6, 7, 8, 9)
    schedule.stop(Series.objects.get(pk=series.pk), at(1), by=world.alice)
    guests.look()
    assert [guests.of(one, at(30)) for one in (ANNA, BOB, world.dana.email)] == [[], [], []]


def test_a_guest_of_all_days_leaves(world, series, guests):
    guests.look()
    one = row(series, 1)
    schedule.change_series(
        one, an_hour(1), Repeat("FREQ=DAILY", at(9).date()), scope="all", participants=[], by=world.alice
    )
    guests.look()
    assert guests.of(BOB, at(30)) == []
    assert guests.of(ANNA, at(30)) == days(*range(1, 10))


def test_a_meeting_that_begins_to_repeat_and_one_that_repeats_no_more(world, guests):
    found = Activity(
        kind="meeting", title="Once", owner=world.alice, partner=world.partner, contact=world.contact, invites=True
    )
    actions.plan(found, an_hour(1), by=world.alice)
    guests.look()
    schedule.repeat(found, an_hour(1), Repeat("FREQ=DAILY", at(4).date()), by=world.alice)
    guests.look()
    assert guests.of(ANNA, at(30)) == days(1, 2, 3, 4)
    series = Series.objects.get()
    schedule.stop_after(row(series, 2), an_hour(2), participants=[], by=world.alice)
    guests.look()
    assert guests.of(ANNA, at(30)) == days(1, 2)


def test_days_made_later_by_the_night_are_known_already(world, guests):
    first = Activity(
        kind="meeting", title="Endless", owner=world.alice, partner=world.partner, contact=world.contact, invites=True
    )
    made = schedule.repeat(first, an_hour(1), Repeat("FREQ=WEEKLY"), by=world.alice)
    guests.look()
    far = schedule.occurrence(made.series, at(1 + 7 * 20))
    jobs.keep_ahead()
    assert guests.look() == []
    actions.reschedule(far, an_hour(1 + 7 * 20, 16), by=world.alice)
    assert guests.look() == [(ANNA, "REQUEST", True)]
    assert at(1 + 7 * 20, 16) in guests.of(ANNA, at(200))


def test_whole_days_are_days(world, guests):
    fair = Activity(
        kind="meeting", title="Fair", owner=world.alice, partner=world.partner, contact=world.contact, invites=True
    )
    day = at(1).date()
    schedule.repeat(
        fair, rules.plan_all_day(day, day, MOSCOW), Repeat("FREQ=DAILY", day + timedelta(days=3)), by=world.alice
    )
    guests.look()
    kernel.delete(Activity.objects.order_by("starts_at")[1], by=world.alice)
    assert guests.look() == [(ANNA, "CANCEL", True)]
    [(_uid, instance)] = [key for key in guests.calendars[ANNA] if key[1]]
    assert instance == day + timedelta(days=1)


def test_letters_that_are_not_taken_go_with_the_next_run_and_the_series_first(world, series, guests):
    schedule.drag(row(series, 3), an_hour(3, 15), by=world.alice)
    guests.taker.refusals = ["451 Later"]
    guests.look()
    guests.look()
    assert guests.of(ANNA, at(30)) == guests.of(BOB, at(30)) == sorted([*days(1, 2, 4, 5, 6, 7, 8, 9), at(3, 15)])


def test_a_rule_that_counts_and_has_a_last_day_ends_once(world, guests):
    """RFC 5545 allows COUNT or UNTIL, not both: calendars refuse such a rule."""
    first = Activity(
        kind="meeting", title="Both", owner=world.alice, partner=world.partner, contact=world.contact, invites=True
    )
    schedule.repeat(first, an_hour(1), Repeat("FREQ=DAILY;COUNT=3", at(9).date()), by=world.alice)
    guests.look()
    [(_method, event)] = guests.calendars[ANNA].values()
    assert ("COUNT" in event["rrule"], "UNTIL" in event["rrule"]) == (False, True)
    assert guests.of(ANNA, at(30)) == days(1, 2, 3)


def test_without_a_wish_nobody_is_written_to(world, guests):
    first = Activity(kind="meeting", title="Quiet", owner=world.alice, partner=world.partner, contact=world.contact)
    schedule.repeat(first, an_hour(1), Repeat("FREQ=DAILY", at(3).date()), participants=[world.bob], by=world.alice)
    assert guests.look() == []
