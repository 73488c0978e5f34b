"""Columns of the list; one opportunity's past as rows and as a picture; the columns of the board."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from voronka.core.money import money_text, percent_text
from voronka.core.tables import Column, Page, Sort, Table, day_text
from voronka.opportunities import rules
from voronka.opportunities.models import HistoryCorrection, Opportunity, OpportunityState, Stage, Target

if TYPE_CHECKING:
    from voronka.accounts.models import Team, User

OPPORTUNITIES: Final = Table(
    [
        Column("name", _("Name"), kind="link", sort="name"),
        Column("partner", _("Partner"), "partner__name", kind="related", extra=("partner_id",), to="partners:detail"),
        Column(
            "stage", pgettext_lazy("of a pipeline", "Stage"), "stage__name", kind="pill", extra=("stage__percentage",)
        ),
        Column(
            "potential",
            _("Amount"),
            kind="money",
            sort="potential_company",
            sums="potential_company",
            extra=("currency",),
        ),
        Column("percentage", _("Chance"), kind="percent", sort="percentage"),
        Column(
            "weighted",
            _("Weighted"),
            kind="money",
            sort="weighted_company",
            sums="weighted_company",
            extra=("currency",),
        ),
        Column("predicted_close_on", _("Predicted closing"), kind="date", sort="predicted_close_on"),
        Column("next_step_on", _("Next step until"), kind="date", sort="next_step_on", shown=False),
        Column("next_step", _("Next step"), shown=False),
        Column("owner", _("Owner"), "owner__name", kind="person"),
        Column("status", _("Status"), kind="choice", choices=tuple(Opportunity.Status.choices), shown=False),
        Column("stage_since", _("In stage since"), kind="moment", sort="stage_since", shown=False),
        Column("opened_on", _("Opened"), kind="date", sort="opened_on", shown=False),
        Column("closed_on", _("Closed"), kind="date", shown=False),
        Column("pipeline", _("Pipeline"), "pipeline__name", shown=False),
        Column("territory", _("Territory"), "territory__name", shown=False),
        Column("source", _("Information source"), "source__name", shown=False),
        Column("industry", _("Industry"), "industry__name", shown=False),
        Column("product", _("Product"), shown=False),
        Column("created_at", _("Created"), kind="moment", sort="created_at", shown=False),
    ],
    default_sort="-potential",
    detail="opportunities:detail",
)

# The cards of a board's column: largest first, an order the index of the board answers.
CARDS: Final = Sort("potential", "potential_company", descending=True)
CARDS_SHOWN: Final = 20
# So many columns come with their first cards; those further to the right bring them when they are scrolled to.
COLUMNS_AT_ONCE: Final = 10
CARD_VALUES: Final = (
    "pk", "name", "partner__name", "next_step", "next_step_on", "potential", "potential_company", "percentage", "currency",
    "owner__name", "stage_id", "stage_since", "predicted_close_on",
)  # fmt: skip


@dataclass(frozen=True)
class Card:
    """A card of the board."""

    row: dict[str, Any]
    days: int
    is_stale: bool
    is_overdue: bool
    is_step_late: bool


@dataclass(frozen=True)
class BoardColumn:
    """A stage with its exact sums and its first cards; `page.next` is the cursor behind them. `later`: its cards are not here yet."""

    stage: Stage
    count: int
    potential: Decimal
    weighted: Decimal
    page: Page
    later: bool = False


def cards(rows: Iterable[dict[str, Any]], stage: Stage, today: date) -> list[Card]:
    """The rows of one stage as cards; days are counted in the reader's time zone."""
    made = []
    for row in rows:
        days = max((today - timezone.localdate(row["stage_since"])).days, 0)
        step_late = row["next_step_on"] is not None and row["next_step_on"] < today
        made.append(
            Card(row, days, rules.is_stale(days, stage.usual_days), row["predicted_close_on"] < today, step_late)
        )
    return made


@dataclass(frozen=True)
class TargetRow:
    """Who is to win how much in a period, what is won, and what the open deals that close in it promise (weighted)."""

    who: Any
    kind: str
    target: Target | None
    won: Decimal
    expected: Decimal

    @property
    def percent(self) -> int | None:
        return int(self.won * 100 / self.target.amount) if self.target else None

    @property
    def left(self) -> Decimal:
        return max(self.target.amount - self.won, Decimal(0)) if self.target else Decimal(0)


