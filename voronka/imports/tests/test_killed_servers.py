"""kill -9 of the web server and of the database in the middle of an import: after a start it goes on by itself, no row twice, none lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from voronka.cli.bench.serving import free_port

ROWS = 20_000
PATIENCE = 300  # seconds; only a guard against a hanging test: a new database under load takes minutes


class Installation:
    """A server of our own with an embedded database, in a folder of its own."""

    def __init__(self, folder):
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment |= {"VORONKA_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "voronka.config.settings"}
        self.folder, self.port, self.process, self.token = folder, free_port(), None, ""
        self.words = folder / "words.log"

    def start(self):
        """Start the server at once, among the dying processes of the killed one, and wait for its first page."""
        command = [sys.executable, "-m", "voronka", "serve", "--port", str(self.port), "--workers", "1"]
        with open(self.words, "ab") as words:
            self.process = subprocess.Popen(
                command, env=self.environment, start_new_session=True, stdout=words, stderr=words
            )
        wait_until(self.answers_or_ended)
        assert self.process.poll() is None, self.words.read_text()

    def answers_or_ended(self):
        return self.process.poll() is not None or self.answers()

    def answers(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/account/login/", timeout=5).status == 200
        except OSError:
            return False

    def run(self, program):
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def ask(self, path, data=None, kind="application/json"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1{path}", data)
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Content-Type", kind)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def kill(self, what):
        """kill -9 of the web server with all its processes, of the worker, or of the database's server."""
        if what == "web":
            os.killpg(self.process.pid, signal.SIGKILL)
        elif what == "worker":
            for worker in self.workers():
                os.kill(worker, signal.SIGKILL)
        else:
            postmaster = int((self.folder / "postgresql" / "postmaster.pid").read_text().split()[0])
            os.kill(postmaster, signal.SIGKILL)

    def workers(self):
        """The process ids of the worker in our folder: it has a session of its own."""
        ours = f"VORONKA_DATA={self.folder}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command, environment = ((process / name).read_bytes().split(b"\0") for name in ("cmdline", "environ"))
                if b"worker" in command and ours in environment:
                    yield int(process.name)

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)


def wait_until(what):
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


DIRECTOR = """
from voronka.cli.frame import django_ready
with django_ready():
    from voronka.accounts.actions import create_roles, issue_token
    from voronka.accounts.models import Role, User
    from voronka.core.models import Company
    Company.objects.update_or_create(pk=1, defaults={"name": "Ours", "language": "en"})
    if not Role.objects.filter(slug="director").exists():
        create_roles("en")
    dana = User.objects.create(email="dana@x.example", name="Dana", role=Role.objects.get(slug="director"), language="en")
    print(issue_token(dana, "test")[1])
"""
COUNTS = """
from voronka.cli.frame import django_ready
with django_ready():
    from voronka.partners.models import Address, Partner
    emails = Partner.objects.values("email").distinct().count()
    print(Partner.objects.count(), emails, Address.objects.count())
"""


@pytest.fixture
def installation():
    folder = Path(tempfile.mkdtemp(prefix="voronka-killed-"))
    folder.chmod(0o755)  # started by root, the database runs as somebody else
    made = Installation(folder)
    try:
        made.start()
        made.token = made.run(DIRECTOR)
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif("VORONKA_KILLS" not in os.environ, reason="takes minutes: VORONKA_KILLS=1 runs it")
def test_after_a_kill_of_web_and_database_the_import_goes_on(installation):
    rows = "".join(f"Firm {n},+7495{n:07d},firm{n}@example.com,Moscow\n" for n in range(ROWS))
    edge = "----edge"
    body = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\nName,Phone,E-mail,City\n{rows}\r\n--{edge}--\r\n'
    run = installation.ask("/imports", body.encode(), f"multipart/form-data; boundary={edge}")["id"]
    installation.ask(f"/imports/{run}/start", b"")

    def stands():
        return installation.ask(f"/imports/{run}")

    for phase, killed in (("reading", ["worker", "web", "database"]), ("writing", ["database", "web"])):
        wait_until(lambda phase=phase: stands()["phase"] == phase or stands()["status"] != "running")
        assert stands()["status"] == "running", "it was over before it could be killed"
        for what in killed:
            installation.kill(what)
        installation.process.wait()
        installation.start()
        assert stands()["created"] == 0
    wait_until(lambda: stands()["status"] != "running")
    found = stands()
    assert (found["status"], found["created"], found["refused"]) == ("done", ROWS, 0)
    assert installation.run(COUNTS) == f"{ROWS} {ROWS} {ROWS}"
