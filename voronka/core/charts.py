"""Rows to options of Apache ECharts, as plain data: no function, no sentence, no colour but a token of tokens.css.

The page's script replaces "--token" by the colour of the theme and "compact" by a formatter of the browser's language.
`href` of a point is where a click on it leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

SERIES: Final = ("--c0", "--c1", "--c2", "--c3", "--c4", "--c5", "--c6", "--c7")
MOST_SERIES: Final = len(SERIES)
STRIP: Final = 0.006  # of the widest segment
ZOOM_FROM: Final = 24  # more categories than this get a slider

Options = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """One value of a picture, its text for the eye, the address behind it, and a colour of its own if it has one."""

    name: str
    value: Decimal | int
    text: str = ""
    href: str = ""
    colour: str = ""


@dataclass(frozen=True)
class Series:
    """Values of one colour, one point per category; series of one `stack` stand on each other."""

    name: str
    points: Sequence[Point]
    colour: str = ""
    stack: str = ""


def funnel(points: Sequence[Point], ghosts: Sequence[Point] = ()) -> Options:
    """Centred bars from top to bottom, each exactly as long as its value; an empty one keeps a thin strip to be seen. Ghosts are outlines
    around them: what the values were at another time.

    Not the library's own funnel: its trapezes take their lower edge from the next value, so that a small stage before a
    large one looks large.
    """
    widest = max((float(point.value) for point in (*points, *ghosts)), default=0) or 1.0
    lengths = [max(float(point.value), widest * STRIP) for point in points]
    padding = [{"value": (widest - length) / 2} for length in lengths]
    segments = [_segment(point, length) for point, length in zip(points, lengths, strict=True)]
    pad: Options = {
        "type": "bar",
        "stack": "funnel",
        "silent": True,
        "itemStyle": {"color": "transparent"},
        "data": padding,
    }
    bar: Options = {
        "type": "bar",
        "stack": "funnel",
        "barCategoryGap": "8%",
        "itemStyle": {"borderRadius": 5},
        "data": segments,
    }
    label = {"show": True, "position": "inside", "color": "--v-ink", "lineHeight": 17}
    return {
        "tooltip": {"trigger": "item", "renderMode": "richText", "confine": True},
        "grid": {"left": 0, "right": 0, "top": 8, "bottom": 8},
        "xAxis": {"type": "value", "max": widest, "show": False},
        "yAxis": {"type": "category", "data": [point.name for point in points], "inverse": True, "show": False},
        "series": [
            pad,
            bar | {"label": label, "cursor": "pointer"},
            *_outlines(ghosts, widest, bar | {"label": label}, pad),
        ],
    }


def _outlines(ghosts: Sequence[Point], widest: float, bar: Options, pad: Options) -> list[Options]:
    """Dashed outlines of the same height as the bars they lie upon, and above them the words of the bars once more."""
    if not ghosts:
        return []
    lengths = [float(ghost.value) for ghost in ghosts]
    common: Options = {"type": "bar", "stack": "ghost", "barGap": "-100%", "silent": True, "z": 3}
    outline = {
        "color": "transparent",
        "borderColor": "--v-ink-2",
        "borderWidth": 1.5,
        "borderType": "dashed",
        "borderRadius": 5,
    }
    words = {"textBorderColor": "--v-surface", "textBorderWidth": 3}
    unseen: Options = {"stack": "words", "silent": True, "z": 4, "itemStyle": {"color": "transparent"}}
    named = [{key: value for key, value in segment.items() if key != "itemStyle"} for segment in bar["data"]]
    return [
        common
        | {"itemStyle": {"color": "transparent"}, "data": [{"value": (widest - length) / 2} for length in lengths]},
        common | {"itemStyle": outline, "data": [{"value": length} for length in lengths]},
        pad | unseen,
        bar | unseen | {"label": bar["label"] | words, "data": named},
    ]


def _segment(point: Point, length: float) -> Options:
    text = _plain(f"{point.name}\n{point.text}")
    look = {"itemStyle": {"color": point.colour}} if point.colour else {}
    words = {"label": {"formatter": text}, "tooltip": {"formatter": text}}
    return {"name": point.name, "value": length, "href": point.href} | look | words


def bars(
    categories: Sequence[str], series: Sequence[Series], *, lines: bool = False, sideways: bool = False, focus: int = -1
) -> Options:
    """Bars, or lines, by category. Sideways, the first category is on top. `focus` is the category the slider opens around."""
    names: Options = {"type": "category", "data": list(categories), "inverse": sideways, "axisTick": {"show": False}}
    if sideways:
        names["axisLabel"] = {"width": 150, "overflow": "break", "lineHeight": 14}
    values: Options = {
        "type": "value",
        "axisLabel": {"formatter": "compact"},
        "splitLine": {"lineStyle": {"color": "--v-line"}},
    }
    options: Options = {
        "tooltip": {
            "trigger": "axis",
            "renderMode": "richText",
            "axisPointer": {"type": "shadow"},
            "confine": True,
            "valueFormatter": "full",
        },
        "legend": {"show": len(series) > 1, "type": "scroll", "top": 0, "textStyle": {"color": "--v-ink"}},
        "grid": {"left": 8, "right": 30, "top": 40 if len(series) > 1 else 16, "bottom": 8, "containLabel": True},
        "xAxis": values if sideways else names,
        "yAxis": names if sideways else values,
        "series": [_drawn(one, SERIES[number % MOST_SERIES], lines) for number, one in enumerate(series)],
    }
    if len(categories) > ZOOM_FROM and not sideways:
        options["dataZoom"] = [_slider(len(categories), focus)]
        options["grid"]["bottom"] = 48
    return options


def pie(points: Sequence[Point]) -> Options:
    """A ring of slices with their shares."""
    slices = [
        {"name": _plain(point.name), "value": float(point.value), "href": point.href, "itemStyle": {"color": point.colour or SERIES[number % MOST_SERIES]}}
        for number, point in enumerate(points)
    ]  # fmt: skip
    ring = {
        "type": "pie", "radius": ["42%", "72%"], "center": ["50%", "46%"], "data": slices, "minAngle": 2,
        "itemStyle": {"borderColor": "--v-surface", "borderWidth": 2}, "label": {"color": "--v-ink", "formatter": "{b}  {d} %", "overflow": "truncate", "width": 170},
    }  # fmt: skip
    return {
        "tooltip": {"trigger": "item", "renderMode": "richText", "confine": True, "valueFormatter": "full"},
        "legend": {"type": "scroll", "bottom": 0, "textStyle": {"color": "--v-ink"}},
        "series": [ring],
    }


def waterfall(points: Sequence[Point]) -> Options:
    """Steps from the first value to the last: both stand on the ground, each step in between begins where the one before ended."""
    floor, level = [], 0.0
    for number, point in enumerate(points):
        value = float(point.value)
        is_edge = number in (0, len(points) - 1)
        floor.append(0.0 if is_edge else min(level, level + value))
        level = value if is_edge else level + value
    steps = [_step(point) for point in points]
    pad = {"type": "bar", "stack": "steps", "silent": True, "itemStyle": {"color": "transparent"}, "data": floor}
    bar = {
        "type": "bar",
        "stack": "steps",
        "barMaxWidth": 72,
        "data": steps,
        "label": {"show": True, "position": "top", "color": "--v-ink"},
    }
    return {
        "tooltip": {"trigger": "item", "renderMode": "richText", "confine": True},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [p.name for p in points], "axisTick": {"show": False}, "axisLabel": {"interval": 0, "width": 90, "overflow": "break"}},
        "yAxis": {"type": "value", "axisLabel": {"formatter": "compact"}, "splitLine": {"lineStyle": {"color": "--v-line"}}},
        "series": [pad, bar],
    }  # fmt: skip


def _step(point: Point) -> Options:
    words = {
        "label": {"formatter": _plain(point.text)},
        "tooltip": {"formatter": _plain(f"{point.name}\n{point.text}")},
    }
    return {"value": abs(float(point.value)), "href": point.href, "itemStyle": {"color": point.colour}} | words


def _drawn(series: Series, colour: str, as_line: bool) -> Options:
    shape: Options = {"type": "line", "symbolSize": 7} if as_line else {"type": "bar", "barMaxWidth": 44}
    stack = {"stack": series.stack} if series.stack and not as_line else {}
    data = [
        {"value": float(p.value), "href": p.href} | ({"itemStyle": {"color": p.colour}} if p.colour else {})
        for p in series.points
    ]
    return shape | stack | {"name": series.name, "color": series.colour or colour, "data": data}


def _slider(count: int, focus: int) -> Options:
    middle = focus if 0 <= focus < count else count - 1
    first = max(0, min(middle - ZOOM_FROM // 2, count - ZOOM_FROM))
    return {"type": "slider", "startValue": first, "endValue": first + ZOOM_FROM - 1, "bottom": 8, "height": 20}


def _plain(text: str) -> str:
    """Braces are the picture library's template signs; in words they are only signs."""
    return text.replace("{", "(").replace("}", ")")
