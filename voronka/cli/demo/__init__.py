"""The demo company: twelve people, 400 partners, 700 opportunities with two years of history. The same day gives the same company."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pgtrigger
from dateutil.relativedelta import relativedelta
from django.db import connection, transaction
from django.utils import timezone

from voronka.accounts.actions import create_roles
from voronka.accounts.models import Team, User
from voronka.cli.demo import activities, calendar, campaigns, forecasts, leads, twins
from voronka.cli.demo.words import LOGINS, PASSWORD, ROLES, SELLERS, SOURCE_QUALITY, TEAMS, WORDS
from voronka.core import custom
from voronka.core.actions import free_key
from voronka.core.errors import RuleBroken
from voronka.core.models import Company, CustomField
from voronka.core.periods import period_of
from voronka.opportunities.models import (
    Competitor,
    DealCompetitor,
    DealContact,
    DealItem,
    DealPartner,
    Interest,
    InterestLevel,
    Opportunity,
    OpportunityInterest,
    OpportunityState,
    Part,
    Pipeline,
    Reason,
    Relationship,
    Stage,
    Target,
    fold_tally,
)  # fmt: skip
from voronka.partners.models import (
    Address,
    BankAccount,
    Contact,
    ContactRole,
    Industry,
    Partner,
    PartnerGroup,
    PaymentTerms,
    Priority,
    Source,
    Tag,
    Territory,
)
from voronka.partners.rules import account_key_is_right
from voronka.products.models import CompanyValue, Currency, Rate

PARTNERS, OPPORTUNITIES, DAYS = 400, 700, 730


@dataclass
class World:
    """What the steps of making the company hand to each other."""

    words: dict[str, Any]
    dice: random.Random
    today: date
    zone: ZoneInfo
    people: list[User] = field(default_factory=list)
    lists: dict[str, list[Any]] = field(default_factory=dict)
    stages: list[list[Stage]] = field(default_factory=list)
    partners: list[Partner] = field(default_factory=list)


@transaction.atomic
def make(language: str, today: date | None = None) -> int:
    """Make the company in an empty database; returns the number of records. Raises RuleBroken where somebody works already."""
    from django.utils.translation import gettext as _

    if User.objects.exists() or Partner._base_manager.exists():
        raise RuleBroken(_("The demo company needs an empty database: this one has records."), code="not_empty")
    words = WORDS[language]
    world = World(words, random.Random(2718), today or timezone.localdate(), ZoneInfo(words["zone"]))  # noqa: S311
    _company(world, language)
    _people(world, language)
    _lists(world)
    _rates(world)
    _partners(world)
    deals = _opportunities(world, language)
    _details(world)
    calendar.fill(world, language)
    campaigns.make(world, language)
    twins.make(world, language)
    leads.make(world, language)
    _targets(world)
    fold_tally()
    forecasts.keep(world, language)
    return len(world.people) + len(world.partners) + deals


def _company(world: World, language: str) -> None:
    words = world.words
    values = {
        "language": language,
        "currency": words["currency"],
        "time_zone": words["zone"],
        "full_name": words["legal"].format(words["company"]),
    }
    if language == "ru":
        values |= {
            "tax_id": _inn(770700123),
            "kpp": "770701001",
            "ogrn": _ogrn("102770000001"),
            "phone": "+74951234567",
        }
    Company.objects.update_or_create(pk=1, defaults={"name": words["company"], **values})


def _people(world: World, language: str) -> None:
    roles, words = create_roles(language), world.words
    top = Team.objects.create(name=words["teams"][0])
    teams = [top, *(Team.objects.create(name=name, parent=top) for name in words["teams"][1:])]
    for number, name in enumerate(words["people"]):
        person = User(
            email=f"{LOGINS[number]}@demo.example", name=name, role=roles[ROLES[number]], team=teams[TEAMS[number]], language=language,
            job_title=words["jobs"][number],
        )  # fmt: skip
        if world.people:
            person.password = world.people[0].password
        else:
            person.set_password(PASSWORD)
        world.people.append(person)
    User.objects.bulk_create(world.people)


def _lists(world: World) -> None:
    words = world.words
    plain: dict[str, Any] = {
        "industries": Industry,
        "sources": Source,
        "groups": PartnerGroup,
        "tags": Tag,
        "interests": Interest,
        "levels": InterestLevel,
        "reasons": Reason,
    }
    for key, model in plain.items():
        rows = [model(name=name, position=place) for place, name in enumerate(words[key], 1)]
        world.lists[key] = model._default_manager.bulk_create(rows)
    world.lists["territories"] = []
    for parent, children in words["territories"].items():
        top = Territory.objects.create(name=parent)
        world.lists["territories"] += [Territory.objects.create(name=name, parent=top) for name in children]
    for place, (name, stages) in enumerate(words["pipelines"].items()):
        pipeline = Pipeline.objects.create(name=name, position=place, is_default=place == 0)
        made = [
            Stage(pipeline=pipeline, name=n, percentage=p, usual_days=d, position=i)
            for i, (n, p, d) in enumerate(stages)
        ]
        # The last but one stage wants to know who pays for what, the last one a word of reason.
        made[-2].required, made[-1].asks_comment = ["contact_roles", "items"], True
        world.stages.append(Stage.objects.bulk_create(made))


def _partners(world: World) -> None:
    dice, words = world.dice, world.words
    names = [
        root + tail.lower() if words is WORDS["ru"] else root + tail
        for root in words["roots"]
        for tail in words["tails"]
    ]
    names += [f"{name} {number}" for number in (2, 3) for name in names]
    dice.shuffle(names)
    sellers = [world.people[number] for number in SELLERS]
    for number, name in enumerate(names[:PARTNERS]):
        kind = dice.choices(["lead", "customer", "vendor"], [50, 42, 8])[0]
        title = words["legal"].format(name)
        world.partners.append(
            Partner(
                name=title, kind=kind, owner=dice.choice(sellers), is_channel=dice.random() < 0.04, phone=f"+7495{2000000 + number * 37}",
                email=f"office{number}@partner{number}.example", website=f"partner{number}.example", tax_id=_inn(500100000 + number * 17),
                country="RU" if words is WORDS["ru"] else "GB", kpp=f"{5001 + number % 40}01001" if words is WORDS["ru"] else "",
                industry=dice.choice(world.lists["industries"]), source=dice.choice(world.lists["sources"]), group=dice.choice(world.lists["groups"]),
                territory=dice.choice(world.lists["territories"]), employees=dice.choice([12, 25, 60, 140, 350, 900]),
                became_customer_at=timezone.now() - timedelta(days=dice.randrange(20, 700)) if kind == "customer" else None,
            )
        )  # fmt: skip
    Partner.objects.bulk_create(world.partners)
    _parts(world)
    _date_back(
        "partners_partner",
        "partners.Partner:update_update",
        [(p.pk, _moment(world, dice.randrange(5, DAYS))) for p in world.partners],
    )


def _parts(world: World) -> None:
    dice, words = world.dice, world.words
    contacts, addresses, accounts, tags = [], [], [], []
    through = Partner.tags.through
    for number, partner in enumerate(world.partners):
        for place in range(dice.choice([1, 1, 2, 3])):
            name = f"{dice.choice(words['first'])} {dice.choice(words['last'])}"
            phone = f"+7916{1000000 + number * 3 + place}"
            contacts.append(
                Contact(
                    partner=partner,
                    name=name,
                    position=dice.choice(words["positions"]),
                    phone=phone,
                    email=f"contact{number}-{place}@partner{number}.example",
                    is_default=place == 0,
                )
            )
        street = words["street"].format(dice.choice(words["streets"]), dice.randrange(1, 120))
        addresses.append(
            Address(
                partner=partner,
                kind="legal",
                city=dice.choice(words["cities"]),
                street=street,
                country=partner.country,
                is_default=True,
            )
        )
        if words is WORDS["ru"] and dice.random() < 0.5:
            accounts.append(
                BankAccount(
                    partner=partner, bank_name="Демобанк", bic="044525225", account=_account(number), is_default=True
                )
            )
        tags += [
            through(partner=partner, tag=tag) for tag in dice.sample(world.lists["tags"], dice.choice([0, 0, 1, 2]))
        ]
    Contact.objects.bulk_create(contacts)
    Address.objects.bulk_create(addresses)
    BankAccount.objects.bulk_create(accounts)
    through.objects.bulk_create(tags)


def _details(world: World) -> None:
    """What fills the cards: fields of the company's own, payment terms, roles of contacts, channels. Dice of their own leave the rest as it was."""
    dice, words = random.Random(31415), world.words  # noqa: S311
    keys = _own_fields(words)
    terms = PaymentTerms.objects.bulk_create(
        PaymentTerms(name=name, days=days, credit_limit=limit or None, position=place)
        for place, (name, days, limit) in enumerate(words["terms"], 1)
    )
    priorities = Priority.objects.bulk_create(
        Priority(name=name, position=i) for i, name in enumerate(words["priorities"], 1)
    )
    roles = ContactRole.objects.bulk_create(
        ContactRole(name=name, position=i) for i, name in enumerate(words["roles"], 1)
    )
    channels = [partner for partner in world.partners if partner.is_channel]
    for partner in world.partners:
        partner.custom = _own_values(world, keys["partner"], dice)
        partner.payment_terms, partner.priority = dice.choice([None, *terms]), dice.choice([None, *priorities])
        if partner.payment_terms:
            partner.credit_limit = partner.payment_terms.credit_limit
            partner.price_list = dice.choice(words["price_lists"])
        if channels and not partner.is_channel and partner.kind != "vendor" and dice.random() < 0.1:
            partner.channel = dice.choice(channels)
        if dice.random() < 0.01:
            partner.is_frozen, partner.frozen_remark = True, words["why_frozen"]
    columns = [
        "custom",
        "payment_terms",
        "priority",
        "credit_limit",
        "price_list",
        "channel",
        "is_frozen",
        "frozen_remark",
    ]
    contacts = list(Contact._base_manager.order_by("pk"))
    for contact in contacts:
        contact.custom = {keys["contact"][0].key: dice.choice(words["times"])} if dice.random() < 0.3 else {}
    links = [
        Contact.roles.through(contact=one, contactrole=dice.choice(roles)) for one in contacts if dice.random() < 0.6
    ]
    deals = list(Opportunity._base_manager.order_by("pk"))
    for deal in deals:
        deal.custom = _own_values(world, keys["opportunity"], dice)
    with pgtrigger.ignore(
        "partners.Partner:update_update", "partners.Contact:update_update", "opportunities.Opportunity:update_update"
    ):
        Partner.objects.bulk_update(world.partners, columns)
        Contact.objects.bulk_update(contacts, ["custom"])
        Opportunity.objects.bulk_update(deals, ["custom"])
    Contact.roles.through.objects.bulk_create(links)


