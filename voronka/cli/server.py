"""The processes of `voronka serve`: Granian's web processes in front, one background worker beside them."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from voronka.cli.frame import say
from voronka.config.folder import Lock, data_dir
from voronka.config.language import gettext as _
from voronka.core.errors import RuleBroken

PATIENCE = 40.0  # seconds given to the processes of a killed server to let go of its port and its lock
DOUBT = 2.0  # seconds in which a process that looks alive may be one just killed
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


@contextmanager
def only_server(host: str, port: int) -> Iterator[None]:
    """Be the one server of the data folder. Raises RuleBroken where another one is."""
    lock = Lock("serve")
    try:
        deadline, doubt = time.monotonic() + PATIENCE, time.monotonic() + DOUBT
        while not lock.try_take():
            holder = lock.noted().partition("\n")
            if time.monotonic() > deadline or (_alive(holder[0]) and time.monotonic() > doubt):
                sentence = _(
                    "Another Voronka (process %(pid)s) already serves the data folder %(folder)s at %(address)s."
                )
                values = {"pid": holder[0], "folder": data_dir(), "address": holder[2]}
                raise RuleBroken(sentence % values, "already-serving")
            time.sleep(0.1)
        lock.note(f"{os.getpid()}\n{address(host, port)}")
        yield
    finally:
        lock.release()


def _alive(pid: str) -> bool:
    """Whether a process lives; one that was killed and not buried yet does not."""
    try:
        os.kill(int(pid), 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, ValueError):
        return False
    except OSError:  # somebody else's, or a machine without /proc
        return True


def address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def check_port(host: str, port: int) -> None:
    """Raise RuleBroken where the port is taken: web servers may share one silently, which nobody would understand."""
    deadline = time.monotonic() + PATIENCE
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as fault:
                if fault.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                    sentence = _("Voronka cannot listen on %(address)s: %(reason)s. Choose another port with --port.")
                    values = {"address": address(host, port), "reason": fault.strerror}
                    raise RuleBroken(sentence % values, "port") from fault
            else:
                return
        time.sleep(0.1)


def collect_static() -> None:
    """Gather the static files into the data folder, compressed and named by content, unless none changed since."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            state = os.stat(storage.path(path))
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    stamp = settings.STATIC_ROOT / ".collected"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    say(_("Static files: gathering"))
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(digest.hexdigest())


def ensure_demo(language: str) -> None:
    """Make the demo company in an empty database; a filled one stays as it is."""
    from voronka.accounts.actions import is_first_run

    if is_first_run() and find_spec("voronka.cli.commands.demo"):
        done = subprocess.run([sys.executable, "-m", "voronka", "demo", "--lang", language])
        if done.returncode:
            raise SystemExit(done.returncode)


def run(host: str, port: int, workers: int) -> None:
    """Run until SIGTERM or SIGINT; every process started here has ended on return."""
    from django.db import connections
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    greeting = _greeting()
    import_module("voronka.config.wsgi")  # once for all web processes
    connections.close_all()  # the web processes are forks of this one and must not share a session
    os.register_at_fork(after_in_child=_own_signals)
    web = Server(
        "voronka.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or max(1, min(8, os.cpu_count() or 1)),
        blocking_threads=4,
        blocking_threads_idle_timeout=600,
        backpressure=256,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        websockets=False,
        log_level=LogLevels.warning,
        process_name=None,
    )
    beside = BackgroundWorker()

    def open_for_work() -> None:
        _announce(host, port, greeting)
        beside.start()  # after the first page can be had: nobody waits for the worker, somebody may for the page

    web.on_startup(lambda: threading.Thread(target=open_for_work, daemon=True).start())
    try:
        web.serve()
    finally:
        beside.stop()


def _greeting() -> str:
    from voronka.accounts.actions import is_first_run

    if is_first_run():
        return _("Nobody is registered yet: the first page creates the administrator.")
    return _("Sign in with your e-mail. Who may: voronka user list; a new password: voronka user password E-MAIL")


def _announce(host: str, port: int, greeting: str) -> None:
    """Say the address once the first web process takes connections."""
    while True:
        try:
            with socket.create_connection((host.replace("0.0.0.0", "127.0.0.1"), port), timeout=1):  # noqa: S104
                break
        except OSError:
            time.sleep(0.05)
    say(_("Voronka serves %(address)s (stop: Ctrl-C)") % {"address": address(host, port)})
    say(greeting)


def _own_signals() -> None:
    """In a new process: end on a signal at once until it has handlers of its own, not to run the parent's in vain.

    The kernel is asked for that signal when the parent is killed outright (Linux only; elsewhere it stays behind).
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends its children
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)


class BackgroundWorker:
    """One `voronka worker`, started again when it ends by itself."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._keep, name="worker-keeper")

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        if self.thread.ident is not None:
            self.thread.join()

    def _keep(self) -> None:
        while not self.stopping.is_set():
            # A session of its own: Ctrl-C reaches the server only, which then stops the worker in order.
            process = subprocess.Popen(
                [sys.executable, "-m", "voronka", "worker"], start_new_session=True, preexec_fn=_own_signals
            )
            while process.poll() is None and not self.stopping.wait(0.2):
                pass
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()  # while it dies it still counts as a user of the database, which nobody would stop then
            elif not self.stopping.wait(2):
                say(
                    _("The background worker ended (code %(code)s) and is started again.")
                    % {"code": process.returncode}
                )
