"""A report's figures as options of a picture: one series per figure, or one per value of the second group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from voronka.analytics.tables import ReportResult, Row, Shown, Words, text_of
from voronka.core import charts
from voronka.core.money import number_text, short_money

Links = Sequence[dict[str, str]]
MOST_SLICES: Final = 12
MOST_CATEGORIES: Final = 60
MOST_DEALS: Final = 10  # of a list without groups


@dataclass(frozen=True)
class Measure:
    """What a picture may show: the columns drawn, with their colours; columns of one `stack` stand on each other."""

    key: str
    label: Words
    columns: Sequence[str]
    colours: Sequence[str] = ()
    stacks: Sequence[str] = ()


def drawn_rows(result: ReportResult, links: Links) -> tuple[list[Row], Links]:
    """What a picture draws: the rows, or of a list the sums of its groups."""
    if result.is_list:
        return [group.values for group in result.groups], [{} for _group in result.groups]
    return list(result.rows), links


def picture(
    result: ReportResult, measure: Measure, links: Links, *, kind: str, over_time: bool
) -> charts.Options | None:
    """The figures as options of a picture of a kind (funnel, bars, lines, pie, waterfall), None without rows.

    `links[n]` are the addresses behind row n by column. Of a list without groups the first rows are drawn, which are the largest.
    """
    if result.is_list and not result.group_columns:
        return _deals_drawn(result, measure) if kind == "bars" else None
    rows, links = drawn_rows(result, links)
    if not rows or not result.group_columns:
        return None
    if kind == "waterfall":
        return charts.waterfall(_points(result, rows, measure.columns[0], links))
    if len(result.group_columns) > 1:
        return _split(result, rows, measure.columns[0], links, kind, over_time)
    if kind == "funnel":
        return charts.funnel(
            _points(result, rows, measure.columns[0], links), _ghosts(result, rows, measure.columns[0])
        )
    if kind == "pie":
        return charts.pie(_largest(_points(result, rows, measure.columns[0], links)))
    return _columns_drawn(result, rows, measure, links, kind, over_time)


def _points(result: ReportResult, rows: Sequence[Row], key: str, links: Links) -> list[charts.Point]:
    kinds = {column.key: column.kind for column in result.columns}
    colours = result.colours or [""] * len(rows)
    return [
        charts.Point(
            _category(result, row),
            row[key] or 0,
            _short(kinds[key], row[key] or 0, result.currency),
            link.get(key, ""),
            colour,
        )
        for row, link, colour in zip(rows, links, colours, strict=True)
    ]


def _ghosts(result: ReportResult, rows: Sequence[Row], key: str) -> list[charts.Point]:
    """What the values were on the day the report is compared with; none if it is with nothing."""
    change = next((column for column in result.columns if column.key == f"{key}_change"), None)
    if change is None:
        return []
    before = [row[key] - row[change.key] for row in rows]
    return [
        charts.Point(_category(result, row), value, _short(change.kind, value, result.currency))
        for row, value in zip(rows, before, strict=True)
    ]


def _category(result: ReportResult, row: Row) -> str:
    """What stands below a bar: the value of the first group."""
    first = result.group_columns[0]
    return text_of(first, row[first.key], "")


def _short(kind: str, value: Any, currency: str) -> str:
    return short_money(value, currency) if kind == "money" else number_text(value, 0 if value == int(value) else 1)


def _largest(points: Sequence[charts.Point]) -> list[charts.Point]:
    """The largest slices and one called "Others"."""
    order = sorted((point for point in points if point.value > 0), key=lambda point: -point.value)
    rest = order[MOST_SLICES - 1 :]
    if len(rest) < 2:
        return order
    return [*order[: MOST_SLICES - 1], charts.Point(gettext("Others"), sum(point.value for point in rest))]


def _columns_drawn(
    result: ReportResult, rows: Sequence[Row], measure: Measure, links: Links, kind: str, over_time: bool
) -> charts.Options:
    """One series per column of the measure."""
    labels = {column.key: str(column.label) for column in result.columns}
    nothing = [""] * len(measure.columns)
    parts = zip(measure.columns, measure.colours or nothing, measure.stacks or nothing, strict=True)
    series = [
        charts.Series(labels[key], _points(result, rows, key, links), colour, stack) for key, colour, stack in parts
    ]
    categories = [point.name for point in series[0].points]
    return charts.bars(categories, series, lines=kind == "lines", sideways=not over_time, focus=_now(result, rows))


def _deals_drawn(result: ReportResult, measure: Measure) -> charts.Options | None:
    """The first opportunities of a list, each a bar that opens it; None where their names or figures are not among the columns."""
    rows, key = list(result.rows)[:MOST_DEALS], measure.columns[0]
    columns = {column.key: column for column in result.columns}
    if not rows or not {"name", key} <= rows[0].keys() & columns.keys():
        return None
    kind, label = columns[key].kind, str(columns[key].label)
    points = [
        charts.Point(
            text_of(columns["name"], row["name"], ""),
            row[key] or 0,
            _short(kind, row[key] or 0, result.currency),
            reverse("opportunities:detail", args=[row["pk"]]) if row.get("seen") else "",
        )
        for row in rows
    ]
    return charts.bars([point.name for point in points], [charts.Series(label, points)], sideways=True)


def _split(
    result: ReportResult, rows: Sequence[Row], key: str, links: Links, kind: str, over_time: bool
) -> charts.Options:
    """One series per value of the second group, the largest first; what is beyond the colours goes into one called "Others"."""
    points, second = _points(result, rows, key, links), result.group_columns[1]
    categories = list(dict.fromkeys(point.name for point in points))[:MOST_CATEGORIES]
    sums: dict[str, Any] = {}
    cells: dict[tuple[str, str], charts.Point] = {}
    for row, point in zip(rows, points, strict=True):
        name = text_of(second, row[second.key], "")
        before = cells.get((name, point.name))
        sums[name] = sums.get(name, 0) + point.value
        cells[name, point.name] = charts.Point(
            name, point.value + (before.value if before else 0), href="" if before else point.href
        )
    order = sorted(sums, key=lambda name: -sums[name])
    large, rest = order[: charts.MOST_SERIES - 1], order[charts.MOST_SERIES - 1 :]
    empty = charts.Point("", 0)
    series = [charts.Series(name, [cells.get((name, c), empty) for c in categories], stack="all") for name in large]
    if rest:
        others = [charts.Point("", sum(cells.get((name, c), empty).value for name in rest)) for c in categories]
        series.append(charts.Series(gettext("Others"), others, stack="all"))
    return charts.bars(categories, series, lines=kind == "lines", sideways=not over_time, focus=_now(result, rows))


def _now(result: ReportResult, rows: Sequence[Row]) -> int:
    """The place of the period that has begun last, -1 for reports that are not over time."""
    first = result.group_columns[0]
    begun = (
        [row[first.key].value for row in rows if isinstance(row[first.key], Shown)] if first.kind == "period" else []
    )
    return sum(day <= timezone.localdate() for day in sorted(set(begun))) - 1
