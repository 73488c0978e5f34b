"""What people do to opportunities. Every change that matters for a report starts a new state; the header equals the last one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from voronka.accounts.models import User
from voronka.core import actions as kernel
from voronka.core.audit import acting
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.core.models import Company
from voronka.core.periods import period_of
from voronka.opportunities import history, rules
from voronka.opportunities.history import FIGURES, STATE_COLUMNS, company_value, respan, worth_at
from voronka.opportunities.models import (
    REQUIRABLE,
    Competitor,
    DealCompetitor,
    DealContact,
    DealItem,
    DealPartner,
    Interest,
    Opportunity,
    OpportunityInterest,
    OpportunityState,
    Part,
    Pipeline,
    Reason,
    Stage,
    Target,
)
from voronka.opportunities.querysets import PARTS, OpportunityQuerySet
from voronka.partners.actions import must_not_be_frozen
from voronka.products.models import CompanyValue, Rate

# What a clone takes over.
CLONED: Final = (
    "name", "partner", "contact", "pipeline", "potential", "currency", "gross_profit_percent", "closes_unit", "interest_level", "product", "channel", "project",
    "territory", "source", "industry", "remarks",
)  # fmt: skip
_HISTORY_FAULTS: Final = {
    "empty": gettext_lazy("An opportunity has at least one state."),
    "same_moment": gettext_lazy("Two states can't start at the same moment."),
    "future": gettext_lazy("A state can't start in the future."),
}


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
    plain = [word for word in opportunity.stage.required if word not in PARTS]
    _must_be_filled(opportunity, opportunity.stage, plain)
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
    if opportunity.stage_id != before.stage_id:
        _must_be_ready(opportunity, opportunity.stage, comment)
    if changed:
        respan([opportunity.pk], at=now, comment=comment, by=by)
    return opportunity


@transaction.atomic
def move_to_stage(
    opportunity: Opportunity, stage: Stage, *, percentage: Any = None, comment: str = "", by: User, **filled: Any
) -> Opportunity:
    """Move an open opportunity to another stage of its pipeline; the percentage becomes the stage's unless one is given.

    `filled` are values the stage requires, written with the move. The write repeats the stage it was read with: of two people moving one
    card the second gets StaleRecord and nothing changes. Raises RuleBroken while something the stage requires is missing.
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
    moved = _advance(opportunity, filled | values, verb="move", comment=comment, by=by)
    _must_be_ready(moved, stage, comment)
    return moved


