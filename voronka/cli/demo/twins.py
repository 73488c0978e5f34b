"""Duplicates, a request for a partner and files of the demo company."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.files.base import ContentFile

from voronka.activities.actions import attach
from voronka.partners import actions, duplicates
from voronka.partners.models import Address, DuplicateScan, Partner
from voronka.partners.rules import name_key

if TYPE_CHECKING:
    from voronka.cli.demo import World

WORDS: Final[dict[str, dict[str, Any]]] = {
    "ru": {
        "message": "Познакомились с их директором на выставке, просят прислать расчёт. Заберу себе или сделаем вместе?", "forms": ["{}, ООО", '"{}"', "ООО {}"],
        "files": [("Заметки о встрече.txt", "Договорились о замере в четверг.\n"), ("Реквизиты.txt", "ИНН и счёт пришлют отдельным письмом.\n")],
        "remarks": "от закупщика",
    },
    "en": {
        "message": "I met their director at the fair, they ask for a quotation. May I have them, or shall we work together?", "forms": ["{} Ltd", '"{}"', "{} LLC"],
        "files": [("Notes of the meeting.txt", "We measure on Thursday.\n"), ("Bank details.txt", "They come by a separate letter.\n")], "remarks": "from the buyer",
    },
}  # fmt: skip
TWINS: Final = 6
WITH_FILES: Final = 12


def make(world: World, language: str) -> None:
    """The last partners stand a second time under other spellings; the base is compared; somebody asks for a partner; some have files."""
    words = WORDS[language]
    for place in range(TWINS):
        _written_again(world.partners[place], world.partners[-1 - place], words["forms"][place % 3], place)
    found = duplicates.scan()
    boss, count = world.people[1], len(world.partners)
    DuplicateScan.objects.create(by=boss, status="done", rows=count, total=count, found=found)
    _ask(world, words["message"])
    for place, partner in enumerate(world.partners[:WITH_FILES]):
        name, text = words["files"][place % 2]
        attach(
            ContentFile(text.encode()),
            name,
            partner=partner,
            remarks=words["remarks"] if place % 3 == 0 else "",
            by=partner.owner,
        )


def _written_again(one: Partner, other: Partner, form: str, place: int) -> None:
    """The other becomes the one as somebody else typed it: in a third of the cases a branch with a KPP of its own."""
    values = {"name": form.format(name_key(one.name).title()), "tax_id": one.tax_id, "phone": one.phone}
    values["kpp"] = other.kpp if place % 3 == 2 else one.kpp
    Partner.objects.filter(pk=other.pk).update(**values)
    if place % 2:
        places = Address.objects.of(one).values("city", "street")[:1]
        Address.objects.of(other).update(**places[0])


def _ask(world: World, message: str) -> None:
    """A salesperson asks a colleague of another group for a partner met at a fair."""
    asker = world.people[5]
    wanted = next(partner for partner in world.partners if partner.owner == world.people[7])
    typed = duplicates.Typed(name=wanted.name, phone=wanted.phone)
    actions.ask_for(typed, wanted.owner, message, by=asker)
