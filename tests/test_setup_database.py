"""The embedded database: made, shared, stopped, and found again after a kill."""

import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from voronka.config.machine import machine_memory, memory_settings
from voronka.config.postgres import Cluster
from voronka.core.errors import RuleBroken

ROOT = os.geteuid() == 0


def python(code, folder, **environment):
    """Run a few lines in a process of its own on a data folder."""
    variables = {**os.environ, "VORONKA_DATA": str(folder), "LANG": "C.UTF-8", **environment}
    variables.pop("DATABASE_URL", None)
    variables.update(environment)
    lines = (
        "from voronka.config.database import *\nfrom voronka.config.postgres import this_cluster\nimport os, signal\n"
    )
    return subprocess.run([sys.executable, "-c", lines + code], env=variables, capture_output=True, text=True)


IMPORTS = """
import os, signal
from voronka.config.database import *
from voronka.config.postgres import this_cluster
"""
USE = "with database_in_use():\n    print(this_cluster().process())"
KILLED = (
    "with database_in_use():\n    print(this_cluster().process(), flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)"
)


@pytest.fixture
def folder():
    """A data folder with spaces and Cyrillic in its path, which another user may reach."""
    top = Path(tempfile.mkdtemp(prefix="voronka-setup-"))
    top.chmod(0o755)
    yield top / "дата и файлы"
    Cluster(top / "дата и файлы").stop()
    shutil.rmtree(top)


def test_the_server_answers_on_a_private_socket_only(folder):
    code = """
import psycopg
from voronka.config.postgres import ROLE
s = database_settings()
with database_in_use(), psycopg.connect(host=s["HOST"], user=s["USER"], password=s["PASSWORD"], dbname=s["NAME"]) as c:
    show = lambda name: c.execute("SHOW " + name).fetchone()[0]
    print(show("listen_addresses") == "", show("data_checksums"), show("server_encoding"), show("password_encryption"))
    print(c.execute("SELECT datlocale FROM pg_database WHERE datname = current_database()").fetchone()[0])
    print(c.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0])
try:
    psycopg.connect(host=s["HOST"], user="postgres", dbname="postgres")
except psycopg.OperationalError:
    print("stopped")
"""
    done = python(code, folder)
    assert done.stdout.split() == ["True", "on", "UTF8", "scram-sha-256", "C.UTF-8", "False", "stopped"], done.stderr
    assert stat.S_IMODE((folder / "socket").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secrets" / "database").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "postgresql").stat().st_mode) == 0o700


def test_nobody_gets_in_without_the_password(folder):
    code = """
import psycopg
s = database_settings()
with database_in_use():
    try:
        psycopg.connect(host=s["HOST"], user="postgres", password="guess", dbname="postgres")
    except psycopg.OperationalError as fault:
        print("password" in str(fault))
"""
    assert python(code, folder).stdout.split() == ["True"]


def test_the_last_user_stops_the_server(folder):
    code = """
import subprocess, sys
with database_in_use():
    first = this_cluster().process()
    second = subprocess.run([sys.executable, "-c", sys.argv[1]], capture_output=True, text=True).stdout.strip()
    print(first == int(second), this_cluster().process() == first)
print(this_cluster().process())
"""
    inner = IMPORTS + USE
    done = python(f"import sys; sys.argv.append({inner!r})\n" + code, folder)
    assert done.stdout.split() == ["True", "True", "None"], done.stderr


def test_a_killed_starter_leaves_a_server_that_is_used_again_and_stopped(folder):
    pid = python(KILLED, folder).stdout.strip()
    assert pid.isdigit()
    assert python(USE, folder).stdout.strip() == pid
    assert Cluster(folder).process() is None


def test_everything_killed_starts_again(folder):
    python(KILLED, folder)
    cluster = Cluster(folder)
    for pid in cluster._processes():
        os.kill(pid, signal.SIGKILL)
    done = python(USE, folder)
    assert done.stdout.strip().isdigit(), done.stderr


def test_a_process_id_used_again_by_somebody_else_is_not_taken_for_the_server(folder):
    python(KILLED, folder)
    cluster = Cluster(folder)
    for pid in cluster._processes():
        os.kill(pid, signal.SIGKILL)
    with subprocess.Popen(["sleep", "60"], **cluster.owner.switch) as stranger:
        file = folder / "postgresql" / "postmaster.pid"
        file.write_text(re.sub(r"^\d+", str(stranger.pid), file.read_text()))
        done = python(USE, folder)
        assert done.stdout.strip().isdigit(), done.stderr
        assert stranger.poll() is None
        stranger.kill()


def test_a_path_too_long_for_a_socket(folder):
    long = folder / ("очень длинная папка " * 5).strip()
    done = python(USE + "\nprint(this_cluster().socket_folder)", long)
    pid, place = done.stdout.split()
    assert pid.isdigit()
    assert place.startswith("/tmp/voronka-")
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o700
    shutil.rmtree(place)


def test_a_cluster_of_another_version_is_refused_in_one_sentence(folder):
    python(USE, folder)
    (folder / "postgresql" / "PG_VERSION").write_text("9\n")
    done = python(USE, folder)
    assert "was made by PostgreSQL 9" in done.stderr.splitlines()[-1]


@pytest.mark.skipif(not ROOT, reason="only root starts the server as somebody else")
def test_root_is_told_where_the_data_folder_may_lie(folder):
    folder.mkdir()
    folder.chmod(0o700)
    last = python(USE, folder / "inside").stderr.splitlines()[-1]
    assert f"may not enter {folder}" in last
    assert "VORONKA_DATA=/var/lib/voronka" in last


@pytest.mark.skipif(not ROOT, reason="only root starts the server as somebody else")
def test_started_by_root_the_server_is_not_root(folder):
    done = python("with database_in_use():\n    print(os.stat(f'/proc/{this_cluster().process()}').st_uid)", folder)
    assert pwd.getpwuid(int(done.stdout)).pw_name != "root"


@pytest.mark.skipif(not ROOT, reason="only root may work in everybody's folders")
def test_root_does_not_spoil_a_users_folder(folder):
    python(USE, folder)
    nobody = pwd.getpwnam("nobody")
    os.chown(folder / "secrets", nobody.pw_uid, nobody.pw_gid)
    assert "belongs to the user nobody: start Voronka as that user" in python(USE, folder).stderr.splitlines()[-1]


def test_only_postgresql_is_taken(folder):
    done = python("database_settings()", folder, DATABASE_URL="mysql://somebody@localhost/x")
    assert "Voronka needs PostgreSQL" in done.stderr.splitlines()[-1]


def test_a_server_too_old_is_refused(db, monkeypatch):
    from voronka.config import database

    monkeypatch.setattr(database, "OLDEST_SERVER", 99)
    with pytest.raises(RuleBroken, match="Voronka needs 99 or newer"):
        database.check_server()


@pytest.mark.parametrize(("gigabytes", "buffers"), [(0.1, "32MB"), (6, "1024MB"), (256, "4096MB")])
def test_memory_is_taken_by_the_machine(gigabytes, buffers):
    assert memory_settings(int(gigabytes * 2**30))["shared_buffers"] == buffers
    assert machine_memory() > 2**26
