"""Who gets new leads in the demo company, how soon they had a word from us, and sequences of actions."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pgtrigger
from django.db import connection

from voronka.activities import actions
from voronka.activities.models import RunStep, Sequence, SequenceStep
from voronka.partners.models import AssignmentRule, Partner

if TYPE_CHECKING:
    from voronka.cli.demo import World

WORDS: Final[dict[str, dict[str, Any]]] = {
    "ru": {
        "rules": ["Лиды с сайта", "Остальные лиды"],
        "sequence": "Новый лид", "steps": [(1, "call", "Познакомиться, узнать задачу"), (3, "email", "Отправить каталог и цены"), (7, "call", "Узнать решение")],
    },
    "en": {
        "rules": ["Leads from the website", "Other leads"],
        "sequence": "New lead", "steps": [(1, "call", "Get to know them and the need"), (3, "email", "Send catalogue and prices"), (7, "call", "Ask for the decision")],
    },
}  # fmt: skip
# Leads with a word from us had it after so many minutes, most within the working day.
WAITS: Final = (8, 15, 25, 40, 70, 120, 180, 300, 540, 1500)
_ANSWERED: Final = """
    UPDATE partners_partner p SET answered_at = p.created_at + make_interval(mins => (%s::int[])[1 + p.id %% %s])
    WHERE EXISTS (SELECT FROM activities_activity a WHERE a.partner_id = p.id AND a.status = 'done' AND a.kind <> 'note')
"""


def make(world: World, language: str) -> None:
    """Two rules of assignment, a first word for everybody we spoke with, a sequence at work with six leads, one of them not followed."""
    words, dice = WORDS[language], random.Random(1861)  # noqa: S311
    with pgtrigger.ignore("partners.Partner:update_update"), connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [list(WAITS), len(WAITS)])
    _rules(world, words)
    _sequences(words, dice)


def _rules(world: World, words: dict[str, Any]) -> None:
    first, second = (
        AssignmentRule.objects.create(name=name, position=place, daily_limit=5)
        for place, name in enumerate(words["rules"], 1)
    )
    first.source = world.lists["sources"][0]
    first.save()
    first.people.set(world.people[5:7])
    second.people.set(world.people[5:10])


def _sequences(words: dict[str, Any], dice: random.Random) -> None:
    sequence = Sequence.objects.create(name=words["sequence"])
    SequenceStep.objects.bulk_create(
        SequenceStep(sequence=sequence, after_days=days, kind=kind, title=title) for days, kind, title in words["steps"]
    )
    leads = list(Partner.objects.filter(kind="lead").select_related("owner").order_by("pk"))
    for number, lead in enumerate(dice.sample(leads, 6)):
        run = actions.start_sequence(sequence, lead, owner=lead.owner, by=lead.owner)
        if number == 0:
            first = RunStep.objects.filter(run=run).first()
            if first is not None:
                first.due -= timedelta(days=3)
                first.save()