def target_rows(
    targets: Sequence[Target],
    figures: Mapping[int, tuple[Decimal, Decimal]],
    people: Mapping[int, User],
    teams: Sequence[Team],
) -> list[TargetRow]:
    """The company's row where it has a target, teams (with the teams below) that have one, then people with a target or figures.

    `figures` are won and expected by owner.
    """
    by_person = {one.person_id: one for one in targets if one.person_id}
    rows = []
    for one in sorted((one for one in targets if not one.person_id), key=lambda one: one.team_id or 0):
        within = _below(one.team_id, teams) if one.team_id else None
        own = [
            figures[key]
            for key, person in people.items()
            if key in figures and (within is None or person.team_id in within)
        ]
        rows.append(TargetRow(one.team, "team" if one.team_id else "company", one, *_added(own)))
    for key, person in people.items():
        if key in by_person or key in figures:
            rows.append(TargetRow(person, "person", by_person.get(key), *figures.get(key, (Decimal(0), Decimal(0)))))
    return rows


def _below(team: int, teams: Sequence[Team]) -> set[int]:
    """The team and those below it."""
    found = {team}
    while more := {one.pk for one in teams if one.parent_id in found} - found:
        found |= more
    return found


def _added(figures: Iterable[tuple[Decimal, Decimal]]) -> tuple[Decimal, Decimal]:
    pairs = list(figures)
    return sum((won for won, _expected in pairs), Decimal(0)), sum((expected for _won, expected in pairs), Decimal(0))


@dataclass(frozen=True)
class Step:
    """A chevron of the stage bar: days spent there in all, and whether it lies behind, is here or lies ahead."""

    stage: Stage
    days: int | None
    place: str


def stage_bar(
    opportunity: Opportunity, stages: Sequence[Stage], states: Sequence[OpportunityState], at: datetime
) -> list[Step]:
    """The pipeline's stages in order, with whole days spent in each while open."""
    spent: dict[int, timedelta] = {}
    for state in states:
        if state.status == rules.OPEN:
            spent[state.stage_id] = spent.get(state.stage_id, timedelta()) + ((state.until or at) - state.since)
    here = opportunity.stage.position, opportunity.stage_id
    shown = [stage for stage in stages if stage.is_active or stage.pk in spent or stage.pk == opportunity.stage_id]
    return [
        Step(stage, spent[stage.pk].days if stage.pk in spent else None, _place((stage.position, stage.pk), here))
        for stage in shown
    ]


def days_open(opportunity: Opportunity) -> int:
    """Days from opening to closing, or to today (reader's time zone)."""
    return rules.days_in_pipeline(opportunity.opened_on, opportunity.closed_on, timezone.localdate())


def _place(stage: tuple[int, int], here: tuple[int, int]) -> str:
    return "here" if stage == here else "behind" if stage < here else "ahead"


@dataclass(frozen=True)
class Event:
    """One change of an opportunity on a timeline, in words; the timeline of its partner names the `deal`."""

    at: datetime
    by: User | None
    kind: str
    words: list[str]
    comment: str
    key: int
    deal: Opportunity | None = None


def events(states: Sequence[OpportunityState]) -> list[Event]:
    """What happened from span to span, oldest first."""
    told = (event(before, state) for before, state in zip((None, *states), states, strict=False))
    return [one for one in told if one is not None]


def event(before: OpportunityState | None, after: OpportunityState, deal: Opportunity | None = None) -> Event | None:
    """What a span changed after the one before it; None where that is nothing people read."""
    kind = _kind(before, after)
    words = [
        word for word in (_headline(kind, before, after), *(_differences(before, after) if before else ())) if word
    ]
    return Event(after.since, after.changed_by, kind, words, after.comment, after.pk, deal) if words else None


def _kind(before: OpportunityState | None, after: OpportunityState) -> str:
    if before is None:
        return "opened"
    if before.status != after.status:
        return "reopened" if after.status == rules.OPEN else after.status
    return "moved" if before.stage_id != after.stage_id else "changed"


def _headline(kind: str, before: OpportunityState | None, after: OpportunityState) -> str:
    if kind == "moved" and before:
        return gettext("%(before)s → %(after)s") % {"before": before.stage.name, "after": after.stage.name}
    return {
        "opened": gettext("Opened in “%(stage)s”, %(amount)s")
        % {"stage": after.stage.name, "amount": money_text(after.potential, after.currency)},
        "won": gettext("Won"),
        "lost": gettext("Lost"),
        "reopened": gettext("Reopened in “%(stage)s”") % {"stage": after.stage.name},
    }.get(kind, "")


