"""`voronka migrate`: bring the tables up to date."""

from __future__ import annotations

import typer

from voronka.cli.frame import django_ready, say
from voronka.config.language import gettext as _


def register(app: typer.Typer) -> None:
    app.command("migrate")(migrate)


def migrate() -> None:
    """Bring the tables of the database up to date. Back up first; stop the processes of the old version."""
    with django_ready(migrated=False):
        from voronka.cli.schema import migrate as apply_migrations
        from voronka.cli.schema import pending

        count = apply_migrations() if pending() else 0
        say(_("Migrations applied: %(count)s") % {"count": count})
