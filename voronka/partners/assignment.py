"""New leads by rule: the first rule that fits a lead says who take turns, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q
from django.utils import timezone

from voronka.core.models import Company
from voronka.partners import rules
from voronka.partners.models import Assignment, AssignmentRule, Partner, Territory


def assigned(leads: Iterable[Partner]) -> list[Assignment]:
    """Whom each lead goes to; nothing is written. Leads no rule fits, or whose people all had their share today, are left out.

    Call it inside a transaction: the rules stay locked, so that two never count the same turn. Today is the company's day. The number of
    statements is two, and two for each rule.
    """
    now = timezone.now()
    every = list(AssignmentRule.objects.active().select_for_update())
    if not every:
        return []
    parents = dict(Territory.objects.values_list("pk", "parent"))
    turns = {rule: _turns(rule, _midnight(now)) for rule in every}
    made = []
    for lead in leads:
        rule = next((one for one in every if _fits(one, lead, parents)), None)
        turn = rules.whose_turn(turns[rule], rule.daily_limit) if rule else None
        if rule and turn:
            # Later than every turn before it, also within one act.
            turn.today, turn.last = turn.today + 1, timezone.now()
            made.append(Assignment(rule=rule, partner=lead, person_id=turn.person, at=turn.last))
    return made


def _fits(rule: AssignmentRule, lead: Partner, parents: dict[int, int | None]) -> bool:
    """What a rule does not name may be anything."""
    in_place = rule.territory_id is None or rules.is_within(lead.territory_id, rule.territory_id, parents)
    return in_place and rule.source_id in (None, lead.source_id) and rule.industry_id in (None, lead.industry_id)


def _turns(rule: AssignmentRule, midnight: datetime) -> list[rules.Turn]:
    """Those of the rule's people who work here still, with what they got."""
    people = rule.people.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    turns = {key: rules.Turn(key, 0, None) for key in people}
    got = Assignment.objects.filter(rule=rule, person__in=turns).order_by().values_list("person")
    for key, last, today in got.annotate(last=Max("at"), today=Count("pk", filter=Q(at__gte=midnight))):
        turns[key].last, turns[key].today = last, today
    return list(turns.values())


def _midnight(now: datetime) -> datetime:
    zone = ZoneInfo(Company.lately().time_zone)
    return datetime.combine(now.astimezone(zone).date(), time.min, zone)
