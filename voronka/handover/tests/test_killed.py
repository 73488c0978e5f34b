"""A worker killed in the middle of a hand-over leaves nothing of it, and nobody waits for it meanwhile."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from voronka.activities import actions as work
from voronka.activities.models import Activity
from voronka.activities.tests import make as activities
from voronka.cli.bench.serving import database_url
from voronka.handover import actions, jobs
from voronka.handover.models import Brief, HandedRows
from voronka.handover.tests import make
from voronka.partners.actions import save_partner
from voronka.partners.models import Partner
from voronka.partners.tests import make as partners

ROWS = 10_000
PATIENCE = 90  # seconds; only a guard against a hanging test
pytestmark = pytest.mark.django_db(transaction=True)


WORK = "from voronka.cli.frame import django_ready\nwith django_ready():\n from voronka.handover import jobs\n jobs.work({})"


@pytest.fixture
def work_apart(tmp_path):
    """Lets a process of its own do the worker's job: `work_apart(handover)`."""
    started = []

    def work(handover):
        secret = {"VORONKA_SECRET_KEY": settings.SECRET_KEY, "VORONKA_DATA": str(tmp_path)}
        environment = os.environ | {"DATABASE_URL": database_url()} | secret
        command = [sys.executable, "-c", WORK.format(handover.pk)]
        started.append(subprocess.Popen(command, env=environment, start_new_session=True))
        return started[-1]

    yield work
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(what):
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def holders(handover):
    """Database sessions that work on a hand-over."""
    with connection.cursor() as cursor:
        wanted = [jobs.LOCK, handover.pk]
        cursor.execute("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s", wanted)
        return {row[0] for row in cursor.fetchall()}


def waits_for_this_session(handover):
    """Whether the worker has moved rows already and waits for one that is locked here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM unnest(%s::int[]) pid WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))",
            [list(holders(handover))],
        )
        return bool(cursor.fetchall())


@pytest.fixture
def much(world):
    now = timezone.now()
    Activity.objects.bulk_create(
        Activity(kind="call", title=f"Call {number}", owner=world.alice, partner=world.partner, status="open", happened_at=now, starts_at=now)
        for number in range(ROWS)
    )  # fmt: skip
    return Activity.objects.latest("pk")


def owners(rows):
    return set(rows.values_list("owner__name", flat=True))


def test_killed_in_the_middle_nothing_moved_and_then_everything(world, much, work_apart):
    made = actions.hand_over(make.wanted(world.alice, world.charlie, world.dana), by=world.dana)
    with transaction.atomic():
        # The last row is held here, so the worker stands in the middle of its one transaction: partners and deals have moved.
        Activity.objects.select_for_update().get(pk=much.pk)
        worker = work_apart(made)
        wait_until(lambda: waits_for_this_session(made))
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    wait_until(lambda: not holders(made))
    assert owners(Activity.objects) == owners(Partner.objects) == {"Alice"}
    assert not Brief.objects.exists()
    assert not HandedRows.objects.exists()
    assert make.worked(made).status == "done"
    assert owners(Activity.objects) == owners(Partner.objects) == {"Charlie"}


def test_others_save_while_it_is_under_way(world, much, work_apart):
    """Whoever had to wait for the worker would wait for ever here, as it waits for this session; the database would end one of them."""
    other = partners.partner(world.charlie, "Lopukh")
    theirs = activities.planned(world.charlie, partner=other)
    made = actions.hand_over(make.wanted(world.alice, world.bob, world.dana), by=world.dana)
    with transaction.atomic():
        Activity.objects.select_for_update().get(pk=much.pk)
        worker = work_apart(made)
        wait_until(lambda: waits_for_this_session(made))
        other.website = "charlie.example"
        save_partner(other, by=world.charlie)
        work.complete(theirs, by=world.charlie)
        work.write_note(world.partner, "Alice writes on", by=world.alice)
    assert worker.wait(PATIENCE) == 0
    made.refresh_from_db()
    assert made.status == "done"
    assert owners(Activity.objects.filter(status="open")) == {"Bob"}