def _own_fields(words: dict[str, Any]) -> dict[str, list[CustomField]]:
    """The company's own fields by kind of record."""
    labels = {"partner": Partner, "contact": Contact, "opportunity": Opportunity}
    made: dict[str, list[CustomField]] = {of: [] for of in labels}
    for of, name, kind, *choices in words["fields"]:
        key = free_key(name, {one.key for one in made[of]})
        label = labels[of]._meta.label_lower
        made[of].append(
            CustomField(
                model=label,
                key=key,
                name=name,
                kind=kind,
                choices=choices,
                position=len(made[of]) + 1,
                in_lists=kind == "choice",
            )
        )
    CustomField.objects.bulk_create(one for rows in made.values() for one in rows)
    custom.forget()
    return made


def _own_values(world: World, fields: list[CustomField], dice: random.Random) -> dict[str, Any]:
    """Values of about half the fields."""
    makers: dict[str, Any] = {
        "number": lambda one: dice.randrange(8, 200) * 10, "choice": lambda one: dice.choice(one.choices), "yes_no": lambda one: True,
        "date": lambda one: (world.today + timedelta(days=dice.randrange(10, 400))).isoformat(),
        "partner": lambda one: dice.choice(world.partners).pk,
    }  # fmt: skip
    return {one.key: makers[one.kind](one) for one in fields if dice.random() < 0.5}


