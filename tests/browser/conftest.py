"""A real Chromium against a real server with the demo company in it."""

import os
import shutil
from pathlib import Path

import pytest

# Playwright's synchronous interface runs a loop of its own in this thread; the ORM would take it for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    """These run first: each of their files takes minutes, and one that began last would leave a core idle."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))
    items.sort(key=lambda item: here not in item.path.parents)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """A signed-in page that remembers what the console complained about."""

    def __init__(self, page, address):
        self.page, self.address, self.complaints = page, address, []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path):
        answer = self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")
        return answer

    def drag(self, start, end, arrived=lambda: None):
        """Take what lies at one point to another as a hand does, and let go when it arrived: what moves aside on the way has to come to rest first."""
        (x, y), (to_x, to_y), mouse = start, end, self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + (to_x - x) / 10, y + (to_y - y) / 10, steps=5)
        mouse.move(to_x, to_y - 4, steps=15)
        self.page.wait_for_function("() => document.getAnimations().length === 0")
        mouse.move(to_x, to_y, steps=4)
        arrived()
        mouse.up()

    def accessibility(self):
        """What axe-core finds against WCAG 2.2 AA, as "rule: element". It does not wait for letters: their sandboxed frames run no script to answer it."""
        self.page.evaluate(AXE.read_text("utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        found = self.page.evaluate("tags => axe.run(document, {runOnly: tags, iframes: false})", tags)
        return [f"{rule['id']}: {node['html'][:120]}" for rule in found["violations"] for node in rule["nodes"]]


@pytest.fixture
def visit(chromium, live_server, settings):
    """Opens a page as somebody: `visit(person, language="ru", theme="light", width=1280)`."""
    contexts = []

    def opened(person, language="en", theme="light", width=1280):
        from django.test import Client

        type(person).objects.filter(pk=person.pk).update(language=language, theme=theme)
        client = Client()
        client.force_login(person)
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale=language, color_scheme=theme)
        context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                    "url": live_server.url,
                }
            ]
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15000)
        return Visitor(page, live_server.url)

    yield opened
    for context in contexts:
        for page in context.pages:
            page.wait_for_load_state("networkidle")  # the tables are emptied next: nobody reads them any more
        context.close()
