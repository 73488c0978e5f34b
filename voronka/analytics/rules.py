"""Arithmetic and names of reports: plain functions of plain values."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

# What a report may be grouped by -> the column of opportunities, their states and the tally.
DIMENSIONS: Final = {
    "salesperson": "owner_id", "territory": "territory_id", "source": "source_id", "industry": "industry_id", "pipeline": "pipeline_id",
    "stage": "stage_id", "status": "status", "partner": "partner_id", "group": "partner__group_id", "level": "interest_level_id",
    "day": "day", "week": "day", "month": "month", "quarter": "month", "year": "month", "reason": "reason",
}  # fmt: skip
# The criterion that narrows a list to one value of a dimension, where it is not called like the dimension itself.
CRITERIA: Final = {"salesperson": "owner"}
PERIODS: Final = ("month", "quarter", "year", "week", "day")
# Which day of an opportunity puts it into a period: of closing (predicted while open), the predicted one, of opening.
DATES: Final = ("closing", "predicted", "opened")
# How a pipeline changes between two moments, in the order of the bridge.
MOVES: Final = ("new", "reopened", "grown", "shrunk", "won", "lost", "moved-in", "moved-out")
OUTWARDS: Final = ("shrunk", "won", "lost", "moved-out")
# How a stay in a stage ends: forwards in the pipeline or won, backwards or into another pipeline, lost; or any of them.
ENDINGS: Final = ("on", "back", "lost", "ended")
SOON_DAYS: Final = 14
# A partner is inactive after this many days without contact, unless other days are asked for.
INACTIVE_DAYS: Final = 180
BUCKET_DAYS: Final = 30
# How many weeks before its end a period's forecast is compared with what came, unless other weeks are asked for.
WEEKS_BEFORE: Final = 4
MOST_WEEKS: Final = 13
MOST_PERIODS: Final = 600
MOST_FRAMES: Final = 800
USUAL_DAYS: Final = 90  # that reports of a stretch of time look back when nobody chose days
MOST_BUBBLES: Final = 2000
PATIENCE: Final = 1.0  # seconds a statement may take before the page says that it counts
TENTH: Final = Decimal("0.1")


def share(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """The part in percent of the whole, rounded half up to one place; 0 of nothing. Rounded shares may add up to 99.9 or 100.1."""
    return (Decimal(part) * 100 / Decimal(whole)).quantize(TENTH, ROUND_HALF_UP) if whole else Decimal("0.0")


def mean(total: Decimal | int, number: int, unit: Decimal = TENTH) -> Decimal | None:
    """The average rounded half up to the unit; None of nothing."""
    return (Decimal(total) / number).quantize(unit, ROUND_HALF_UP) if number else None


def next_time(now: datetime, every: str, weekday: int, day: int, hour: int, zone: tzinfo) -> datetime:
    """The first time after now at which a report is due: every day, week (on `weekday`, Monday is 0) or month (on its `day`, in a shorter month
    on its last) at the full hour of the zone. An hour that a change of clocks leaves out comes an hour later.
    """
    today = now.astimezone(zone).date()
    for ahead in range(63):
        found = today + timedelta(days=ahead)
        last = monthrange(found.year, found.month)[1]
        fits = (
            every == "day"
            or (every == "week" and found.weekday() == weekday)
            or (every == "month" and found.day == min(day, last))
        )
        moment = datetime.combine(found, time(hour), zone)
        if fits and moment > now:
            return moment
    raise ValueError(f"there is no day {day} of {every}")


def name_of_run(person: int, key: str) -> str:
    """The name of one person's report that is being counted, at most 63 signs: what PostgreSQL keeps of the name of a session."""
    return f"voronka report {person} {key}"[:63]


def criterion(dimension: str) -> str:
    """The name of the criterion that asks for one value of a dimension."""
    return CRITERIA.get(dimension, dimension)