def _opportunities(world: World, language: str) -> int:
    """Deals with their lives; the header takes over the last state of each life."""
    buyers = [partner for partner in world.partners if partner.kind != "vendor"]
    deals, lives = [], []
    for number in range(OPPORTUNITIES):
        partner = world.dice.choice(buyers)
        life = _life(world, partner, number)
        if code := _foreign(world, number):
            life = [state | {"potential": _in_foreign(world, state["potential"], code)} for state in life]
        deals.append(_deal(world, partner, life, number))
        lives.append(life)
    Opportunity.objects.bulk_create(deals)
    states, interests, reasons = [], [], []
    for deal, life in zip(deals, lives, strict=True):
        untils = [state["since"] for state in life[1:]] + [None]
        states += [
            OpportunityState(
                opportunity=deal, until=until, currency=deal.currency, **state, potential_company=_worth(deal, state)
            )
            for state, until in zip(life, untils, strict=True)
        ]
        interests.append(
            OpportunityInterest(opportunity=deal, interest=world.dice.choice(world.lists["interests"]), is_primary=True)
        )
        if deal.status == "lost":
            reasons.append(
                Opportunity.reasons.through(opportunity=deal, reason=world.dice.choice(world.lists["reasons"]))
            )
    OpportunityState.objects.bulk_create(states)
    OpportunityInterest.objects.bulk_create(interests)
    Opportunity.reasons.through.objects.bulk_create(reasons)
    said = activities.tell(world, language, list(zip(deals, lives, strict=True)))
    _in_full(world, deals)
    _date_back(
        "opportunities_opportunity",
        "opportunities.Opportunity:update_update",
        [(d.pk, life[0]["since"]) for d, life in zip(deals, lives, strict=True)],
    )
    _date_back(
        "activities_activity",
        "activities.Activity:update_update",
        [(one.pk, min(one.happened_at, timezone.now())) for one in said],
    )
    return len(deals)


