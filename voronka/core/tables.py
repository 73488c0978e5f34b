"""Tables of the lists: columns are declared, rows come as plain values in one statement, pages by key and not by number."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from html import escape
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func, Q
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, Lower
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from voronka.core.addresses import address_of
from voronka.core.custom import Definition
from voronka.core.errors import RuleBroken
from voronka.core.models import CustomField
from voronka.core.money import money_text, number_text, percent_text

PAGE_SIZE: Final = 50
EMPTY: Final = mark_safe('<span class="text-secondary">—</span>')

Row = dict[str, Any]
Words = str | Promise


@dataclass(frozen=True)
class Column:
    """One column: where its value lies (`path`, an ORM path), how it is shown, and by which indexed field it sorts.

    `extra` are further paths the kind needs (a pill wants the percentage, money its currency). `shown` says whether
    the column is there before anybody chose; `to` names the page a related record opens, `act` the small form a click on the cell opens.
    """

    key: str
    label: Words
    path: str = ""
    kind: str = "text"
    sort: str = ""
    total: bool = False
    sums: str = ""
    shown: bool = True
    extra: tuple[str, ...] = ()
    choices: tuple[tuple[Any, Words], ...] = ()
    to: str = ""
    act: str = ""

    @property
    def source(self) -> str:
        return self.path or self.key

    @property
    def summed(self) -> str:
        """The field a total adds up; "" for a column without one."""
        return self.sums or (self.source if self.total else "")

    @property
    def is_number(self) -> bool:
        return self.kind in ("money", "number", "percent")

    def plain(self, row: Row) -> Any:
        """The value for a file: numbers stay numbers, choices become words."""
        value = row[self.source]
        if self.choices:
            return str(dict(self.choices).get(value, value))
        return timezone.localtime(value).replace(tzinfo=None) if isinstance(value, datetime) else value

    def painter(self, table: Table) -> Callable[[Row], str]:
        """What turns a row into this column's cell: escaped HTML in the reader's language."""
        paint, source = _KINDS[self.kind](self, table, get_language() or ""), self.source
        blank = (lambda row: table.link(row, _("No name"))) if self.kind == "link" else (lambda row: EMPTY)

        def cell(row: Row) -> str:
            return blank(row) if row[source] is None or row[source] == "" else paint(row[source], row)

        return (lambda row: _opening(self.act, row, cell(row))) if self.act else cell


NOTHING: Final = Definition("", "", "", "")


@dataclass(frozen=True)
class CustomColumn(Column):
    """A field the company added. Its value comes with the record's other custom ones; a linked partner's name from an annotation
    (`ListPage.with_links`).
    """

    field: Definition = NOTHING

    @property
    def is_number(self) -> bool:
        return self.kind == CustomField.Kind.NUMBER

    @property
    def is_link(self) -> bool:
        return self.kind == CustomField.Kind.PARTNER

    def plain(self, row: Row) -> Any:
        """The value for a file: numbers and days stay such, yes is a word."""
        if self.is_link:
            return row[self.source]
        kept = row["custom"].get(self.field.key)
        return self.field.words(kept) if self.kind == CustomField.Kind.YES_NO else self.field.value(kept)

    def painter(self, table: Table) -> Callable[[Row], str]:
        if self.is_link:
            return self._link_painter()
        key, words = self.field.key, self.field.words
        return lambda row: EMPTY if (kept := row["custom"].get(key)) is None else escape(words(kept))

    def _link_painter(self) -> Callable[[Row], str]:
        key, source = self.field.key, self.source
        return lambda row: (
            f'<a href="{address_of("partners:detail", row["custom"][key])}">{escape(row[source])}</a>'
            if row[source]
            else EMPTY
        )


@dataclass(frozen=True)
class Sort:
    """An order: the column's key, its indexed field, and the direction; of a field the company added, its definition as `own`."""

    key: str
    field: str
    descending: bool = False
    own: Definition | None = None

    @property
    def text(self) -> str:
        return f"-{self.key}" if self.descending else self.key

    @property
    def order(self) -> tuple[str, str]:
        sign = "-" if self.descending else ""
        return f"{sign}{self.field}", f"{sign}pk"

    def prepared(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows with what they are sorted by, where that lies in no column of its own."""
        if self.own is None:
            return rows
        return rows.annotate(**{self.field: custom_order(self.own, descending=self.descending)})


@dataclass(frozen=True)
class Page:
    """Up to `size` rows and the cursor behind the last one ("" at the end)."""

    rows: list[Any]
    next: str


@dataclass(eq=False)
class Table:
    """The columns of one list, its order when nobody chose, and the page of one row."""

    columns: list[Column]
    default_sort: str
    detail: str
    by_key: dict[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        self.by_key = {column.key: column for column in self.columns}

    def chosen(self, wanted: str) -> list[Column]:
        """Columns by a comma-separated choice; unknown keys are passed over, the first column always stays."""
        keys = [key for key in wanted.split(",") if key in self.by_key] if wanted else []
        if not keys:
            return [column for column in self.columns if column.shown]
        first = self.columns[0]
        return [first, *(self.by_key[key] for key in dict.fromkeys(keys) if key != first.key)]

    def sort_of(self, text: str) -> Sort:
        """The order asked for; anything but an offered column falls back to the default."""
        for candidate in (text, self.default_sort):
            column = self.by_key.get(candidate.removeprefix("-"))
            if column and column.sort:
                own = column.field if isinstance(column, CustomColumn) else None
                return Sort(column.key, column.sort, candidate.startswith("-"), own)
        raise ValueError(f"the default sort {self.default_sort} is no column")

    def values(self, rows: models.QuerySet[Any], columns: Iterable[Column], *more: str) -> models.QuerySet[Any, Row]:
        """Only what the columns show, as dictionaries."""
        paths = {path for column in columns for path in (column.source, *column.extra)}
        return rows.values("pk", *sorted(paths | set(more) - {"pk"}))

    def html(self, rows: Iterable[Row], columns: list[Column]) -> SafeString:
        """The rows of the table's body. Joined here and not in a template: a page has hundreds of cells."""
        painters = [
            (f'<td class="{"num" if c.is_number else ""}" data-label="{escape(str(c.label))}">', c.painter(self))
            for c in columns
        ]
        words = _("Select the row")
        check = (
            '<tr data-row><td class="col-check"><input class="form-check-input" type="checkbox" name="ids" form="bulk" data-select '
            f'aria-label="{escape(words)}" value="'
        )
        return SafeString(
            "".join(
                [
                    f'{check}{row["pk"]}"></td>{"".join([f"{tag}{paint(row)}</td>" for tag, paint in painters])}</tr>'
                    for row in rows
                ]
            )
        )

    def link(self, row: Row, words: str) -> str:
        return f'<a class="row-link" href="{address_of(self.detail, row["pk"])}">{escape(words)}</a>'


# Values of custom fields are compared as jsonb: [] is less than any of them, {} is more, so that what is empty stands last in both directions.
LEAST, MOST = "[]", "{}"


def custom_order(one: Definition, *, descending: bool) -> Coalesce:
    """What rows are sorted by for a custom field: numbers as numbers, days by time, words regardless of case; empty ones last."""
    text = one.kind in (CustomField.Kind.TEXT, CustomField.Kind.CHOICE)
    kept: Any = (
        Func(Lower(KeyTextTransform(one.key, "custom")), function="to_jsonb")
        if text
        else KeyTransform(one.key, "custom")
    )
    empty = RawSQL(f"'{LEAST if descending else MOST}'::jsonb", [])  # noqa: S611 - no word of it comes from outside
    return Coalesce(kept, empty, output_field=models.JSONField())


def custom_place(value: Any) -> Any:
    """A value of a custom field as a cursor brings it. Raises ValueError for what no field holds."""
    if isinstance(value, str):
        value.encode()  # a lone half of a pair is no text
    elif (isinstance(value, float) and not math.isfinite(value)) or not (
        isinstance(value, bool | int | float) or value in ([], {})
    ):
        raise ValueError
    return value


@lru_cache(maxsize=64)
def with_custom(table: Table, fields: tuple[Definition, ...]) -> Table:
    """The table with the company's own fields behind its columns; one and the same for the same fields."""
    if not fields:
        return table
    more = [
        CustomColumn(
            one.input, one.name, f"{one.input}_name" if one.is_link else "custom", kind=one.kind, shown=one.in_lists,
            sort="" if one.is_link else f"by_{one.input}", extra=("custom",), field=one,
        )
        for one in fields
    ]  # fmt: skip
    return Table([*table.columns, *more], table.default_sort, table.detail)


def keyset(rows: models.QuerySet[Any], sort: Sort, after: str = "", size: int = PAGE_SIZE) -> models.QuerySet[Any]:
    """`size + 1` rows in order, behind the cursor. Raises RuleBroken for a cursor that is none."""
    if after:
        value, key = _read_cursor(after, None if sort.own else rows.model._meta.get_field(sort.field))
        step = "lt" if sort.descending else "gt"
        # The first condition lets the index start at the cursor; the second passes over the rows already shown.
        rows = rows.filter(Q(**{f"{sort.field}__{step}e": value})).filter(
            Q(**{f"{sort.field}__{step}": value}) | Q(**{f"pk__{step}": key})
        )
    return rows.order_by(*sort.order)[: size + 1]


def page_of(
    rows: Iterable[Any], sort: Sort, size: int = PAGE_SIZE, get: Callable[[Any, str], Any] = dict.__getitem__
) -> Page:
    """The fetched rows as a page; `get` reads a field of a row."""
    found = list(rows)
    if len(found) <= size:
        return Page(found, "")
    last = found[size - 1]
    return Page(found[:size], _cursor(get(last, sort.field), get(last, "pk"), is_own=sort.own is not None))


def _cursor(value: Any, key: Any, *, is_own: bool = False) -> str:
    plain = value if is_own else value.isoformat() if isinstance(value, date) else str(value)
    text = json.dumps([plain, key])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(text: str, column: Any) -> tuple[Any, int]:
    try:
        value, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        read: Any = column.output_field if isinstance(column, models.GeneratedField) else column
        value, key = custom_place(value) if read is None else read.to_python(value), int(key)
    except (ValueError, TypeError, binascii.Error, InvalidOperation, ValidationError) as fault:
        raise RuleBroken(_("This place in the list is not known. Start from the top."), code="cursor") from fault
    if not 0 <= key < 2**63 or "\x00" in str(value):
        raise RuleBroken(_("This place in the list is not known. Start from the top."), code="cursor")
    return value, key


def _opening(name: str, row: Row, cell: str) -> str:
    """A cell whose click opens a small form in the page's dialog, or on a page of its own."""
    address = address_of(name, row["pk"])
    return f'<a class="cell-act" href="{address}" hx-get="{address}" hx-target="#act-dialog-body">{cell}</a>'


@lru_cache(maxsize=4096)
def _day(value: date, language: str) -> str:
    return formats.date_format(value, "SHORT_DATE_FORMAT")


def day_text(value: date) -> str:
    """A day in the reader's language; of a moment, the day it has where they are."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return _day(value, get_language() or "")


def _moment(value: datetime) -> str:
    local = timezone.localtime(value)
    day = day_text(local.date())
    return f'<time datetime="{value.isoformat()}" title="{day} {local:%H:%M}">{day}</time>'


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper()


def avatar_class(name: str) -> str:
    """One of eight quiet colours, always the same for one name."""
    return f"avatar-{sum(map(ord, name)) % 8}"


@lru_cache(maxsize=1024)
def _person(value: str) -> SafeString:
    return format_html(
        '<span class="person"><span class="avatar avatar-xs {}" aria-hidden="true">{}</span>{}</span>',
        avatar_class(value),
        _initials(value),
        value,
    )


@lru_cache(maxsize=1024)
def pill(name: str, percentage: Decimal | int) -> SafeString:
    """A stage as a coloured pill, from cool to warm by its percentage."""
    return format_html('<span class="pill pill-{}">{}</span>', min(int(percentage) // 10, 9), name)


# A painter of one column: (value, row) -> escaped HTML. html.escape and not Django's: a page has hundreds of cells, none of them lazy.
_Paint = Callable[[Any, Row], str]


def _text(column: Column, table: Table, language: str) -> _Paint:
    return lambda value, row: escape(str(value))


def _link(column: Column, table: Table, language: str) -> _Paint:
    return lambda value, row: table.link(row, str(value))


def _related(column: Column, table: Table, language: str) -> _Paint:
    key = column.extra[0]
    return lambda value, row: f'<a href="{address_of(column.to, row[key])}">{escape(str(value))}</a>'


def _money(column: Column, table: Table, language: str) -> _Paint:
    if not column.extra:
        return lambda value, row: money_text(value, "", language)
    currency = column.extra[0]
    return lambda value, row: money_text(value, escape(row[currency]), language)


def _number(column: Column, table: Table, language: str) -> _Paint:
    return lambda value, row: number_text(value, 0, language)


def _percent(column: Column, table: Table, language: str) -> _Paint:
    return lambda value, row: percent_text(value, language)


def _date(column: Column, table: Table, language: str) -> _Paint:
    return lambda value, row: _day(value, language)


def _time(column: Column, table: Table, language: str) -> _Paint:
    return lambda value, row: _moment(value)


def _due(column: Column, table: Table, language: str) -> _Paint:
    """When open work is due, with its time unless it is for the whole day, red once that has passed; when other things happened."""
    now, status, due_on, all_day = (timezone.now(), *column.extra)

    def paint(value: datetime, row: Row) -> str:
        late = row[status] == "open" and value < now
        words = moment_words(value, now, timed=not (row[due_on] and row[status] == "open") and not row[all_day])
        return f'<time class="{"late" if late else ""}" datetime="{value.isoformat()}" title="{_full(value)}">{escape(words)}</time>'

    return paint


def _full(value: datetime) -> str:
    local = timezone.localtime(value)
    return f"{day_text(local.date())} {local:%H:%M}"


def moment_words(value: datetime, now: datetime, *, timed: bool = True) -> str:
    """A moment as people say it: "today, 15:00", "tomorrow", "Friday, 9:30" within a week, else the date. In the reader's zone."""
    local = timezone.localtime(value)
    away = (local.date() - timezone.localtime(now).date()).days
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if away in near:
        day = near[away]
    elif 1 < away < 7:
        day = formats.date_format(local, "l").lower() if get_language() == "ru" else formats.date_format(local, "l")
    else:
        day = day_text(local.date())
    return f"{day}, {local:%H:%M}" if timed else day


def _length(column: Column, table: Table, language: str) -> _Paint:
    return lambda value, row: escape(length_words(value))


def length_words(value: timedelta) -> str:
    """A length in words: minutes, else hours and minutes, else days."""
    minutes = value // timedelta(minutes=1)
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    if minutes % 1440 == 0:
        return ngettext("%(days)d day", "%(days)d days", minutes // 1440) % {"days": minutes // 1440}
    hours, rest = divmod(minutes, 60)
    return (
        _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
        if rest
        else _("%(hours)d h") % {"hours": hours}
    )


def _owner(column: Column, table: Table, language: str) -> _Paint:
    return lambda value, row: _person(value)


def _stage(column: Column, table: Table, language: str) -> _Paint:
    percentage = column.extra[0]
    return lambda value, row: pill(value, row[percentage])


def _choice(column: Column, table: Table, language: str) -> _Paint:
    words = {value: f'<span class="state state-{value}">{escape(str(label))}</span>' for value, label in column.choices}
    return lambda value, row: words.get(value) or escape(str(value))


def _linked(scheme: str) -> Callable[[Column, Table, str], _Paint]:
    def painter(column: Column, table: Table, language: str) -> _Paint:
        return lambda value, row: f'<a href="{scheme}:{escape(value)}">{escape(value)}</a>'

    return painter


_KINDS: Final[dict[str, Callable[[Column, Table, str], _Paint]]] = {
    "text": _text, "link": _link, "related": _related, "money": _money, "number": _number, "percent": _percent, "date": _date,
    "moment": _time, "person": _owner, "pill": _stage, "choice": _choice, "phone": _linked("tel"), "email": _linked("mailto"),
    "due": _due, "length": _length,
}  # fmt: skip


def api_page(rows: models.QuerySet[Any], sort: Sort, cursor: str, limit: int) -> dict[str, Any]:
    """A page for programs: {"items", "next"}; `next` is the cursor of the following page, or None. Raises RuleBroken for a bad cursor."""
    page = page_of(keyset(rows, sort, cursor, limit), sort, limit, get=getattr)
    return {"items": page.rows, "next": page.next or None}
