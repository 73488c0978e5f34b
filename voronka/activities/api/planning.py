"""What repeats, and sequences of actions, for programs."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from voronka.accounts.models import User
from voronka.activities import actions, recurrence, schedule
from voronka.activities.api.activities import ActivityIn, ActivityOut, When, described, plan_of_moments
from voronka.activities.models import Activity, Sequence, SequenceRun, Series
from voronka.activities.schedule import Repeat
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.schemas import Key, Limit, PathKey, Text
from voronka.core.tables import Sort, api_page
from voronka.partners.models import Partner

router = Router()
BY_ID, NEWEST_FIRST = Sort("id", "id"), Sort("id", "id", descending=True)
SPAN_MOST = timedelta(days=366)
YEARS = range(1970, 2201)
Rule = Annotated[
    Text, Field(max_length=200, description="RRULE of RFC 5545 without UNTIL, e.g. FREQ=WEEKLY;BYDAY=MO,WE")
]


class SeriesOut(Schema):
    """Work that repeats: `rule` is an RRULE without UNTIL; the first day and the `clock` are those of `zone`, no clock means whole days; each takes
    so many `minutes`.
    """

    id: int
    kind: str
    title: str
    text: str
    partner_id: int | None
    contact_id: int | None
    opportunity_id: int | None
    owner_id: int
    location: str
    is_private: bool
    is_tentative: bool
    invites: bool
    rule: str
    zone: str
    starts_on: date
    clock: time | None
    minutes: int
    last_on: date | None
    version: int

    @staticmethod
    def resolve_minutes(series: Series) -> int:
        return series.length // timedelta(minutes=1)


class SeriesPage(Schema):
    items: list[SeriesOut]
    next: str | None


class SeriesIn(ActivityIn):
    """An activity with a start that repeats by `rule` until `last_on`, by the wall clock of its owner. Its start is the first, or, where the rule
    does not name that day, the next it names.
    """

    kind: Literal["call", "meeting", "task", "campaign", "other"] = "meeting"
    starts_at: AwareDatetime
    rule: Rule
    last_on: date | None = None
    invites: bool = False


class SeriesPatch(Schema):
    """What changes from the occurrence that starts at `since` by the rule; what is left out stays. What was before stays as it was."""

    since: AwareDatetime
    title: Annotated[Text, Field(max_length=200)] | None = None
    text: Text | None = None
    location: Annotated[Text, Field(max_length=300)] | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    participants: list[Key] | None = None
    rule: Rule | None = None
    last_on: date | None = None
    invites: bool | None = None


class Occurrence(Schema):
    """One time of a series: `start` is the one it has by the rule, by which it is known; `activity` is its activity where there is one already,
    and then `starts_at`, `ends_at` and `status` are the activity's.
    """

    start: datetime
    starts_at: datetime
    ends_at: datetime | None
    status: str
    activity: int | None


class StartIn(Schema):
    """An occurrence, by the start it has by the rule."""

    start: AwareDatetime


@router.get("/series", response=SeriesPage, operation_id="series_list", summary="What repeats, a page by key")
def series_list(
    request: Request,
    partner: Key | None = None,
    opportunity: Key | None = None,
    owner: Key | None = None,
    limit: Limit = 50,
    cursor: Text = "",
) -> Any:
    asked = {"partner": partner, "opportunity": opportunity, "owner": owner}
    rows = Series.objects.visible_to(request.user).filter(**{name: one for name, one in asked.items() if one})
    return api_page(rows, BY_ID, cursor, limit)


@router.post("/series", response={201: SeriesOut}, operation_id="repeat_activity", summary="Plan work that repeats")
def repeat(request: Request, given: SeriesIn) -> Any:
    if request.user.scope_for("activities.activity", "edit") == Scope.NONE:
        raise PermissionDenied
    _within_reach(given.starts_at, given.ends_at)
    found = described(request, given)
    found.invites = given.invites
    when: Any = plan_of_moments(given, found.owner)
    people = User.objects.visible_to(request.user).active().filter(pk__in=given.participants)
    made = schedule.repeat(found, when, Repeat(_rule(given.rule), given.last_on), participants=people, by=request.user)
    return 201, made.series


def _rule(text: str) -> str:
    """Raises RuleBroken for what is no rule."""
    try:
        return recurrence.checked(text)
    except ValueError as fault:
        raise RuleBroken(_("This is no rule of repeating we know."), code="rule", field="rule") from fault


def _within_reach(*moments: datetime | None) -> None:
    """Raises RuleBroken for a year no calendar is asked about."""
    if any(one is not None and one.year not in YEARS for one in moments):
        raise RuleBroken(_("This date is too far away."), code="too_far", field="starts_at")


@router.get("/series/{pk}", response=SeriesOut, operation_id="series", summary="One series")
def series(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(Series.objects.visible_to(request.user), pk=pk)


@router.get(
    "/series/{pk}/occurrences", response=list[Occurrence], operation_id="occurrences", summary="The times of a series from one moment to another, at most a year"
)  # fmt: skip
def occurrences(request: Request, pk: PathKey, first: AwareDatetime, last: AwareDatetime) -> Any:
    found = get_object_or_404(Series.objects.visible_to(request.user), pk=pk)
    _within_reach(first, last)
    if not first < last or last - first > SPAN_MOST:
        raise RuleBroken(_("Name a span of at most a year."), code="span", field="last")
    rows = Activity.objects.visible_to(request.user).filter(series=found, deleted_at__isnull=True)
    kept = {row.original_start: row for row in rows.filter(original_start__gte=first, original_start__lt=last)}
    gone = {start for _key, start in Activity.objects.starts_of([found.pk], first, last)} | {*found.excluded}
    later = [start for start in recurrence.starts(found.pattern, first, last) if start not in gone]
    return sorted([_kept(row) for row in kept.values()] + [_to_come(found, start) for start in later], key=lambda one: one["start"])  # fmt: skip


def _kept(row: Activity) -> dict[str, Any]:
    moments = {"starts_at": row.starts_at or row.happened_at, "ends_at": row.ends_at}
    return moments | {"start": row.original_start, "status": row.status, "activity": row.pk}


def _to_come(series: Series, start: datetime) -> dict[str, Any]:
    return {"start": start, "starts_at": start, "ends_at": series.end_of(start), "status": "open", "activity": None}


@router.post(
    "/series/{pk}/occurrences", response=ActivityOut, operation_id="touch_occurrence", summary="One time of a series as an activity of its own"
)  # fmt: skip
def touch(request: Request, pk: PathKey, given: StartIn) -> Any:
    found = get_object_or_404(Series.objects.editable_by(request.user), pk=pk)
    _within_reach(given.start)
    return schedule.occurrence(found, given.start)


@router.patch(
    "/series/{pk}", response=SeriesOut, operation_id="change_series", summary="Change a series from an occurrence on; answers with the series it is from there"
)  # fmt: skip
def change(request: Request, pk: PathKey, given: SeriesPatch) -> Any:
    found = get_object_or_404(Series.objects.editable_by(request.user), pk=pk)
    values = given.dict(exclude_unset=True)
    _within_reach(given.since, given.starts_at, given.ends_at)
    row = schedule.occurrence(found, given.since)
    for name in ("title", "text", "location", "invites"):
        if values.get(name) is not None:
            setattr(row, name, values[name])
    how = Repeat(_rule(given.rule) if given.rule else found.rule, values.get("last_on", found.last_on))
    people = None
    if given.participants is not None:
        people = list(User.objects.visible_to(request.user).active().filter(pk__in=given.participants))
    when: Any = plan_of_moments(When(**_moments(row, values)), row.owner) if given.starts_at else actions.plan_of(row)
    made = schedule.change_series(row, when, how, scope="following", participants=people, by=request.user)
    return 200, made.series


def _moments(row: Activity, values: dict[str, Any]) -> dict[str, Any]:
    """The new start and end; as long as it was where no end is given."""
    start = values["starts_at"]
    length = row.ends_at - row.starts_at if row.starts_at and row.ends_at else timedelta()
    return {"starts_at": start, "ends_at": values.get("ends_at") or (start + length if start else None)}


@router.post(
    "/series/{pk}/stop", response={204: None}, operation_id="stop_series", summary="It takes place no more from an occurrence on"
)  # fmt: skip
def stop(request: Request, pk: PathKey, given: StartIn) -> Any:
    found = get_object_or_404(Series.objects.editable_by(request.user), pk=pk)
    _within_reach(given.start)
    if not recurrence.is_start(found.pattern, given.start):
        raise RuleBroken(_("It does not take place any more."), code="no_occurrence", field="start")
    schedule.stop(found, given.start, by=request.user)
    return 204, None


class StepOut(Schema):
    """A step of a template: what is planned so many days after the start."""

    after_days: int
    kind: str
    title: str


class SequenceOut(Schema):
    """A template of planned steps."""

    id: int
    name: str
    is_active: bool
    steps: list[StepOut]


class RunStepOut(Schema):
    """A step at work: its activity, and the moment it was due by the plan, wherever it was put off to since."""

    activity_id: int
    title: str
    status: str
    due: datetime

    @staticmethod
    def resolve_title(step: Any) -> str:
        return step.activity.title

    @staticmethod
    def resolve_status(step: Any) -> str:
        return step.activity.status


class RunOut(Schema):
    """A sequence at work with a partner: open, done or stopped."""

    id: int
    sequence_id: int
    partner_id: int
    owner_id: int
    status: str
    created_at: datetime
    steps: list[RunStepOut]


class RunPage(Schema):
    items: list[RunOut]
    next: str | None


class RunIn(Schema):
    """Which sequence to plan with which partner; the partner's owner does it."""

    sequence: Key
    partner: Key


