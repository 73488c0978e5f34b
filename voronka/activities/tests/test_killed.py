"""A worker killed in the middle of a mailbox loses no letter and brings none twice."""

import os
import signal
import subprocess
import sys
import time
from datetime import date

import pytest
from django.conf import settings
from django.db import connection

from voronka.activities import actions, jobs
from voronka.activities.models import Letter, Mailbox
from voronka.activities.tests import post
from voronka.cli.bench.serving import database_url

LETTERS = 120
PATIENCE = 90  # seconds; only a guard against a hanging test

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(tmp_path):
    server = post.Server(tmp_path)
    server.start()
    yield server
    server.stop()


def wait_until(what):
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def nobody_reads():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [jobs.LOCK])
        return cursor.fetchone() == (0,)


def test_a_killed_worker_loses_nothing_and_doubles_nothing(world, server, tmp_path):
    server.put(*(post.letter(key=f"<{n}@romashka.example>", subject=f"Letter {n}") for n in range(LETTERS)))
    box = Mailbox(
        host="127.0.0.1", port=server.port, security="none", login="alice@ours.example", since=date(2020, 1, 1)
    )
    box.address = box.login
    actions.save_mailbox(box, password=server.PASSWORD, by=world.alice)
    # The worker must read the password with the secret it was sealed with.

    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "VORONKA_DATA": str(tmp_path),
        "VORONKA_SECRET_KEY": settings.SECRET_KEY,
    }
    worker = subprocess.Popen([sys.executable, "-m", "voronka", "worker"], env=environment, start_new_session=True)
    wait_until(lambda: Letter.objects.count() >= 10)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    wait_until(nobody_reads)
    brought = Letter.objects.count()
    jobs.look_into(box.pk)
    assert brought <= LETTERS
    assert sorted(Letter.objects.values_list("activity__title", flat=True)) == sorted(
        f"Letter {n}" for n in range(LETTERS)
    )
    box.refresh_from_db()
    assert box.health == "well"
