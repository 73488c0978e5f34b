"""What whoever takes a partner over should know: gathered as facts, told in words.

Facts are gathered for many partners with one statement a kind; words are made when somebody reads, in the reader's language, for the page and
the PDF alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.activities.models import Activity, Kind
from voronka.campaigns.models import Channel, Objection
from voronka.core.models import Company
from voronka.core.money import money_text, percent_text
from voronka.handover import rules
from voronka.opportunities.models import Opportunity, OpportunityState
from voronka.partners.models import Contact, Partner

if TYPE_CHECKING:
    from voronka.accounts.models import User

# One page has room for so many of each.
PEOPLE, PROMISES, WORDS, DEALS, CLOSED, RISKS = 5, 6, 4, 5, 3, 6
LONGEST: Final = 280  # signs of what was said
Facts = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of a brief: what it is about, what is said of it, and what stands below in small letters; `is_bad` asks for attention."""

    lead: str
    text: str = ""
    more: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Section:
    """A part of a brief; `rest` is how many lines found no room."""

    title: str
    lines: list[Line] = field(default_factory=list)
    rest: int = 0
    empty: str = ""


def gather(partners: Iterable[int], *, by: User) -> Iterator[tuple[int, Facts]]:
    """(key, facts) of each partner, as far as `by` may see them; a fixed number of statements however many there are."""
    keys, now = list(partners), timezone.now()
    found = Partner.objects.visible_to(by).filter(pk__in=keys).select_related("owner", "industry", "territory")
    people, work, words = _people(keys, by), _open_work(keys, by), _words(keys, by)
    deals, closed, objections = _deals(keys, by), _closed(keys, by), _objections(keys, by)
    for partner in found.order_by("name_key", "pk"):
        key = partner.pk
        facts = {
            "partner": _partner(partner), "people": people[key], "promises": work[key], "words": words[key], "deals": deals[key],
            "closed": closed[key], "at": now,
        }  # fmt: skip
        yield key, facts | {"risks": _risks(facts, objections[key], now)}


def told(facts: Facts) -> list[Section]:
    """The brief in words, in the language and the time zone that are active."""
    promises = facts["promises"]
    return [
        _section(_("Next step"), [_promise(promises[0], facts)] if promises else [], 1, _("Nothing is planned.")),
        _section(_("What was promised"), [_promise(one, facts) for one in promises[1:]], PROMISES),
        _section(_("Risks"), [Line(risk_words(*one), is_bad=True) for one in facts["risks"]], RISKS),
        _section(_("Open opportunities"), [_deal(one) for one in facts["deals"]], DEALS, _("None.")),
        _section(_("Who is who"), [_person(one) for one in facts["people"]], PEOPLE, _("No contact is known.")),
        _section(_("Last words"), [_word(one) for one in facts["words"]], WORDS, _("Nobody has spoken with them yet.")),
        _section(_("Earlier opportunities"), [_deal_of_the_past(one) for one in facts["closed"]], CLOSED),
    ]


def risk_words(code: str, values: Mapping[str, Any]) -> str:
    """A risk as a sentence."""
    count = values.get("count", values.get("days", 0))
    sentences = {
        "overdue": ngettext(
            "%(count)s promise is overdue, the oldest by %(days)s days.",
            "%(count)s promises are overdue, the oldest by %(days)s days.",
            count,
        ),
        "no_word": _("Nobody has ever been in contact."),
        "silent": ngettext("No word for %(days)s day.", "No word for %(days)s days.", count),
        "late": _("%(deal)s: the predicted closing, %(day)s, is past."),
        "stuck": ngettext(
            "%(deal)s: %(days)s day in the stage “%(stage)s”.",
            "%(deal)s: %(days)s days in the stage “%(stage)s”.",
            count,
        ),
        "slipped": ngettext(
            "%(deal)s: the closing was put off %(count)s time.",
            "%(deal)s: the closing was put off %(count)s times.",
            count,
        ),
        "no_step": _("%(deal)s: no next step is planned."),
        "objection": _("Does not want to be reached: %(channel)s."),
    }
    shown = dict(values)
    if code == "late":
        shown["day"] = _day(values["day"])
    if code == "objection":
        shown["channel"] = Channel(values["channel"]).label
    return sentences[code] % shown


