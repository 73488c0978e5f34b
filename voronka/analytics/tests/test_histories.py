"""Every report of the past against plain Python: random histories, what was true written down after each step, asked again at the end."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voronka.analytics.forms import Criteria
from voronka.analytics.reports import dynamic, run
from voronka.analytics.tests.test_as_of import START, STEPS, ZONE, Deal, house, play  # noqa: F401
from voronka.core.periods import end_of_day

ZERO = Decimal("0.00")


def copy(deals):
    return {key: Deal(**vars(deal)) for key, deal in deals.items()}


def statistics(deals):
    found = defaultdict(lambda: [0, 0, 0, ZERO, ZERO, ZERO, ZERO])
    for deal in deals.values():
        cell = found[deal.owner]
        place = ("open", "won", "lost").index(deal.status)
        cell[place] += 1
        for number, value in ((3, deal.status == "open"), (5, deal.status == "won"), (6, deal.status == "lost")):
            cell[number] += deal.potential if value else 0
        cell[4] += deal.weighted if deal.status == "open" else 0
    return {owner: tuple(cell) for owner, cell in found.items()}


def reported_statistics(user, moment):
    rows = run("statistics", user, Criteria(as_of=moment)).rows
    keys = ("open", "won", "lost", "open_amount", "weighted", "won_amount", "lost_amount")
    for row in rows:
        assert row["total"] == row["open"] + row["closed"]
        assert row["closed"] == row["won"] + row["lost"]
    return {row["salesperson"]: tuple(row[key] for key in keys) for row in rows}


def listed(deals, *statuses):
    wanted = {key: deal for key, deal in deals.items() if deal.status in statuses}
    return {key: (deal.stage, deal.potential, deal.percentage, deal.weighted) for key, deal in wanted.items()}


def reported_list(slug, user, moment, **more):
    result = run(slug, user, Criteria(as_of=moment, **more))
    rows = {row["pk"]: (row["stage"], row["potential"], row["percentage"], row["weighted"]) for row in result.rows}
    assert result.totals["count"] == len(rows)
    assert result.totals["potential"] == sum(row[1] for row in rows.values())
    return rows


def bridged(before, after, inside=lambda deal: True):
    """The bridge between two written moments, deal by deal."""
    steps = defaultdict(lambda: [0, ZERO, ZERO])

    def add(step, number, potential, weighted):
        for place, value in enumerate((number, potential, weighted)):
            steps[step][place] += value

    for key in {*before, *after}:
        a, b = before.get(key), after.get(key)
        was = a is not None and inside(a) and a.status == "open"
        now = b is not None and inside(b) and b.status == "open"
        if was:
            add("start", 1, a.potential, a.weighted)
        if now:
            add("end", 1, b.potential, b.weighted)
        if was and now:
            grown = max(b.potential - a.potential, ZERO), max(b.weighted - a.weighted, ZERO)
            shrunk = min(b.potential - a.potential, ZERO), min(b.weighted - a.weighted, ZERO)
            add("grown", 0, *grown)
            add("shrunk", 0, *shrunk)
        elif was:
            step = b.status if b is not None and inside(b) else "moved-out"
            add(step, -1, -a.potential, -a.weighted)
        elif now:
            step = "new" if a is None else "reopened" if inside(a) else "moved-in"
            add(step, 1, b.potential, b.weighted)
    return {step: tuple(values) for step, values in steps.items() if any(values)}


def reported_bridge(user, first, moment, **more):
    rows = run("bridge", user, Criteria(first=first, as_of=moment, **more)).rows
    found = {row["step"].value: (row["count"], row["potential"], row["weighted"]) for row in rows}
    for place in range(3):
        changes = sum(values[place] for step, values in found.items() if step not in ("start", "end"))
        assert found["start"][place] + changes == found["end"][place]
    return {step: values for step, values in found.items() if any(values)}


def add_visits(visits, deals, before):
    """Count the entering of stages: a deal's list of the stages it had, one after another."""
    for key, deal in deals.items():
        stages = visits.setdefault(key, [])
        if not stages or stages[-1] != deal.stage:
            stages.append(deal.stage)


