"""How near the pages come to the limit: CPU of this process and of its database session per request, ours beside a bare view.

Everything happens in a scratch database of the same server, which is dropped at the end. Ratios are of sums over the same number of
requests, taken in turns within one run, so that a slow machine slows both alike.
"""

from __future__ import annotations

import csv
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from psycopg import sql

from voronka.accounts.models import User
from voronka.cli import demo
from voronka.cli.demo.large import enlarge
from voronka.imports import actions as imports
from voronka.opportunities.models import Opportunity, fold_tally
from voronka.partners.models import Partner

TICK = os.sysconf("SC_CLK_TCK")
ROUNDS = 40
PLAIN_FILES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
Say = Callable[[str], None]


@dataclass(frozen=True)
class Figure:
    """One job: milliseconds of the limit and of ours, their ratio, and the ratio allowed."""

    job: str
    limit: float
    ours: float
    ratio: float
    allowed: float


def run(rows: int, say: Say) -> list[dict[str, Any]]:
    """All jobs at `rows` partners and as many opportunities; the figures as dictionaries."""
    with scratch_database(), override_settings(STORAGES=settings.STORAGES | PLAIN_FILES):
        say(f"{rows:,} partners and opportunities")
        demo.make("en")
        enlarge(rows)
        fold_tally()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        say("measuring")
        return [asdict(figure) for figure in [*_pages(), *_reports(), _import(min(rows, 100_000))]]


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


def cpu() -> float:
    """Seconds of CPU used so far by this process and by its database session; without /proc only by this process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    backend = sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13])) / TICK if stat.exists() else 0.0
    return time.process_time() + backend


def _timed(act: Callable[[], Any], rounds: int) -> float:
    began = cpu()
    for _round in range(rounds):
        act()
    return (cpu() - began) * 1000 / rounds


def _compare(job: str, allowed: float, limit: Callable[[], Any], ours: Callable[[], Any]) -> Figure:
    """Both in turns, five times; the first turn of each only warms up."""
    ours()
    with _bare():
        limit()
    spent = {"limit": 0.0, "ours": 0.0}
    for _turn in range(5):
        with _bare():
            spent["limit"] += _timed(limit, ROUNDS) / 5
        spent["ours"] += _timed(ours, ROUNDS // 4) / 5
    return _figure(job, spent["limit"], spent["ours"], allowed)


def _figure(job: str, limit: float, ours: float, allowed: float) -> Figure:
    return Figure(job, round(limit, 2), round(ours, 2), round(ours / max(limit, 0.001), 2), allowed)


def _bare() -> override_settings:
    return override_settings(MIDDLEWARE=[], ROOT_URLCONF="voronka.cli.bench.bare")


def _pages() -> Iterator[Figure]:
    client = Client()
    client.force_login(User.objects.get(email="director@demo.example"), backend=settings.AUTHENTICATION_BACKENDS[0])
    deal = Opportunity._base_manager.latest("pk").pk
    partner = Partner._base_manager.latest("pk").pk
    numbers = itertools.count()

    def get(address: str) -> Callable[[], Any]:
        return lambda: client.get(address)

    def bare(address: str) -> Callable[[], Any]:
        return lambda: Client().get(address)

    yield _compare(
        "list of opportunities by amount", 8, bare("/list/"), get("/opportunities/?sort=-potential&status=all")
    )
    yield _compare("open an opportunity", 10, bare(f"/one/opportunity/{deal}/"), get(f"/opportunities/{deal}/"))
    yield _compare("open a partner", 10, bare(f"/one/partner/{partner}/"), get(f"/partners/{partner}/"))
    yield _compare("search a partner by part of the name", 10, bare("/search/?q=a3f9"), get("/partners/search/?q=a3f9"))
    yield _compare(
        "create a partner",
        10,
        lambda: Client().post("/create/", {"name": "Bench"}),
        lambda: client.post("/api/v1/partners", {"name": f"Bench {next(numbers)}"}, content_type="application/json"),
    )


def _reports() -> Iterator[Figure]:
    """Reports beside one statement that scans and groups all opportunities."""
    from voronka.analytics import reports
    from voronka.analytics.forms import Criteria

    director = User.objects.get(email="director@demo.example")
    scan = "SELECT stage_id, count(*), sum(potential), sum(weighted) FROM opportunities_opportunity WHERE status = 'open' GROUP BY stage_id"

    def scanned() -> None:
        with connection.cursor() as cursor:
            cursor.execute(scan)
            cursor.fetchall()

    for slug, job, allowed in (
        ("pipeline", "pipeline by stage with sums", 1.0),
        ("forecast-over-time", "report by month", 0.3),
    ):
        act = partial(reports.run, slug, director, Criteria())
        act()
        yield _figure(f"{job} (of a scan)", _timed(scanned, 10), _timed(act, 10), allowed)


def _import(rows: int) -> Figure:
    """The real importer beside COPY and a de-duplicating INSERT of the same file; wall time."""
    director = User.objects.get(email="director@demo.example")
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        file = Path(folder) / "leads.csv"
        with file.open("w", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(["Name", "Phone", "E-mail", "City"])
            writer.writerows(
                (f"Imported {n}", f"+7499{n:07d}", f"lead{n}@bench.example", "Moscow") for n in range(rows)
            )
        began = time.perf_counter()
        _copy(file)
        limit = time.perf_counter() - began
        began = time.perf_counter()
        with file.open("rb") as source:
            found = imports.receive(File(source), "leads.csv", by=director)
        imports.run_now(found, by=director)
        return _figure(f"import {rows:,} rows", limit * 1000, (time.perf_counter() - began) * 1000, 3)


def _copy(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_raw (name text, phone text, email text, city text)")
        cursor.execute(
            "CREATE TABLE bench_partner (id bigserial PRIMARY KEY, name text, phone text, email text UNIQUE, city text)"
        )
        with cursor.connection.cursor() as raw, raw.copy("COPY bench_raw FROM STDIN (FORMAT csv, HEADER)") as pipe:
            pipe.write(file.read_bytes())
        cursor.execute(
            "INSERT INTO bench_partner (name, phone, email, city) SELECT DISTINCT ON (email) name, phone, email, city FROM bench_raw r "
            "WHERE NOT EXISTS (SELECT FROM partners_partner p WHERE p.email = r.email) ORDER BY email"
        )
