"""Reports that take longer than a moment: the page says so at once, goes on to the figures, and can be stopped by who asked."""

from concurrent.futures import ThreadPoolExecutor

import lxml.html
import pytest
from django.db import connection

from voronka.analytics import actions, querysets
from voronka.analytics.reports import COUNT, Report, ReportResult, reports
from voronka.analytics.rules import name_of_run


@pytest.fixture
def asleep(monkeypatch):
    """A report that takes longer than anybody waits; `seconds` is its own pace."""
    pace = {"seconds": 30}

    def answer(user, criteria):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [pace["seconds"]])
        return ReportResult([COUNT], [{COUNT.key: 1}], {}, number=1)

    monkeypatch.setitem(reports.things, "asleep", Report("asleep", "Asleep", "A report", answer))
    monkeypatch.setattr("voronka.analytics.views.PATIENCE", 0.05)
    return pace


def test_a_page_that_takes_long_answers_at_once_and_goes_on_to_its_figures(world, sign_in, asleep):
    client = sign_in(world.alice)
    waiting = client.get("/reports/asleep/?owner=1&status=won")
    page = lxml.html.fromstring(waiting.content)
    onwards = onwards_of(page)
    assert onwards.startswith("?owner=1&status=won&wait=")
    assert page.xpath("//progress")
    assert "The figures are being counted." in page.text_content()
    asleep["seconds"] = 0.1
    counted = lxml.html.fromstring(client.get(f"/reports/asleep/{onwards}").content)
    assert not counted.xpath("//meta[@http-equiv='refresh']")
    assert not counted.xpath("//progress")
    assert "wait=" not in " ".join(counted.xpath("//a/@href"))


def test_what_is_quick_never_waits(world, sign_in):
    page = sign_in(world.alice).get("/reports/stage-analysis/").content.decode()
    assert "http-equiv" not in page
    assert "being counted" not in page


def test_stopping_leads_back_to_the_page_without_figures(world, sign_in, asleep):
    client = sign_in(world.alice)
    stopped = client.post("/reports/asleep/stop/", {"key": "f" * 32, "query": "owner=1&status=won"}, follow=True)
    assert stopped.redirect_chain == [("/reports/asleep/?owner=1&status=won&stopped=1", 302)]
    page = lxml.html.fromstring(stopped.content)
    assert "Counting was stopped." in page.text_content()
    assert page.xpath("//a[text()='Count again']/@href") == ["/reports/asleep/?owner=1&status=won"]
    assert client.post("/reports/nothing/stop/", {"key": "f"}).status_code == 404
    assert client.get("/reports/asleep/stop/").status_code == 405


def onwards_of(page):
    return page.xpath("//meta[@http-equiv='refresh']/@content")[0].partition("url=")[2]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json", "pdf"])
def test_a_file_that_takes_long_says_so_and_comes_by_itself(world, sign_in, asleep, kind):
    client = sign_in(world.dana)
    page = lxml.html.fromstring(client.get(f"/reports/asleep/?owner=1&export={kind}").content)
    assert f"The {kind.upper()} file is being made." in page.text_content()
    assert page.xpath("//progress")
    assert page.xpath("//a[text()='Back to the report']/@href")[0] == "?owner=1"
    onwards = onwards_of(page)
    assert onwards.startswith(f"?owner=1&export={kind}&wait=")
    asleep["seconds"] = 0.1
    made = client.get(f"/reports/asleep/{onwards}")
    assert f'filename="asleep.{kind}"' in made["Content-Disposition"]
    assert made.cookies["voronka_made"].value == onwards.partition("wait=")[2]  # by it the page knows that it came
    assert page.xpath("//@data-making") == [made.cookies["voronka_made"].value]


def test_a_file_whose_rows_take_long_to_write_says_so_too(world, sign_in, monkeypatch):
    rows = ({} for _number in iter(int, 1))  # without an end
    monkeypatch.setitem(
        reports.things,
        "endless",
        Report("endless", "Endless", "A report", lambda user, criteria: ReportResult([], rows, {}, number=1)),
    )
    monkeypatch.setattr("voronka.analytics.views.PATIENCE", 0.05)
    for kind in ("csv", "xlsx", "json", "pdf"):
        waiting = sign_in(world.dana).get(f"/reports/endless/?export={kind}")
        assert "file is being made." in waiting.content.decode()


