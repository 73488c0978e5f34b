"""A file's rows into a scratch table: read in the file's habits, put right by the target, copied a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from django.db import connection
from psycopg import sql

from voronka.imports import dialects, formats, rules
from voronka.imports.formats import tables
from voronka.imports.models import ImportRun
from voronka.imports.pace import Pace, Stopped
from voronka.partners.models import NameKey

LOOKED_AT: Final = 10  # batches in which the habits of the file's dates and amounts are looked for
Batch = tuple[int, list[list[str]]]
Parser = Callable[[str, "Habits"], str]


@dataclass(frozen=True)
class Habits:
    """How a file writes days and amounts: the day before the month, and the decimal mark ("" where nothing proves one)."""

    day_first: bool = True
    decimal: str = ""


def fill(run: ImportRun, target: Any, cursor: Any, pace: Pace) -> None:
    """Fill the run's scratch table. A run that was paused goes on behind the rows that lie there already."""
    behind = _kept(run, cursor)
    if behind and behind == run.total:
        return
    if not behind:
        _make(run, target, cursor)
    table = batches(run)
    first = list(islice(table, LOOKED_AT))
    read, done = Reader(run, target, habits_of(run, target, first)), behind
    for number, rows in chain(first, table):
        if number + len(rows) <= behind + 1:
            continue
        _copy(run, cursor, number, list(read(rows)))
        done = number - 1 + len(rows)
        try:
            pace.say(done / max(run.total or done, done))
        except Stopped:
            run.rows = done  # a pause goes on from here
            raise
    run.rows = done
    cursor.execute(f"CREATE INDEX ON {run.staging} (row_no)")
    cursor.execute(f"ANALYZE {run.staging}")


def count(run: ImportRun) -> int:
    """How many rows the file has, for the progress: of text its lines, which are more where a value holds several. Reading tells the truth."""
    if rows := run.facts.get("rows"):
        return int(rows)
    if run.facts.get("format") != "csv":
        return sum(len(rows) for _number, rows in batches(run))
    with Path(run.file.path).open("rb") as file:
        lines = sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))
    return max(lines - int(run.facts.get("skip", 1)), 1)


def staged(run: ImportRun, cursor: Any) -> int | None:
    """How many rows lie in the scratch table; None where there is none."""
    cursor.execute("SELECT to_regclass(%s)", [run.staging])
    if cursor.fetchone()[0] is None:
        return None
    cursor.execute(f"SELECT count(*) FROM {run.staging}")
    return int(cursor.fetchone()[0])


def drop(run: ImportRun) -> None:
    """Drop the run's scratch tables: the rows, and what the target made beside them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename ~ %s",
            [f"^{run.staging}(_|$)"],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))


def _kept(run: ImportRun, cursor: Any) -> int:
    """How many rows of the file are behind a pause; 0 where the scratch table does not hold what was left in it (a crash empties it)."""
    left = run.facts.get("staged")
    return run.rows if left is not None and staged(run, cursor) == left else 0


def _make(run: ImportRun, target: Any, cursor: Any) -> None:
    drop(run)
    columns = ", ".join(f"{field} text NOT NULL DEFAULT ''" for field in target.staged)
    name_key = NameKey.template % {"expressions": target.name_field}
    cursor.execute(
        f"CREATE UNLOGGED TABLE {run.staging} (row_no int, reason text, target_id bigint, {columns}, "
        f"name_key text GENERATED ALWAYS AS ({name_key.replace('%', '%%')}) STORED)"
    )


def habits_of(run: ImportRun, target: Any, batches: list[Batch]) -> Habits:
    """As the person said, else as the file's first rows prove."""
    said, columns = run.options, {int(column): field for column, field in run.mapping.items()}

    def values(*kinds: str) -> Iterator[str]:
        places = [column for column, field in columns.items() if target.types.get(field) in kinds]
        return (row[place] for _number, rows in batches for row in rows for place in places if row[place].strip())

    dates, decimal = said.get("dates") or "", said.get("decimal") or ""
    return Habits(
        dates == "dmy" if dates else rules.is_day_first(values("date", "moment")),
        decimal or rules.decimal_mark(values("amount", "percent", "decimal")),
    )


def batches(run: ImportRun) -> Iterator[Batch]:
    facts = {
        "skip": run.facts.get("skip", 1),
        "sheet": run.facts.get("sheet", ""),
        "as_it_is": run.options.get("repair") == "no",
    }
    return formats.batches(Path(run.file.path), len(run.headers), **facts)


def _copy(run: ImportRun, cursor: Any, number: int, rows: list[tuple[str, dict[str, str]]]) -> None:
    """One batch by COPY, only the columns it has anything for. Rows without anything are passed over; the first has the `number`."""
    fields = sorted({field for _reason, values in rows for field in values})
    lines = []
    for row_no, (reason, values) in enumerate(rows, number):
        if reason != "blank":
            cells = [values.get(field, "") for field in fields]
            lines.append("\t".join([str(row_no), reason or "\\N", *(cell.translate(_COPIED) for cell in cells)]))
    if lines:
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(run.staging), sql.SQL(", ").join(map(sql.Identifier, ["row_no", "reason", *fields]))
        )
        with cursor.connection.cursor() as raw, raw.copy(copy) as pipe:
            pipe.write("\n".join(lines) + "\n")


