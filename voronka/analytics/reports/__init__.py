"""The pattern of all reports. A report is a decorated function in a file of its own; page, menu, files, JSON, command line, API, saved
variants and letters follow from the registry.

    @report("statistics", title=_("Statistics"), about=..., by="salesperson", measures=...)
    def statistics(user: User, criteria: Criteria) -> ReportResult: ...

Two shapes answer nearly every question: `grouped` gives the figures by values of dimensions, `listed` the opportunities themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics import pdf, querysets
from voronka.analytics.forms import CHOICES, NOT_SET, RANGES, Criteria
from voronka.analytics.pictures import Measure
from voronka.analytics.rules import DIMENSIONS, PERIODS, criterion
from voronka.analytics.tables import (
    CENT,
    DEAL_COLUMNS,
    Column,
    Line,
    ReportResult,
    Row,
    Shown,
    Subtotal,
    Words,
    added_up,
    filled,
    outline,
    text_of,
)
from voronka.core import exports
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.core.periods import Period, fiscal_year, period_of
from voronka.core.registry import reports
from voronka.opportunities.models import InterestLevel, Pipeline, Stage, Status
from voronka.partners.models import Industry, Partner, PartnerGroup, Source, Territory

__all__ = [
    "CENT", "COMMON", "DEAL_COLUMNS", "Cells", "Column", "Criteria", "Grouping", "Measure", "Report", "ReportResult", "Row", "Shown",
    "added_up", "address_behind", "as_pdf", "behind", "below_groups", "figures", "filled", "grouped", "links_behind", "listed",
    "names_of", "period_words", "report", "reports", "run",
]  # fmt: skip

# The dimensions every report of opportunities can be grouped by.
COMMON: Final = tuple(DIMENSIONS)
PRINTED: Final = 2000  # rows of a list on paper and in letters


@dataclass(frozen=True)
class Report:
    """A report as registered: how it is called, who may see it, how it is drawn and what it may be asked.

    `by` is the grouping when nobody chose; `charts` are the kinds of picture that fit, the first is its own; `asks` names the criteria the
    filter bar offers, `periods` the lengths of period it knows, `over_time` that its rows stand in the order of time, `drill` which report lists
    what is behind its figures, `template` the page, where the common one is not enough.
    """

    slug: str
    title: Words
    about: Words
    answer: Callable[[User, Criteria], ReportResult]
    measures: Sequence[Measure] = ()
    dimensions: Sequence[str] = ()
    charts: Sequence[str] = ("bars", "pie", "lines")
    by: str = ""
    asks: Sequence[str] = ("as_of", "group", "filters", "ranges")
    periods: Sequence[str] = PERIODS
    over_time: bool = False
    order: int = 100
    drill: str = "opportunities"
    permission: str = "analytics.view"
    template: str = "analytics/report.html"

    @property
    def view_name(self) -> str:
        """Under what its saved variants are kept."""
        return querysets.REPORT_PAGE + self.slug

    def address(self, query: str) -> str:
        """The page of the report with these criteria."""
        return reverse("analytics:report", args=[self.slug]) + (f"?{query}" if query else "")

    def letter(self, user: User, query: str, kind: str) -> tuple[tuple[bytes, str], str]:
        """The report as somebody may see it now, for a letter: a file (content, MIME type) and its totals in words. Raises RuleBroken."""
        criteria = Criteria.parse(dict(parse_qsl(query)))
        result = run(self.slug, user, replace(criteria, most=PRINTED))
        totals = [(c, result.totals[c.key]) for c in result.shown_columns if c.key in result.totals]
        words = "; ".join(f"{column.label}: {text_of(column, value, result.currency)}" for column, value in totals)
        return _as_file(self, result, user, criteria, kind), words or gettext("There is nothing to count here.")

    def offered_measures(self, result: ReportResult) -> list[Measure]:
        """What a picture may show: the report's own measures, of a list without groups its amounts, or each figure where the rows are split by a
        second group.
        """
        if result.is_list and not result.group_columns:  # rows have amounts; how many they are is no picture
            return [measure for measure in self.measures if "count" not in measure.columns]
        if len(result.group_columns) < 2 and self.measures:
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
    """The report's figures as this person may see them, with the columns chosen.

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
    for name in ("by", "then"):
        if (chosen := getattr(criteria, name)) and chosen not in wanted.dimensions:
            words = {"names": ", ".join(wanted.dimensions)}
            raise RuleBroken(
                gettext("This report can be grouped by: %(names)s.") % words, code=f"bad_{name}", field=name
            )
    settled = criteria.settled(Company.current())
    if not settled.by and wanted.by:
        settled = replace(settled, by=wanted.by)
    return wanted.answer(user, settled).with_columns(criteria.columns)


