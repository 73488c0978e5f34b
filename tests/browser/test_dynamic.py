"""The dynamic analysis in a real browser: it plays, goes back, steps, obeys keys, and a link opens the same frame. How smoothly is told, not asserted."""

import json
import random
import re
import sys
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from voronka.opportunities.models import Opportunity, OpportunityState
from voronka.opportunities.tests import make

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = 90
# What the browser's own clock says while the film runs: the moments it was asked to draw, and tasks longer than 50 ms.
WATCH = """
    window.stamps = []; window.longTasks = [];
    new PerformanceObserver(list => list.getEntries().forEach(task => longTasks.push(task.duration))).observe({entryTypes: ['longtask']});
    const stamp = now => { stamps.push(now); requestAnimationFrame(stamp); };
    requestAnimationFrame(stamp);
"""


def past(world, deals):
    """Deals of three owners that came, moved, grew and were closed in the last ninety days; the same on every run."""
    chance, now, people = random.Random(6), timezone.now(), (world.alice, world.bob, world.charlie)
    rows = [
        Opportunity(
            owner=people[n % 3], name=f"Deal {n}", partner=world.partner, pipeline=world.pipeline, stage=world.stages[0], potential=1000, potential_company=1000,
            percentage=10, currency="RUB", predicted_close_on=now.date(), opened_on=now.date() - timedelta(days=DAYS), stage_since=now,
        )
        for n in range(deals)
    ]  # fmt: skip
    states = [state for deal in Opportunity.objects.bulk_create(rows) for state in history(world, deal, chance, now)]
    OpportunityState.objects.bulk_create(states, batch_size=5000)


def history(world, deal, chance, now):
    days = sorted(chance.sample(range(1, DAYS + 20), 5), reverse=True)
    ends = [*days[1:], None]
    stages = [0, chance.choice((0, 1)), 1, chance.choice((2, 3)), 3]
    amount = chance.choice((40, 120, 300, 900)) * 1000
    for place, (since, until) in enumerate(zip(days, ends, strict=True)):
        amount = round(amount * chance.choice((1, 1, 1.25, 0.8)))
        yield OpportunityState(
            opportunity=deal, since=now - timedelta(days=since), until=now - timedelta(days=until) if until else None,
            status="open" if place < 4 else chance.choice(("open", "won", "lost")), stage=world.stages[stages[place]], percentage=10 + 20 * stages[place],
            potential=amount, potential_company=amount, currency="RUB", gross_profit_percent=20, predicted_close_on=now.date(), owner=deal.owner,
        )  # fmt: skip


def comes_to(page, frame, is_resting=True, timeout=15000):
    """Wait for a frame (a number or a pattern), at rest."""
    wanted = re.compile(frame if isinstance(frame, str) else f"^{frame}$")
    expect(page.locator("[data-player]")).to_have_attribute("data-at", wanted, timeout=timeout)
    if is_resting:
        expect(page.locator("[data-player]")).to_have_attribute("data-resting", "true")


def frame_of(page):
    return int(page.input_value("[data-slider]"))


