"""Rules of repetition, against dateutil and against what the clock on the wall shows."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from voronka.activities import recurrence
from voronka.activities.recurrence import Pattern

MOSCOW, BERLIN, NEW_YORK = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
weekdays = st.lists(st.sampled_from(recurrence.WEEKDAYS), unique=True).map(tuple)
counts = st.one_of(st.none(), st.integers(1, 60))


@st.composite
def patterns(draw):
    frequency, day = draw(st.sampled_from(recurrence.FREQUENCIES)), draw(days)
    nth = recurrence.nth_of(day) if frequency == "MONTHLY" and draw(st.booleans()) else 0
    named = (recurrence.WEEKDAYS[day.weekday()],) if nth else draw(weekdays)
    rule = recurrence.rule_of(frequency, draw(st.integers(1, 5)), named, nth, draw(counts))
    zone = draw(
        st.sampled_from([MOSCOW, BERLIN, NEW_YORK, ZoneInfo("Asia/Vladivostok"), ZoneInfo("Australia/Lord_Howe")])
    )
    last = draw(st.one_of(st.none(), st.just(day + timedelta(days=draw(st.integers(0, 400))))))
    return recurrence.aligned(Pattern(rule, day, draw(clocks), zone, last)) or Pattern(rule, day, time(9), zone)


@given(patterns(), st.integers(0, 800), st.integers(1, 60))
def test_a_window_holds_what_dateutil_says_in_the_zone(pattern, offset, length):
    first = recurrence.moment(pattern.first + timedelta(days=offset), pattern.zone)
    last = first + timedelta(days=length)
    rule = rrulestr(pattern.rule, dtstart=pattern.first)
    expected = []
    for wall in rule:
        at = wall.replace(tzinfo=pattern.zone).astimezone(UTC)
        if at > last + timedelta(days=2):
            break
        if first <= at < last and (pattern.last_on is None or wall.date() <= pattern.last_on):
            expected.append(at)
    assert recurrence.starts(pattern, first, last) == expected


@given(patterns(), st.integers(0, 20))
def test_a_series_cut_in_two_names_the_same_days(pattern, number):
    far = recurrence.moment(pattern.first + timedelta(days=3000), pattern.zone)
    begin = recurrence.moment(pattern.first, pattern.zone)
    whole = recurrence.starts(pattern, begin, far)
    at = whole[min(number, len(whole) - 1)]
    head, rest = recurrence.split(pattern, at)
    tail = Pattern(rest, at.astimezone(pattern.zone).date(), pattern.clock, pattern.zone, pattern.last_on)
    # An interval counts from the first day: what follows begins on a day of the rule, so it keeps step but for weeks that began before it.
    before = recurrence.starts(head, begin, far) if head else []
    assert before == [one for one in whole if one < at]
    if "INTERVAL" not in rest or "WEEKLY" not in rest:
        assert recurrence.starts(tail, begin, far) == [one for one in whole if one >= at]


@given(patterns())
def test_a_form_gives_back_the_rule_it_was_given(pattern):
    asked = recurrence.asked(pattern.rule)
    again = recurrence.rule_of(asked.frequency, asked.interval, asked.days, asked.nth, asked.count)
    assert again == recurrence.checked(pattern.rule)


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 20)), max_size=20))
def test_overlaps_are_those_that_comparing_all_pairs_finds(raw):
    start = datetime(2030, 1, 1, tzinfo=UTC)
    spans = [(start + timedelta(minutes=a), start + timedelta(minutes=a + length)) for a, length in raw]
    expected = [
        any(other != place and s < e2 and s2 < e and s < e and s2 < e2 for other, (s2, e2) in enumerate(spans))
        for place, (s, e) in enumerate(spans)
    ]
    assert recurrence.overlaps(spans) == expected


def test_ten_oclock_stays_ten_oclock_over_daylight_saving():
    pattern = Pattern("FREQ=WEEKLY", date(2026, 3, 23), time(10), BERLIN)
    found = recurrence.starts(pattern, datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 4, 5, tzinfo=UTC))
    assert [at.hour for at in found] == [9, 8]
    assert {at.astimezone(BERLIN).hour for at in found} == {10}


def test_an_hour_the_clock_skips_takes_place_as_much_later_and_one_it_shows_twice_the_first_time():
    skipped = Pattern("FREQ=DAILY;COUNT=1", date(2026, 3, 29), time(2, 30), BERLIN)
    assert recurrence.starts(skipped, datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)) == [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    ]
    twice = Pattern("FREQ=DAILY;COUNT=1", date(2026, 10, 25), time(2, 30), BERLIN)
    assert recurrence.starts(twice, datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    ]


def test_a_series_moved_to_another_day_takes_its_weekday_along():
    assert recurrence.shifted("FREQ=WEEKLY;BYDAY=MO,WE", 1, date(2026, 11, 24)) == "FREQ=WEEKLY;BYDAY=TU,TH"
    assert recurrence.shifted("FREQ=MONTHLY;BYDAY=2MO", 8, date(2026, 11, 17)) == "FREQ=MONTHLY;BYDAY=3TU"
    assert recurrence.shifted("FREQ=DAILY", 3, date(2026, 11, 17)) == "FREQ=DAILY"


@pytest.mark.parametrize(
    "rule",
    ["", "FREQ=HOURLY", "FREQ=DAILY;UNTIL=20300101", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=5000", "FREQ=WEEKLY;BYDAY=XX", "COUNT=3", "FREQ=DAILY;FREQ=DAILY"],
)  # fmt: skip
def test_what_is_no_rule_of_ours_is_refused(rule):
    with pytest.raises(ValueError, match=r".*"):
        recurrence.checked(rule)
