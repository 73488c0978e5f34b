"""`voronka check`: is this installation in order?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from voronka.cli.frame import answer, django_ready, program_version, say
from voronka.core.errors import RuleBroken


def register(app: typer.Typer) -> None:
    app.command("check")(check)


def check(
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="First make the sums of opportunities anew from the opportunities.")
    ] = False,
) -> None:
    """Look at configuration, database, migrations, front-end files, translations, queue and figures. Exit code 1: trouble."""
    with django_ready(migrated=False):
        if rebuild:
            _rebuild()
        looks: dict[str, Callable[[], str]] = {
            "configuration": _configuration,
            "database": _database,
            "migrations": _migrations,
            "front-end files": _front_end,
            "translations": _translations,
            "queue": _queue,
            "figures": _figures,
        }
        findings = {"version": program_version()}
        wrong = []
        for name, look in looks.items():
            try:
                findings[name] = look()
                say(f"ok     {name}: {findings[name]}")
            except RuleBroken as finding:
                findings[name] = str(finding)
                wrong.append(name)
                say(f"WRONG  {name}: {finding}")
        if json:
            answer({"ok": not wrong, **findings})
        if wrong:
            raise typer.Exit(1)


def _rebuild() -> None:
    from voronka.opportunities.models import rebuild_tally

    _migrations()  # nothing is written into tables of another version
    say(f"The sums of opportunities were made anew: {rebuild_tally()} differed.")


def _configuration() -> str:
    from django.core.checks import run_checks

    serious = [message for message in run_checks() if message.is_serious()]
    if serious:
        raise RuleBroken("; ".join(str(message.msg) for message in serious))
    return "no objections"


def _database() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database()))")
        version, size = cursor.fetchone()
    return f"PostgreSQL {version}, {size}"


def _migrations() -> str:
    from voronka.cli.schema import pending

    if steps := pending():
        raise RuleBroken(f"{len(steps)} to be applied: voronka migrate")
    return "all applied"


def _front_end() -> str:
    from django.conf import settings

    from voronka.config.frontend import PackageFinder

    paths = [f"vendor/{package}/{path}" for package, path in settings.FRONTEND_FILES]
    served = {f"vendor/{path}" for path, _storage in PackageFinder().list(None)}
    missing = [path for path in paths if not any(f"{file}/".startswith(f"{path}/") for file in served)]
    if missing:
        raise RuleBroken("missing " + ", ".join(missing))
    return f"{len(paths)} in place"


def _translations() -> str:
    from django.conf import settings

    files = [file for folder in settings.LOCALE_PATHS for file in folder.glob("ru/LC_MESSAGES/django.mo")]
    if not files:
        raise RuleBroken("the Russian catalogue is not compiled: pybabel compile -d locale -D django")
    return "compiled"


def _queue() -> str:
    from procrastinate.contrib.django.models import ProcrastinateJob

    waiting = ProcrastinateJob.objects.filter(status="todo").count()
    failed = ProcrastinateJob.objects.filter(status="failed").count()
    return f"{waiting} waiting, {failed} failed"


def _figures() -> str:
    from voronka.analytics.querysets import tally_differences

    wrong = {name: count for name, count in tally_differences().items() if count}
    if wrong:
        raise RuleBroken(
            "sums or states differ from the opportunities: " + ", ".join(f"{k} {v}" for k, v in wrong.items())
        )
    return "sums and states agree with the opportunities"
