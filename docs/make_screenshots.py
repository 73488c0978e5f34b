"""Makes the pictures of the README: a server with the demo company in a temporary folder, photographed by Chromium.

.venv/bin/python docs/make_screenshots.py
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
PAGES = {
    "board": "/opportunities/board/",
    "list": "/opportunities/",
    "card": "/opportunities/{deal}/",
    "funnel": "/reports/pipeline/",
    "partner": "/partners/{partner}/",
    "calendar": "/calendar/?view=team",
    "bridge": "/reports/bridge/",
    "film": "/reports/dynamic/?trails=1&frame={month_ago}",
}
WIDTH, HEIGHT = 1280, 760
HIGHER = {"film": 1010}  # down to its controls
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address: str) -> None:
    for _attempt in range(120):
        try:
            urllib.request.urlopen(address + "/healthz/")  # noqa: S310  (our own server)
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the server did not start")


def photograph(page: Page, address: str, language: str) -> None:
    page.goto(address + "/account/login/")
    page.fill("input[name=login]", "director@demo.example")
    page.fill("input[name=password]", "voronka-demo")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(address + "/")
    page.goto(address + PAGES["list"])
    deal = page.locator("a.row-link").nth(3).get_attribute("href").rstrip("/").split("/")[-1]
    page.goto(address + "/partners/?sort=-created_at")
    partner = page.locator("a.row-link").first.get_attribute("href").rstrip("/").split("/")[-1]
    month_ago = date.today() - timedelta(days=30)
    for name, path in PAGES.items():
        page.set_viewport_size({"width": WIDTH, "height": HIGHER.get(name, HEIGHT)})
        page.goto(address + path.format(deal=deal, partner=partner, month_ago=month_ago))
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(900)
        page.screenshot(path=IMAGES / f"{name}-{language}.png")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    for language, theme in (("ru", "light"), ("en", "dark")):
        port = free_port()
        with tempfile.TemporaryDirectory(prefix="voronka-") as folder, sync_playwright() as play:
            Path(folder).chmod(0o755)
            environment = {**os.environ, "VORONKA_DATA": f"{folder}/data"}
            command = [sys.executable, "-m", "voronka", "serve", "--port", str(port), "--demo", language]
            server = subprocess.Popen(command, env=environment)
            try:
                wait_for(f"http://127.0.0.1:{port}")
                browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
                context = browser.new_context(color_scheme=theme, locale=language)
                photograph(context.new_page(), f"http://127.0.0.1:{port}", language)
                browser.close()
            finally:
                server.terminate()
                server.wait()


if __name__ == "__main__":
    main()