PERIOD_LABELS: Final[dict[str, Words]] = {
    "month": _("Month"), "quarter": _("Quarter"), "year": _("Year"), "week": _("Week"), "day": _("Day"),
}  # fmt: skip
DIMENSION_LABELS: Final[dict[str, Words]] = {
    "salesperson": _("Salesperson"), "territory": _("Territory"), "source": _("Information source"), "industry": _("Industry"),
    "pipeline": _("Pipeline"), "stage": _("Stage"), "status": _("Status"), "partner": _("Partner"), "group": _("Partner group"),
    "level": _("Level of interest"), "reason": _("Reasons"),
} | PERIOD_LABELS  # fmt: skip
_MODELS: Final[dict[str, Any]] = {
    "salesperson": User, "territory": Territory, "source": Source, "industry": Industry, "pipeline": Pipeline, "stage": Stage,
    "partner": Partner, "group": PartnerGroup, "level": InterestLevel,
}  # fmt: skip


# Stages stand in the order of their pipelines, not of their names.
_STAGES: Final = ("stage__pipeline__position", "stage__pipeline__name", "stage__position", "stage__pk")


def address_behind(found: Report, behind: Row, column: Column) -> str:
    """The list behind a figure, of today or as it was; the row's own `report` lists it, or the report's, which for figures is "opportunities"."""
    wanted = {name: value for name, value in behind.items() if name not in ("report", "then")} | dict(column.asks)
    if column.then:
        wanted["as_of"] = behind["then"]
    if column.status not in ("", "any"):
        wanted["status"] = column.status
    return f"{reverse('analytics:report', args=[behind.get('report', found.drill)])}?{urlencode(wanted)}"


def links_behind(found: Report, result: ReportResult) -> list[dict[str, str]]:
    """Per row: column key -> address of the list behind the figure."""
    if not result.behind:
        return []
    columns = [column for column in result.columns if column.status]
    return [
        {
            column.key: address_behind(found, behind, column)
            for column in columns
            if row[column.key] and behind.get("move") != "start"
        }
        for row, behind in zip(result.rows, result.behind, strict=True)
    ]


def names_of(dimension: str, keys: Iterable[int | None], user: User) -> dict[int | None, str | None]:
    """The names of a dimension's values by id, in one statement; no value has no name, nor has what the person may not see."""
    wanted = {key for key in keys if key is not None}
    rows = _MODELS[dimension].objects.visible_to(user).filter(pk__in=wanted).values_list("pk", "name")
    rows = rows.order_by(*(way.removeprefix("stage__") for way in _STAGES)) if dimension == "stage" else rows
    return {None: None, **dict(rows)}


def behind(criteria: Criteria, **narrower: Any) -> Row:
    """The criteria of one row's opportunities: the report's own and those of the row (None: without a value)."""
    chosen = {name: value for name in CHOICES if (value := getattr(criteria, name)) is not None}
    chosen |= dict(criteria.ranges) | ({"dated": criteria.dated} if criteria.dated else {})
    chosen |= {"from": criteria.first} if criteria.first else {}
    chosen |= {"to": criteria.last} if criteria.last else {}
    chosen |= {"status": criteria.status} if criteria.status else {}
    chosen |= {"expired": "1"} if criteria.expired else {}
    chosen |= {"category": criteria.category} if criteria.category else {}
    chosen |= {name: NOT_SET if value is None else value for name, value in narrower.items()}
    named = {name: "none" if value == NOT_SET and name not in RANGES else value for name, value in chosen.items()}
    return named | ({"as_of": criteria.as_of.isoformat()} if criteria.as_of else {})


