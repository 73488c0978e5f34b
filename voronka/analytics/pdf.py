"""Tables on paper. Words go into the page as data, so that nothing a person typed becomes markup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import typst
from django.utils.translation import get_language

# More columns than this need the long side of the paper.
UPRIGHT: Final = 6
_PAGE: Final = """
#let report = json(bytes(sys.inputs.report))
#set page(paper: "a4", flipped: report.is_wide, margin: 15mm, footer: context align(center, text(8pt, counter(page).display("1 / 1", both: true))))
#set text(lang: report.language, size: if report.header.len() > 10 { 6.5pt } else { 8.5pt })
#text(15pt, weight: "bold", report.title) \\
#text(9pt, fill: luma(90), report.subtitle)
#let side(place) = if report.are_numbers.at(place) { right } else { left }
#let row(cells, strong) = cells.enumerate().map(((place, words)) => table.cell(align: side(place), if strong { [*#words*] } else { [#words] }))
#table(
  columns: report.are_numbers.map(is_number => if is_number { auto } else { 1fr }),
  stroke: (x, y) => (bottom: 0.4pt + luma(200)),
  inset: (x: 3pt, y: 3.2pt),
  fill: (x, y) => if y == 0 { luma(235) },
  table.header(..row(report.header, true)),
  ..report.lines.map(line => row(line.cells, line.level > 0)).flatten(),
  ..row(report.totals, true),
)
"""


def table(
    *,
    title: str,
    subtitle: str,
    header: Sequence[str],
    are_numbers: Sequence[bool],
    lines: Sequence[dict[str, Any]],
    totals: Sequence[str],
) -> bytes:
    """A table with a title as PDF, A4, lying where there are many columns; each line has `cells` and `level` (above 0: the head of a group)."""
    report = {
        "title": title, "subtitle": subtitle, "header": header, "are_numbers": are_numbers, "lines": lines, "totals": totals,
        "is_wide": len(header) > UPRIGHT, "language": get_language() or "en",
    }  # fmt: skip
    return typst.compile(_PAGE.encode(), format="pdf", sys_inputs={"report": json.dumps(report, ensure_ascii=False)})