def _life(world: World, partner: Partner, number: int) -> list[dict[str, Any]]:
    """The states of one deal from opening to today: it moves on, slips, grows, changes hands, is won, lost, sometimes reopened."""
    dice = world.dice
    stages = world.stages[0 if dice.random() < 0.72 else 1]
    skill = SELLERS[world.people.index(partner.owner)] * SOURCE_QUALITY[world.lists["sources"].index(partner.source)]
    at = _moment(world, int(DAYS * dice.betavariate(0.75, 2.1)))
    amount = Decimal(round(dice.lognormvariate(5.4, 0.9))) * world.words["scale"]
    state = {
        "since": at, "status": "open", "stage": stages[0], "percentage": stages[0].percentage, "potential": amount,
        "gross_profit_percent": Decimal(dice.choice([12, 18, 22, 25, 30])), "predicted_close_on": at.date() + timedelta(days=dice.randrange(30, 120)),
        "owner": partner.owner, "territory": partner.territory, "source": partner.source, "industry": partner.industry, "changed_by": partner.owner,
        "comment": "",
    }  # fmt: skip
    life, place, now = [state], 0, timezone.now()
    while len(life) < 14:
        at += timedelta(hours=dice.expovariate(1 / (24 * (life[-1]["stage"].usual_days or 14) * 1.15)) + 2)
        if at >= now:
            return life
        change = _next(world, life[-1], stages, place, skill)
        place = stages.index(change.get("stage", life[-1]["stage"]))
        life.append(life[-1] | {"comment": "", "changed_by": life[-1]["owner"]} | change | {"since": at})
        if life[-1]["status"] != "open":
            if len(life) < 10 and dice.random() < 0.03:
                at += timedelta(days=dice.randrange(5, 40))
                if at < now:
                    life.append(
                        life[-1] | {"status": "open", "since": at, "comment": dice.choice(world.words["comments"])}
                    )
                    continue
            return life
    return life