@dataclass(frozen=True)
class Grouping:
    """The dimensions of a report's rows, in their order, and the names of their values; `ways` are the columns that hold them."""

    user: User
    criteria: Criteria
    dimensions: Sequence[str]
    names: dict[str, dict[Any, Any]] = field(default_factory=dict)
    ways: Mapping[str, str] = field(default_factory=lambda: DIMENSIONS)

    @property
    def sql_columns(self) -> list[str]:
        return list(dict.fromkeys(self.ways[name] for name in self.dimensions))

    @property
    def columns(self) -> list[Column]:
        kinds = dict.fromkeys(PERIOD_LABELS, "period")
        return [Column(name, DIMENSION_LABELS[name], kinds.get(name, "text"), group=True) for name in self.dimensions]

    def key(self, row: Row) -> tuple[Any, ...]:
        """The values of the dimensions in a row of the database; days become the first day of their period."""
        return tuple(self._value(name, row[self.ways[name]]) for name in self.dimensions)

    def _value(self, name: str, value: Any) -> Any:
        return period_of(value, name, self.criteria.year_start).first if name in PERIOD_LABELS and value else value

    def read_names(self, keys: Iterable[tuple[Any, ...]]) -> None:
        """Read the names of all values, in one statement per dimension."""
        found = list(keys)
        for place, name in enumerate(self.dimensions):
            if name in _MODELS:
                self.names[name] = names_of(name, {key[place] for key in found}, self.user)

    def words(self, key: tuple[Any, ...]) -> Row:
        """What stands in the group columns of a row."""
        return {name: self._words(name, value) for name, value in zip(self.dimensions, key, strict=True)}

    def _words(self, name: str, value: Any) -> Any:
        if value is None or name == "reason":
            return value
        if name in PERIOD_LABELS:
            return Shown(value, period_words(period_of(value, name, self.criteria.year_start)))
        if name == "status":
            return Shown(value, str(Status(value).label))
        if name == "partner" and value not in self.names[name]:
            return f"№ {value}"
        return self.names[name].get(value)

    def order(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        """Values by name, periods by day, stages as in their pipelines; what has no value comes last."""
        return tuple(
            (value is None, value is not None and self._place(name, value))
            for name, value in zip(self.dimensions, key, strict=True)
        )

    def _place(self, name: str, value: Any) -> Any:
        if name in PERIOD_LABELS:
            return value
        if name == "status":
            return _STATUS_ORDER.get(value, 9)
        return list(self.names[name]).index(value) if name == "stage" else str(self._words(name, value)).lower()

    def behind(self, key: tuple[Any, ...]) -> Row:
        """The criteria of the opportunities with these values."""
        narrower: Row = {}
        for name, value in zip(self.dimensions, key, strict=True):
            if name in PERIOD_LABELS:
                period = period_of(value, name, self.criteria.year_start)
                narrower |= _within(self.criteria, period)
            elif name != "reason":
                narrower[criterion(name)] = value
        return behind(self.criteria, **narrower)


_STATUS_ORDER: Final = {"open": 0, "won": 1, "lost": 2}


def _within(criteria: Criteria, period: Period) -> Row:
    first, last = criteria.first or period.first, criteria.last or period.last
    return {"from": max(first, period.first).isoformat(), "to": min(last, period.last).isoformat()}


Cells = dict[tuple[Any, ...], dict[str, Row]]
NOTHING: Final[Row] = {"n": 0, "total": Decimal("0.00"), "expected": Decimal("0.00")}


def grouped(
    user: User, criteria: Criteria, dimensions: Sequence[str], limits: tuple[date, date] | None = None
) -> tuple[Grouping, Cells]:
    """(grouping, key -> status -> figures `n`, `total`, `expected`) by values of the dimensions; `limits` are days of the months counted."""
    grouping = Grouping(user, criteria, list(dict.fromkeys(filter(None, dimensions))))
    cells: Cells = {}
    for row in querysets.summed(user, criteria, *dict.fromkeys([*grouping.sql_columns, "status"])):
        day: Any = row.get("month", row.get("day"))
        if limits and not limits[0] <= day <= limits[1]:
            continue
        kept = cells.setdefault(grouping.key(row), {}).setdefault(row["status"], dict(NOTHING))
        for name in kept:
            kept[name] += row[name]
    grouping.read_names(cells)
    return grouping, cells


def figures(cell: dict[str, Row]) -> tuple[Row, Row, Row]:
    """The figures of open, won and lost opportunities of a cell."""
    return tuple(cell.get(status, NOTHING) for status in ("open", "won", "lost"))  # type: ignore[return-value]


def listed(user: User, criteria: Criteria, keys: Sequence[str], *, shown: Sequence[str] = ()) -> ReportResult:
    """The opportunities that fit the criteria, as they were at its moment, below their groups, the largest first.

    `keys` name columns of DEAL_COLUMNS, `shown` those of them that are there though they usually are not. Of one handed over since, only what
    was true then is told.
    """
    columns = [replace(c, shown=c.shown or c.key in shown) for c in (DEAL_COLUMNS[key] for key in keys)]
    facts = querysets.facts(user, criteria)
    told = querysets.told(facts, user, criteria).order_by("-potential_company", querysets.path(criteria, "pk"))
    return below_groups(user, criteria, columns, facts, told, querysets.SUMS)


def below_groups(
    user: User,
    criteria: Criteria,
    columns: Sequence[Column],
    counted: QuerySet[Any],
    told: QuerySet[Any],
    sums: Mapping[str, Any],
    ways: Mapping[str, str] = DIMENSIONS,
) -> ReportResult:
    """Rows below the groups of the criteria: `counted` gives the sums, `told` the rows in their order.

    `sums` are what is added up by the key of its column, `ways` the columns of the dimensions, where rows are no opportunities. `criteria.most`
    limits the rows, not the sums. The rows are gone through once: two statements and one per dimension, however many rows.
    """
    grouping = Grouping(user, criteria, list(dict.fromkeys(filter(None, (criteria.by, criteria.then)))), ways=ways)
    own = [c for c in columns if c.key not in grouping.dimensions]
    columns = [*grouping.columns, *([COUNT] if grouping.dimensions else []), *own]
    told = told.order_by(*_ordering(criteria, grouping), *told.query.order_by)
    found, first = querysets.gone_through(counted, criteria, grouping.sql_columns, sums, told.query.order_by)
    groups = _groups(grouping, [_summed(row, sums) for row in found])
    if criteria.most:  # first which rows, then what is told of them: sorting carries no more than it needs
        told = told.filter(**{f"{querysets.path(criteria, 'pk')}__in": first})
    total = _summed({key: sum(row[key] or 0 for row in found) for key in ("count", *sums)}, sums)
    lines = _told(told, _asked(columns, criteria), grouping, criteria)
    return ReportResult(
        columns,
        list(lines) if criteria.most else lines,
        total,
        currency=criteria.currency,
        groups=groups,
        number=total["count"],
    )


def _asked(columns: Sequence[Column], criteria: Criteria) -> list[Column]:
    """The columns somebody will see: nothing is read for the others."""
    chosen = criteria.columns.split(",") if criteria.columns else [c.key for c in columns if c.shown]
    return [c for c in columns if c.group or c.key in chosen]


COUNT: Final = Column("count", _("Count"), "count", "any")


def _summed(found: Row, sums: Iterable[str]) -> Row:
    """The sums of a group as money; of nothing it is 0.00."""
    return found | {key: Decimal(found[key] or 0).quantize(CENT) for key in sums}


def _groups(grouping: Grouping, found: Iterable[Row]) -> list[Subtotal]:
    """The sums of the groups of a list, in order; days of one period are put together."""
    if not grouping.dimensions:
        return []
    groups: dict[tuple[Any, ...], Row] = {}
    for row in found:
        key, figures = grouping.key(row), {name: row[name] for name in row if name not in grouping.sql_columns}
        before = groups.get(key)
        groups[key] = {name: value + before[name] for name, value in figures.items()} if before else figures
    grouping.read_names(groups)
    return [
        Subtotal(grouping.words(key) | groups[key], grouping.behind(key)) for key in sorted(groups, key=grouping.order)
    ]


def _ordering(criteria: Criteria, grouping: Grouping) -> list[Any]:
    """The order of the groups in the database: as `Grouping.order`."""
    ways: list[str] = []
    for name in grouping.dimensions:
        column = grouping.ways[name]
        named = f"{column.removesuffix('_id')}__name" if name in _MODELS else column
        ways += _STAGES if name == "stage" else [named]
    return [F(querysets.path(criteria, way)).asc(nulls_last=True) for way in ways]


def _told(rows: QuerySet[Any], columns: Sequence[Column], grouping: Grouping, criteria: Criteria) -> Iterator[Row]:
    """The rows of a list in words, with the number of their record as `pk` and their partner's as `partner_pk`."""
    paths = {c.key: querysets.path(criteria, c.path) for c in columns if c.path}
    more = {"pk": querysets.path(criteria, "pk"), "partner_pk": "partner_pk", "seen": "seen"}
    groups = {name: querysets.path(criteria, name) for name in grouping.sql_columns}
    named = {c.key: dict(c.words) for c in columns if c.words}
    for row in rows.values(*{*paths.values(), *more.values(), *groups.values()}).iterator(2000):
        made: Row = {key: row[way] for key, way in (paths | more).items()} | {"count": 1}
        made |= {key: Shown(made[key], str(words.get(made[key], made[key]))) for key, words in named.items()}
        if grouping.dimensions:
            made |= grouping.words(grouping.key({name: row[way] for name, way in groups.items()}))
        yield _as_told(made)


def _as_told(row: Row) -> Row:
    """The row in words; of an opportunity the person may not open today its number and figures alone."""
    if "name" in row:
        row["name"] = (row["name"] or f"№ {row['pk']}") if row["seen"] else gettext("now with somebody else")
    if not row["seen"]:
        row |= {key: None for key in _HIDDEN if key in row}
    return row


# What is not told of an opportunity somebody else answers for today.
_HIDDEN: Final = ("partner", "contact", "channel", "level", "reason", "comment", "activities", "last_activity")


def period_words(period: Period) -> str:
    """ "March 2026", "Q1 2026", "2026"; a fiscal year that is no calendar year is named by both its years, a week by its first day."""
    return _period_words(period, get_language())


@lru_cache(maxsize=2048)
def _period_words(period: Period, language: str | None) -> str:
    """In the language that is active; which one that is tells the cache alone."""
    if period.kind in ("day", "week"):
        day = date_format(period.first, "SHORT_DATE_FORMAT")
        return day if period.kind == "day" else gettext("Week of %(day)s") % {"day": day}
    if period.kind == "month":
        return date_format(period.first, "F Y")
    year_start = (
        period.first.month if period.kind == "year" else (period.first.month - 3 * (period.number - 1) - 1) % 12 + 1
    )
    begins, ends = fiscal_year(period.first, year_start)
    year = str(begins) if begins == ends else f"{begins}/{ends % 100:02d}"
    return year if period.kind == "year" else gettext("Q%(number)s %(year)s") % {"number": period.number, "year": year}


def as_pdf(found: Report, result: ReportResult, user: User, criteria: Criteria) -> bytes:
    """The report on paper, in the language that is active: its title, what it was asked, the table with groups and totals."""
    columns = result.shown_columns
    lines = [
        {"level": line.level, "cells": [_on_paper(result, line, column) for column in columns]}
        for line in outline(result)
    ]
    totals = [text_of(c, result.totals[c.key], result.currency) if c.key in result.totals else "" for c in columns]
    moment = localtime(criteria.settled(Company.current()).moment or now())
    return pdf.table(
        title=str(found.title),
        subtitle=gettext("%(company)s · as of %(moment)s · %(person)s")
        % {
            "company": Company.current().name,
            "moment": date_format(moment, "SHORT_DATETIME_FORMAT"),
            "person": user.name,
        },
        header=[str(column.label) for column in columns],
        are_numbers=[column.is_number for column in columns],
        lines=lines,
        totals=[gettext("Total"), *totals[1:]],
    )


def _as_file(found: Report, result: ReportResult, user: User, criteria: Criteria, kind: str) -> tuple[bytes, str]:
    """Content and MIME type."""
    if kind == "pdf":
        return as_pdf(found, result, user, criteria), "application/pdf"
    header = [str(column.label) for column in result.shown_columns]
    if kind == "csv":
        return "".join(exports.csv_lines(header, result.lines())).encode(), "text/csv"
    book = BytesIO()
    exports.xlsx_file(header, result.lines(), book)
    return book.getvalue(), exports.XLSX


def _on_paper(result: ReportResult, line: Line, column: Column) -> str:
    if column.key not in line.values or (column.group and result.is_list and not line.level):
        return ""
    return text_of(column, line.values[column.key], result.currency)