def analysed(deals, visits):
    found = defaultdict(lambda: [0, 0, 0])
    for key, deal in deals.items():
        if deal.status != "open":
            for stage in set(visits[key]):
                found[stage][0] += 1
                found[stage][1] += deal.status == "won"
                found[stage][2] += visits[key].count(stage)
    return {stage: tuple(values) for stage, values in found.items()}


def assert_frames_are_true(user, first, period, bridges=False, **more):
    """Every frame has the figures of the pipeline as of its day; and what happened in it is what the bridge tells of its two days."""
    played = run("dynamic", user, Criteria(first=first, period=period, **more))
    drawn, days = played.drawn, [date.fromisoformat(day["iso"]) for day in played.drawn["days"]]
    assert played.extra["frames"] == [day.isoformat() for day in days]
    for place, day in enumerate(days):
        then = run("pipeline", user, Criteria(as_of=day, **more))
        expected = {
            row["stage"]: (row["count"], row["potential"], row["weighted"]) for row in then.rows if row["count"]
        }
        rows = [row for row in played.rows if row["frame"].value == day and row["stage_id"] and row["count"]]
        assert {row["stage"]: (row["count"], row["potential"], row["weighted"]) for row in rows} == expected
        bands = zip(drawn["bands"], drawn["figures"], strict=True)
        drawn_then = {band["name"]: tuple(own[place]) for band, own in bands if own[place][0]}
        assert drawn_then == {stage: tuple(map(float, figures)) for stage, figures in expected.items()}
        assert summed_up(drawn, place) == drawn_then
        if bridges and place:
            assert_same_as_the_bridge(user, drawn["happened"][place], days[place - 1], day, **more)


def summed_up(drawn, place):
    """The figures of a frame from its bubbles: each by itself, or their sums by value."""
    found = defaultdict(lambda: [0, 0, 0])
    for deal in drawn.get("deals", []):
        for band, status, begins, ends, potential, weighted, _value in deal["spans"]:
            if status == "open" and begins <= place < ends:
                for number, value in enumerate((1, potential, weighted)):
                    found[band][number] += value
    for band, _value, cells in drawn.get("sums", []):
        if isinstance(band, int):
            for number, value in enumerate(cells[place]):
                found[band][number] += value
    names = [band["name"] for band in drawn["bands"]]
    return {names[band]: tuple(round(value, 2) for value in cell) for band, cell in found.items() if cell[0]}


def assert_same_as_the_bridge(user, happened, day, following, **more):
    def change(one):
        before, after = (one[edge][1] if one[edge] else 0 for edge in ("before", "after"))
        return {
            "grown": after - before,
            "shrunk": after - before,
            "won": -before,
            "lost": -before,
            "moved-out": -before,
        }.get(one["kind"], after)

    found = defaultdict(lambda: [0, 0])
    for one in happened:
        if one["kind"] != "moved" and not (one["kind"] in ("won", "lost") and one["before"] is None):
            kind = "again" if one["kind"] in ("reopened", "moved-in") else one["kind"]
            found[kind][0] += {"grown": 0, "shrunk": 0, "won": -1, "lost": -1, "moved-out": -1}.get(kind, 1)
            found[kind][1] += change(one)
    expected = defaultdict(lambda: [0, 0])
    for step, (number, potential, _weighted) in reported_bridge(user, day, following, **more).items():
        if step not in ("start", "end") and (number or potential):
            kind = "again" if step in ("reopened", "moved-in") else step
            expected[kind][0] += number
            expected[kind][1] += float(potential)
    rounded = {kind: (number, round(amount, 2)) for kind, (number, amount) in found.items()}
    assert rounded == {kind: (number, round(amount, 2)) for kind, (number, amount) in expected.items()}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, is_aggregated=st.booleans())