@transaction.atomic
def change(
    opportunity: Opportunity, *, comment: str = "", seen_version: int | None = None, by: User, **values: Any
) -> Opportunity:
    """Change amount, percentage, category in the forecast, predicted closing, owner, territory, source, industry or next step of an open opportunity.

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
def lose(
    opportunity: Opportunity,
    *,
    reasons: Iterable[Reason] = (),
    comment: str = "",
    winner: Competitor | None = None,
    by: User,
) -> Opportunity:
    """Close as lost today, to a competitor if one is named; a reason is required unless the company's settings say otherwise.

    Raises RuleBroken without a reason or unless open, StaleRecord for a lost race.
    """
    chosen = list(reasons)
    if not chosen and Company.current().loss_reason_required:
        raise RuleBroken(_("Say why the opportunity was lost."), code="reason_required", field="reasons")
    lost = _close(opportunity, rules.LOST, chosen, comment, by=by)
    DealCompetitor.objects.filter(opportunity=lost, won=True).update(won=False)
    if winner is not None:
        values = {"threat": winner.threat, "won": True}
        DealCompetitor.objects.update_or_create(
            opportunity=lost, competitor=winner, defaults={"won": True}, create_defaults=values
        )
    return lost


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
        opportunities.filter(status=rules.OPEN)
        .exclude(owner=owner)
        .select_for_update(no_key=True)
        .values_list("pk", flat=True)
    )
    values = {"owner": owner, "potential_company": worth_at(now := timezone.now())}
    kernel.change_many(Opportunity._base_manager.filter(pk__in=ids), by=by, verb="change_owner", **values)
    respan(ids, at=now, comment=comment, by=by)
    return len(ids)


@transaction.atomic
def move_many(opportunities: OpportunityQuerySet, stage: Stage, *, by: User) -> int:
    """Move many open opportunities of the stage's pipeline to it, each with a new state; returns how many moved.

    Closed ones, those of other pipelines and those that lack what the stage requires stay. Raises RuleBroken for a stage no longer
    used, or one that wants a comment on each move.
    """
    if not stage.is_active:
        raise RuleBroken(_("This stage is no longer used."), code="inactive_stage", field="stage")
    if stage.asks_comment:
        words = _("Moving to “%(stage)s” needs a comment on each opportunity: move them one by one.")
        raise RuleBroken(words % {"stage": stage}, code="comment_required", field="comment")
    movable = opportunities.filter(status=rules.OPEN, pipeline=stage.pipeline_id).exclude(stage=stage)
    movable = movable.ready_for(stage, timezone.now())
    ids = list(movable.select_for_update(of=("self",)).values_list("pk", flat=True))
    now = timezone.now()
    values = {"stage": stage, "percentage": stage.percentage, "stage_since": now, "potential_company": worth_at(now)}
    kernel.change_many(Opportunity._base_manager.filter(pk__in=ids), by=by, verb="move", **values)
    respan(ids, at=now, by=by)
    return len(ids)


@transaction.atomic
def correct_history(
    opportunity: Opportunity,
    states: Iterable[OpportunityState],
    *,
    reason: str,
    seen_version: int | None = None,
    by: User,
) -> Opportunity:
    """Put the states of an opportunity right: these take the place of those there are, in the order of their starts, without gap or overlap.

    Only `since` counts of a state's ends; new ones take what they don't say from the one before. The header follows the last state,
    the opening day the first one (company's time zone). What was there before is kept with the reason and the person.
    Raises RuleBroken without a state, for two that start at one moment, one that starts in the future or holds an impossible value;
    StaleRecord when somebody changed the opportunity meanwhile.
    """
    ordered = sorted(states, key=lambda state: state.since)
    history.complete(opportunity, ordered, by=by)
    values = _header_of(ordered, reason)
    seen = Opportunity._base_manager.filter(pk=opportunity.pk, version=seen_version or opportunity.version)
    with acting(by, "correct_history"):
        if not seen.update(**values, version=F("version") + 1, updated_at=timezone.now()):
            raise StaleRecord(_what_happened(opportunity), code="stale")
        history.replace(opportunity, ordered, reason=reason, by=by)
    opportunity.refresh_from_db()
    return opportunity


def _header_of(states: list[OpportunityState], reason: str) -> dict[str, Any]:
    """What the header says when these are the states. Raises RuleBroken where they can't be."""
    if not reason.strip():
        raise RuleBroken(_("Say why the history is corrected."), code="reason_required", field="reason")
    if fault := rules.history_fault([state.since for state in states], timezone.now()):
        raise RuleBroken(_HISTORY_FAULTS[fault], code=f"history_{fault}")
    zone, last = ZoneInfo(Company.current().time_zone), states[-1]
    opened_on, ended_on = (timezone.localdate(state.since, zone) for state in (states[0], last))
    for state in states:
        if not rules.is_percentage(state.percentage) or state.potential < 0:
            raise RuleBroken(_("A percentage lies between 0 and 100, an amount is not negative."), code="bad_state")
    if any(state.predicted_close_on < opened_on for state in states):
        raise RuleBroken(_("The predicted closing lies before the opening."), code="bad_predicted_close_on")
    values = {column: getattr(last, column) for column in STATE_COLUMNS}
    return values | {
        "pipeline_id": last.stage.pipeline_id,
        "potential_company": CompanyValue(last.potential, last.currency, last.since),
        "opened_on": opened_on,
        "closed_on": None if last.status == rules.OPEN else ended_on,
        "stage_since": history.in_stage_since(states),
    }


@transaction.atomic
def keep_parts(
    opportunity: Opportunity,
    changed: Iterable[Part],
    gone: Iterable[Part],
    *,
    amount_from_items: bool = False,
    by: User,
) -> None:
    """Write and take away items, competitors, partners and contacts of an open opportunity; with `amount_from_items` its amount becomes
    the sum of its items. Raises RuleBroken when it is closed.
    """
    _must_be_open(opportunity)
    with acting(by, "parts"):
        for part in gone:
            part.delete()
        for part in changed:
            part.opportunity = opportunity
            part.save()
    if amount_from_items:
        total = DealItem.objects.filter(opportunity=opportunity).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
        change(opportunity, potential=total, by=by)


@transaction.atomic
def clone(opportunity: Opportunity, *, by: User) -> Opportunity:
    """A new open opportunity like this one, in its pipeline's first stage, opened today and predicted to close after as many days as this
    one; with its interests, items, competitors, partners and contacts. The owner stays if this person may name them.
    """
    today = timezone.localdate()
    stage = Stage.objects.active().filter(pipeline=opportunity.pipeline_id).first() or opportunity.stage
    owner = User.objects.assignable_by(by).filter(pk=opportunity.owner_id).first() or by
    values = {name: getattr(opportunity, name) for name in CLONED}
    made = Opportunity(
        **values, stage=stage, percentage=stage.percentage, owner=owner, opened_on=today,
        predicted_close_on=today + max(opportunity.predicted_close_on - opportunity.opened_on, timedelta()),
    )  # fmt: skip
    interests = opportunity.opportunityinterest_set.order_by("-is_primary", "pk").select_related("interest")
    open_opportunity(made, interests=[one.interest for one in interests], by=by)
    for part in (DealItem, DealCompetitor, DealPartner, DealContact):
        rows = list(part.objects.filter(opportunity=opportunity))
        for row in rows:
            row.pk, row.opportunity = None, made
        part.objects.bulk_create(rows)
    return made


def set_target(target: Target, *, by: User) -> Target:
    """Write a target over the one the same person, team or company has for the same period; `first` becomes the period's first day
    (quarters and years by the company's fiscal year).
    """
    target.first = period_of(target.first, target.kind, Company.current().fiscal_year_start).first
    amount = {"amount": target.amount}
    return Target.objects.update_or_create(
        kind=target.kind, first=target.first, person=target.person, team=target.team, defaults=amount
    )[0]


def delete_target(target: Target, *, by: User) -> None:
    """Take a target away."""
    kernel.delete(target, by=by)


def set_interests(opportunity: Opportunity, interests: Iterable[Interest], *, by: User) -> None:
    """The opportunity's interests become these; the first is the primary one."""
    rows = [
        OpportunityInterest(opportunity=opportunity, interest=item, is_primary=not place)
        for place, item in enumerate(interests)
    ]
    OpportunityInterest.objects.filter(opportunity=opportunity).delete()
    OpportunityInterest.objects.bulk_create(rows)


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
    """One conditional UPDATE that repeats the status and stage (and version, if given) it was read with, then a new state if it holds
    any of these values.
    """
    if verb != "reopen":
        _must_be_open(opportunity)
    seen = Opportunity._base_manager.filter(
        pk=opportunity.pk, status=opportunity.status, stage_id=opportunity.stage_id, deleted_at__isnull=True
    )
    if seen_version is not None:
        seen = seen.filter(version=seen_version)
    now = timezone.now()
    is_stated = any(column.removesuffix("_id") in values for column in STATE_COLUMNS)
    written = values | ({"potential_company": worth_at(now, values.get("potential"))} if is_stated else {})
    with acting(by, verb):
        if not seen.update(**written, version=F("version") + 1, updated_at=now):
            raise StaleRecord(_what_happened(opportunity), code="stale")
    if is_stated:
        respan([opportunity.pk], at=now, comment=comment, by=by)
    opportunity.refresh_from_db()
    return opportunity


def _must_be_ready(opportunity: Opportunity, stage: Stage, comment: str) -> None:
    """The stage's entry rules, asked of the opportunity as it is written. Raises RuleBroken for the first that is not kept."""
    if stage.asks_comment and not comment.strip():
        raise RuleBroken(_("Moving here needs a comment: say why."), code="comment_required", field="comment")
    _must_be_filled(opportunity, stage, stage.required)
    if days := stage.activity_days:
        now, rows = timezone.now(), Opportunity.objects.filter(pk=opportunity.pk)
        if not rows.active_since(now - timedelta(days=days), now).exists():
            words = ngettext(
                "“%(stage)s” needs an activity within the last %(days)s day: write down what was said or done.",
                "“%(stage)s” needs an activity within the last %(days)s days: write down what was said or done.",
                days,
            )
            raise RuleBroken(words % {"stage": stage, "days": days}, code="activity_required", field="stage")


def _must_be_filled(opportunity: Opportunity, stage: Stage, required: list[str]) -> None:
    if not required:
        return
    row = Opportunity.objects.filter(pk=opportunity.pk).lacking(required).values().get()
    if missing := [str(REQUIRABLE[word]) for word in required if row[f"lacks_{word}"]]:
        words = _("“%(stage)s” first needs: %(fields)s.") % {"stage": stage, "fields": ", ".join(missing)}
        raise RuleBroken(words, code="stage_requires", field="stage")


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
