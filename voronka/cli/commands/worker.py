"""`voronka worker`: do background work (mails, imports, periodic tasks)."""

from __future__ import annotations

from typing import Annotated

import typer

from voronka.cli.frame import django_ready


def register(app: typer.Typer) -> None:
    app.command("worker")(worker)


def worker(
    concurrency: Annotated[int, typer.Option(min=1, help="Jobs at a time.")] = 2,
    once: Annotated[bool, typer.Option("--once", help="Do what is waiting, then leave.")] = False,
) -> None:
    """Do background work until stopped. `voronka serve` runs one beside the web processes; more may run anywhere."""
    with django_ready():
        from procrastinate.contrib.django import app as queue

        with queue.replace_connector(queue.connector.get_worker_connector()) as running:  # type: ignore[attr-defined]
            running.run_worker(concurrency=concurrency, wait=not once, shutdown_graceful_timeout=20)
