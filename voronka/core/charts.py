"""Rows as options for ECharts. Colours come from the page's tokens, words from the caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def funnel(segments: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A funnel of segments {name, value, label, percentage, link}; the order is kept: a funnel is read from top to bottom."""
    data = [
        {"name": s["name"], "value": float(s["value"]), "percentage": float(s["percentage"]), "link": s["link"], "words": s["label"]} for s in segments
    ]
    series = {"type": "funnel", "sort": "none", "gap": 3, "minSize": "8%", "left": "4%", "width": "92%", "top": 8, "bottom": 8, "data": data}
    return {"kind": "funnel", "series": [series]}


def bars(labels: Sequence[str], series: Sequence[dict[str, Any]], links: Sequence[str] = ()) -> dict[str, Any]:
    """Stacked or grouped bars: `series` are {name, values, stack, tone}; a click on a bar opens the link of its label."""
    drawn = [
        {"type": "bar", "name": one["name"], "stack": one.get("stack", ""), "tone": one.get("tone", ""), "data": [float(v) for v in one["values"]]}
        for one in series
    ]
    return {"kind": "bars", "labels": list(labels), "links": list(links), "series": drawn}
