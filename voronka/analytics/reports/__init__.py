"""The pattern of all reports. A report is a decorated function in a file of its own; page, menu, files, JSON, command line and
API follow from the registry.

    @report("pipeline", title=_("Funnel"), chart="funnel", dimensions=("salesperson",))
    def pipeline(user: User, criteria: Criteria) -> ReportResult: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics.forms import NOT_SET, Criteria
from voronka.core import charts
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.core.money import number_text, short_money
from voronka.core.registry import reports
from voronka.partners.models import Industry, Source, Territory

__all__ = ["Column", "Criteria", "Measure", "Report", "ReportResult", "Shown", "names_of", "report", "run"]

Words = str | Promise
Row = dict[str, Any]
CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Column:
    """A column of a report. `kind`: text, count, money (company currency), percent, or period (a day with its words).

    `status` says which opportunities a figure counts (open, won, lost, closed): they are the list behind it.
    """

    key: str
    label: Words
    kind: str = "text"
    status: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind in ("count", "money", "percent")


@dataclass(frozen=True)
class Shown:
    """A value with the words people read instead of it: the first day of a period and "March 2026"."""

    value: Any
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class ReportResult:
    """Rows as dictionaries by column key: text, int, Decimal, None for "not set", or Shown. `totals` has the keys that add up.

    `behind[n]` are the criteria (as `Criteria.parse` reads them) of the opportunities that row n counts, but for their status.
    `colours[n]` is the colour of row n in a picture, where it has one of its own.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    totals: Row
    behind: Sequence[Row] = ()
    currency: str = ""
    colours: Sequence[str] = ()

    def as_json(self, slug: str, criteria: Criteria) -> dict[str, Any]:
        """The report as plain data: money and percentages as strings, days ISO."""
        keys = [column.key for column in self.columns]
        return {
            "report": slug,
            "as_of": criteria.as_of.isoformat() if criteria.as_of else None,
            "columns": keys,
            "rows": [{key: _plain(row[key]) for key in keys} for row in self.rows],
            "totals": {key: _plain(value) for key, value in self.totals.items()},
        }

    def lines(self) -> Iterable[list[Any]]:
        """The rows for a file: numbers stay numbers, the rest becomes words."""
        for row in self.rows:
            yield [value if isinstance(value := row[c.key], int | Decimal) else str(value or "") for c in self.columns]


@dataclass(frozen=True)
class Measure:
    """What a picture may show: the columns drawn, with their colours; columns of one `stack` stand on each other."""

    key: str
    label: Words
    columns: Sequence[str]
    colours: Sequence[str] = ()
    stacks: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """A report as registered: how it is called, who may see it, how it is drawn and by what it may be split."""

    slug: str
    title: Words
    about: Words
    answer: Callable[[User, Criteria], ReportResult]
    chart: str
    measures: Sequence[Measure]
    dimensions: Sequence[str] = ()
    over_time: bool = False
    permission: str = "analytics.view"

    def offered_measures(self, criteria: Criteria, result: ReportResult) -> list[Measure]:
        """What a picture may show: the report's own measures, or each figure where the rows are split by a dimension."""
        if not criteria.by:
            return list(self.measures)
        figures = [c for c in result.columns if c.kind in ("money", "count")]
        return [Measure(c.key, c.label, (c.key,)) for c in sorted(figures, key=lambda c: c.kind == "count")]


def report(
    slug: str, **more: Any
) -> Callable[[Callable[[User, Criteria], ReportResult]], Callable[[User, Criteria], ReportResult]]:
    """Register the function as a report; `more` are the fields of `Report`."""

    def register(answer: Callable[[User, Criteria], ReportResult]) -> Callable[[User, Criteria], ReportResult]:
        reports.add(slug, Report(slug=slug, answer=answer, **more))
        return answer

    return register


def run(slug: str, user: User, criteria: Criteria) -> ReportResult:
    """The report's figures as this person may see them.

    Raises RuleBroken for an unknown report, a dimension it does not have or a day in the future, PermissionDenied for a role
    that sees no reports.
    """
    wanted: Report | None = reports.get(slug)
    if wanted is None:
        words = {"name": slug[:60], "names": ", ".join(reports.slugs())}
        raise RuleBroken(
            gettext("There is no report “%(name)s”. Reports: %(names)s.") % words, code="unknown_report", field="report"
        )
    if not user.has_perm(wanted.permission):
        raise PermissionDenied
    if criteria.by and criteria.by not in wanted.dimensions:
        words = {"names": ", ".join(wanted.dimensions)}
        raise RuleBroken(gettext("This report can be split by: %(names)s.") % words, code="bad_by", field="by")
    return wanted.answer(user, criteria.settled(Company.current()))


