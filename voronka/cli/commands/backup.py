"""`voronka backup FILE` and `voronka restore FILE`: everything of an installation in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voronka.cli.frame import answer, django_ready, say
from voronka.config.language import gettext as _

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(file: Path, json: Json = False) -> None:
    """Write the database and the uploaded files into one archive. The server may go on running."""
    with django_ready():
        from voronka.cli.archive import write

        size = write(file)
    say(_("Written: %(file)s (%(size).1f MB)") % {"file": file, "size": size / 2**20})
    if json:
        answer({"file": str(file), "bytes": size})


def restore(file: Path, json: Json = False) -> None:
    """Bring an archive of `voronka backup` into an empty database and an empty data folder."""
    with django_ready(migrated=False):
        from voronka.cli.archive import read
        from voronka.cli.schema import migrate, pending

        manifest = read(file)
        migrations = migrate() if pending() else 0
    say(_("Restored: %(file)s of %(moment)s") % {"file": file, "moment": manifest["created"]})
    if json:
        answer({"file": str(file), "created": manifest["created"], "migrations": migrations})
