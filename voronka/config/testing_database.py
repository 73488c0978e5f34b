"""A pytest plugin: a throw-away server for the suite, where DATABASE_URL names none. Quick, and nothing is safe.

Processes of pytest-xdist inherit the address; Django's test runner gives each of them a database of its own.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from voronka.config.machine import server_owner
from voronka.config.postgres import PACKAGED, SOCKET

PREFIX = "voronka-test-"
QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "jit=off", "max_wal_size=4GB")


class ThrowAwayServer:
    """A server in a temporary folder, which ends with this process in whatever way that ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.lock = _locked(self.folder)
        self.owner = server_owner(self.folder / "none")
        self.owner.give(self.folder)
        self.process: subprocess.Popen[Any] | None = None

    @property
    def url(self) -> str:
        return f"postgres://postgres@{quote(str(self.folder), safe='')}/postgres"

    def start(self) -> None:
        self._call(
            *("initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"),
        )
        settings = [*QUICK, "listen_addresses=", f"unix_socket_directories={self.folder}", "shared_buffers=128MB"]
        options = [part for setting in settings for part in ("-c", setting)]
        with open(self.folder / "server.log", "wb") as log:
            command: list[str | Path] = [PACKAGED / "bin" / "postgres", "-D", self.folder / "data", *options]
            streams: dict[str, Any] = {"stdout": log, "stderr": log}
            self.process = subprocess.Popen(
                command, cwd="/", start_new_session=True, preexec_fn=_end_with_parent, **streams, **self.owner.switch
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        state = self.folder / "data" / "postmaster.pid"
        while not ((self.folder / SOCKET).exists() and state.exists() and "ready" in state.read_text()):
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                raise pytest.UsageError((self.folder / "server.log").read_text())
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)
        os.close(self.lock)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _call(self, program: str, *arguments: str | Path) -> None:
        command: list[str | Path] = [PACKAGED / "bin" / program, *arguments]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, **self.owner.switch)
        if done.returncode:
            raise pytest.UsageError(f"The test server cannot be made: {done.stderr or done.stdout}")


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _locked(folder: Path) -> int:
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle


def _sweep() -> None:
    """Remove the folders of suites that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            handle = _locked(folder)
        except OSError:  # in use, or another user's
            continue
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    # A wrapper runs before pytest-django reads the settings.
    if not os.environ.get("DATABASE_URL") and "PYTEST_XDIST_WORKER" not in os.environ:
        _sweep()
        server = ThrowAwayServer()
        early_config.add_cleanup(lambda: _clean(server))
        server.start()
        os.environ["DATABASE_URL"] = server.url
    yield


def _clean(server: ThrowAwayServer) -> None:
    os.environ.pop("DATABASE_URL", None)
    server.stop()
