"""What people do to opportunities. Every change that matters for a report starts a new state; the header equals the last one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.core import actions as kernel
from voronka.core.audit import acting
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.core.models import Company
from voronka.opportunities import rules
from voronka.opportunities.models import Interest, Opportunity, OpportunityInterest, Pipeline, Reason, Stage
from voronka.partners.actions import must_not_be_frozen
from voronka.products.models import CompanyValue, Rate

if TYPE_CHECKING:
    from voronka.accounts.models import User

# The header's columns that every state repeats.
STATE_COLUMNS: Final = (
    "status", "stage_id", "percentage", "potential", "currency", "potential_company", "gross_profit_percent", "predicted_close_on", "owner_id",
    "territory_id", "source_id", "industry_id",
)  # fmt: skip

# What the database reckons out of them.
FIGURES: Final = ["potential_company", "weighted", "weighted_company", "gross_profit"]
_COLUMNS: Final = ", ".join(STATE_COLUMNS)
# The moment may lie before the current span's start (two clocks differ): the new span then starts a microsecond after it.
_CLOSE_SPANS: Final = """
    UPDATE opportunities_opportunitystate
    SET until = greatest(%(at)s, since + interval '1 microsecond')
    WHERE opportunity_id = ANY(%(ids)s) AND until IS NULL
"""
_START_SPANS: Final = f"""
    INSERT INTO opportunities_opportunitystate (opportunity_id, since, {_COLUMNS}, changed_by_id, comment)
    SELECT id, coalesce((SELECT max(until) FROM opportunities_opportunitystate s WHERE s.opportunity_id = o.id), %(at)s),
           {_COLUMNS}, %(by)s, %(comment)s
    FROM opportunities_opportunity o WHERE id = ANY(%(ids)s)
