"""A run killed in the middle is nothing or everything: it is started anew, no row comes twice, none is lost."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from voronka.accounts.tests import make as people
from voronka.cli.bench.serving import database_url
from voronka.core.models import Company
from voronka.imports import actions, jobs
from voronka.partners.models import Address, Partner

ROWS = 4000
PATIENCE = 90  # seconds; only a guard against a hanging test

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def begun(settings, tmp_path):
    """An import handed over to the worker, and the environment a worker needs."""
    Company.objects.create(pk=1, name="Our Company", language="en")
    dana = people.user("Dana", "director")
    settings.MEDIA_ROOT = tmp_path / "files"
    rows = "".join(f"Firm {n},+7495{n:07d},firm{n}@example.com,Moscow\n" for n in range(ROWS))
    run = actions.receive(ContentFile(f"Name,Phone,E-mail,City\n{rows}".encode(), name="x.csv"), "x.csv", by=dana)
    actions.start(run, write=True, by=dana)
    return run, os.environ | {"DATABASE_URL": database_url(), "VORONKA_DATA": str(tmp_path)}


def worker(environment, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "voronka", "worker", *arguments], env=environment, start_new_session=True
    )


def wait_until(what):
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("moment", ["reading", "writing"])
def test_a_killed_worker_leaves_nothing_and_the_next_one_does_it_all(begun, moment):
    run, environment = begun
    first = worker(environment)
    at_work = {
        "reading": lambda: staged(run),
        "writing": lambda: any("INTO partners_partner" in one for one in statements()),
    }
    wait_until(lambda: at_work[moment]() or finished(run))
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    wait_until(lambda: finished(run) or not statements())
    if not finished(run):
        assert Partner.objects.count() == 0
        jobs.resume(timestamp=0)
        assert ProcrastinateJob.objects.filter(status="todo", task_name="imports.work").count() == 1
    subprocess.run([sys.executable, "-m", "voronka", "worker", "--once"], env=environment, check=True, timeout=PATIENCE)
    run.refresh_from_db()
    assert (run.status, run.created, run.refused) == ("done", ROWS, 0)
    assert (Partner.objects.count(), Address.objects.count()) == (ROWS, ROWS)
    assert Partner.objects.values("email").distinct().count() == ROWS


def test_a_run_at_work_is_left_to_its_worker(begun):
    run, _environment = begun
    ProcrastinateJob.objects.all()
    with jobs._alone(run) as is_free:
        assert is_free
        before = ProcrastinateJob.objects.count()
        jobs.resume(timestamp=0)  # the same session may take its lock twice; what waits already waits once
        assert ProcrastinateJob.objects.count() == before


def staged(run):
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [run.staging])
        return cursor.fetchone()[0] is not None


def statements():
    """What other sessions of this database are at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state IN ('active', 'idle in transaction')"
        )
        return [row[0] for row in cursor.fetchall()]


def finished(run):
    run.refresh_from_db()
    return run.status == "done"