def play_to_the_end(page):
    """Play everything at four times the speed; returns (share of dropped frames, the clock's own interval, long tasks), times in ms."""
    page.keyboard.press("Home")
    comes_to(page, 0)
    page.select_option("[data-speed]", "4")
    page.evaluate(WATCH)
    page.click("[data-play]")
    comes_to(page, DAYS, timeout=120000)
    stamps, long_tasks = page.evaluate("[stamps, longTasks]")
    steps = [after - before for before, after in pairwise(stamps)]
    usual = sorted(steps)[len(steps) // 2]
    dropped = sum(round(step / usual) - 1 for step in steps if step > 1.5 * usual)
    return dropped / (len(steps) + dropped), usual, long_tasks


def tell(record_property, capsys, name, page):
    share, usual, long_tasks = play_to_the_end(page)
    words = f"{name}: {share:.1%} of frames dropped at {usual:.1f} ms each; tasks over 50 ms: {len(long_tasks)}, the longest {max(long_tasks, default=0):.0f} ms"
    record_property(name, words)
    with capsys.disabled():
        sys.stdout.write(f"\n{words}\n")


def test_three_hundred_bubbles_are_played(world, visit, record_property, capsys):
    past(world, 300)
    visitor = visit(world.dana)
    page = visitor.page
    visitor.go("/reports/dynamic/")
    assert frame_of(page) == DAYS
    tell(record_property, capsys, "300 bubbles", page)
    page.click("[data-reverse]")
    comes_to(page, "^[78]", is_resting=False)
    page.click("[data-reverse]")  # pauses
    comes_to(page, r"^\d")
    page.wait_for_url(re.compile("frame="))
    stood = frame_of(page)
    page.click("[data-forward]")
    comes_to(page, stood + 1)
    page.click("[data-back]")
    comes_to(page, stood)
    assert visitor.complaints == []


def test_keys_move_the_film_and_its_state_is_told(world, visit):
    past(world, 40)
    visitor = visit(world.dana)
    page = visitor.page
    visitor.go("/reports/dynamic/")
    for key, wanted in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", DAYS)):
        page.keyboard.press(key)
        comes_to(page, wanted)
    page.keyboard.press("+")
    assert page.input_value("[data-speed]") == "2"
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert page.input_value("[data-speed]") == "0.5"
    page.keyboard.press("Home")
    comes_to(page, 0)
    assert "Open: " in page.text_content("[data-said]")
    page.keyboard.press(" ")
    comes_to(page, "^[3-9]", is_resting=False)
    page.keyboard.press(" ")
    comes_to(page, r"^\d")
    page.focus("[data-search]")
    page.keyboard.type(" ")
    assert page.get_attribute("[data-play]", "aria-pressed") == "false", "a key typed into a field moves nothing"


def test_a_link_opens_the_same_frame_size_and_deals(world, visit):
    past(world, 40)
    visitor = visit(world.dana)
    page = visitor.page
    visitor.go("/reports/dynamic/")
    page.keyboard.press("Home")
    for _step in range(40):
        page.keyboard.press("ArrowRight")
    page.select_option("[data-size]", "equal")
    page.check("[data-trails]")
    page.fill("[data-search]", "deal 17")
    page.click(".player-find:has-text('Deal 17')")
    comes_to(page, 40)
    page.wait_for_url(re.compile("frame=.*size=equal.*picks="))
    said, table = page.text_content("[data-said]"), page.inner_text(".player-figures table")
    other = visit(world.dana)
    other.page.goto(page.url)
    other.page.wait_for_selector(".player-picked >> text=Deal 17")
    comes_to(other.page, 40)
    assert (other.page.input_value("[data-size]"), other.page.is_checked("[data-trails]")) == ("equal", True)
    assert (other.page.text_content("[data-said]"), other.page.inner_text(".player-figures table")) == (said, table)
    other.page.select_option("[name=by]", "source")
    other.page.wait_for_url("**by=source**")
    other.page.wait_for_selector(".player-picked >> text=Deal 17")
    comes_to(other.page, 40)
    assert frame_of(other.page) == 40, "another colour keeps the frame"
    deal = Opportunity.objects.get(name="Deal 17")
    assert other.page.get_attribute(".player-picked a", "href") == f"/opportunities/{deal.pk}/"


def test_the_frame_s_table_is_the_pipeline_of_its_day(world, visit):
    past(world, 40)
    visitor = visit(world.dana)
    page = visitor.page
    visitor.go("/reports/dynamic/")
    page.keyboard.press("ArrowLeft")
    comes_to(page, DAYS - 1)
    shown = page.locator(".player-figures tfoot td").all_inner_texts()
    page.click("[data-funnel]")
    page.wait_for_url("**/reports/pipeline/?as_of=*")
    totals = page.locator(".report-table tfoot td").all_inner_texts()
    assert [text for text in shown if text not in totals] == []


def test_less_motion_steps_without_tweening(world, chromium, live_server, visit):
    past(world, 20)
    visitor = visit(world.dana)
    page = visitor.page
    page.emulate_media(reduced_motion="reduce")
    visitor.go("/reports/dynamic/")
    page.keyboard.press("ArrowLeft")
    comes_to(page, DAYS - 1)
    page.click("[data-reverse]")
    comes_to(page, "^[78]", is_resting=False)
    assert visitor.complaints == []


def test_ten_thousand_deals_are_played_as_sums(world, visit, record_property, capsys):
    past(world, 10_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    visitor = visit(world.dana)
    visitor.go("/reports/dynamic/")
    film = json.loads(visitor.page.text_content("#film"))
    assert film["is_aggregated"]
    tell(record_property, capsys, "10,000 deals as sums", visitor.page)
    assert frame_of(visitor.page) == DAYS
    assert visitor.complaints == []


def test_without_a_script_the_table_stays(world, chromium, live_server, visit):
    make.opportunity(world.alice, 1234)
    visitor = visit(world.alice)
    context = chromium.new_context(java_script_enabled=False)
    context.add_cookies(visitor.page.context.cookies())
    page = context.new_page()
    page.goto(f"{live_server.url}/reports/dynamic/")
    assert page.is_visible(".every-frame table")
    assert not page.is_visible("[data-player]")
    context.close()
