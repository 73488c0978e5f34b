"""Web processes to be measured: Granian with one worker, and what a request costs it and the database in CPU."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from django.db import connection
from django.test import Client

if TYPE_CHECKING:
    from voronka.accounts.models import User

# Seconds. The first start of an empty folder makes all tables, on a busy machine for over a minute.
ALIVE_WITHIN = 300.0


class Server:
    """One WSGI application of ours under Granian: one process, one thread, as quick as it can be and nothing beside it."""

    def __init__(self, application: str) -> None:
        self.port = free_port()
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        options = ["--workers", "1", "--blocking-threads", "1", "--log-level", "error", application]
        self.process = subprocess.Popen([*command, *options], env=os.environ | {"DATABASE_URL": database_url()})
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def __enter__(self) -> Self:
        wait_for(self.port)
        return self

    def __exit__(self, *_fault: object) -> None:
        self.process.terminate()
        self.process.wait()

    def ask(self, path: str, headers: dict[str, str], body: str | None = None) -> None:
        """One request on the open connection; an answer that is no success is a fault of the benchmark."""
        self.connection.request("POST" if body is not None else "GET", path, body, headers)
        answer = self.connection.getresponse()
        answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{path} answers {answer.status}")

    def cpu(self) -> float:
        """Seconds of CPU used so far by the web process and by all database sessions but this one's."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            sessions = [row[0] for row in cursor.fetchall()]
        return seconds_of([*_family(self.process.pid), *sessions])


def signed_in(person: User) -> dict[str, str]:
    """The headers of somebody's browser."""
    visitor = Client()
    visitor.force_login(person)
    visitor.get("/profile/")  # a browser has the cookie of forms from its first page on
    return {"Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in visitor.cookies.items())}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Return once somebody listens on the port."""
    deadline = time.monotonic() + ALIVE_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return


def database_url() -> str:
    """The database this process works in, for another process."""
    is_now = connection.settings_dict
    user, password, host = (quote(str(is_now[name] or ""), safe="") for name in ("USER", "PASSWORD", "HOST"))
    place = f"{host}:{is_now['PORT']}" if is_now["PORT"] else host
    return f"postgres://{user}:{password}@{place}/{is_now['NAME']}"


def _family(pid: int) -> Iterator[int]:
    """The process and those it started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def seconds_of(pids: Iterable[int]) -> float:
    """CPU of all threads of the processes, in the kernel's nanoseconds; processes of another machine count nothing."""
    spent = 0
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            spent += int(thread.read_text().split()[0])
    return spent / 1e9


@contextmanager
def both() -> Iterator[tuple[Server, Server]]:
    """The bare views and Voronka itself on the same database, side by side."""
    with Server("voronka.cli.bench.bare:application") as bare, Server("voronka.config.wsgi:application") as ours:
        yield bare, ours