def _in_full(world: World, deals: list[Opportunity]) -> None:
    """Items, competitors, roles of contacts, partners and next steps of open deals and of some closed ones."""
    dice, words = random.Random(1618), world.words  # noqa: S311
    rivals = Competitor.objects.bulk_create(
        Competitor(name=name, threat=threat, position=place)
        for place, (name, threat) in enumerate(words["competitors"], 1)
    )
    kinds = Relationship.objects.bulk_create(Relationship(name=name) for name in words["relationships"])
    contacts: dict[int, list[Contact]] = {}
    for contact in Contact.objects.order_by("pk"):
        contacts.setdefault(contact.partner_id, []).append(contact)
    parts: dict[type[Part], list[Any]] = {DealItem: [], DealCompetitor: [], DealContact: [], DealPartner: []}
    for deal in deals:
        if deal.status != "open" and dice.random() < 0.6:
            continue
        home = deal.currency == words["currency"]
        if home and dice.random() < 0.8:
            parts[DealItem] += _items(deal, words, dice)
        for rival in dice.sample(rivals, dice.choice([0, 0, 1, 2])):
            parts[DealCompetitor].append(DealCompetitor(opportunity=deal, competitor=rival, threat=rival.threat))
        roles = dice.sample(DealContact.Role.values, 4)
        for contact, role in zip(contacts.get(deal.partner_id, []), roles, strict=False):
            parts[DealContact].append(DealContact(opportunity=deal, contact=contact, role=role))
        if dice.random() < 0.1:
            other = dice.choice(world.partners)
            parts[DealPartner].append(DealPartner(opportunity=deal, partner=other, relationship=dice.choice(kinds)))
    for model, rows in parts.items():
        model._default_manager.bulk_create(rows)


def _items(deal: Opportunity, words: dict[str, Any], dice: random.Random) -> list[DealItem]:
    """Lines whose sum comes near the amount of the deal."""
    lines, left = [], deal.potential
    for name, price in words["items"][deal.product]:
        quantity = max(int(left * Decimal(dice.choice([55, 70, 100])) / 100 / price), 1)
        left = max(left - quantity * price, Decimal(0))
        discount = Decimal(dice.choice([0, 0, 0, 5, 10]))
        lines.append(
            DealItem(opportunity=deal, name=name, quantity=quantity, unit=words["unit"], price=price, discount=discount)
        )
    return lines


def _targets(world: World) -> None:
    """Targets of the last half year and of this month, quarter and year for those who sell, and for the company."""
    dice, first = random.Random(577), world.today.replace(day=1)  # noqa: S311
    rows, scale = [], world.words["scale"]
    for back in range(6, -1, -1):
        month = first - relativedelta(months=back)
        for number in SELLERS:
            amount = dice.choice([700, 900, 1100, 1400]) * scale
            rows.append(Target(kind="month", first=month, person=world.people[number], amount=amount))
        rows.append(Target(kind="month", first=month, amount=len(SELLERS) * 1000 * scale))
    for kind, months in (("quarter", 3), ("year", 12)):
        rows.append(
            Target(kind=kind, first=period_of(world.today, kind).first, amount=len(SELLERS) * 1000 * scale * months)
        )
    Target.objects.bulk_create(rows)


def _next_step(world: World, number: int) -> dict[str, Any]:
    """What four of five open deals plan next, some of it overdue."""
    dice = random.Random(number)  # noqa: S311
    if dice.random() < 0.2:
        return {}
    words = dice.choice(world.words["steps"]).format(who=dice.choice(world.words["first"]))
    return {"next_step": words, "next_step_on": world.today + timedelta(days=dice.randrange(-6, 25))}


