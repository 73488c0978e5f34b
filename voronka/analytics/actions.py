"""What people do in analytics: have a report sent again and again, and stop it; call off one that is being counted; put a forecast right; arrange home pages; begin with the usual
lists in a new installation.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from voronka.activities.models import ActivityType, Outcome
from voronka.analytics import jobs, querysets
from voronka.analytics.models import ForecastCorrection, HomePage, Schedule
from voronka.analytics.rules import MOST_TILES, VIEW, Columns, name_of_run, next_time
from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.core.periods import period_of
from voronka.opportunities.actions import save_pipeline_with_stages
from voronka.opportunities.models import Interest, InterestLevel, Pipeline, Reason, Stage
from voronka.partners.models import Industry, Source

if TYPE_CHECKING:
    from voronka.accounts.models import Role, User

# Stage, closing percentage, usual days: what most who sell to companies begin with, and change.
USUAL_STAGES: Final = (
    (pgettext_lazy("stage", "First contact"), 10, 7),
    (pgettext_lazy("stage", "Needs"), 25, 14),
    (pgettext_lazy("stage", "Quotation"), 50, 14),
    (pgettext_lazy("stage", "Negotiation"), 75, 14),
    (pgettext_lazy("stage", "Contract"), 90, 10),
)
_VALUES: Final[tuple[tuple[Any, tuple[Any, ...]], ...]] = (
    (Source, (
        gettext_lazy("Website"), gettext_lazy("Recommendation"), gettext_lazy("Exhibition"), gettext_lazy("Advertising"), gettext_lazy("Cold call"),
    )),
    (Industry, (
        gettext_lazy("Trade"), gettext_lazy("Manufacturing"), gettext_lazy("Construction"), gettext_lazy("Services"),
        gettext_lazy("Information technology"), gettext_lazy("Public sector"),
    )),
    (Reason, (
        gettext_lazy("Price"), gettext_lazy("Delivery time"), gettext_lazy("Chose a competitor"), gettext_lazy("Project cancelled"),
        gettext_lazy("No budget"), gettext_lazy("Quality of service"),
    )),
    (InterestLevel, (gettext_lazy("Cold"), gettext_lazy("Warm"), gettext_lazy("Hot"))),
    (Interest, (gettext_lazy("Goods"), gettext_lazy("Services"))),
    (ActivityType, (gettext_lazy("Sales"), gettext_lazy("Service"), gettext_lazy("Settlements"))),
)  # fmt: skip
_OUTCOMES: Final = (
    (gettext_lazy("Reached"), True), (gettext_lazy("Wants a quotation"), True), (gettext_lazy("Call back later"), True),
    (gettext_lazy("Not interested"), True), (gettext_lazy("No answer"), False), (gettext_lazy("Wrong number"), False),
)  # fmt: skip


@transaction.atomic
def save_schedule(schedule: Schedule, *, recipients: Iterable[User], by: User) -> Schedule:
    """Keep a regular report; its next time is the first one after now (company's time zone). Raises RuleBroken without a recipient."""
    chosen = list(recipients)
    if not chosen:
        raise RuleBroken(_("Say who gets the report."), code="no_recipients", field="recipients")
    zone = ZoneInfo(Company.current().time_zone)
    schedule.next_at = next_time(timezone.now(), schedule.every, schedule.weekday, schedule.day, schedule.hour, zone)
    kernel.save(schedule, by=by, verb="schedule")
    schedule.recipients.set(chosen)
    return schedule


def delete_schedule(schedule: Schedule, *, by: User) -> None:
    """Stop sending a regular report."""
    kernel.delete(schedule, by=by)


def send_now(schedule: Schedule, *, by: User) -> int:
    """Send a regular report at once, besides its times; returns to how many people."""
    people = list(schedule.recipients.values_list("pk", flat=True))
    for person in people:
        jobs.send_one.defer(schedule_id=schedule.pk, user_id=person, due=int(timezone.now().timestamp()))
    return len(people)


def stop_counting(key: str, *, by: User) -> bool:
    """Call off a report of one's own that is being counted; False where it was done already."""
    return querysets.interrupt(name_of_run(by.pk, key)) > 0


def arrange_home(columns: Columns, *, by: User) -> HomePage:
    """The tiles of one's own home page become these, in this order; the role's page then no longer shows."""
    return _write_home(columns, user=by)


def arrange_home_of_role(role: Role, columns: Columns, *, by: User) -> HomePage:
    """The home page of everybody with a role who arranged none. Raises RuleBroken for a tile that only `by` may see."""
    keys = [int(key.removeprefix(VIEW)) for column in columns for key in column if key.startswith(VIEW)]
    own = querysets.shown_variants(by, keys).filter(is_shared=False).first()
    if own:
        words = _("“%(name)s” is a view of your own: share it first, or take its tile away.")
        raise RuleBroken(words % {"name": own.name}, code="private_view")
    return _write_home(columns, role=role)


def _write_home(columns: Columns, **whose: Any) -> HomePage:
    """Raises RuleBroken for a tile that stands there twice, or too many."""
    wide, side = columns
    keys = [*wide, *side]
    if len(keys) > MOST_TILES or len(set(keys)) < len(keys):
        raise RuleBroken(
            _("A home page has each tile once, and at most %(most)s.") % {"most": MOST_TILES}, code="tiles"
        )
    return HomePage.objects.update_or_create(**whose, defaults={"wide": wide, "side": side})[0]


def forget_home(*, by: User) -> None:
    """Back to the page of one's role."""
    HomePage.objects.filter(user=by).delete()


@transaction.atomic
def correct_forecast(
    person: User, kind: str, first: date, amount: Decimal | None, *, comment: str, by: User
) -> ForecastCorrection:
    """Put what a head expects of a person beside the figure computed of a month, quarter or year; None takes the word back. `first` may be any day of the
    period. All words are kept with who said them, when and why. Raises RuleBroken without a comment, and for a period that is over.
    """
    company = Company.current()
    period = period_of(first, kind, company.fiscal_year_start)
    if not comment.strip():
        raise RuleBroken(_("Say why you expect something else."), code="comment_required", field="comment")
    if period.last < timezone.localdate(timezone=ZoneInfo(company.time_zone)):
        raise RuleBroken(_("This period is over: what came is known."), code="over", field="amount")
    won, weighted = querysets.expected_of(person, period)
    word = ForecastCorrection(
        owner=person,
        kind=kind,
        first=period.first,
        amount=amount,
        computed=won + weighted,
        comment=comment.strip(),
        by=by,
    )
    return kernel.save(word, by=by, verb="correct_forecast")


@transaction.atomic
def begin_with_usual_lists(*, by: User) -> Pipeline:
    """Give a new installation a pipeline and the lists most companies begin with, in the company's language; values that exist stay.

    Raises RuleBroken where there is a pipeline already.
    """
    if Pipeline.objects.exists():
        raise RuleBroken(_("There are pipelines already: change them in the settings."), code="furnished")
    with translation.override(Company.current().language):
        for model, names in _VALUES:
            for position, name in enumerate(names, 1):
                model.objects.get_or_create(name=str(name), defaults={"position": position * 10})
        for position, (name, reached) in enumerate(_OUTCOMES, 1):
            Outcome.objects.get_or_create(name=str(name), defaults={"position": position * 10, "reached": reached})
        stages = [
            Stage(name=str(name), position=place * 10, percentage=percentage, usual_days=days)
            for place, (name, percentage, days) in enumerate(USUAL_STAGES, 1)
        ]
        return save_pipeline_with_stages(Pipeline(name=_("Sales"), is_default=True), stages, by=by)
