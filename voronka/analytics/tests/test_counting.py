"""Reports that take longer than a moment: the page says so at once, goes on to the figures, and can be stopped by who asked."""

from concurrent.futures import ThreadPoolExecutor

import lxml.html
import pytest
from django.db import connection

from voronka.analytics import actions, querysets
from voronka.analytics.reports import Report, ReportResult, reports
from voronka.analytics.rules import name_of_run


@pytest.fixture
def asleep(monkeypatch):
    """A report that takes longer than anybody waits; `seconds` is its own pace."""
    pace = {"seconds": 30}

    def answer(user, criteria):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [pace["seconds"]])
        return ReportResult([], [{}], {}, number=1)

    monkeypatch.setitem(reports.things, "asleep", Report("asleep", "Asleep", "A report", answer))
    monkeypatch.setattr("voronka.analytics.views.PATIENCE", 0.05)
    return pace


def test_a_page_that_takes_long_answers_at_once_and_goes_on_to_its_figures(world, sign_in, asleep):
    client = sign_in(world.alice)
    waiting = client.get("/reports/asleep/?owner=1&status=won")
    page = lxml.html.fromstring(waiting.content)
    _delay, _url, onwards = page.xpath("//meta[@http-equiv='refresh']/@content")[0].partition("url=")
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
