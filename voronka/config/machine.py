"""The machine the embedded database runs on: whose processes, how much memory."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voronka.config.folder import user_name
from voronka.config.language import gettext as _
from voronka.core.errors import RuleBroken


@dataclass(frozen=True)
class Owner:
    """The system user the server runs as; nothing to switch where that is ourselves."""

    uid: int
    gid: int
    name: str

    @property
    def switch(self) -> dict[str, Any]:
        """What `subprocess` needs to start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if os.geteuid() == 0 else {}

    def may(self, how: str, path: Path) -> bool:
        """Whether this user passes `test -x`, `test -r` or `test -w` on the path."""
        return (
            subprocess.run(["/bin/sh", "-c", f'test -{how} "$1"', "sh", path], cwd="/", **self.switch).returncode == 0
        )  # type: ignore[call-overload]

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Be this user for a moment: in a container not even root may look at another user's processes."""
        user, group = os.geteuid(), os.getegid()
        os.setegid(self.gid)
        os.seteuid(self.uid)
        try:
            yield
        finally:
            os.seteuid(user)
            os.setegid(group)

    def give(self, path: Path) -> Path:
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)
        return path


def server_owner(cluster: Path) -> Owner:
    """Ourselves; for root the user the cluster belongs to already, else VORONKA_DB_USER, voronka, postgres, nobody."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), user_name(os.geteuid()))
    if cluster.exists() and (state := cluster.stat()).st_uid:
        return Owner(state.st_uid, state.st_gid, user_name(state.st_uid))
    wished = os.environ.get("VORONKA_DB_USER")
    known = {user.pw_name: user for user in pwd.getpwall() if user.pw_uid}
    for name in [wished] if wished else ["voronka", "postgres", "nobody"]:
        if name in known:
            user = known[name]
            return Owner(user.pw_uid, user.pw_gid, name)
    raise RuleBroken(_("There is no unprivileged user for the database: name one in VORONKA_DB_USER."), "database")


def machine_memory() -> int:
    """Bytes of memory this process may count on: the machine's, or its control group's if that is less."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            return min(total, int(Path(file).read_text()))
        except (OSError, ValueError):  # no control groups, or "max"
            continue
    return total


def memory_settings(memory: int) -> dict[str, str]:
    """PostgreSQL's memory settings for a machine that also runs the web processes. Bytes in, megabytes out."""
    megabytes = memory // 2**20

    def share(part: int, least: int, most: int) -> str:
        return f"{max(least, min(most, megabytes // part))}MB"

    return {
        "shared_buffers": share(6, 32, 4096),
        "effective_cache_size": share(2, 128, 65536),
        "work_mem": share(384, 4, 64),
        "maintenance_work_mem": share(16, 32, 1024),
    }
