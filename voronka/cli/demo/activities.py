"""Two years of calls, meetings, letters, notes and tasks of the demo company, with what is overdue, due today and still to come."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from voronka.activities import rules
from voronka.activities.models import Activity, ActivitySubject, ActivityType, Letter, Outcome
from voronka.activities.rules import Plan
from voronka.cli.demo import letters
from voronka.partners.models import Contact, Partner

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.cli.demo import World
    from voronka.opportunities.models import Opportunity

WORDS: Final[dict[str, dict[str, Any]]] = {
    "ru": {
        "types": {"Продажа": ["Первое знакомство", "Презентация", "Согласование цены"], "Документы": ["Договор", "Счёт"], "Сервис": ["Рекламация", "Монтаж"]},
        "outcomes": [("Дозвонились", True), ("Не дозвонились", False), ("Просили перезвонить", True), ("Не интересно", True)],
        "call": [("Узнать, получили ли предложение", "Получили, смотрят. Вопрос по срокам поставки."), ("Обсудить скидку", "Готовы взять больше при скидке 5 %."),
                 ("Познакомиться, выяснить потребность", "Обновляют офис на 40 мест, решение за директором."), ("Уточнить бюджет", "Бюджет утвердят в конце месяца."),
                 ("Напомнить про договор", "Договор у юристов, ждут замечаний."), ("Согласовать состав", "Убрали перегородки, добавили освещение.")],
        "meeting": [("Показать образцы", "Понравился дуб, просят второй вариант обивки."), ("Встреча с директором", "Готовы начать с одного этажа."),
                    ("Замер помещения", "Замеры сняты, план отправлен проектировщику."), ("Защита предложения", "Сравнивают с конкурентом, ответ через неделю.")],
        "task": ["Отправить коммерческое предложение", "Подготовить договор", "Выставить счёт", "Посчитать доставку", "Собрать каталог"],
        "email": ["Отправлено предложение с двумя вариантами комплектации.", "Отправлен каталог и прайс-лист.", "Направлен проект договора."],
        "no_answer": "Не ответили, оставлено сообщение.", "private": ["Записаться к врачу", "Забрать машину из сервиса", "Отчёт по командировке"],
        "places": ["Офис клиента", "Наш шоурум", "Объект клиента"],
    },
    "en": {
        "types": {"Sale": ["First talk", "Presentation", "Price"], "Papers": ["Contract", "Invoice"], "Service": ["Complaint", "Installation"]},
        "outcomes": [("Reached", True), ("No answer", False), ("Asked to call back", True), ("Not interested", True)],
        "call": [("Ask whether the offer arrived", "It did; they ask about delivery."), ("Discuss the discount", "They would take more at 5 % off."),
                 ("Get to know them", "Refurbishing an office of 40 desks, the director decides."), ("Clarify the budget", "The budget is approved at the end of the month."),
                 ("Remind of the contract", "It is with their lawyers."), ("Agree on the items", "Partitions out, lighting in.")],
        "meeting": [("Show samples", "They like oak and want a second fabric."), ("Meet the director", "Ready to start with one floor."),
                    ("Measure the rooms", "Measured; the plan went to the designer."), ("Present the offer", "They compare with a competitor, an answer in a week.")],
        "task": ["Send the quotation", "Prepare the contract", "Send the invoice", "Estimate the delivery", "Put the catalogue together"],
        "email": ["Sent the quotation in two variants.", "Sent the catalogue and the price list.", "Sent the draft of the contract."],
        "no_answer": "No answer, left a message.", "private": ["See the doctor", "Collect the car", "Travel report"],
        "places": ["Customer's office", "Our showroom", "The site"],
    },
}  # fmt: skip
MOST_IN_A_STATE: Final = 4


class Story:
    """What the activities of one company are made from; dice of its own, so that the deals stay as they are."""

    def __init__(self, world: World, language: str) -> None:
        self.world, self.words = world, WORDS[language]
        self.dice = random.Random(1618)  # noqa: S311
        self.now = timezone.now().replace(second=0, microsecond=0)
        self.types = ActivityType.objects.bulk_create(
            ActivityType(name=name, position=place) for place, name in enumerate(self.words["types"], 1)
        )
        self.subjects = ActivitySubject.objects.bulk_create(
            ActivitySubject(type=kind, name=name, position=place)
            for kind in self.types
            for place, name in enumerate(self.words["types"][kind.name], 1)
        )
        self.outcomes = Outcome.objects.bulk_create(
            Outcome(name=name, reached=reached, position=place)
            for place, (name, reached) in enumerate(self.words["outcomes"], 1)
        )
        self.contacts: dict[int, list[Contact]] = {}
        for contact in Contact.objects.filter(partner__in=world.partners).order_by("pk"):
            self.contacts.setdefault(contact.partner_id, []).append(contact)

    def working(self, at: datetime) -> datetime:
        """The moment moved into working hours of a working day, to the quarter of an hour."""
        local = at.astimezone(self.world.zone)
        day = local.date() - timedelta(days=max(local.weekday() - 4, 0))
        clock = time(self.dice.randrange(9, 18), self.dice.choice([0, 0, 15, 30, 30, 45]))
        return datetime.combine(day, clock, self.world.zone)

    def about(self, partner: Partner, deal: Opportunity | None) -> dict[str, Any]:
        contacts = self.contacts.get(partner.pk, [])
        contact = self.dice.choice(contacts) if contacts else None
        phone = contact.phone if contact else partner.phone
        subject = self.dice.choice(self.subjects)
        return {
            "partner": partner,
            "opportunity": deal,
            "contact": contact,
            "phone": phone,
            "type": subject.type,
            "subject": subject,
        }

    def happened(self, partner: Partner, deal: Opportunity | None, owner: User, at: datetime) -> Activity:
        """A call, meeting, letter or note of the past."""
        kind = self.dice.choices(["call", "meeting", "email", "note", "task"], [46, 16, 16, 16, 6])[0]
        found = Activity(kind=kind, owner=owner, created_by=owner, happened_at=at, **self.about(partner, deal))
        if kind == "note":
            found.text = self.dice.choice(self.world.words["notes"]).format(
                who=self.dice.choice(self.world.words["first"])
            )
            found.type = found.subject = None
            return found
        found.closed_at, found.direction = (
            at + timedelta(minutes=20),
            self.dice.choice(["out", "out", "in"]) if kind != "task" else "",
        )
        if kind in ("call", "meeting"):
            self._talk(found, at)
        elif kind == "email":
            found.text = self.dice.choice(self.words["email"])
        else:
            found.title = self.dice.choice(self.words["task"])
        return found

    def _talk(self, found: Activity, at: datetime) -> None:
        found.title, said = self.dice.choice(self.words[found.kind])
        minutes = self.dice.choice([5, 10, 15, 20]) if found.kind == "call" else self.dice.choice([45, 60, 90])
        found.starts_at, found.ends_at = at, at + timedelta(minutes=minutes)
        found.outcome = self.outcomes[
            self.dice.choices([0, 1, 2, 3], [62, 22, 12, 4])[0] if found.kind == "call" else 0
        ]
        found.result = said if found.outcome.reached else self.words["no_answer"]
        if found.kind == "meeting":
            found.location = self.dice.choice(self.words["places"])

    def planned(self, partner: Partner, deal: Opportunity | None, owner: User) -> Activity:
        """A next step: some overdue, some due today, most to come."""
        kind = self.dice.choices(["call", "meeting", "task"], [54, 18, 28])[0]
        title = self.dice.choice(self.words["task"]) if kind == "task" else self.dice.choice(self.words[kind])[0]
        found = Activity(
            kind=kind, title=title, owner=owner, created_by=owner, status="open", **self.about(partner, deal)
        )
        plan = self.when(kind)
        found.starts_at, found.ends_at, found.due_on, found.happened_at = (
            plan.starts_at,
            plan.ends_at,
            plan.due_on,
            plan.due,
        )
        found.priority = self.dice.choices([0, 1, 2], [8, 77, 15])[0]
        if kind == "meeting":
            found.location = self.dice.choice(self.words["places"])
        if plan.starts_at and plan.due > self.now and self.dice.random() < 0.5:
            found.remind_before = 15
            found.remind_at = plan.due - timedelta(minutes=15)
        return found

    def when(self, kind: str) -> Plan:
        luck = self.dice.random()
        days = -self.dice.randrange(1, 9) if luck < 0.1 else 0 if luck < 0.26 else self.dice.randrange(1, 22)
        day = self.world.today + timedelta(days=days)
        if days and day.weekday() > 4:
            day += timedelta(days=7 - day.weekday() if days > 0 else 4 - day.weekday())
        if kind == "task" or self.dice.random() < 0.2:
            return rules.plan_on(day, self.world.zone)
        clock = time(self.dice.randrange(9, 18), self.dice.choice([0, 0, 30, 30, 15]))
        length = timedelta(minutes=60 if kind == "meeting" else 15)
        return rules.plan_at(datetime.combine(day, clock, self.world.zone), length)


def tell(world: World, language: str, lives: list[tuple[Opportunity, list[dict[str, Any]]]]) -> list[Activity]:
    """Make the activities of all deals, of leads without a deal, and people's own; returns them, kept."""
    story = Story(world, language)
    found: list[Activity] = []
    for deal, life in lives:
        found += _of_deal(story, deal, life)
    busy = {deal.partner_id for deal, _life in lives}
    for partner in world.partners:
        if partner.kind == "lead" and partner.pk not in busy:
            found += _of_lead(story, partner)
    found += _of_people(story)
    envelopes = letters.exchange(world, language, found)
    Activity.objects.bulk_create(found, batch_size=1000)
    Letter.objects.bulk_create(envelopes, batch_size=1000)
    _invite(story, found)
    return found