Columns = tuple[list[str], list[str]]
# What the slug of a tile begins with that shows a saved variant of a report, or a report as it opens.
VIEW, REPORT = "view-", "report-"
ARRANGED: Final = ("up", "down", "across", "remove", "add")
MOST_TILES: Final = 30
_SELLER: Final[Columns] = (["my-day", "closing", "silent", "no-step"], ["target", "leads", "funnel", "won"])
_HEAD: Final[Columns] = (
    ["my-day", "bridge", "silent", "closing"],
    ["target", "forecast", "funnel", "leaking", "won", "leads"],
)
# The home page of each role as shipped: tiles of the wide column and of the side, until somebody arranges another.
HOME_PAGES: Final[dict[str, Columns]] = {
    "administrator": _HEAD,
    "director": (["my-day", "bridge", "closing", "silent"], ["target", "forecast", "funnel", "leaking", "won"]),
    "head-of-sales": _HEAD,
    "salesperson": _SELLER,
    "marketer": (["my-day", "sources", "report-won"], ["leads", "funnel", "leaking"]),
    "service-engineer": (["my-day"], ["won"]),
    "accountant": (["my-day", "closing"], ["target", "won"]),
    "observer": (["bridge", "closing"], ["target", "funnel", "leaking", "won"]),
}


def home_page(role: str, reaches_others: bool) -> Columns:
    """The tiles of a role nobody has arranged; a role the company made itself has a head's page or a salesperson's, as far as it reaches."""
    wide, side = HOME_PAGES.get(role) or (_HEAD if reaches_others else _SELLER)
    return list(wide), list(side)


def rearranged(columns: Columns, key: str, act: str, *, into: int = 0) -> Columns:
    """The columns after a tile went up, down, across, away (`remove`) or came (`add`, at the end of column `into`). What can't be done changes
    nothing; no tile is there twice.
    """
    wide, side = (list(column) for column in columns)
    here = next((column for column in (wide, side) if key in column), None)
    if act == "add":
        if here is None and len(wide) + len(side) < MOST_TILES:
            (wide, side)[into].append(key)
    elif here is not None:
        place = here.index(key)
        here.remove(key)
        other = side if here is wide else wide
        if act == "across":
            other.insert(min(place, len(other)), key)
        elif act in ("up", "down"):
            here.insert(max(place + (1 if act == "down" else -1), 0), key)
        elif act != "remove":
            here.insert(place, key)
    return wide, side


class Span(NamedTuple):
    """What a deal was from frame `begins` to before frame `ends`; `born` says that it did not exist in the frame before, `reopens` that it was closed."""

    stage: int
    status: str
    potential: Decimal
    begins: int
    ends: int
    born: bool = False
    reopens: bool = False


class Happening(NamedTuple):
    """What became of a deal between a frame and the one before: `before` and `after` are its spans then, None where it was not seen."""

    frame: int
    kind: str
    before: Span | None
    after: Span | None


def happenings(spans: Sequence[Span], frames: int) -> Iterator[Happening]:
    """What happened to one deal, from its spans in the order of time, as the bridge between each two frames tells it.

    A deal may move and grow in one frame: these are two happenings. Nothing is told of the first frame, of which no before is known.
    """
    before: Span | None = None
    for span in spans:
        if before and before.ends < span.begins:
            yield from _left(before, frames)
            before = None
        if span.begins:
            yield from (Happening(span.begins, kind, before, span) for kind in _became(before, span))
        before = span
    if before:
        yield from _left(before, frames)


def _left(span: Span, frames: int) -> Iterator[Happening]:
    if span.status == "open" and span.ends < frames:
        yield Happening(span.ends, "moved-out", span, None)


def _became(before: Span | None, after: Span) -> Iterator[str]:
    was_open = before is not None and before.status == "open"
    if after.status != "open":
        if was_open or (before is None and after.born):
            yield after.status
    elif before is None or not was_open:
        is_again = before is not None or after.reopens
        yield "new" if after.born else "reopened" if is_again else "moved-in"
    else:
        if before.stage != after.stage:
            yield "moved"
        if before.potential != after.potential:
            yield "grown" if before.potential < after.potential else "shrunk"
