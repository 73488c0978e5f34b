"""`voronka import FILE` and `voronka imports`: files in from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voronka.cli.frame import answer, django_ready, say


def import_file(
    file: Path,
    kind: Annotated[str, typer.Option("--as", help="partners or opportunities; recognised when left out")] = "",
    mapping: Annotated[Path | None, typer.Option(help='a JSON file {"column header": "field"}')] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check every row and write nothing")] = False,
    on_duplicate: Annotated[str, typer.Option(help="skip, update or create")] = "skip",
    without_partner: Annotated[str, typer.Option(help="rows without a partner: refuse or placeholder")] = "refuse",
    create_missing: Annotated[bool, typer.Option(help="make the stages, sources and people the file names")] = True,
    user: Annotated[str, typer.Option(help="e-mail of whoever imports; the first administrator when left out")] = "",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Bring a file in: CSV or Excel, partners or opportunities."""
    with django_ready():
        import json as reader

        from django.core.files import File
        from django.utils.translation import gettext as _
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        from voronka.accounts.actions import operator
        from voronka.cli.frame import console
        from voronka.core.errors import RuleBroken
        from voronka.imports import actions

        if not file.is_file():
            raise RuleBroken(_("There is no file %(file)s.") % {"file": file}, code="no_file")
        by = operator(user)
        with file.open("rb") as source:
            run = actions.receive(File(source), file.name, kind=kind, by=by)
        options = {"on_duplicate": on_duplicate, "create_missing": create_missing, "without_partner": without_partner}
        chosen = run.mapping
        if mapping:
            wanted = reader.loads(mapping.read_text("utf-8"))
            chosen = {str(index): wanted[header] for index, header in enumerate(run.headers) if header in wanted}
        actions.set_mapping(run, chosen, options, by=by)
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}"),
            TimeElapsedColumn(),
            console=console,
        ) as bar:
            task = bar.add_task(run.name, total=None)
            act = actions.check if dry_run else actions.run_now
            act(run, by=by, progress=lambda done: bar.update(task, completed=done))
        if json:
            answer(run.answer())
        else:
            words = _(
                "%(rows)s rows: %(created)s created, %(updated)s updated, %(skipped)s skipped, %(refused)s refused"
            )
            say(words % run.answer())
            if run.refused:
                say(_("Refused rows with their reasons: %(file)s") % {"file": actions.refused_file(run)})


def list_imports(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """The latest imports, newest first."""
    with django_ready():
        from voronka.imports.models import ImportRun

        runs = ImportRun.objects.newest()[:50]
        if json:
            answer({"imports": [run.answer() | {"file": run.name, "status": run.status} for run in runs]})
            return
        for run in runs:
            say(
                f"{run.pk}  {run.created_at:%Y-%m-%d %H:%M}  {run.status}  {run.name}  +{run.created} ~{run.updated} ={run.skipped} !{run.refused}"
            )


def undo_import(
    run: Annotated[int, typer.Argument(metavar="ID", help="the import's number, as `voronka imports` lists it")],
    user: Annotated[
        str, typer.Option(help="e-mail of whoever takes it back; the first administrator when left out")
    ] = "",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Take an import back: what it made is removed, what it overwrote is restored; what people changed since stays and is listed."""
    with django_ready():
        from django.utils.translation import gettext as _

        from voronka.accounts.actions import operator
        from voronka.core.errors import RuleBroken
        from voronka.imports import actions
        from voronka.imports.models import ImportRun

        by = operator(user)
        found = ImportRun.objects.editable_by(by).filter(pk=run).first()
        if found is None:
            raise RuleBroken(_("There is no import %(number)s.") % {"number": run}, code="no_import")
        actions.undo_now(found, by=by)
        conflicts = found.conflicts.count()
        if json:
            answer({"id": found.pk, "removed": found.removed, "restored": found.restored, "conflicts": conflicts})
            return
        words = _(
            "%(removed)s removed, %(restored)s restored, %(conflicts)s kept because they were changed or used since"
        )
        say(words % {"removed": found.removed, "restored": found.restored, "conflicts": conflicts})
        for conflict in found.conflicts.all()[:50]:
            say(
                f"{conflict.title}: {conflict.field or conflict.reason} {conflict.imported} → {conflict.current}".rstrip(
                    " →"
                )
            )


def register(app: typer.Typer) -> None:
    app.command("undo-import")(undo_import)
    app.command("import")(import_file)
    app.command("imports")(list_imports)