def _of_deal(story: Story, deal: Opportunity, life: list[dict[str, Any]]) -> list[Activity]:
    found: list[Activity] = []
    ends = [state["since"] for state in life[1:]] + [story.now]
    for state, end in zip(life, ends, strict=True):
        if state["status"] != "open":
            continue
        most = min(int((end - state["since"]).days / 7) + 1, MOST_IN_A_STATE)
        moments = sorted(
            state["since"] + (end - state["since"]) * story.dice.random() for _one in range(story.dice.randint(0, most))
        )
        found += [
            story.happened(deal.partner, deal, state["owner"], min(story.working(at), story.now)) for at in moments
        ]
    if deal.status == "open" and story.dice.random() < 0.72:
        found.append(story.planned(deal.partner, deal, deal.owner))
    return found


def _of_lead(story: Story, partner: Partner) -> list[Activity]:
    """Attempts to reach a lead, and sometimes the next one planned."""
    found = []
    for _attempt in range(story.dice.choice([0, 0, 1, 2, 3])):
        at = story.working(story.now - timedelta(days=story.dice.randrange(1, 200)))
        found.append(story.happened(partner, None, partner.owner, min(at, story.now)))
    if story.dice.random() < 0.2:
        found.append(story.planned(partner, None, partner.owner))
    return found


def _of_people(story: Story) -> list[Activity]:
    """What people keep for themselves, and what a head gave to somebody."""
    found = []
    for person, head in zip(story.world.people[3:10], [story.world.people[2]] * 7, strict=True):
        plan = rules.plan_on(story.world.today + timedelta(days=story.dice.randrange(0, 9)), story.world.zone)
        title = story.dice.choice(story.words["private"])
        found.append(
            Activity(
                kind="task",
                title=title,
                owner=person,
                created_by=person,
                status="open",
                is_private=True,
                due_on=plan.due_on,
                happened_at=plan.due,
            )
        )
        partner = story.dice.choice(story.world.partners)
        given = story.planned(partner, None, person)
        given.assigned_by = given.created_by = head if head != person else None
        found.append(given)
    return found


def _invite(story: Story, found: list[Activity]) -> None:
    """Some meetings are held by two."""
    through = Activity.participants.through
    meetings = [one for one in found if one.kind == "meeting"]
    people = story.world.people[2:10]
    rows = [(one, story.dice.choice(people)) for one in meetings if story.dice.random() < 0.3]
    through.objects.bulk_create(through(activity=one, user=person) for one, person in rows if person.pk != one.owner_id)
