"""`voronka report NAME`: a report's figures on the terminal or as a file."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl

import typer

from voronka.cli.frame import answer, django_ready
from voronka.config.language import gettext as _
from voronka.core.errors import RuleBroken

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.analytics.tables import ReportResult


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


def register(app: typer.Typer) -> None:
    app.command("report")(report)


def report(
    name: Annotated[str, typer.Argument(help="pipeline, forecast-over-time, ...")],
    as_of: Annotated[str, typer.Option(help="A day (its end is meant) or a moment of the past.")] = "",
    first: Annotated[
        str, typer.Option("--from", help="The first day of a report over time; a bridge begins at its end.")
    ] = "",
    last: Annotated[str, typer.Option("--to", help="The last day of a report over time.")] = "",
    by: Annotated[str, typer.Option(help="salesperson, territory, source, industry, stage, partner, month, ...")] = "",
    then: Annotated[str, typer.Option(help="The second level of grouping.")] = "",
    period: Annotated[str, typer.Option(help="month, quarter, year, week or day.")] = "",
    columns: Annotated[str, typer.Option(help="Comma-separated names of columns, in the order wanted.")] = "",
    filter: Annotated[
        str, typer.Option(help="Further criteria as in a page's address: “status=won&potential_from=1000”.")
    ] = "",
    pipeline: Annotated[str, typer.Option(help="Name or number of a pipeline; all by default.")] = "",
    partner: Annotated[str, typer.Option(help="Number or code of a business partner; all by default.")] = "",
    code_from: Annotated[str, typer.Option(help="The first code of a range of partners.")] = "",
    code_to: Annotated[str, typer.Option(help="The last code of a range of partners.")] = "",
    tag: Annotated[str, typer.Option(help="Name or number of a tag of the partner; “none”: without a tag.")] = "",
    competitor: Annotated[
        str, typer.Option(help="Name or number of a competitor; “none”: opportunities without a competitor.")
    ] = "",
    also: Annotated[str, typer.Option(help="Number or code of another company in the opportunity.")] = "",
    opener: Annotated[str, typer.Option(help="Number or e-mail of who opened the opportunity.")] = "",
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.TABLE,
    output: Annotated[str, typer.Option("--output", "-o", help="A file; standard output by default.")] = "",
    user: Annotated[str, typer.Option(help="E-mail of the person whose rights count; everything by default.")] = "",
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Print a report: open opportunities by stage, forecast by month, and so on."""
    with django_ready():
        from voronka.analytics.reports import Criteria, as_pdf, reports, run
        from voronka.core import registry

        if not registry.reports:
            registry.load()
        wanted = dict(parse_qsl(filter)) | {
            name: value
            for name, value in {
                "as_of": as_of, "from": first, "to": last, "by": by, "then": then, "period": period, "columns": columns,
                "pipeline": _pipeline(pipeline), "partner": _partner(partner), "code_from": code_from, "code_to": code_to, "tag": _tag(tag),
                "competitor": _competitor(competitor), "also": _partner(also), "opener": _opener(opener),
            }.items()
            if value
        }  # fmt: skip
        criteria, person = Criteria.parse(wanted), _person(user)
        result = run(name, person, criteria)
        if json or format == Format.JSON:
            _into(output, result.as_json(name, criteria))
        elif format == Format.TABLE:
            _print(result)
        elif format == Format.PDF:
            _put(output, as_pdf(reports[name], result, person, criteria))
        else:
            _write(result, format, output)


def _person(email: str) -> User:
    """The person with this e-mail, or the operator, who sees everything and is nobody's colleague."""
    from voronka.accounts.models import Role, User
    from voronka.accounts.rules import ROLES

    if not email:
        scopes, permissions = ROLES["administrator"]
        return User(name="operator", role=Role(slug="operator", scopes=scopes, permissions=permissions))
    found = _signed_up(email, "user")
    if not found.has_perm("analytics.view"):
        raise RuleBroken(_("%(email)s may not see reports.") % {"email": email}, "user")
    return found


def _signed_up(email: str, field: str) -> User:
    from voronka.accounts.models import User

    found = User.objects.select_related("role").filter(email__iexact=email).first()
    if found is None:
        raise RuleBroken(_("Nobody signs in with %(email)s. See: voronka user list") % {"email": email}, field)
    return found


def _pipeline(text: str) -> str:
    from voronka.opportunities.models import Pipeline

    return _named(Pipeline, text, "pipeline", _("There is no pipeline “%(name)s”. Pipelines: %(names)s."))


def _tag(text: str) -> str:
    from voronka.partners.models import Tag

    return text if text == "none" else _named(Tag, text, "tag", _("There is no tag “%(name)s”. Tags: %(names)s."))


def _competitor(text: str) -> str:
    from voronka.opportunities.models import Competitor

    sentence = _("There is no competitor “%(name)s”. Competitors: %(names)s.")
    return text if text == "none" else _named(Competitor, text, "competitor", sentence)


def _named(model: Any, text: str, field: str, sentence: str) -> str:
    """The number of a value of a list, named in words; the sentence names those there are."""
    if not text or text.isdigit():
        return text
    found = model.objects.filter(name__iexact=text).first()
    if found is None:
        names = ", ".join(model.objects.values_list("name", flat=True))
        raise RuleBroken(sentence % {"name": text, "names": names}, field)
    return str(found.pk)


def _opener(text: str) -> str:
    """The number of a person named by their e-mail."""
    return text if not text or text.isdigit() else str(_signed_up(text, "opener").pk)


def _partner(text: str) -> str:
    """The number of a partner named by its code."""
    from voronka.partners.models import Partner

    if not text or text.isdigit():
        return text
    found = Partner.objects.filter(code__iexact=text).first()
    if found is None:
        raise RuleBroken(_("There is no partner with the code %(code)s.") % {"code": text}, "partner")
    return str(found.pk)


def _into(output: str, content: dict[str, Any]) -> None:
    if not output:
        answer(content)
        return
    import json

    with _opened(output) as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=2).encode())


def _opened(path: str) -> Any:
    try:
        return open(path, "wb")
    except OSError as fault:
        raise RuleBroken(
            _("%(file)s cannot be written: %(reason)s") % {"file": path, "reason": fault.strerror}, "file"
        ) from fault


def _print(result: ReportResult) -> None:
    """A table for a terminal, with the totals as its last line."""
    from rich.console import Console
    from rich.table import Table

    from voronka.analytics.tables import text_of

    table = Table(show_footer=bool(result.totals), header_style="bold")
    columns = result.shown_columns
    for column in columns:
        total = text_of(column, result.totals[column.key], "") if column.key in result.totals else ""
        table.add_column(str(column.label), total, justify="right" if column.is_number else "left")
    for row in result.rows:
        table.add_row(*(text_of(column, row[column.key], "") for column in columns))
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200).print(table)


def _write(result: ReportResult, format: Format, output: str) -> None:
    import io

    from voronka.core import exports

    header = [str(column.label) for column in result.shown_columns]
    if format == Format.CSV:
        content = "".join(exports.csv_lines(header, result.lines())).encode()
    else:
        book = io.BytesIO()
        exports.xlsx_file(header, result.lines(), book)
        content = book.getvalue()
    _put(output, content)


def _put(output: str, content: bytes) -> None:
    if output:
        with _opened(output) as file:
            file.write(content)
    else:
        sys.stdout.buffer.write(content)