"""


@transaction.atomic
def open_opportunity(
    opportunity: Opportunity, *, interests: Iterable[Interest] = (), comment: str = "", by: User
) -> Opportunity:
    """Create an opportunity and its first state, which holds since the opening day began (company's time zone), or since now.

    Raises RuleBroken for a vendor, a frozen partner, a stage of another pipeline, a percentage outside 0-100, a negative amount, an opening day in
    the future or a predicted closing before it.
    """
    if getattr(opportunity, "percentage", None) is None:
        opportunity.percentage = opportunity.stage.percentage
    must_not_be_frozen(opportunity.partner)
    _check(opportunity)
    opportunity.stage_since = opened_at(opportunity.opened_on)
    opportunity.potential_company = company_value(opportunity, at=opportunity.stage_since)
    kernel.save(opportunity, by=by, verb="open")
    opportunity.refresh_from_db(fields=FIGURES)
    set_interests(opportunity, interests, by=by)
    respan([opportunity.pk], at=opportunity.stage_since, comment=comment, by=by)
    return opportunity


def opened_at(day: date) -> datetime:
    """The moment an opportunity opened on `day` starts: now for today, the beginning of the day (company's zone) for the past."""
    now = timezone.now()
    start = datetime.combine(day, time.min, ZoneInfo(Company.current().time_zone))
    return now if day >= now.astimezone(start.tzinfo).date() else start


@transaction.atomic
def save_opportunity(
    opportunity: Opportunity,
    *,
    interests: Iterable[Interest] | None = None,
    comment: str = "",
    seen_version: int | None = None,
    by: User,
) -> Opportunity:
    """Write an edited opportunity; a change of anything a state holds starts a new state.

    Raises RuleBroken when it is closed or a value is impossible, StaleRecord when somebody else changed it after it was read.
    """
    before = Opportunity._base_manager.get(pk=opportunity.pk)
    _must_be_open(before)
    _check(opportunity)
    now = timezone.now()
    if opportunity.stage_id != before.stage_id:
        opportunity.stage_since = now
    opportunity.potential_company = before.potential_company
    if changed := any(getattr(before, column) != getattr(opportunity, column) for column in STATE_COLUMNS):
        opportunity.potential_company = company_value(opportunity, at=now)
    kernel.save(opportunity, by=by, seen_version=seen_version)
    opportunity.refresh_from_db(fields=FIGURES)
    if interests is not None:
        set_interests(opportunity, interests, by=by)
    if changed:
        respan([opportunity.pk], at=now, comment=comment, by=by)
    return opportunity


@transaction.atomic
def move_to_stage(
    opportunity: Opportunity, stage: Stage, *, percentage: Any = None, comment: str = "", by: User
) -> Opportunity:
    """Move an open opportunity to another stage of its pipeline; the percentage becomes the stage's unless one is given.

    The write repeats the stage it was read with: of two people moving one card the second gets StaleRecord and nothing changes.
    """
    if stage.pipeline_id != opportunity.pipeline_id:
        raise RuleBroken(_("This stage belongs to another pipeline."), code="other_pipeline", field="stage")
    if not stage.is_active:
        raise RuleBroken(_("This stage is no longer used."), code="inactive_stage", field="stage")
    if stage.pk == opportunity.stage_id and percentage is None:
        return opportunity
    values = {
        "stage": stage,
        "percentage": stage.percentage if percentage is None else percentage,
        "stage_since": timezone.now(),
    }
    return _advance(opportunity, values, verb="move", comment=comment, by=by)


@transaction.atomic
def change(
    opportunity: Opportunity, *, comment: str = "", seen_version: int | None = None, by: User, **values: Any
) -> Opportunity:
    """Change amount, percentage, predicted closing, owner, territory, source or industry of an open opportunity.

    Raises RuleBroken for a closed one or an impossible value, StaleRecord when it was closed or moved meanwhile, or changed at
    all since `seen_version`.
    """
    for name, value in values.items():
        setattr(opportunity, name, value)
    _check(opportunity)
    return _advance(opportunity, values, verb="change", comment=comment, seen_version=seen_version, by=by)


@transaction.atomic
def win(opportunity: Opportunity, *, reasons: Iterable[Reason] = (), comment: str = "", by: User) -> Opportunity:
    """Close as won today (company's time zone). Raises RuleBroken unless open, StaleRecord for a lost race."""
    return _close(opportunity, rules.WON, list(reasons), comment, by=by)


@transaction.atomic
def lose(opportunity: Opportunity, *, reasons: Iterable[Reason] = (), comment: str = "", by: User) -> Opportunity:
    """Close as lost today; a reason is required unless the company's settings say otherwise.

    Raises RuleBroken without a reason or unless open, StaleRecord for a lost race.
    """
    chosen = list(reasons)
    if not chosen and Company.current().loss_reason_required:
        raise RuleBroken(_("Say why the opportunity was lost."), code="reason_required", field="reasons")
    return _close(opportunity, rules.LOST, chosen, comment, by=by)


@transaction.atomic
def reopen(opportunity: Opportunity, *, comment: str = "", by: User) -> Opportunity:
    """Open a won or lost opportunity again in the stage it was closed in. Raises RuleBroken when it is open already."""
    if opportunity.is_open:
        raise RuleBroken(_("This opportunity is open."), code="open")
    values = {"status": rules.OPEN, "closed_on": None, "close_comment": "", "stage_since": timezone.now()}
    return _advance(opportunity, values, verb="reopen", comment=comment, by=by)


@transaction.atomic
def change_owner(opportunities: QuerySet[Opportunity], *, owner: User, comment: str = "", by: User) -> int:
    """Give many open opportunities to one person, each with a new state, in three statements; returns how many."""
    ids = list(
        opportunities.filter(status=rules.OPEN).exclude(owner=owner).select_for_update().values_list("pk", flat=True)
    )
    values = {"owner": owner, "potential_company": _worth_at(now := timezone.now())}
    kernel.change_many(Opportunity._base_manager.filter(pk__in=ids), by=by, verb="change_owner", **values)
    respan(ids, at=now, comment=comment, by=by)
    return len(ids)


@transaction.atomic
def move_many(opportunities: QuerySet[Opportunity], stage: Stage, *, by: User) -> int:
    """Move many open opportunities of the stage's pipeline to it, each with a new state; returns how many moved.

    Closed ones and those of other pipelines stay. Raises RuleBroken for a stage no longer used.
    """
    if not stage.is_active:
        raise RuleBroken(_("This stage is no longer used."), code="inactive_stage", field="stage")
    movable = opportunities.filter(status=rules.OPEN, pipeline=stage.pipeline_id).exclude(stage=stage)
    ids = list(movable.select_for_update(of=("self",)).values_list("pk", flat=True))
    now = timezone.now()
    values = {"stage": stage, "percentage": stage.percentage, "stage_since": now, "potential_company": _worth_at(now)}
    kernel.change_many(Opportunity._base_manager.filter(pk__in=ids), by=by, verb="move", **values)
    respan(ids, at=now, by=by)
    return len(ids)


def delete_many(opportunities: QuerySet[Opportunity], *, by: User) -> int:
    """Move many opportunities to the recycle bin; returns how many."""
    return kernel.change_many(opportunities, by=by, verb="delete", deleted_at=timezone.now(), deleted_by=by)


def company_value(opportunity: Opportunity, *, at: datetime) -> CompanyValue:
    """What the opportunity's amount is worth in the company's currency at the rate of that day: an expression for a write."""
    return CompanyValue(opportunity.potential, opportunity.currency, at)


def set_interests(opportunity: Opportunity, interests: Iterable[Interest], *, by: User) -> None:
    """The opportunity's interests become these; the first is the primary one."""
    rows = [
        OpportunityInterest(opportunity=opportunity, interest=item, is_primary=not place)
        for place, item in enumerate(interests)
    ]
    OpportunityInterest.objects.filter(opportunity=opportunity).delete()
    OpportunityInterest.objects.bulk_create(rows)


def respan(ids: list[int], *, at: datetime | None = None, comment: str = "", by: User | None) -> None:
    """End the current state of these opportunities and start one equal to their headers; two statements however many.

    The callers hold the header rows' locks, so nobody else writes states of these opportunities meanwhile.
    """
    values: dict[str, Any] = {"ids": ids, "at": at or timezone.now(), "by": by.pk if by else None, "comment": comment}
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE_SPANS, values)
        cursor.execute(_START_SPANS, values)


def _close(opportunity: Opportunity, status: str, reasons: list[Reason], comment: str, *, by: User) -> Opportunity:
    _must_be_open(opportunity)
    today = timezone.localdate(timezone=ZoneInfo(Company.current().time_zone))
    values = {"status": status, "closed_on": max(today, opportunity.opened_on), "close_comment": comment}
    _advance(opportunity, values, verb=status, comment=comment, by=by)
    opportunity.reasons.set(reasons)
    return opportunity


def _advance(
    opportunity: Opportunity,
    values: dict[str, Any],
    *,
    verb: str,
    comment: str,
    seen_version: int | None = None,
    by: User,
) -> Opportunity:
    """One conditional UPDATE that repeats the status and stage (and version, if given) it was read with, then a new state."""
    if verb != "reopen":
        _must_be_open(opportunity)
    seen = Opportunity._base_manager.filter(
        pk=opportunity.pk, status=opportunity.status, stage_id=opportunity.stage_id, deleted_at__isnull=True
    )
    if seen_version is not None:
        seen = seen.filter(version=seen_version)
    now = timezone.now()
    worth = _worth_at(now, values.get("potential"))
    with acting(by, verb):
        if not seen.update(**values, potential_company=worth, version=F("version") + 1, updated_at=now):
            raise StaleRecord(_what_happened(opportunity), code="stale")
    respan([opportunity.pk], at=now, comment=comment, by=by)
    opportunity.refresh_from_db()
    return opportunity


def _worth_at(at: datetime, potential: Any = None) -> CompanyValue:
    """The rows' amounts (or a new one) in the company's currency at the rate of that day."""
    return CompanyValue(F("potential") if potential is None else potential, F("currency"), at)


def _what_happened(opportunity: Opportunity) -> str:
    """Who was first and where the opportunity is now, in words."""
    state = opportunity.states.filter(until__isnull=True).select_related("changed_by", "stage").first()
    if state is None or state.changed_by is None:
        return _("Somebody else changed this opportunity a moment ago.")
    where = state.stage.name if state.status == rules.OPEN else state.get_status_display()
    return _("%(person)s was first: the opportunity is now in “%(where)s”.") % {
        "person": state.changed_by.name,
        "where": where,
    }


def _must_be_open(opportunity: Opportunity) -> None:
    if not rules.may_change(opportunity.status):
        raise RuleBroken(_("A closed opportunity can't be changed. Reopen it first."), code="closed")


def _check(opportunity: Opportunity) -> None:
    """The rules of one opportunity by itself; the first broken one is raised."""
    checks = [
        (
            opportunity.partner.kind == "vendor",
            "partner",
            _("Opportunities are for leads and customers, not for vendors."),
        ),
        (
            opportunity.stage.pipeline_id != opportunity.pipeline_id,
            "stage",
            _("This stage belongs to another pipeline."),
        ),
        (not rules.is_percentage(opportunity.percentage), "percentage", _("A percentage lies between 0 and 100.")),
        (opportunity.potential < 0, "potential", _("An amount can't be negative.")),
        (opportunity.opened_on > timezone.localdate(), "opened_on", _("An opportunity can't be opened in the future.")),
        (
            opportunity.predicted_close_on < opportunity.opened_on,
            "predicted_close_on",
            _("The predicted closing lies before the opening."),
        ),
    ]
    for broken, field, message in checks:
        if broken:
            raise RuleBroken(message, code=f"bad_{field}", field=field)
    if opportunity.currency != Company.current().currency and not Rate.objects.of_code(opportunity.currency).exists():
        words = _("There is no rate for %(currency)s yet: add one in the settings under “Currencies”.")
        raise RuleBroken(words % {"currency": opportunity.currency}, code="no_rate", field="currency")


@transaction.atomic
def save_pipeline(pipeline: Pipeline, *, by: User) -> Pipeline:
    """Create or change a pipeline; a new default takes the place of the old one."""
    if pipeline.is_default:
        Pipeline.objects.filter(is_default=True).exclude(pk=pipeline.pk).update(is_default=False)
    return kernel.save(pipeline, by=by, verb="pipeline")


def save_stage(stage: Stage, *, by: User) -> Stage:
    """Create or change a stage. Raises RuleBroken for a name the pipeline has already."""
    if Stage.objects.filter(pipeline=stage.pipeline_id, name=stage.name).exclude(pk=stage.pk).exists():
        raise RuleBroken(_("This pipeline has a stage of this name."), code="name_taken", field="name")
    return kernel.save(stage, by=by, verb="stage")


@transaction.atomic
def save_pipeline_with_stages(pipeline: Pipeline, stages: Iterable[Stage], *, by: User) -> Pipeline:
    """Create or change a pipeline and those of its stages that are new or changed. Raises RuleBroken for a name used twice."""
    save_pipeline(pipeline, by=by)
    for stage in stages:
        stage.pipeline = pipeline
        save_stage(stage, by=by)
    return pipeline
