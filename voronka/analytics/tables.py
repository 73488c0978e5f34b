"""What a report answers with: columns, rows and totals, how their values look, and how groups are laid out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.analytics.rules import mean, share
from voronka.core.money import money_text, number_text, percent_text
from voronka.core.tables import day_text
from voronka.opportunities.models import Forecast, Status

Words = str | Promise
Row = dict[str, Any]
CENT: Final = Decimal("0.01")
NUMBERS: Final = ("count", "money", "percent", "number")
MOST_LINES: Final = 2000


@dataclass(frozen=True)
class Column:
    """A column of a report.

    `kind`: text, deal or partner (text with the page of that record), day, count, money (company currency), percent, number, or period (a
    day with its words). `path` is where a list finds the value, from the opportunity. `status` says which opportunities a figure counts
    (open, won, lost, closed, any): they are the list behind it. `of` makes the value from sums of the row, so that totals are right too: the
    part and the columns of the whole for a percentage, the sum and the number for an average. `words` are those of a value that is
    one of a few. Sums that only serve others are not `shown`. `then` marks a figure of an earlier moment than the row's, which its criteria hold under
    that name; `asks` are further criteria of the list behind it.
    """

    key: str
    label: Words
    kind: str = "text"
    status: str = ""
    path: str = ""
    of: tuple[str, ...] = ()
    words: tuple[tuple[str, Words], ...] = ()
    group: bool = False
    shown: bool = True
    hidden: bool = False
    then: bool = False
    asks: tuple[tuple[str, str], ...] = ()

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def adds_up(self) -> bool:
        return self.kind in ("count", "money") and not self.of


@dataclass(frozen=True)
class Shown:
    """A value with the words people read instead of it: the first day of a period and "March 2026"."""

    value: Any
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Subtotal:
    """The sums of one group of a list: the values of its group columns and, as `behind`, the criteria of its opportunities."""

    values: Row
    behind: Row


@dataclass(frozen=True)
class ReportResult:
    """Rows as dictionaries by column key: text, int, Decimal, None for "not set", or Shown. `totals` has the keys that add up.

    `behind[n]` are the criteria (as `Criteria.parse` reads them) of the opportunities that row n counts, but for their status.
    `colours[n]` is the colour of row n in a picture, where it has one of its own. Of a list, `groups` are its subtotals, `rows` may be
    an iterator, and `number` says how many rows there are in all, of which a page has only the first. `extra` goes into the JSON as it is (iterators as lists), `drawn`
    to the script of a page that draws more than pictures.
    """

    columns: Sequence[Column]
    rows: Iterable[Row]
    totals: Row
    behind: Sequence[Row] = ()
    currency: str = ""
    colours: Sequence[str] = ()
    groups: Sequence[Subtotal] = ()
    number: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    drawn: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown_columns(self) -> list[Column]:
        return [column for column in self.columns if not column.hidden]

    @property
    def group_columns(self) -> list[Column]:
        return [column for column in self.columns if column.group]

    @property
    def is_list(self) -> bool:
        return self.number is not None

    def with_columns(self, wanted: str) -> ReportResult:
        """With the columns of a comma-separated choice, in its order; groups stay in front, unknown names are passed over."""
        keys = [key for key in wanted.split(",") if key] if wanted else []
        if not keys:
            return replace(self, columns=[replace(c, hidden=c.hidden or not c.shown) for c in self.columns])
        groups, others = self.group_columns, {c.key: c for c in self.columns if not c.group}
        chosen = [replace(others[key], shown=True) for key in dict.fromkeys(keys) if key in others]
        rest = [replace(c, hidden=True) for c in others.values() if c.key not in keys]
        return replace(self, columns=[*groups, *chosen, *rest])

    def as_json(self, slug: str, criteria: Any) -> dict[str, Any]:
        """The report as plain data: money and percentages as strings, days ISO."""
        keys = [column.key for column in self.shown_columns]
        return {
            "report": slug,
            "as_of": criteria.as_of.isoformat() if criteria.as_of else None,
            "columns": keys,
            "rows": [{key: plain(row[key]) for key in keys} for row in self.rows],
            "totals": {key: plain(value) for key, value in self.totals.items()},
        } | {key: list(value) if isinstance(value, Iterator) else value for key, value in self.extra.items()}

    def lines(self) -> Iterator[list[Any]]:
        """The rows for a file: numbers and days stay what they are, the rest becomes words."""
        columns = self.shown_columns
        for row in self.rows:
            yield [_for_file(column, row[column.key]) for column in columns]


def plain(value: Any) -> Any:
    """A value for JSON."""
    value = value.value if isinstance(value, Shown) else value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | Promise) else value


def _for_file(column: Column, value: Any) -> Any:
    if isinstance(value, int | Decimal | date):
        return timezone.localtime(value).replace(tzinfo=None) if isinstance(value, datetime) else value
    return str(value or "")


def text_of(column: Column, value: Any, currency: str) -> str:
    """The value of a report's column as people read it."""
    if value is None:
        return (
            _("Not set")
            if column.group
            else ""
            if column.kind in ("day", "number", "percent", "text", "partner")
            else "—"
        )
    match column.kind:
        case "money":
            return money_text(value, currency)
        case "percent":
            return percent_text(value)
        case "count":
            return number_text(value)
        case "number":
            return number_text(value, 0 if value == int(value) else 1)
        case "day":
            return day_text(timezone.localtime(value).date() if isinstance(value, datetime) else value)
    return str(value)