def test_a_file_that_was_stopped_says_so(world, sign_in, asleep):
    client = sign_in(world.dana)
    stopped = client.post("/reports/asleep/stop/", {"key": "f" * 32, "query": "owner=1&export=xlsx"}, follow=True)
    page = lxml.html.fromstring(stopped.content)
    assert "The file was stopped: nothing was downloaded." in page.text_content()
    assert page.xpath("//a[text()='Make it again']/@href") == ["/reports/asleep/?owner=1&export=xlsx"]
    assert page.xpath("//a[text()='Back to the report']/@href") == ["/reports/asleep/?owner=1"]


def test_a_file_asked_for_before_signing_in_has_a_page_to_come_from(world, sign_in):
    client = sign_in(world.dana)
    page = client.get("/reports/won/?export=csv&wait=abc", headers={"Referer": "http://testserver/account/login/"})
    onwards = onwards_of(lxml.html.fromstring(page.content))
    assert client.get(f"/reports/won/{onwards}", headers={"Referer": "http://testserver/reports/won/"})[
        "Content-Type"
    ].startswith("text/csv")


def test_a_file_with_wrong_criteria_says_what_is_wrong(world, sign_in):
    refused = sign_in(world.dana).get("/reports/won/?export=csv&as_of=yesterday")
    assert refused.status_code == 422
    assert lxml.html.fromstring(refused.content).xpath("//p[@role='alert']")


def test_a_tile_that_takes_long_says_so_and_goes_on_to_its_figures(world, sign_in, asleep):
    client = sign_in(world.alice)
    tile = lxml.html.fromstring(client.get("/tiles/report-asleep/", headers={"HX-Request": "true"}).content)
    assert "The figures are being counted." in tile.text_content()
    onwards = tile.xpath("//@hx-get")[0]
    alone = lxml.html.fromstring(client.get("/tiles/report-asleep/").content)
    assert onwards_of(alone).startswith("?wait=")
    asleep["seconds"] = 0.1
    assert "being counted" not in client.get(onwards, headers={"HX-Request": "true"}).content.decode()


def test_a_tile_that_was_stopped_says_so(world, sign_in, asleep):
    client = sign_in(world.alice)
    stop = "/tiles/report-asleep/stop/"
    assert client.post(stop, {"key": "f" * 32}, headers={"HX-Request": "true"}).status_code == 204
    stopped = client.post(stop, {"key": "f" * 32}, follow=True)
    assert "Counting was stopped." in stopped.content.decode()
    assert client.post("/tiles/nothing/stop/", {"key": "f"}).status_code == 404


def write_for_long(name):
    """Nothing runs in the database while rows are written."""
    try:
        with querysets.interruptible(name) as go_on:
            while True:
                go_on()
    except querysets.Interrupted:
        return True
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_writing_is_stopped_between_statements_too(world):
    key = "0" * 32
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(write_for_long, name_of_run(world.alice.pk, key))
        while not actions.stop_counting(key, by=world.alice):
            assert not running.done()
        assert running.result(timeout=30)


def count_for_long(name):
    try:
        with querysets.interruptible(name), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
    except querysets.Interrupted:
        with connection.cursor() as cursor:  # the session goes on as if nothing had been
            cursor.execute("SELECT current_setting('application_name'), current_setting('statement_timeout')")
            return cursor.fetchone()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_only_who_asked_stops_a_report(world):
    key = "0" * 32
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('application_name'), current_setting('statement_timeout')")
        usual = cursor.fetchone()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(count_for_long, name_of_run(world.alice.pk, key))
        while not actions.stop_counting(key, by=world.alice):  # until it has begun
            assert not actions.stop_counting(key, by=world.bob)
            assert not actions.stop_counting("1" * 32, by=world.alice)
            assert not running.done()
        assert running.result(timeout=30) == usual
    assert not actions.stop_counting(key, by=world.alice)
