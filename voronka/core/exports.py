"""Rows as files. A cell of a file is data: nothing a person typed becomes a formula in somebody's spreadsheet."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import get_language

# Spreadsheets run what begins with these (CWE-1236); an apostrophe in front keeps it text.
RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
BATCH: Final = 500
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def safe(value: Any) -> Any:
    """The value for a text file: text that could be read as a formula gets an apostrophe, numbers and dates stay."""
    if isinstance(value, str) and value.startswith(RISKY):
        return f"'{value}"
    return "" if value is None else value


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The table as CSV: for Russian readers a semicolon and a decimal comma, as their spreadsheets expect, else comma and point."""
    russian = get_language() == "ru"
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if russian else ",")
    yield "\ufeff"
    writer.writerow([safe(title) for title in header])
    for number, row in enumerate(rows, 1):
        writer.writerow([_csv_value(value, russian) for value in row])
        if number % BATCH == 0:
            yield _drain(buffer)
    yield _drain(buffer)


def _csv_value(value: Any, russian: bool) -> Any:
    if isinstance(value, Decimal):
        return str(value).replace(".", ",") if russian else str(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else safe(value)


def _drain(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def xlsx_file(header: Sequence[str], rows: Iterable[Sequence[Any]], target: Any) -> None:
    """Write the table into a workbook, one row in memory at a time; text is written as text, never as a formula or a link."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        day, moment, bold = (
            book.add_format(f)
            for f in ({"num_format": "dd.mm.yyyy"}, {"num_format": "dd.mm.yyyy hh:mm"}, {"bold": True})
        )
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(header):
            sheet.write_string(0, column, title, bold)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _xlsx_cell(sheet, number, column, value, day, moment)


def _xlsx_cell(sheet: Any, row: int, column: int, value: Any, day: Any, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value, moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        sheet.write_string(row, column, str(value)[:32767])
    else:
        sheet.write_number(row, column, value)


def whole_file(format_name: str, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> FileResponse:
    """The table as a download that is written before it is answered: whatever stops the writing leaves no half of a file."""
    made = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    if format_name == "csv":
        made.writelines(part.encode() for part in csv_lines(header, rows))
    else:
        xlsx_file(header, rows, made)
    made.seek(0)
    kind = XLSX if format_name == "xlsx" else "text/csv; charset=utf-8"
    return FileResponse(made, as_attachment=True, filename=f"{name}.{format_name}", content_type=kind)


def as_file(format_name: str, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """The table as a download named after the list: `csv` streams, `xlsx` is written to a temporary file first."""
    if format_name == "csv":
        answer: HttpResponseBase = StreamingHttpResponse(
            csv_lines(header, rows), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return answer
    return whole_file(format_name, name, header, rows)
