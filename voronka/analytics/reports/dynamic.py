"""Dynamic analysis: the pipeline frame by frame, as figures and as data to be played."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate, groupby
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.analytics import querysets
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import (
    Column,
    Grouping,
    Measure,
    ReportResult,
    Row,
    Shown,
    behind,
    period_words,
    report,
)
from voronka.analytics.rules import DIMENSIONS, MOST_BUBBLES, MOST_FRAMES, USUAL_DAYS, Span, criterion, happenings
from voronka.core.errors import RuleBroken
from voronka.core.money import SIGNS
from voronka.core.periods import end_of_day, period_of, periods_between
from voronka.opportunities.models import Opportunity, Stage

FIGURES = (
    Column("count", _("Count"), "count", "any"),
    Column("potential", _("Potential"), "money", "any"),
    Column("weighted", _("Weighted"), "money", "any"),
)
MEASURES = (
    Measure("potential", _("Potential"), ("potential",)),
    Measure("count", _("Count"), ("count",)),
)
CLOSED: Final = ("won", "lost")
# Count, potential and weighted of each frame; amounts in cents.
Course = tuple[list[int], list[int], list[int]]
# By band: the number of a stage, "won", "lost".
Running = dict[Any, Course]


@report(
    "dynamic",
    title=_("Dynamic analysis"),
    about=_("The pipeline day by day: how deals came, moved, were won and lost."),
    measures=MEASURES,
    dimensions=("salesperson", "source", "territory", "industry", "group"),
    charts=("lines", "bars"),
    asks=("as_of", "period", "dates", "category", "filters", "ranges"),
    over_time=True,
    order=50,
    template="analytics/dynamic.html",
)
def dynamic(user: User, criteria: Criteria) -> ReportResult:
    """Open opportunities by stage at the end of each day, week, month, ... from `from` to `to` (by day the last 90 days, if not given).

    One row per frame and stage with count, potential and weighted, as the pipeline as of that day has them; won and lost ones are counted from the
    first frame on. `extra` holds `frames` (days) and `bubbles`, of up to 2,000 deals one entry per span with its first frame and the frame it
    ends before; of more, sums by stage and value of `by` (salesperson, if not given) instead, with `is_aggregated`: one entry for as long as they stay
    the same, those won and lost without a stage. `drawn` is what the playing page needs of it. Deals of others are not told by name.
    """
    days = _frames(criteria)
    moments = [min(end_of_day(day, criteria.zone), criteria.moment or timezone.now()) for day in days]
    grouping = Grouping(user, criteria, [criteria.by or "salesperson"])
    found = querysets.frames(user, criteria, moments, grouping.sql_columns[0])
    courses = {(change.band, change.value): _course(change, len(days)) for change in found}
    running = _running(courses)
    bands = _bands(user, criteria, running)
    rows, keys = _rows(criteria, days, bands, running)
    columns = [Column("frame", _("Day"), "period", group=True), Column("stage", _("Stage"), group=True), *FIGURES]
    last = [row for row in rows if row["frame"].value == days[-1] and row["stage_id"] is not None]
    totals = {"count": sum(row["count"] for row in last)} | {
        key: sum((row[key] for row in last), Decimal("0.00")) for key in ("potential", "weighted")
    }
    if _are_many(running) or querysets.moves_more_than(user, criteria, moments, MOST_BUBBLES):
        bubbles, drawn = _summed_bubbles(grouping, bands, courses)
    else:
        bubbles, drawn = _own_bubbles(user, criteria, grouping, moments, bands)
    extra = {"frames": [day.isoformat() for day in days]} | bubbles
    drawn |= _scenery(criteria, days, bands, running)
    return ReportResult(columns, rows, totals, keys, criteria.currency, extra=extra, drawn=drawn)


def _frames(criteria: Criteria) -> list[date]:
    """The last day of each frame. Raises RuleBroken when there are more than anybody watches."""
    today = timezone.localdate(criteria.moment or timezone.now(), criteria.zone)
    last, kind = min(criteria.last or today, today), criteria.period or "day"
    first = min(criteria.first or last - timedelta(days=USUAL_DAYS), last)
    if (last - first).days / {"day": 1, "week": 7}.get(kind, 28) > MOST_FRAMES:
        raise RuleBroken(
            gettext("These are too many periods. Choose longer ones, or days nearer to each other."),
            code="too_many",
            field="from",
        )
    return [min(period.last, last) for period in periods_between(first, last, kind, criteria.year_start)]


def _course(change: querysets.Changes, frames: int) -> Course:
    """The figures of each frame, from the frames in which they change."""
    return (
        _added_up(change.frames, change.counts, frames),
        _added_up(change.frames, change.potentials, frames),
        _added_up(change.frames, change.weighted, frames),
    )


def _added_up(places: Sequence[int], changes: Sequence[int], frames: int) -> list[int]:
    steps = [0] * (frames + 1)  # the last one lies behind the film
    for place, change in zip(places, changes, strict=True):
        steps[place] = change
    return list(accumulate(steps[:frames]))


def _running(courses: Mapping[tuple[Any, Any], Course]) -> Running:
    """The figures of each band: its values added up."""
    of_band: dict[Any, list[Course]] = defaultdict(list)
    for (band, _value), course in courses.items():
        of_band[band].append(course)
    return {
        band: tuple(list(map(sum, zip(*figures, strict=True))) for figures in zip(*own, strict=True))  # type: ignore[misc]
        for band, own in of_band.items()
    }


def _are_many(running: Running) -> bool:
    """Whether one frame alone shows more deals than can be drawn: then nobody need count those of all frames."""
    counts = [counts for counts, _potentials, _weighted in running.values()]
    return max(map(sum, zip(*counts, strict=True)), default=0) > MOST_BUBBLES


def _bands(user: User, criteria: Criteria, running: Mapping[Any, Any]) -> list[Stage]:
    """The stages anything lay in, and the empty ones between them, in the order of their pipelines."""
    stages = Stage.objects.visible_to(user).select_related("pipeline")
    every = list(stages.order_by("pipeline__position", "pipeline__name", "position", "pk"))
    pipelines = {stage.pipeline_id for stage in every if stage.pk in running}
    return [
        stage
        for stage in every
        if stage.pk in running or (stage.is_active and stage.pipeline_id in pipelines and not criteria.stage)
    ]


def _rows(
    criteria: Criteria, days: Sequence[date], bands: Sequence[Stage], running: Running
) -> tuple[list[Row], list[Row]]:
    """The table: a row per frame and band anything ever lay in."""
    names: dict[Any, str] = {stage.pk: stage.name for stage in bands} | {"won": gettext("Won"), "lost": gettext("Lost")}
    rows, keys = [], []
    for place, day in enumerate(days):
        words = Shown(day, period_words(period_of(day, "day")))
        for key in (key for key in names if key in running):
            counts, *amounts = running[key]
            potential, weighted = (Decimal(own[place]).scaleb(-2) for own in amounts)
            figures = {"count": counts[place], "potential": potential, "weighted": weighted}
            rows.append(
                {"frame": words, "stage": names[key], "stage_id": key if isinstance(key, int) else None} | figures
            )
            keys.append(_behind(criteria, days[0], day, key))
    return rows, keys


def _behind(criteria: Criteria, first: date, day: date, key: Any) -> Row:
    """The deals open in a stage on the day, or those closed since the first one, of which no forecast is asked."""
    asked = criteria.of_any_time().without_dates()
    if isinstance(key, int):
        return behind(asked) | {"as_of": day.isoformat(), "stage": key, "status": "open"}
    closed_from = (first + timedelta(days=1)).isoformat()
    return behind(replace(asked, category="")) | {"as_of": day.isoformat(), "status": key, "closed_from": closed_from}


def _scenery(criteria: Criteria, days: Sequence[date], bands: Sequence[Stage], running: Running) -> Row:
    """What the playing page draws besides bubbles: days, bands, their figures in each frame, and where links lead."""
    several = len({stage.pipeline_id for stage in bands}) > 1
    nothing: Course = ([0] * len(days),) * 3
    kept = {"from": "", "to": "", "by": "", "period": "", "as_of": "", "columns": ""}
    return {
        "days": [{"iso": day.isoformat(), "words": date_format(day)} for day in days],
        "bands": [
            {
                "id": stage.pk, "name": stage.name, "pipeline": stage.pipeline.name if several else "",
                "colour": f"--s{min(int(stage.percentage) // 10, 9)}",
            }
            for stage in bands
        ],
        "figures": [_cells(running.get(stage.pk, nothing)) for stage in bands],
        "closed": {word: _cells(running.get(word, nothing)) for word in CLOSED},
        "sign": SIGNS.get(criteria.currency, criteria.currency),
        "query": criteria.query(**kept),
        "addresses": {name: reverse("analytics:report", args=[name]) for name in ("pipeline", "opportunities", "bridge")},
    }  # fmt: skip


def _cells(course: Course) -> list[tuple[int, float, float]]:
    """Figures of each frame for a script: amounts are exact to the cent below 90 trillion."""
    counts, *amounts = course
    potentials, weighted = ([cents / 100 for cents in own] for own in amounts)
    return list(zip(counts, potentials, weighted, strict=True))


def _summed_bubbles(
    grouping: Grouping, bands: Sequence[Stage], courses: Mapping[tuple[Any, Any], Course]
) -> tuple[Row, Row]:
    """Sums by band and value: as spans for programs, as figures of each frame for the page."""
    sums: dict[Any, int] = defaultdict(int)
    for (_band, value), (_counts, potentials, _weighted) in courses.items():
        sums[value] += sum(potentials)
    grouping.read_names((value,) for value in sums)
    words = {value: _value_words(grouping, value) for value in sums}
    values = sorted(sums, key=lambda value: (-sums[value], words[value]))
    numbers, places = {value: number for number, value in enumerate(values)}, _places(bands)
    by_value = sorted(courses.items(), key=lambda item: numbers[item[0][1]])
    drawn = {
        "is_aggregated": True, "values": [words[value] for value in values],
        "sums": [[places.get(band, band), numbers[value], _cells(course)] for (band, value), course in by_value],
        "criterion": criterion(grouping.dimensions[0]), "keys": ["none" if value is None else value for value in values],
    }  # fmt: skip
    return {"is_aggregated": True, "bubbles": _summed_spans(words, by_value)}, drawn


def _summed_spans(words: Mapping[Any, str], courses: Iterable[tuple[tuple[Any, Any], Course]]) -> Iterator[Row]:
    """An entry for as long as the figures of a band and value stay the same; made when a program asks, no page needs them."""
    for (band, value), (counts, potentials, _weighted) in courses:
        frame, is_open = 0, isinstance(band, int)
        for (count, potential), same in groupby(zip(counts, potentials, strict=True)):
            first, frame = frame, frame + sum(1 for _cell in same)
            if count:
                yield {
                    "stage": band if is_open else None, "status": "open" if is_open else band, "value": words[value],
                    "begins": first, "ends": frame, "count": count, "potential": str(Decimal(potential).scaleb(-2)),
                }  # fmt: skip


def _places(bands: Sequence[Stage]) -> dict[int, int]:
    return {stage.pk: place for place, stage in enumerate(bands)}


def _own_bubbles(
    user: User, criteria: Criteria, grouping: Grouping, moments: Sequence[Any], bands: Sequence[Stage]
) -> tuple[Row, Row]:
    """Each deal with its spans, and what happened in each frame."""
    name, column = grouping.dimensions[0], DIMENSIONS[grouping.dimensions[0]]
    tracks = querysets.tracks(user, criteria, moments, column)
    grouping.read_names({(row[column],) for row in tracks})
    deals = Opportunity.objects.visible_to(user).filter(pk__in={row["opportunity_id"] for row in tracks})
    names = dict(deals.values_list("pk", "name"))
    bubbles = [
        {
            "opportunity": row["opportunity_id"], "name": names.get(row["opportunity_id"], "") or f"№ {row['opportunity_id']}",
            "stage": row["stage_id"], "status": row["status"], "value": grouping.words((row[column],))[name],
            "begins": row["begins"], "ends": row["ends"], "potential": str(row["potential"]),
        }
        for row in tracks
    ]  # fmt: skip
    values = _values(grouping, tracks)
    drawn = {
        "is_aggregated": False, "values": [_value_words(grouping, value) for value in values],
        "deals": list(_deals(tracks, names, bands, {value: number for number, value in enumerate(values)}, column)),
        "happened": _happened(tracks, bands, len(moments)),
    }  # fmt: skip
    return {"is_aggregated": False, "bubbles": bubbles}, drawn


def _values(grouping: Grouping, rows: Sequence[Row]) -> list[Any]:
    """The values bubbles are coloured by, the largest first: the first ones get colours of their own."""
    column = DIMENSIONS[grouping.dimensions[0]]
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row[column]] += row["potential"]
    return sorted(sums, key=lambda value: (-sums[value], _value_words(grouping, value)))


def _value_words(grouping: Grouping, value: Any) -> str:
    return str(grouping.words((value,))[grouping.dimensions[0]] or gettext("Not set"))


def _deals(
    tracks: Sequence[Row], names: Mapping[int, str], bands: Sequence[Stage], values: Mapping[Any, int], column: str
) -> Iterator[Row]:
    """The deals in the order of their numbers; one outside the person's reach today has no address and no name."""
    places = _places(bands)
    for key, spans in groupby(tracks, key=lambda row: row["opportunity_id"]):
        yield {
            "id": key, "name": names.get(key) or f"№ {key}", "href": reverse("opportunities:detail", args=[key]) if key in names else "",
            "spans": [
                [
                    places.get(row["stage_id"], -1), row["status"], row["begins"], row["ends"], float(row["potential"]), float(row["weighted"]),
                    values[row[column]],
                ]
                for row in spans
            ],
        }  # fmt: skip


def _happened(tracks: Sequence[Row], bands: Sequence[Stage], frames: int) -> list[list[Row]]:
    """By frame what happened in it: the kind, the place of the deal among the deals, its bands and amounts before and after."""
    places = _places(bands)
    found: list[list[Row]] = [[] for _frame in range(frames)]
    for number, (_key, rows) in enumerate(groupby(tracks, key=lambda row: row["opportunity_id"])):
        for one in happenings([_span(row) for row in rows], frames):
            edges = {
                edge: [places.get(span.stage, -1), float(span.potential)] if span else None
                for edge, span in (("before", one.before), ("after", one.after))
            }
            found[one.frame].append({"kind": one.kind, "deal": number} | edges)
    return found


def _span(row: Row) -> Span:
    is_born = row["born"] == row["begins"]
    return Span(row["stage_id"], row["status"], row["potential"], row["begins"], row["ends"], is_born, row["reopens"])
