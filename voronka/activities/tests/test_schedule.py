"""Work that repeats: made ahead, changed by one, by the following, by all, moved and ended."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from voronka.activities import actions, jobs, occurrences, rules, schedule
from voronka.activities.models import Absence, Activity, Holiday, Series
from voronka.activities.schedule import Repeat
from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken

MOSCOW = ZoneInfo("Europe/Moscow")


def at(days, hour=10, zone=MOSCOW):
    """A moment so many days from today, at an hour of the wall clock."""
    return datetime.combine(timezone.localdate(timezone=zone) + timedelta(days=days), time(hour), zone)


def weekly(world, *, start=None, rule="FREQ=WEEKLY", last_on=None, participants=(), **fields):
    meeting = Activity(kind="meeting", title="Stand-up", owner=world.alice, **({"partner": world.partner} | fields))
    when = rules.plan_at(start or at(1), timedelta(hours=1))
    return schedule.repeat(meeting, when, Repeat(rule, last_on), participants=participants, by=world.alice)


def times(**where):
    return [row.starts_at.astimezone(MOSCOW) for row in Activity.objects.alive().filter(**where).order_by("starts_at")]


def test_the_coming_weeks_are_rows_like_any_other(world):
    first = weekly(world, participants=[world.bob])
    rows = Activity.objects.filter(series=first.series)
    assert len(rows) == 6
    assert times(series=first.series)[1] - first.starts_at == timedelta(days=7)
    assert all(list(row.participants.all()) == [world.bob] for row in rows)
    jobs.keep_ahead()
    assert Activity.objects.filter(series=first.series).count() == 6


def test_a_later_occurrence_becomes_a_row_when_it_is_touched(world):
    series = weekly(world, participants=[world.bob]).series
    later = at(1 + 7 * 20)
    row = schedule.occurrence(series, later)
    assert (row.starts_at, row.title, list(row.participants.all())) == (later, "Stand-up", [world.bob])
    assert schedule.occurrence(series, later).pk == row.pk
    with pytest.raises(RuleBroken):
        schedule.occurrence(series, later + timedelta(days=1))


def test_one_is_moved_and_the_others_stay(world):
    first = weekly(world)
    third = Activity.objects.get(series=first.series, original_start=at(15))
    schedule.drag(third, rules.plan_at(at(16, 12), timedelta(hours=2)), by=world.alice)
    assert [day.hour for day in times(series=first.series)] == [10, 10, 12, 10, 10, 10]
    jobs.keep_ahead()
    assert Activity.objects.filter(series=first.series).count() == 6


def test_this_and_the_following_are_moved(world):
    first = weekly(world)
    third = Activity.objects.get(series=first.series, original_start=at(15))
    schedule.drag(third, rules.plan_at(at(16, 12), timedelta(hours=2)), scope="following", by=world.alice)
    assert times(title="Stand-up") == [at(1), at(8), at(16, 12), at(23, 12), at(30, 12), at(37, 12)]
    old, new = Series.objects.order_by("pk")
    assert (old.last_on, new.clock, new.length) == (at(14).date(), time(12), timedelta(hours=2))
    assert occurrences.keep_ahead(new, timezone.now()) == 0


def test_all_are_changed_and_what_somebody_changed_on_a_day_stays(world):
    first = weekly(world, rule="FREQ=DAILY;COUNT=5")
    second = Activity.objects.get(series=first.series, original_start=at(2))
    second.title = "With the boss"
    actions.save_activity(second, by=world.alice)
    third = Activity.objects.select_related("series", "owner").get(series=first.series, original_start=at(3))
    third.title = "Morning round"
    schedule.change_series(
        third, rules.plan_at(at(3, 9), timedelta(minutes=15)), Repeat("FREQ=DAILY;COUNT=4"), scope="all", by=world.alice
    )
    rows = Activity.objects.alive().filter(series=first.series).order_by("starts_at")
    assert [(row.title, row.starts_at) for row in rows] == [
        ("Morning round", at(1, 9)), ("With the boss", at(2, 9)), ("Morning round", at(3, 9)), ("Morning round", at(4, 9)),
    ]  # fmt: skip


def test_what_was_done_stays_as_it_was(world):
    first = weekly(world, start=at(0, 0), rule="FREQ=DAILY")
    actions.complete(first, by=world.alice)
    second = Activity.objects.select_related("series", "owner").get(series=first.series, original_start=at(1, 0))
    schedule.drag(second, rules.plan_at(at(1, 5)), scope="following", by=world.alice)
    first.refresh_from_db()
    assert (first.status, first.starts_at) == ("done", at(0, 0))


def test_a_deleted_one_does_not_come_back_even_when_it_is_purged(world):
    first = weekly(world)
    second = Activity.objects.get(series=first.series, original_start=at(8))
    kernel.delete(second, by=world.alice)
    jobs.keep_ahead()
    Activity.objects.filter(pk=second.pk).delete()
    jobs.keep_ahead()
    assert at(8) not in times(series=first.series)


def test_it_ends(world):
    first = weekly(world)
    assert schedule.stop(first.series, at(15), by=world.alice) == 4
    assert times(series=first.series) == [at(1), at(8)]
    jobs.keep_ahead()
    assert times(series=first.series) == [at(1), at(8)]
    schedule.stop(first.series, at(1), by=world.alice)
    assert not Series.objects.visible_to(world.alice).exists()


def test_what_can_not_repeat_is_refused(world):
    with pytest.raises(RuleBroken) as broken:
        weekly(world, last_on=date(2020, 1, 1))
    assert broken.value.field == "repeat_until"
    task = Activity(kind="task", title="Report", owner=world.alice, partner=world.partner)
    with pytest.raises(RuleBroken) as broken:
        schedule.repeat(task, rules.plan_on(date(2030, 1, 1), MOSCOW), Repeat("FREQ=DAILY"), by=world.alice)
    assert broken.value.field == "clock"


def test_whole_days_repeat_from_midnight_to_midnight(world):
    fair = Activity(kind="meeting", title="Fair", owner=world.alice, partner=world.partner)
    day = at(3).date()
    first = schedule.repeat(
        fair, rules.plan_all_day(day, day + timedelta(days=1), MOSCOW), Repeat("FREQ=WEEKLY;COUNT=2"), by=world.alice
    )
    second = Activity.objects.get(series=first.series, original_start=at(10, 0))
    assert (second.all_day, second.starts_at, second.ends_at) == (True, at(10, 0), at(12, 0))


def test_nobody_is_away_twice_on_a_day(world):
    away = Absence(owner=world.alice, first_on=date(2030, 7, 1), last_on=date(2030, 7, 14))
    schedule.save_absence(away, by=world.alice)
    with pytest.raises(RuleBroken):
        schedule.save_absence(
            Absence(owner=world.alice, first_on=date(2030, 7, 14), last_on=date(2030, 7, 15)), by=world.alice
        )


def test_holidays_of_the_country_with_days_moved_by_decree(world):
    assert schedule.fill_holidays(2025, by=world.eve) > 15
    assert Holiday.objects.get(day=date(2025, 5, 2)).works is False
    assert Holiday.objects.get(day=date(2025, 11, 1)).works is True
    assert schedule.fill_holidays(2025, by=world.eve) == 0