def _differences(before: OpportunityState, after: OpportunityState) -> list[str]:
    """The values that changed besides stage and status: "amount: 100 ₽ → 200 ₽"."""
    pairs = []
    if (before.potential, before.currency) != (after.potential, after.currency):
        amounts = money_text(before.potential, before.currency), money_text(after.potential, after.currency)
        pairs.append((gettext("amount"), *amounts))
    if before.percentage != after.percentage:
        pairs.append((gettext("chance"), percent_text(before.percentage), percent_text(after.percentage)))
    if before.forecast_category != after.forecast_category:
        by_percentage = gettext("by the percentage")
        said = (before.get_forecast_category_display(), after.get_forecast_category_display())
        pairs.append((gettext("in the forecast"), said[0] or by_percentage, said[1] or by_percentage))
    if before.predicted_close_on != after.predicted_close_on:
        days = day_text(before.predicted_close_on), day_text(after.predicted_close_on)
        pairs.append((gettext("predicted closing"), *days))
    if before.owner.name != after.owner.name:
        pairs.append((gettext("owner"), before.owner.name, after.owner.name))
    return [gettext("%(what)s: %(before)s → %(after)s") % {"what": w, "before": b, "after": a} for w, b, a in pairs]


@dataclass(frozen=True)
class Band:
    """One span of the strip, in units of its picture."""

    x: float
    width: float
    css: str
    words: str


@dataclass(frozen=True)
class Strip:
    """An opportunity's life as a picture: bands by stage, the amount as a line of steps from the bottom (0) to the top (highest)."""

    bands: list[Band]
    line: str
    first: datetime
    last: datetime
    highest: Decimal


WIDTH, TOP, BOTTOM = 1000, 8, 84


def strip(states: Sequence[OpportunityState], at: datetime) -> Strip | None:
    """The spans as bands over time; a closed opportunity's last span is drawn as a short end. None without spans."""
    if not states:
        return None
    first, last = states[0].since, at if states[-1].status == rules.OPEN else states[-1].since
    if last <= first:
        last = first + timedelta(seconds=1)
    # The end of a closed opportunity: a twentieth of the picture.
    scale = (WIDTH if states[-1].status == rules.OPEN else WIDTH * 0.95) / (last - first).total_seconds()
    highest = max(state.potential for state in states)
    bands, points = [], []
    for state in states:
        x = round((state.since - first).total_seconds() * scale, 1)
        end = round((state.until - first).total_seconds() * scale, 1) if state.until else WIDTH
        y = round(BOTTOM - float(state.potential / highest if highest else 0) * (BOTTOM - TOP), 1)
        bands.append(Band(x, max(end - x, 0.5), _css(state), _band_words(state)))
        points += [f"{x},{y}", f"{end},{y}"]
    return Strip(bands, " ".join(points), first, at if states[-1].status == rules.OPEN else last, highest)


def _css(state: OpportunityState) -> str:
    return (
        f"strip-{min(int(state.stage.percentage) // 10, 9)}" if state.status == rules.OPEN else f"strip-{state.status}"
    )


def _band_words(state: OpportunityState) -> str:
    name = state.stage.name if state.status == rules.OPEN else state.get_status_display()
    return f"{day_text(timezone.localdate(state.since))}: {name}, {money_text(state.potential, state.currency)}"


@dataclass(frozen=True)
class StateRow:
    """A span as a row of the stage history, with whole days it lasted so far."""

    state: OpportunityState
    days: int


def state_rows(states: Sequence[OpportunityState], at: datetime) -> list[StateRow]:
    """The spans, newest first."""
    return [StateRow(state, ((state.until or at) - state.since).days) for state in reversed(states)]


@dataclass(frozen=True)
class Correction:
    """That the history was corrected, with the states before in words."""

    at: datetime
    by: User
    reason: str
    was: list[str]


def corrections(found: Iterable[HistoryCorrection]) -> list[Correction]:
    """The corrections of an opportunity, each state before as "12.03.2026: 10 %, 100 ₽"."""
    return [Correction(one.at, one.by, one.reason, [_was(state) for state in one.before]) for one in found]


def _was(state: dict[str, Any]) -> str:
    since = timezone.localdate(datetime.fromisoformat(state["since"]))
    amount = money_text(Decimal(state["potential"]), state["currency"])
    status = "" if state["status"] == rules.OPEN else f", {dict(Opportunity.Status.choices)[state['status']]}"
    return f"{day_text(since)}: {percent_text(Decimal(state['percentage']))}, {amount}{status}"