def _foreign(world: World, number: int) -> str:
    """The currency of every fifteenth deal, which is not the company's; "" for the others."""
    codes = list(world.words["rates"])
    return codes[number // 15 % len(codes)] if number % 15 == 7 else ""


def _in_foreign(world: World, amount: Decimal, code: str) -> Decimal:
    """About the same amount in another currency, in round hundreds."""
    return max((amount / Decimal(str(world.words["rates"][code][1]))).quantize(Decimal(100)), Decimal(100))


def _worth(deal: Opportunity, state: dict[str, Any]) -> CompanyValue:
    return CompanyValue(state["potential"], deal.currency, state["since"])


def _rates(world: World) -> None:
    """Currencies with a rate for every week of the company's history, wandering about a level."""
    dice = random.Random(314)  # noqa: S311
    for place, (code, (name, level)) in enumerate(world.words["rates"].items(), 1):
        currency = Currency.objects.create(code=code, name=name, position=place)
        rate, rows = level, []
        for week in range(DAYS // 7, -1, -1):
            rate += (level - rate) * 0.08 + level * dice.uniform(-0.012, 0.012)
            rows.append(Rate(currency=currency, day=world.today - timedelta(weeks=week), rate=Decimal(f"{rate:.4f}")))
        Rate.objects.bulk_create(rows)


def _next(world: World, last: dict[str, Any], stages: list[Stage], place: int, skill: float) -> dict[str, Any]:
    """What happens next to an open deal."""
    dice = world.dice
    luck = dice.random()
    if luck < 0.1:
        return {
            "predicted_close_on": last["predicted_close_on"] + timedelta(days=dice.randrange(7, 60)),
            "comment": dice.choice(world.words["comments"]),
        }
    if luck < 0.17:
        factor = Decimal(dice.choice([70, 85, 110, 125, 150])) / 100
        return {
            "potential": (last["potential"] * factor).quantize(Decimal(1)),
            "comment": dice.choice(world.words["comments"]),
        }
    if luck < 0.19:
        return {"owner": dice.choice([world.people[number] for number in SELLERS])}
    if dice.random() < 0.13 / skill:
        return {"status": "lost"}
    if place + 1 < len(stages):
        return {"stage": stages[place + 1], "percentage": stages[place + 1].percentage}
    return {"status": "won"} if dice.random() < 0.72 * min(skill, 1.3) else {"status": "lost"}


def _deal(world: World, partner: Partner, life: list[dict[str, Any]], number: int) -> Opportunity:
    last = life[-1]
    opened = life[0]["since"].astimezone(world.zone).date()
    closed = last["since"].astimezone(world.zone).date() if last["status"] != "open" else None
    in_stage = next(state["since"] for state in life if state["stage"] == last["stage"])
    same = {key: last[key] for key in last if key not in ("since", "changed_by", "comment")}
    product = world.dice.choice(world.words["products"])
    currency = _foreign(world, number) or world.words["currency"]
    return Opportunity(
        **same, name=f"{product}, {number + 1}", product=product, partner=partner, pipeline=last["stage"].pipeline,
        currency=currency, potential_company=CompanyValue(last["potential"], currency, last["since"]),
        opened_on=opened, closed_on=closed, stage_since=last["since"] if closed else in_stage, interest_level=world.dice.choice(world.lists["levels"]),
        created_by=partner.owner, **(_next_step(world, number) if last["status"] == "open" else {}),
    )  # fmt: skip


def _moment(world: World, days_ago: int) -> datetime:
    """A working hour that many days ago; a weekend's is moved back to Friday, summer and New Year are thinner."""
    day = world.today - timedelta(days=max(days_ago, 1))
    if day.month in (1, 7) and world.dice.random() < 0.4:
        day -= timedelta(days=31)
    day -= timedelta(days=max(day.weekday() - 4, 0))
    return datetime.combine(day, time(world.dice.randrange(9, 18), world.dice.randrange(60)), world.zone)


def _date_back(table: str, trigger: str, moments: list[tuple[int, datetime]]) -> None:
    """The records were created in the past; that is no change anybody made, so no pre-image is kept."""
    keys, times = zip(*moments, strict=True)
    with pgtrigger.ignore(trigger), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET created_at = m.at, updated_at = m.at FROM unnest(%s::bigint[], %s::timestamptz[]) AS m(id, at) WHERE t.id = m.id",
            [list(keys), list(times)],
        )


def _inn(base: int) -> str:
    """Ten digits with the right check digit."""
    text = f"{base:09d}"
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return text + str(sum(int(d) * w for d, w in zip(text, weights, strict=True)) % 11 % 10)


def _ogrn(base: str) -> str:
    return base + str(int(base) % 11 % 10)


def _account(number: int) -> str:
    """A settlement account whose control key fits the demo bank."""
    tail = f"{10000000000 + number * 7919:011d}"
    return next(account for key in range(10) if account_key_is_right(account := f"40702810{key}{tail}", "044525225"))
