"""`voronka bench`: ratios to the raw database, measured in one run."""

from __future__ import annotations

from typing import Annotated

import typer

from voronka.cli.frame import answer, console, django_ready, say


def bench(
    rows: Annotated[
        int, typer.Option(help="partners, as many opportunities, five times as many activities and states")
    ] = 100_000,
    only: Annotated[str, typer.Option(help="one group of jobs: start, pages, day, past or import")] = "",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Measure the jobs of a working day against a bare view with one statement, in a scratch database."""
    with django_ready():
        from rich.table import Table

        from voronka.cli.bench.jobs import GROUPS, run

        if only and only not in GROUPS:
            raise typer.BadParameter(f"--only is one of {', '.join(GROUPS)}")
        figures = run(rows, say, only)
        if json:
            answer({"rows": rows, "jobs": figures})
            return
        table = Table("job", "limit", "ours", "unit", "ratio", "at most")
        for figure in figures:
            table.add_row(*(str(figure[name]) for name in ("job", "limit", "ours", "unit", "ratio", "allowed")))
        console.print(table)


def register(app: typer.Typer) -> None:
    app.command("bench")(bench)