PERIOD_LABELS: Final[dict[str, Words]] = {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")}
DIMENSION_LABELS: Final[dict[str, Words]] = {
    "salesperson": _("Salesperson"), "territory": _("Territory"), "source": _("Information source"), "industry": _("Industry"),
}  # fmt: skip
_MODELS: Final[dict[str, Any]] = {"salesperson": User, "territory": Territory, "source": Source, "industry": Industry}


def names_of(dimension: str, keys: Iterable[int | None], user: User) -> dict[int | None, str | None]:
    """The names of a dimension's values by id, in one statement; no value has no name."""
    wanted = {key for key in keys if key is not None}
    rows = _MODELS[dimension].objects.visible_to(user).filter(pk__in=wanted).values_list("pk", "name")
    return {None: None, **dict(rows)}


def behind(criteria: Criteria, **narrower: Any) -> Row:
    """The criteria of one row's opportunities: the report's own and those of the row (None: without a value)."""
    chosen = {
        name: value
        for name in ("pipeline", "owner", "territory", "source", "industry")
        if (value := getattr(criteria, name)) is not None
    }
    chosen |= {name: NOT_SET if value is None else value for name, value in narrower.items()}
    named = {name: "none" if value == NOT_SET else value for name, value in chosen.items()}
    return named | ({"as_of": criteria.as_of.isoformat()} if criteria.as_of else {})


def _plain(value: Any) -> Any:
    value = value.value if isinstance(value, Shown) else value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | Promise) else value


def added_up(columns: Sequence[Column], rows: Sequence[Row]) -> Row:
    """The sums of the columns that add up: counts and money."""
    zero: dict[str, Any] = {"count": 0, "money": Decimal("0.00")}
    return {c.key: sum((row[c.key] for row in rows), zero[c.kind]) for c in columns if c.kind in zero}


Links = Sequence[dict[str, str]]


def picture(
    wanted: Report,
    criteria: Criteria,
    result: ReportResult,
    measure: Measure | None,
    links: Links,
    kind: str = "",
) -> charts.Options | None:
    """The report's rows as options of a picture, None without rows. `links[n]` are the addresses behind row n by column."""
    drawn = measure or wanted.offered_measures(criteria, result)[0]
    if not result.rows:
        return None
    if criteria.by:
        return _split(wanted, criteria, result, drawn.columns[0], links, kind)
    if wanted.chart == "funnel" and kind not in ("bars", "lines"):
        return charts.funnel(_points(result, drawn.columns[0], links))
    return _columns_drawn(wanted, result, drawn, links, kind)


def _points(result: ReportResult, key: str, links: Links) -> list[charts.Point]:
    kinds = {column.key: column.kind for column in result.columns}
    colours = result.colours or [""] * len(result.rows)
    return [
        charts.Point(
            _category(result, row), row[key], _short(kinds[key], row[key], result.currency), link.get(key, ""), colour
        )
        for row, link, colour in zip(result.rows, links, colours, strict=True)
    ]


def _category(result: ReportResult, row: Row) -> str:
    """What stands below a bar: the columns before the split and the figures."""
    words = [str(row[c.key]) for c in result.columns if not c.is_number and c.key not in DIMENSION_LABELS]
    return " · ".join(words)


def _short(kind: str, value: Any, currency: str) -> str:
    return short_money(value, currency) if kind == "money" else number_text(value)


def _columns_drawn(wanted: Report, result: ReportResult, drawn: Measure, links: Links, kind: str) -> charts.Options:
    """One series per column of the measure."""
    labels = {column.key: str(column.label) for column in result.columns}
    nothing = [""] * len(drawn.columns)
    parts = zip(drawn.columns, drawn.colours or nothing, drawn.stacks or nothing, strict=True)
    series = [charts.Series(labels[key], _points(result, key, links), colour, stack) for key, colour, stack in parts]
    categories = [point.name for point in series[0].points]
    return charts.bars(categories, series, lines=kind == "lines", sideways=not wanted.over_time, focus=_now(result))


def _split(
    wanted: Report, criteria: Criteria, result: ReportResult, key: str, links: Links, kind: str
) -> charts.Options:
    """One series per value of the dimension, the largest first; what is beyond the colours goes into one called "Others"."""
    points = _points(result, key, links)
    categories = list(dict.fromkeys(point.name for point in points))
    sums: dict[str, Any] = {}
    cells: dict[tuple[str, str], charts.Point] = {}
    for row, point in zip(result.rows, points, strict=True):
        name = str(row[criteria.by] or gettext("Not set"))
        sums[name] = sums.get(name, 0) + point.value
        cells[name, point.name] = charts.Point(name, point.value, href=point.href)
    order = sorted(sums, key=lambda name: -sums[name])
    large, rest = order[: charts.MOST_SERIES - 1], order[charts.MOST_SERIES - 1 :]
    empty = charts.Point("", 0)
    series = [charts.Series(name, [cells.get((name, c), empty) for c in categories], stack="all") for name in large]
    if rest:
        others = [charts.Point("", sum(cells.get((name, c), empty).value for name in rest)) for c in categories]
        series.append(charts.Series(gettext("Others"), others, stack="all"))
    return charts.bars(categories, series, lines=kind == "lines", sideways=not wanted.over_time, focus=_now(result))


def _now(result: ReportResult) -> int:
    """The place of the period that has begun last, -1 for reports that are not over time."""
    first = result.columns[0]
    begun = [row[first.key].value for row in result.rows] if first.kind == "period" else []
    days = sorted(set(begun))
    return sum(day <= timezone.localdate() for day in days) - 1
