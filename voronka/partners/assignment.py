"""New leads by rule: the first rule that fits a lead says who take turns, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from voronka.core.models import Company
from voronka.core.prepared import Prepared, Slot
from voronka.partners import rules
from voronka.partners.models import Assignment, AssignmentRule, Partner, Territory

_RULES = Prepared(lambda: AssignmentRule.objects.active())
_PLACES = Prepared(lambda: Territory.objects.order_by("pk").values_list("pk", "parent"))


def assigned(leads: Iterable[Partner]) -> list[Assignment]:
    """Whom each lead goes to; nothing is written. Leads no rule fits, or whose people all had their share today, are left out.

    Call it inside a transaction: the rules that fit stay locked, so that two never count the same turn. Today is the company's day. The
    number of statements is one, two more where a rule names a territory and where one fits, and two for each rule that fits.
    """
    every = _RULES()
    parents = dict(_PLACES()) if any(rule.territory_id for rule in every) else {}
    fitting = [(lead, next((rule for rule in every if _fits(rule, lead, parents)), None)) for lead in leads]
    turns = _turns_of({rule for _lead, rule in fitting if rule})
    made = []
    for lead, rule in fitting:
        turn = rules.whose_turn(turns[rule], rule.daily_limit) if rule else None
        if rule and turn:
            # Later than every turn before it, also within one act.
            turn.today, turn.last = turn.today + 1, timezone.now()
            made.append(Assignment(rule=rule, partner=lead, person_id=turn.person, at=turn.last))
    return made


_LOCKED = Prepared(lambda: AssignmentRule.objects.filter(pk=Slot("rule")).select_for_update().values_list("pk"))


def _turns_of(chosen: set[AssignmentRule]) -> dict[AssignmentRule, list[rules.Turn]]:
    """The turns of these rules, which are locked first, always in the same order."""
    midnight = _midnight(timezone.now())
    for rule in sorted(chosen, key=lambda one: one.pk):
        _LOCKED(rule=rule.pk)
    return {rule: _turns(rule, midnight) for rule in chosen}


def _fits(rule: AssignmentRule, lead: Partner, parents: dict[int, int | None]) -> bool:
    """What a rule does not name may be anything."""
    in_place = rule.territory_id is None or rules.is_within(lead.territory_id, rule.territory_id, parents)
    return in_place and rule.source_id in (None, lead.source_id) and rule.industry_id in (None, lead.industry_id)


def _people() -> QuerySet[Any, Any]:
    """(person, the last turn, turns since midnight) of those of a rule who work here still."""
    got = Assignment.objects.filter(rule=OuterRef("assignmentrule"), person=OuterRef("user")).order_by("-at")
    lately = got.filter(at__gte=Slot("midnight")).order_by().values("person").values(many=Count("pk"))
    people = AssignmentRule.people.through._default_manager.filter(assignmentrule=Slot("rule"), user__is_active=True)
    turns: Any = people.annotate(last=Subquery(got.values("at")[:1]), today=Coalesce(Subquery(lately), 0))
    found: QuerySet[Any, Any] = turns.order_by("user").values_list("user", "today", "last")
    return found


_PEOPLE = Prepared(_people)


def _turns(rule: AssignmentRule, midnight: datetime) -> list[rules.Turn]:
    return [rules.Turn(*row) for row in _PEOPLE(rule=rule.pk, midnight=midnight)]


def _midnight(now: datetime) -> datetime:
    zone = ZoneInfo(Company.lately().time_zone)
    return datetime.combine(now.astimezone(zone).date(), time.min, zone)
