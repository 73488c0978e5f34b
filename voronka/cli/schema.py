"""Bringing the tables up to date, by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from io import TextIOBase
from pkgutil import iter_modules

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _
from rich.progress import Progress

from voronka.cli.frame import progress, say
from voronka.core.errors import RuleBroken

MIGRATING = 0x766F726F6E6B61  # "voronka": the advisory lock under which migrations run


def pending() -> list[Migration]:
    """The migrations not yet applied, in order."""
    executor = MigrationExecutor(connection)
    return [migration for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def _all_applied() -> bool:
    """Whether every migration of the program stands in the database's list. Their names are enough: reading them all takes half a second."""
    applied = MigrationRecorder(connection).applied_migrations()
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.migrations"):
            package = import_module(f"{config.name}.migrations")
            names = {
                module.name
                for module in iter_modules(getattr(package, "__path__", []))
                if not module.name.startswith("_")
            }
            if any((config.label, name) not in applied for name in names):
                return False
    return True


def is_empty() -> bool:
    """Whether no migration was ever applied here."""
    return "django_migrations" not in connection.introspection.table_names()


def ensure_migrated(*, own_server: bool) -> int:
    """Apply what is pending and return how many there were.

    A filled database on a server of one's own is refused instead: its other processes still run the old program.
    """
    if _all_applied():
        return 0
    steps = pending()
    if not steps:  # only a short way (a migration that replaces others) is not in the list yet
        MigrationExecutor(connection).check_replacements()
        return 0
    if own_server and not is_empty():
        sentence = _(
            "The database is older than this program: stop its processes, back it up and run `voronka migrate`."
        )
        raise RuleBroken(sentence, "migrations")
    return migrate()


class _Steps(TextIOBase):
    """Counts the migrations that Django's command reports as done."""

    def __init__(self, bar: Progress, total: int) -> None:
        self.bar, self.task = bar, bar.add_task(_("Preparing the tables"), total=total)

    def write(self, text: str) -> int:
        if "OK" in text:
            self.bar.advance(self.task)
        return len(text)


def migrate() -> int:
    """Apply all pending migrations, with a bar on the terminal; return how many there were."""
    with _one_at_a_time(), progress() as bar:
        steps = pending()
        say(_("Tables: %(count)s steps to be done") % {"count": len(steps)})
        call_command("migrate", interactive=False, no_color=True, stdout=_Steps(bar, len(steps)))
        call_command("createcachetable", verbosity=0)
    return len(steps)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
