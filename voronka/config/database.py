"""The database: the server named in DATABASE_URL, else the embedded one of the data folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from voronka.config.folder import Lock, alone, data_dir, ensure_data_folder, secret, secret_key
from voronka.config.language import gettext as _
from voronka.core.errors import RuleBroken

__all__ = ["check_server", "data_dir", "database_in_use", "database_settings", "secret_key"]

OLDEST_SERVER = 15
# Connections live on between requests; a web process whose server was restarted notices before it uses one.
PERSISTENT = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
# A card joins ten small tables by their keys. Trying all orders of eight took the planner 3.7 ms, of four 0.8 ms; the plans are the same.
# Statements of `core.prepared`, and only these, are planned once per connection.
OPTIONS: dict[str, Any] = {"options": "-c join_collapse_limit=4", "prepare_threshold": 0}


def database_settings() -> dict[str, Any]:
    """DATABASES["default"] of Django's settings. Starts nothing and connects to nothing."""
    if url := os.environ.get("DATABASE_URL"):
        return _from_url(url)
    from voronka.config.postgres import DATABASE, ROLE, this_cluster

    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": ROLE,
        "PASSWORD": secret("database"),
        "HOST": str(this_cluster().socket_folder),
        "PORT": "",
        "OPTIONS": OPTIONS,
        **PERSISTENT,
    }


def _from_url(url: str) -> dict[str, Any]:
    import dj_database_url

    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError) as fault:
        raise _bad_url() from fault
    if settings.get("ENGINE") != "django.db.backends.postgresql":
        raise _bad_url()
    settings["OPTIONS"] = OPTIONS | dict(settings.get("OPTIONS", {}))
    return {**settings, **PERSISTENT}


def _bad_url() -> RuleBroken:
    sentence = _("DATABASE_URL must look like postgres://user:password@host:5432/database: Voronka needs PostgreSQL.")
    return RuleBroken(sentence, "database-url")


@contextmanager
def database_in_use() -> Iterator[bool]:
    """Have a server while the block runs; True if it is the embedded one.

    Users of a data folder share a lock. The first starts the server, or finds one whose starter was killed; the last
    stops it. Raises RuleBroken with one sentence where the data folder or the server cannot be used.
    """
    if os.environ.get("DATABASE_URL"):
        ensure_data_folder()
        yield False
        return
    from voronka.config.postgres import this_cluster

    cluster = this_cluster()
    users = Lock("users")
    try:
        with alone("starting"):
            users.share()
            cluster.start()
        yield True
    finally:
        with alone("starting"):
            if users.try_take():
                cluster.stop()
            users.release()


def check_server() -> None:
    """Connect once. Raises RuleBroken where there is no server or it is too old."""
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as fault:
        reason = " ".join(str(fault).split())
        sentence = _("The database cannot be reached: %(reason)s") % {"reason": reason}
        raise RuleBroken(sentence, "database") from fault
    version = connection.pg_version // 10000  # type: ignore[attr-defined]
    if version < OLDEST_SERVER:
        sentence = _("The server in DATABASE_URL is PostgreSQL %(version)s; Voronka needs %(oldest)s or newer.")
        raise RuleBroken(sentence % {"version": version, "oldest": OLDEST_SERVER}, "database-version")