@router.get("/sequences", response=list[SequenceOut], operation_id="sequences", summary="Templates of planned steps")
def sequences(request: Request) -> Any:
    return Sequence.objects.visible_to(request.user).prefetch_related("steps")


@router.get("/sequence-runs", response=RunPage, operation_id="sequence_runs", summary="Sequences at work, the newest first, a page by key")  # fmt: skip
def runs(
    request: Request,
    partner: Key | None = None,
    owner: Key | None = None,
    status: Literal["open", "done", "stopped"] | None = None,
    limit: Limit = 50,
    cursor: Text = "",
) -> Any:
    asked = {"partner": partner, "owner": owner, "status": status}
    return api_page(_runs(request).filter(**{name: one for name, one in asked.items() if one}), NEWEST_FIRST, cursor, limit)  # fmt: skip


def _runs(request: Request) -> Any:
    return SequenceRun.objects.visible_to(request.user).prefetch_related("steps__activity")


@router.post("/sequence-runs", response={201: RunOut}, operation_id="start_sequence", summary="Plan a sequence with a partner")  # fmt: skip
def start(request: Request, given: RunIn) -> Any:
    partner = get_object_or_404(Partner.objects.editable_by(request.user).select_related("owner"), pk=given.partner)
    sequence = get_object_or_404(Sequence.objects.visible_to(request.user).active(), pk=given.sequence)
    made = actions.start_sequence(sequence, partner, owner=partner.owner, by=request.user)
    return 201, get_object_or_404(_runs(request), pk=made.pk)


@router.get("/sequence-runs/{pk}", response=RunOut, operation_id="sequence_run", summary="One sequence at work")
def run(request: Request, pk: PathKey) -> Any:
    return get_object_or_404(_runs(request), pk=pk)


@router.post("/sequence-runs/{pk}/stop", response=RunOut, operation_id="stop_sequence", summary="Stop a sequence: what it planned still is cancelled")  # fmt: skip
def stop_run(request: Request, pk: PathKey) -> Any:
    actions.stop_sequence(get_object_or_404(SequenceRun.objects.editable_by(request.user), pk=pk), by=request.user)
    return get_object_or_404(_runs(request), pk=pk)