def filled(columns: Sequence[Column], row: Row) -> Row:
    """The row with the values that come from its sums: percentages and averages."""
    for column in columns:
        if column.of:
            part, *whole = column.of
            row[column.key] = _made(column.kind, row[part], sum(row[key] for key in whole))
    return row


def _made(kind: str, part: Any, whole: Any) -> Decimal | None:
    if kind == "percent":
        return share(part, whole) if whole else None
    return mean(part, whole, CENT) if kind == "money" else mean(part, whole)


def added_up(columns: Sequence[Column], rows: Iterable[Row]) -> Row:
    """The totals of the columns that add up, counts and money, and what is made from them."""
    zero: dict[str, Any] = {"count": 0, "money": Decimal("0.00")}
    sums = {c.key: zero[c.kind] for c in columns if c.adds_up}
    for row in rows:
        for key in sums:
            sums[key] += row[key]
    return filled([c for c in columns if c.of and set(c.of) <= sums.keys()], sums)


@dataclass(frozen=True)
class Line:
    """A line of the table on a page: the head of a group with its sums (`level` 1 or 2), or a row (0). `at` is the row's place."""

    values: Row
    level: int = 0
    at: int = -1
    behind: Row = field(default_factory=dict)


def outline(result: ReportResult) -> Iterator[Line]:
    """The rows below the heads of their groups, as people read them: at most MOST_LINES.

    A list has heads for each of its groups; figures have heads for the first of several group columns.
    """
    made = _list_lines(result) if result.is_list else _figure_lines(result)
    for number, line in enumerate(made):
        if number == MOST_LINES:
            return
        yield line


def _figure_lines(result: ReportResult) -> Iterator[Line]:
    rows, keys = list(result.rows), [column.key for column in result.group_columns]
    heads = _heads(rows, keys[0]) if len(keys) > 1 else []
    sums = {name: added_up(result.columns, found) for name, found in heads}
    last: Any = object()
    for place, row in enumerate(rows):
        if heads and str(row[keys[0]]) != last:
            last = str(row[keys[0]])
            yield Line({keys[0]: row[keys[0]]} | sums[last], level=1)
        yield Line(row, at=place)


