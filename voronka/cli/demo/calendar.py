"""What makes the calendar of the demo company one of a company at work: standing meetings, a call every other week, holidays, people away."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from voronka.activities import freedays, occurrences
from voronka.activities.models import Absence, Holiday, Series

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.cli.demo import World

WORDS: Final[dict[str, dict[str, Any]]] = {
    "ru": {
        "week": "Планёрка отдела", "day": "Утренняя летучка", "month": "Итоги месяца с директором", "partner": "Созвон по проекту", "place": "Переговорная",
        "country": "RU", "sick": "", "trip": "Выставка «Мебель»",
    },
    "en": {
        "week": "Team meeting", "day": "Morning round", "month": "The month with the director", "partner": "Project call", "place": "Meeting room",
        "country": "US", "sick": "", "trip": "Furniture fair",
    },
}  # fmt: skip


def fill(world: World, language: str) -> None:
    """Series, holidays of three years, and absences around today; nothing of it is drawn by lot."""
    words, monday = WORDS[language], world.today - timedelta(days=world.today.weekday())
    for year in range(world.today.year - 1, world.today.year + 2):
        Holiday.objects.bulk_create(freedays.published(words["country"], year, language), ignore_conflicts=True)
    for number, (head, mates) in enumerate(_teams(world)):
        week = _series(
            world, head, words["week"], "FREQ=WEEKLY;BYDAY=MO", monday, time(10, 0), 60, place=words["place"]
        )
        daily = _series(
            world,
            head,
            words["day"],
            "FREQ=WEEKLY;BYDAY=TU,WE,TH,FR",
            monday + timedelta(days=1),
            time(9, 15 * number % 60),
            15,
        )
        for series in (week, daily):
            series.participants.set(mates)
            occurrences.keep_ahead(series, timezone.now())
    for number, partner in enumerate(world.partners[:6]):
        day = monday + timedelta(days=number % 5)
        call = _series(
            world,
            partner.owner,
            words["partner"],
            "FREQ=WEEKLY;INTERVAL=2",
            day,
            time(15, 30),
            30,
            kind="call",
            partner=partner,
        )
        occurrences.keep_ahead(call, timezone.now())
    _away(world, monday, words)


def _teams(world: World) -> list[tuple[User, list[User]]]:
    """The head of each team with the others: a head's role reaches the team."""
    teams: dict[int, list[User]] = {}
    for person in world.people:
        if person.team_id is not None:
            teams.setdefault(person.team_id, []).append(person)
    found = [sorted(people, key=lambda one: (one.role.slug != "head-of-sales", one.pk)) for people in teams.values()]
    return [(people[0], people[1:]) for people in found if len(people) > 1]


def _series(
    world: World, owner: User, title: str, rule: str, day: date, clock: time, minutes: int, *, kind: str = "meeting", place: str = "",
    partner: Any = None,
) -> Series:  # fmt: skip
    return Series.objects.create(
        kind=kind, title=title, owner=owner, created_by=owner, partner=partner, is_private=partner is None, location=place, rule=rule, zone=str(world.zone),
        starts_on=day, clock=clock, length=timedelta(minutes=minutes),
    )  # fmt: skip


def _away(world: World, monday: date, words: dict[str, Any]) -> None:
    people = [one for one in world.people if one.team_id is not None]
    spans = [
        (0, 2, 2, "trip", words["trip"]),
        (1, 7, 13, "vacation", ""),
        (2, -14, -10, "sick", ""),
        (3, 4, 8, "vacation", ""),
        (4, 21, 34, "vacation", ""),
    ]
    Absence.objects.bulk_create(
        Absence(
            owner=people[number % len(people)], created_by=people[number % len(people)], kind=kind, remarks=remarks,
            first_on=monday + timedelta(days=first), last_on=monday + timedelta(days=last),
        )
        for number, first, last, kind, remarks in spans
    )  # fmt: skip
