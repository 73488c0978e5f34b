"""`voronka serve`: the web processes, a worker and the embedded database, until stopped."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Annotated

import typer

from voronka.cli.frame import django_ready, say
from voronka.config.folder import data_dir
from voronka.config.language import gettext as _


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    data: Annotated[Path | None, typer.Option(help="Data folder; VORONKA_DATA otherwise.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Web processes; 0: by the machine.")] = 0,
    demo: Annotated[str, typer.Option(metavar="ru|en", help="Make a demo company if nobody is registered.")] = "",
) -> None:
    """Serve the pages and do background work. Starts the embedded database unless DATABASE_URL is set."""
    if data:
        os.environ["VORONKA_DATA"] = str(data)
    from voronka.cli.server import check_port, only_server

    gc.disable()  # until all is loaded (config/wsgi.py)
    with only_server(host, port):
        check_port(host, port)
        ours = _("Database: PostgreSQL in %(folder)s") % {"folder": data_dir()}
        say(_("Database: the server in DATABASE_URL") if os.environ.get("DATABASE_URL") else ours)
        with django_ready():
            from voronka.cli.server import collect_static, ensure_demo, run

            if demo:
                ensure_demo(demo)
            collect_static()
            run(host, port, workers)
        say(_("Stopped."))