def test_every_frame_is_the_pipeline_of_its_day(house, steps, is_aggregated):  # noqa: F811
    alice, charlie, dana, *_rest = house
    deals, now = {}, START
    with transaction.atomic(), pytest.MonkeyPatch.context() as patched:
        if is_aggregated:  # as of thousands of deals
            patched.setattr(dynamic, "MOST_BUBBLES", 0)
        for kind, place, number, hours in steps:
            now += timedelta(hours=hours)
            with time_machine.travel(now, tick=False), timezone.override(ZONE):
                play(house, kind, deals, place, number, now)
        with time_machine.travel(now + timedelta(days=1), tick=False):
            first = (now - timedelta(days=200)).date()
            assert_frames_are_true(dana, first, "month", bridges=not is_aggregated)
            assert_frames_are_true(alice, (now - timedelta(days=50)).date(), "week", bridges=not is_aggregated)
            assert_frames_are_true(dana, (now - timedelta(days=6)).date(), "day", owner=charlie.pk)
            assert_frames_are_true(dana, first, "month", category="commit")
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_report_of_the_past_is_what_was_true(house, steps):  # noqa: F811
    alice, _charlie, dana, *_rest = house
    deals, visits, now, written, ends = {}, {}, START, [], {}
    with transaction.atomic():
        for kind, place, number, hours in steps:
            following = now + timedelta(hours=hours)
            day = now.astimezone(ZONE).date()
            while end_of_day(day, ZONE) < following:
                ends[day] = copy(deals)
                day += timedelta(days=1)
            now = following
            with time_machine.travel(now, tick=False), timezone.override(ZONE):
                play(house, kind, deals, place, number, now)
            add_visits(visits, deals, None)
            written.append((now, copy(deals), {key: list(stages) for key, stages in visits.items()}))
        with time_machine.travel(now + timedelta(days=1), tick=False):
            for moment, then, visited in written:
                hers = {key: deal for key, deal in then.items() if deal.owner == "Alice"}
                for user, seen in ((dana, then), (alice, hers)):
                    assert reported_statistics(user, moment) == statistics(seen)
                    assert reported_list("opportunities", user, moment) == listed(seen, "open", "won", "lost")
                    assert reported_list("forecast", user, moment) == listed(seen, "open")
                    assert reported_list("lost", user, moment, columns="stage,potential,percentage,weighted") == listed(
                        seen, "lost"
                    )
                    won = run("won", user, Criteria(as_of=moment)).totals
                    amounts = [deal.potential for deal in seen.values() if deal.status == "won"]
                    assert (won["count"], won["amount"]) == (len(amounts), sum(amounts))
                    stages = {
                        row["stage"]: (row["concluded"], row["won"], row["visits"])
                        for row in run("stage-analysis", user, Criteria(as_of=moment)).rows
                    }
                    assert stages == analysed(seen, visited)
                assert reported_list("my-open", alice, moment) == listed(hers, "open")
                assert reported_list("my-closed", alice, moment) == listed(hers, "won", "lost")
            for day, before in [*ends.items()][-1:] + [*ends.items()][:1]:
                for moment, after, _visited in written[-3:]:
                    if end_of_day(day, ZONE) <= moment:
                        assert reported_bridge(dana, day, moment) == bridged(before, after)
                        own = lambda deal: deal.owner == "Alice"  # noqa: E731
                        assert reported_bridge(alice, day, moment) == bridged(before, after, own)
                        assert reported_bridge(dana, day, moment, owner=alice.pk) == bridged(before, after, own)
                        said = lambda deal: deal.status != "open" or deal.percentage >= 80  # noqa: E731
                        assert reported_bridge(dana, day, moment, category="commit") == bridged(before, after, said)
        transaction.set_rollback(True)