def _partner(partner: Partner) -> Facts:
    return {
        "id": partner.pk, "name": partner.name, "code": partner.code, "kind": partner.kind, "phone": partner.phone, "email": partner.email,
        "website": partner.website, "industry": str(partner.industry or ""), "territory": str(partner.territory or ""),
        "remarks": partner.remarks[:LONGEST], "since": partner.created_at,
    }  # fmt: skip


def _people(keys: list[int], by: User) -> dict[int, list[Facts]]:
    rows = Contact.objects.visible_to(by).filter(partner__in=keys, is_active=True).prefetch_related("roles")
    return _by_partner(
        (
            one.partner_id,
            {"name": one.name, "position": one.position, "roles": [str(role) for role in one.roles.all()],
             "phone": one.mobile or one.phone, "email": one.email, "main": one.is_default},
        )
        for one in rows
    )  # fmt: skip


def _open_work(keys: list[int], by: User) -> dict[int, list[Facts]]:
    """What is planned with each partner, what comes first first."""
    rows = Activity.objects.visible_to(by).open().filter(partner__in=keys, is_private=False)
    return _by_partner(
        (
            one.partner_id,
            {"kind": one.kind, "title": str(one), "due": one.happened_at, "timed": one.is_timed, "who": one.owner.name, "deal": one.opportunity_id},
        )
        for one in _first(rows, 50, "happened_at", "pk").select_related("owner")
    )  # fmt: skip


def _words(keys: list[int], by: User) -> dict[int, list[Facts]]:
    """What was said and done last."""
    rows = Activity.objects.visible_to(by).happened().filter(partner__in=keys, is_private=False)
    latest = _first(rows, WORDS, "-happened_at", "-pk").select_related("owner", "contact", "outcome")
    return _by_partner(
        (
            one.partner_id,
            {"kind": one.kind, "at": one.happened_at, "who": one.owner.name, "with": one.contact.name if one.contact else "",
             "outcome": str(one.outcome or ""), "text": (one.result or one.text or one.title)[:LONGEST]},
        )
        for one in latest
    )  # fmt: skip


def _deals(keys: list[int], by: User) -> dict[int, list[Facts]]:
    rows = Opportunity.objects.visible_to(by).open().filter(partner__in=keys)
    found = list(rows.select_related("stage", "owner").order_by("-potential_company", "pk"))
    history = _history([one.pk for one in found])
    return _by_partner((one.partner_id, _deal_facts(one) | history[one.pk]) for one in found)


def _closed(keys: list[int], by: User) -> dict[int, list[Facts]]:
    rows = Opportunity.objects.visible_to(by).exclude(status="open").filter(partner__in=keys)
    latest = _first(rows, CLOSED, "-closed_on", "-pk").select_related("stage", "owner").prefetch_related("reasons")
    return _by_partner(
        (one.partner_id, _deal_facts(one) | {"closed": one.closed_on, "reasons": [str(reason) for reason in one.reasons.all()]})
        for one in latest
    )  # fmt: skip


def _deal_facts(deal: Opportunity) -> Facts:
    return {
        "id": deal.pk, "name": str(deal), "potential": deal.potential, "currency": deal.currency, "percentage": deal.percentage, "stage": str(deal.stage),
        "usual": deal.stage.usual_days,
        "since": deal.stage_since, "close": deal.predicted_close_on, "owner": deal.owner.name, "status": deal.status,
    }  # fmt: skip


