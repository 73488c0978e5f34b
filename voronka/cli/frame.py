"""What every command needs: Django with a running database, and where its words go."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from voronka.config.database import check_server, database_in_use
from voronka.config.language import operator_language
from voronka.core.errors import RuleBroken

console = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """One line for the person at the terminal, on standard error."""
    console.print(text, markup=False)


def answer(result: dict[str, Any]) -> None:
    """The one JSON object of `--json`, on standard output; dates become ISO, money becomes strings."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")


def refuse(refusal: RuleBroken) -> None:
    """The sentence that says why the input was refused."""
    say(str(refusal))


def progress() -> Progress:
    """A progress bar on standard error: `with progress() as bar: task = bar.add_task("Reading", total=n)`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(SpinnerColumn(), *columns, console=console, disable=not console.is_terminal)


def program_version() -> str:
    try:
        return version("voronka")
    except PackageNotFoundError:  # run from a folder of sources that was never installed
        return "0"


@contextmanager
def django_ready(*, migrated: bool = True) -> Iterator[None]:
    """Django set up on a running database, which is stopped afterwards if nobody else uses it.

    With `migrated` the tables are there: the embedded database and an empty one are brought up to date silently,
    a filled database of one's own with pending migrations is refused. Raises RuleBroken where no database can be had.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voronka.config.settings")
    with database_in_use() as embedded:
        import django
        from django.db import connections
        from django.utils import translation

        django.setup()
        translation.activate(operator_language())
        check_server()
        try:
            if migrated:
                from voronka.cli.schema import ensure_migrated

                ensure_migrated(own_server=not embedded)
            yield
        finally:
            connections.close_all()