# How COPY wants the signs it uses itself.
_COPIED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Reader:
    """Rows of the file -> (reason or "", staged values): typed values in the file's habits, then the target's own rules.

    Columns nobody mapped are kept in the remarks if the run says so.
    """

    def __init__(self, run: ImportRun, target: Any, habits: Habits) -> None:
        mapped = {int(column): field for column, field in run.mapping.items()}
        self.columns = {column: field for column, field in mapped.items() if field not in target.patterns}
        self.gathered = _gathered(run, target, mapped)
        spare = [place for place, header in enumerate(run.headers) if header and place not in mapped]
        self.spare = [(place, run.headers[place]) for place in spare] if _keeps(run, target) else []
        fields = set(self.columns.values())
        self.typed = [(field, PARSERS[kind]) for field, kind in target.types.items() if field in fields]
        dialect = dialects.dialect_of(run.facts.get("dialect", ""))
        self.words = [(field, words) for field, words in (dialect.words if dialect else {}).items() if field in fields]
        known = dialects.preferred(dialect, run.kind, run.headers)
        others = {field: [place for place in known.get(field, []) if place not in mapped] for field in fields}
        self.fallbacks = [(field, places) for field, places in others.items() if places]
        self.is_comment = dialect.is_comment if dialect else lambda _row: False
        self.target, self.habits = target, habits

    def __call__(self, rows: list[list[str]]) -> Iterator[tuple[str, dict[str, str]]]:
        for row in rows:
            values = {field: row[column].replace("\x00", "").strip() for column, field in self.columns.items()}
            if not any(values.values()) or tables.is_total(row) or self.is_comment(row):
                yield "blank", {}
                continue
            self._complete(row, values)
            yield (
                self._gather(row, values) or _typed(values, self.typed, self.habits) or self.target.put_right(values),
                values,
            )

    def _complete(self, row: list[str], values: dict[str, str]) -> None:
        """Fill in from other columns of the same meaning, put foreign words into ours, keep the rest in the remarks."""
        for field, places in self.fallbacks:
            values[field] = values[field] or next((row[place].strip() for place in places if row[place].strip()), "")
        for field, words in self.words:
            values[field] = words.get(values[field].lower(), values[field])
        if self.spare:
            kept = [
                f"{name}: {text}" for place, name in self.spare if (text := row[place].strip()) not in ("", "Select")
            ]
            if kept:
                values["remarks"] = "\n".join(filter(None, [values.get("remarks", ""), *kept])).replace("\x00", "")

    def _gather(self, row: list[str], values: dict[str, str]) -> str:
        """Days from columns whose header names what they are about, a line each; the reason when one can't be read."""
        lines: dict[str, list[str]] = {}
        for place, field, what in self.gathered:
            if text := row[place].strip():
                try:
                    moment = rules.parse_moment(text, self.habits.day_first)
                except ValueError as fault:
                    return str(fault)
                lines.setdefault(field, []).append(f"{moment.isoformat(' ')}\t{what}")
        values.update({field: "\n".join(sorted(told)) for field, told in lines.items()})
        return ""


def _keeps(run: ImportRun, target: Any) -> bool:
    return bool(run.options.get("keep_unmapped")) and "remarks" in target.staged


def _gathered(run: ImportRun, target: Any, mapped: dict[int, str]) -> list[tuple[int, str, str]]:
    """(column, field, what its header names) of the columns of which several fill one field."""
    found = []
    for place, field in mapped.items():
        if pattern := target.patterns.get(field):
            named = pattern.match(run.headers[place])
            found.append((place, field, " ".join((named["what"] if named else run.headers[place]).split())))
    return found


def _typed(values: dict[str, str], typed: list[tuple[str, Parser]], habits: Habits) -> str:
    """Read the typed values in place; the reason when one can't be read."""
    for field, parse in typed:
        if text := values[field]:
            try:
                values[field] = parse(text, habits)
            except ValueError as fault:
                return str(fault)
    return ""


def _amount(text: str, habits: Habits) -> str:
    value = rules.parse_decimal(text, habits.decimal)
    if value < 0:
        raise ValueError("negative")
    return str(round(value, 2))


def _whole(text: str, habits: Habits) -> str:
    value = int(float(_amount(text, habits)))
    if value > 2**31 - 1:
        raise ValueError("number")
    return str(value)


def _percent(text: str, habits: Habits) -> str:
    value = rules.parse_decimal(text.replace("%", ""), habits.decimal)
    if not 0 <= value <= 100:
        raise ValueError("percent")
    return str(round(value, 2))


def _decimal(text: str, habits: Habits) -> str:
    value = round(rules.parse_decimal(text, habits.decimal), 4)
    if abs(value) >= 10**11:
        raise ValueError("number")
    return f"{value.normalize():f}"


def _bool(text: str, _habits: Habits) -> str:
    return "true" if rules.parse_bool(text) else "false"


PARSERS: Final[dict[str, Parser]] = {
    "amount": _amount,
    "whole": _whole,
    "percent": _percent,
    "decimal": _decimal,
    "bool": _bool,
    "date": lambda text, habits: rules.parse_date(text, habits.day_first).isoformat(),
    "moment": lambda text, habits: rules.parse_moment(text, habits.day_first).isoformat(" "),
}