def _history(deals: list[int]) -> dict[int, Facts]:
    """The stages each deal went through, with the moments it came there, and how often its predicted closing was put off."""
    found: dict[int, Facts] = defaultdict(lambda: {"stages": [], "slips": 0})
    last_close: dict[int, date] = {}
    states = OpportunityState.objects.filter(opportunity__in=deals).select_related("stage")
    for state in states.order_by("opportunity", "since"):
        story, key = found[state.opportunity_id], state.opportunity_id
        if not story["stages"] or story["stages"][-1][0] != state.stage.name:
            story["stages"].append([state.stage.name, state.since])
        story["slips"] += state.predicted_close_on > last_close.get(key, state.predicted_close_on)
        last_close[key] = state.predicted_close_on
    return found


def _objections(keys: list[int], by: User) -> dict[int, list[str]]:
    rows = Objection.objects.visible_to(by).standing().filter(partner__in=keys).order_by("channel")
    return _by_partner(rows.values_list("partner", "channel").distinct())


def _risks(facts: Facts, objections: list[str], now: datetime) -> list[rules.Risk]:
    company, stepped = Company.lately(), {one["deal"] for one in facts["promises"]}
    deals = [
        rules.Deal(
            one["name"], one["close"], one["stage"], one["since"], one["usual"], one["slips"], one["id"] in stepped
        )
        for one in facts["deals"]
    ]
    return rules.risks(
        deals, objections=objections, now=now, silent_days=company.silent_days, steps_wanted=company.next_step_required,
        last_word_at=facts["words"][0]["at"] if facts["words"] else None, overdue=[one["due"] for one in facts["promises"] if one["due"] < now],
    )  # fmt: skip


def _first(rows: Any, count: int, *order: str) -> Any:
    """The first rows of each partner in an order."""
    place = Window(RowNumber(), partition_by=[F("partner")], order_by=order)
    return rows.alias(place=place).filter(place__lte=count).order_by(*order)


def _by_partner(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    return found


def _section(title: str, lines: list[Line], room: int, empty: str = "") -> Section:
    return Section(title, lines[:room], max(len(lines) - room, 0), empty)


def _promise(one: Facts, facts: Facts) -> Line:
    due = _moment(one["due"])
    deal = next((deal["name"] for deal in facts["deals"] if deal["id"] == one["deal"]), "")
    when = (
        date_format(timezone.localtime(due), "SHORT_DATETIME_FORMAT") if one["timed"] else _day(timezone.localdate(due))
    )
    is_late = due < _moment(facts["at"])
    lead = _("%(when)s, overdue") % {"when": when} if is_late else when
    return Line(
        lead, f"{Kind(one['kind']).label}: {one['title']}", ", ".join(filter(None, [deal, one["who"]])), is_late
    )


def _person(one: Facts) -> Line:
    about = ", ".join(filter(None, [one["position"], *one["roles"], _("main contact") if one["main"] else ""]))
    return Line(one["name"], ", ".join(filter(None, [one["phone"], one["email"]])), about)


def _word(one: Facts) -> Line:
    lead = f"{_day(timezone.localdate(_moment(one['at'])))}, {Kind(one['kind']).label.lower()}"
    return Line(lead, one["text"], ", ".join(filter(None, [one["who"], one["with"], one["outcome"]])))


def _deal(one: Facts) -> Line:
    money = money_text(Decimal(str(one["potential"])), one["currency"])
    text = f"{money}, {one['stage']}, {percent_text(Decimal(str(one['percentage'])))}"
    stages = " → ".join(f"{name} {_day(timezone.localdate(_moment(at)))}" for name, at in one["stages"][-4:])
    closing = _("closes %(day)s") % {"day": _day(one["close"])}
    return Line(one["name"], text, f"{closing}. {stages}")


def _deal_of_the_past(one: Facts) -> Line:
    money = money_text(Decimal(str(one["potential"])), one["currency"])
    words = Opportunity.Status(one["status"]).label
    return Line(one["name"], f"{words}, {money}, {_day(one['closed'])}", ", ".join(one["reasons"]))


def _moment(value: Any) -> datetime:
    """A moment as it was gathered, or as JSON keeps it."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _day(value: Any) -> str:
    return date_format(date.fromisoformat(value) if isinstance(value, str) else value, "SHORT_DATE_FORMAT")
