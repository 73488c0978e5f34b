"""The jobs, each beside its limit in the same run.

Everything happens in a scratch database of the same server, which is dropped at the end. Pages are asked over HTTP from Granian, ours
and the bare ones in turns, so that a slow moment of the machine slows both; what counts is CPU of the web process and of its database
session per request.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from django.core.files import File
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from psycopg import sql

from voronka.accounts.actions import issue_token
from voronka.accounts.models import User
from voronka.cli import demo
from voronka.cli.bench import day, meanwhile, past
from voronka.cli.bench.figures import Figure, compare, figure, wall
from voronka.cli.bench.serving import both, free_port, signed_in, wait_for
from voronka.cli.demo.large import busy, crowd, enlarge
from voronka.cli.server import collect_static
from voronka.imports import actions as imports
from voronka.imports.models import ImportRun
from voronka.opportunities.models import Opportunity, fold_tally
from voronka.partners.models import Partner

GROUPS: Final = ("start", "pages", "day", "past", "import")
Say = Callable[[str], None]


def run(rows: int, say: Say, only: str = "") -> list[dict[str, Any]]:
    """The jobs of all groups, or of one, at `rows` partners, as many opportunities and five times as many activities; the figures as dictionaries."""
    collect_static()
    wanted = (only,) if only else GROUPS
    figures = [*cold_start()] if "start" in wanted else []
    with scratch_database():
        say(f"{rows:,} partners and opportunities")
        _fill(rows, with_work="day" in wanted, spans=past.SPANS if "past" in wanted else 1)
        if "pages" in wanted:
            say("pages and reports")
            figures += [*_pages(), *_reports()]
        if "day" in wanted:
            say("the working day")
            figures += day.figures()
        if "past" in wanted:
            say("reports of the past")
            figures += past.figures()
        if "import" in wanted:
            say(f"import of {rows:,} rows")
            figures += _import(rows)
    return [asdict(figure) for figure in figures]


def _fill(rows: int, *, with_work: bool, spans: int) -> None:
    demo.make("en")
    crowd(day.PEOPLE)
    enlarge(rows, spans)
    if with_work:
        busy(rows * day.PER_PARTNER, day.OF_ONE_PARTNER)
    fold_tally()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def scratch_database() -> Iterator[None]:
    """Work in a new database of the same server, and drop it afterwards."""
    home, name = connection.settings_dict["NAME"], f"voronka_bench_{os.getpid()}"
    _execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home
        _execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _pages() -> Iterator[Figure]:
    """Pages asked by the director, the API by a token of theirs."""
    director = User.objects.get(email="director@demo.example")
    visitor = signed_in(director)
    program = {"Authorization": f"Bearer {issue_token(director, 'bench')[1]}", "Content-Type": "application/json"}
    deal, partner = Opportunity._base_manager.latest("pk").pk, Partner._base_manager.latest("pk").pk
    numbers = itertools.count()
    with both() as (bare, ours):

        def page(job: str, allowed: float, limit: str, address: str) -> Figure:
            return compare(job, allowed, bare, partial(bare.ask, limit, {}), ours, partial(ours.ask, address, visitor))

        yield page("list of opportunities by amount", 8, "/list/", "/opportunities/?sort=-potential&status=all")
        yield page("open an opportunity", 10, f"/one/opportunity/{deal}/", f"/opportunities/{deal}/")
        yield page("open a partner", 10, f"/one/partner/{partner}/", f"/partners/{partner}/")
        yield page("search a partner by part of the name", 10, "/search/?q=a3f9", "/partners/search/?q=a3f9")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        yield compare(
            "create a partner", 10, bare, lambda: bare.ask("/create/", form, "name=Bench"),
            ours, lambda: ours.ask("/api/v1/partners", program, json.dumps({"name": f"Bench {next(numbers)}"})),
        )  # fmt: skip


def _reports() -> Iterator[Figure]:
    """Reports beside one statement that scans and groups all opportunities; wall time, the median of ten turns."""
    from voronka.analytics import reports
    from voronka.analytics.forms import Criteria

    director = User.objects.get(email="director@demo.example")
    scan = "SELECT stage_id, count(*), sum(potential), sum(weighted) FROM opportunities_opportunity WHERE status = 'open' GROUP BY stage_id"

    def scanned() -> None:
        with connection.cursor() as cursor:
            cursor.execute(scan)
            cursor.fetchall()

    for slug, job, allowed in (
        ("pipeline", "pipeline by stage with sums (of a scan)", 1.0),
        ("forecast-over-time", "report by month (of a scan)", 0.3),
    ):
        act = partial(reports.run, slug, director, Criteria())
        act()
        scanned()
        limit, ours = zip(*((wall(scanned), wall(act)) for _turn in range(10)), strict=True)
        yield figure(job, "ms", median(limit), median(ours), allowed)


def _import(rows: int) -> Iterator[Figure]:
    """The real importer beside COPY and a de-duplicating INSERT of the same file, wall time; then the same in the background."""
    director = User.objects.get(email="director@demo.example")
    with (
        tempfile.TemporaryDirectory() as folder,
        override_settings(MEDIA_ROOT=f"{folder}/files", IMPORT_MAX_BYTES=2**31),
    ):
        file = Path(folder) / "leads.csv"
        with file.open("w", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(["Name", "Phone", "E-mail", "City"])
            writer.writerows(
                (f"Imported {n}", f"+7499{n:07d}", f"lead{n}@bench.example", "Moscow") for n in range(rows)
            )
        limit = wall(partial(_copy, file))
        runs: list[ImportRun] = []
        ours = wall(lambda: runs.append(_bring_in(file, director)))
        yield figure(f"import {rows:,} rows", "ms", limit, ours, 3)
        yield figure(
            f"take {rows:,} rows back (of the import)",
            "ms",
            ours,
            wall(partial(imports.undo_now, runs[0], by=director)),
            1,
        )
        yield from meanwhile.figures(file, director, Path(folder))


def _bring_in(file: Path, by: User) -> ImportRun:
    with file.open("rb") as source:
        found = imports.receive(File(source), "leads.csv", by=by)
    return imports.run_now(found, by=by)


def _copy(file: Path) -> None:
    """COPY, and the new rows by one statement into a table with the columns and indexes of ours; nothing checked, nothing noted."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_raw (name text, phone text, email text, city text)")
        cursor.execute("CREATE TABLE bench_partner (LIKE partners_partner INCLUDING ALL)")
        with cursor.connection.cursor() as raw, raw.copy("COPY bench_raw FROM STDIN (FORMAT csv, HEADER)") as pipe:
            pipe.write(file.read_bytes())
        cursor.execute(
            "INSERT INTO bench_partner (created_at, updated_at, version, owner_id, name, kind, legal_status, is_channel, country, full_name, "
            "tax_id, kpp, ogrn, phone, phone2, email, website, remarks, external_id) "
            "SELECT DISTINCT ON (email) now(), now(), 1, 1, name, 'lead', 'company', false, 'RU', '', '', '', '', phone, '', email, '', city, '' "
            "FROM bench_raw r WHERE NOT EXISTS (SELECT FROM partners_partner p WHERE p.email = r.email) ORDER BY email"
        )


def cold_start() -> Iterator[Figure]:
    """From the command to the first page, with an embedded database that exists; in a data folder of its own."""
    with tempfile.TemporaryDirectory(prefix="voronka-") as folder:
        Path(folder).chmod(0o755)  # started by root, the database runs as somebody else
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {
            "VORONKA_DATA": folder
        }
        _first_page(environment)  # makes the database and gathers the static files
        yield figure("cold start to the first page", "s", 0, _first_page(environment), 2)


def _first_page(environment: dict[str, str]) -> float:
    port = free_port()
    began = time.perf_counter()
    command = [sys.executable, "-m", "voronka", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/account/login/"
            ) as page:  # the first-run page, on an empty database
                page.read()
            return time.perf_counter() - began
        finally:
            process.terminate()
            process.wait()
