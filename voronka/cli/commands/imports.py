"""`voronka import FILE` and `voronka imports`: files in from the command line."""

from __future__ import annotations

import json as reader
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from voronka.cli.frame import answer, console, django_ready, say
from voronka.core.errors import RuleBroken


def import_file(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="several that belong together, or an archive of them, are one import"),
    ],
    kind: Annotated[
        str, typer.Option("--as", help="partners, contacts, opportunities, ...; recognised when left out")
    ] = "",
    mapping: Annotated[Path | None, typer.Option(help='a JSON file {"column header": "field"}')] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check every row and write nothing")] = False,
    on_duplicate: Annotated[str, typer.Option(help="skip, update or create")] = "skip",
    without_partner: Annotated[str, typer.Option(help="rows without a partner: refuse or placeholder")] = "refuse",
    create_missing: Annotated[bool, typer.Option(help="make the stages, sources and people the file names")] = True,
    repair: Annotated[bool, typer.Option(help="repair text garbled by a wrong encoding")] = True,
    sheet: Annotated[
        str, typer.Option(help="the sheet of a workbook; the first with known columns when left out")
    ] = "",
    user: Annotated[str, typer.Option(help="e-mail of whoever imports; the first administrator when left out")] = "",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Bring files in: CSV or Excel, partners, contacts, opportunities and what hangs on them."""
    with django_ready():
        from voronka.accounts.actions import operator
        from voronka.imports import actions

        by = operator(user)
        run = _received(files, kind, by)
        if sheet:
            actions.choose_sheet(run, sheet, by=by)
        options = {"on_duplicate": on_duplicate, "create_missing": create_missing, "without_partner": without_partner}
        chosen = _mapping_of(run, mapping) if mapping else run.mapping
        actions.set_mapping(run, chosen, options | {"repair": "yes" if repair else "no"}, by=by)
        _work(run, actions.check if dry_run else actions.run_now, by)
        _say_outcome(run, json)
        if run.message:
            raise RuleBroken(run.message, code="all_refused")


def _received(files: list[Path], kind: str, by: Any) -> Any:
    """The files handed in as one run. Raises RuleBroken for one that is not there or can't be taken."""
    from django.core.files import File
    from django.utils.translation import gettext as _

    from voronka.imports import actions

    with ExitStack() as opened:
        handed: list[tuple[Any, str]] = []
        for file in files:
            if not file.is_file():
                raise RuleBroken(_("There is no file %(file)s.") % {"file": file}, code="no_file")
            handed.append((File(opened.enter_context(file.open("rb"))), file.name))
        return actions.receive_together(handed, kind=kind, by=by)


def _mapping_of(run: Any, file: Path) -> dict[str, str]:
    """Column -> field from a JSON file of headers. Raises RuleBroken for one that is none."""
    from django.utils.translation import gettext as _

    try:
        wanted = reader.loads(file.read_text("utf-8"))
        return {str(index): wanted[header] for index, header in enumerate(run.headers) if header in wanted}
    except (OSError, ValueError, TypeError) as fault:
        sentence = _("%(file)s is not a JSON file of column headers and fields.") % {"file": file}
        raise RuleBroken(sentence, code="mapping") from fault


def _work(run: Any, act: Any, by: Any) -> None:
    """Do it with a bar on standard error that shows how much of all is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(run.name, total=1)
        act(run, by=by, progress=lambda share: bar.update(task, completed=share))


def _say_outcome(run: Any, json: bool) -> None:
    from django.utils.translation import gettext as _

    from voronka.imports import actions

    if json:
        answer(run.answer())
        return
    words = _("%(rows)s rows: %(created)s created, %(updated)s updated, %(skipped)s skipped, %(refused)s refused")
    say(words % run.answer())
    for part in actions.parts_of(run):
        if part.refused:
            say(_("Refused rows with their reasons: %(file)s") % {"file": actions.refused_file(part)})


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
        from voronka.imports import actions
        from voronka.imports.models import ImportRun

        by = operator(user)
        found = ImportRun.objects.editable_by(by).filter(pk=run).first()
        if found is None:
            raise RuleBroken(_("There is no import %(number)s.") % {"number": run}, code="no_import")
        actions.undo_now(found, by=by)
        conflicts = actions.conflicts_of(found)
        if json:
            answer(
                {"id": found.pk, "removed": found.removed, "restored": found.restored, "conflicts": conflicts.count()}
            )
            return
        words = _(
            "%(removed)s removed, %(restored)s restored, %(conflicts)s kept because they were changed or used since"
        )
        say(words % {"removed": found.removed, "restored": found.restored, "conflicts": conflicts.count()})
        for conflict in conflicts[:50]:
            say(
                f"{conflict.title}: {conflict.field or conflict.reason} {conflict.imported} → {conflict.current}".rstrip(
                    " →"
                )
            )


def register(app: typer.Typer) -> None:
    app.command("undo-import")(undo_import)
    app.command("import")(import_file)
    app.command("imports")(list_imports)