def _heads(rows: Sequence[Row], key: str) -> list[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(str(row[key]), []).append(row)
    return list(found.items()) if len(found) < len(rows) else []


def _list_lines(result: ReportResult) -> Iterator[Line]:
    rows, keys = list(result.rows), [column.key for column in result.group_columns]
    if not keys:
        yield from (Line(row, at=place) for place, row in enumerate(rows))
        return
    of_group: dict[tuple[str, ...], list[tuple[int, Row]]] = {}
    for place, row in enumerate(rows):
        of_group.setdefault(tuple(str(row[key]) for key in keys), []).append((place, row))
    firsts = {
        name: added_up(result.columns, found) for name, found in _grouped([g.values for g in result.groups], keys[0])
    }
    last = object()
    for group in result.groups:
        name = str(group.values[keys[0]])
        if len(keys) > 1 and name != last:
            yield Line({keys[0]: group.values[keys[0]]} | firsts[name], level=1)
        last = name
        yield Line(group.values, level=len(keys), behind=group.behind)
        yield from (
            Line(row, at=place) for place, row in of_group.pop(tuple(str(group.values[key]) for key in keys), ())
        )


def _grouped(rows: Sequence[Row], key: str) -> list[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(str(row[key]), []).append(row)
    return list(found.items())


@dataclass(frozen=True)
class ForecastLine:
    """What a person brings in a period: won, open amounts by category, the computed figure (won + weighted), the head's word, the target."""

    who: Any
    won: Decimal
    weighted: Decimal
    commit: Decimal
    best: Decimal
    pipeline: Decimal
    omitted: Decimal
    word: Any = None
    target: Decimal = Decimal(0)

    @property
    def computed(self) -> Decimal:
        return self.won + self.weighted

    @property
    def expected(self) -> Decimal:
        """The head's word where there is one, else the computed figure."""
        return self.computed if self.word is None or self.word.amount is None else self.word.amount


@dataclass(frozen=True)
class ForecastTotal:
    """The lines added up."""

    won: Decimal
    weighted: Decimal
    commit: Decimal
    best: Decimal
    pipeline: Decimal
    omitted: Decimal
    computed: Decimal
    expected: Decimal
    target: Decimal


def forecast_lines(
    people: Mapping[int, Any], figures: Iterable[Row], words: Iterable[Any], targets: Mapping[int, Decimal]
) -> list[ForecastLine]:
    """One line per person with figures, a word of the head or a target, in the order of `people`, then those not among them."""
    by_owner, said = {row["owner_id"]: row for row in figures}, {word.owner_id: word for word in words}
    nothing = dict.fromkeys(("won", "expected", "commit", "best", "pipeline", "omitted"), Decimal(0))
    keys = [
        *(key for key in people if key in {*by_owner, *said, *targets}),
        *sorted({*by_owner, *said, *targets} - {*people}),
    ]
    lines = []
    for key in keys:
        row = by_owner.get(key, nothing)
        amounts = {name: row[name] for name in ("won", "commit", "best", "pipeline", "omitted")}
        who, target = people.get(key), targets.get(key, Decimal(0))
        lines.append(ForecastLine(who, weighted=row["expected"], **amounts, word=said.get(key), target=target))
    return lines


def forecast_total(lines: Sequence[ForecastLine]) -> ForecastTotal:
    names = [one.name for one in fields(ForecastTotal)]
    return ForecastTotal(**{name: sum((getattr(line, name) for line in lines), start=Decimal(0)) for name in names})


# The columns lists of opportunities choose from; what a past state does not hold is the opportunity's own.
DEAL_COLUMNS: Final = {
    column.key: column
    for column in (
        Column("number", gettext_lazy("No."), "deal", path="pk"),
        Column("name", gettext_lazy("Opportunity"), "deal", path="name"),
        Column("partner", gettext_lazy("Partner"), "partner", path="partner__name"),
        Column("contact", gettext_lazy("Contact"), path="contact__name", shown=False),
        Column("salesperson", gettext_lazy("Salesperson"), path="owner__name"),
        Column("stage", gettext_lazy("Stage"), path="stage__name"),
        Column("status", gettext_lazy("Status"), path="status", words=tuple(Status.choices)),
        Column("percentage", gettext_lazy("Closing percentage"), "percent", path="percentage"),
        Column(
            "category", gettext_lazy("In the forecast"), path="category", words=tuple(Forecast.choices), shown=False
        ),
        Column("potential", gettext_lazy("Potential"), "money", path="potential_company"),
        Column("weighted", gettext_lazy("Weighted"), "money", path="expected"),
        Column("gross_profit", gettext_lazy("Gross profit"), "money", path="profit", shown=False),
        Column("territory", gettext_lazy("Territory"), path="territory__name", shown=False),
        Column("industry", gettext_lazy("Industry"), path="industry__name", shown=False),
        Column("source", gettext_lazy("Information source"), path="source__name", shown=False),
        Column("level", gettext_lazy("Level of interest"), path="interest_level__name", shown=False),
        Column("channel", gettext_lazy("Channel"), path="channel__name", shown=False),
        Column("opened_on", gettext_lazy("Opened"), "day", path="opened_on", shown=False),
        Column("predicted_close_on", gettext_lazy("Predicted closing"), "day", path="predicted_close_on"),
        Column("closed_on", pgettext_lazy("day", "Closed"), "day", path="closed", shown=False),
        Column("days", gettext_lazy("Days in pipeline"), "number", path="days", shown=False),
        Column("reason", gettext_lazy("Reasons"), path="reason", shown=False),
        Column("comment", gettext_lazy("Comment"), path="remark", shown=False),
        Column("activities", gettext_lazy("Activities"), "number", path="contacts", shown=False),
        Column("last_activity", gettext_lazy("Last activity"), "day", path="last_contact", shown=False),
    )
}
