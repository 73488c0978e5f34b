"""The console script `voronka`.

How to add a command: put a module into `voronka/cli/commands/`; it is found by its file name. It has one function

    def register(app: typer.Typer) -> None:
        app.command("report")(report)            # one command, or
        app.add_typer(users, name="user")        # a family: voronka user add | list

and its commands look like this:

    def report(name: str, json: Annotated[bool, typer.Option("--json")] = False) -> None:
        with django_ready():                     # from voronka.cli.frame: embedded database, settings, migrations
            from voronka.analytics import ...    # models and actions are imported inside, Django is not ready above
            say("Counting ...")                  # progress and messages: standard error
            answer({"report": name})             # the one JSON object: standard output, nothing else goes there

Only typer and voronka.cli.frame are imported at the top of such a module: `voronka --help` loads all of them.

Exit codes: 0 done; 1 the input was refused (raise RuleBroken with one clear sentence); 2 wrong usage (typer does it);
3 a fault of ours (any other exception, printed with its traceback).
"""

from __future__ import annotations

import signal
import sys
import traceback
from importlib import import_module
from pkgutil import iter_modules
from types import FrameType
from typing import Annotated, NoReturn

import typer

from voronka.cli import commands
from voronka.cli.frame import program_version, refuse, say
from voronka.config.language import gettext as _
from voronka.core.errors import RuleBroken


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"voronka {program_version()}\n")
        raise typer.Exit


def _root(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False) -> None:
    """Voronka, an open-source CRM. Its data lie in the folder VORONKA_DATA (./var by default)."""


def build() -> typer.Typer:
    """The application with every command of voronka/cli/commands/."""
    app = typer.Typer(
        name="voronka", no_args_is_help=True, callback=_root, add_completion=False, pretty_exceptions_enable=False
    )
    for module in iter_modules(commands.__path__):
        import_module(f"{commands.__name__}.{module.name}").register(app)
    return app


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def main() -> NoReturn:
    """Run the command line and turn what happens into an exit code."""
    # A terminated command must still run its `finally` blocks: the last user of the embedded database stops it.
    signal.signal(signal.SIGTERM, _leave)
    try:
        build()()
    except RuleBroken as refusal:
        refuse(refusal)
        sys.exit(1)
    except Exception:  # noqa: BLE001 (the outermost door: what arrives here is a fault of ours, told by the exit code)
        traceback.print_exc()
        say(_("This is a fault of Voronka, not of your input. Please report it with the lines above."))
        sys.exit(3)
    sys.exit(0)
