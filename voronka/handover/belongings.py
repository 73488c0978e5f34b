"""What a person answers for: every such column, found from the models so that a new one can't be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db import models
from django.http import QueryDict
from pghistory.models import Event

from voronka.accounts.models import User
from voronka.campaigns.audience import found
from voronka.handover.models import Handover
from voronka.partners.models import Partner

if TYPE_CHECKING:
    from django.utils.functional import Promise

# A foreign key to a person with one of these names says who answers for the row: it is handed over.
ANSWERS: Final = frozenset({"owner", "technician"})
# Of these the ones that are not: the past, sums kept by the database, a habit of one's own.
STAYS: Final = frozenset(
    {
        "opportunities.opportunitystate.owner",
        "opportunities.tally.owner",
        "opportunities.ownertally.owner",
        "imports.importrun.owner",
        "imports.savedmapping.owner",
        "activities.absence.owner",
    }
)
# A key named "…by" tells who did something. So do these, or they are the person's own: a test asks of each new one which it is.
NOT_ANSWERS: Final = frozenset(
    {
        "account.emailaddress.user", "mfa.authenticator.user", "accounts.apitoken.user", "accounts.notice.user", "core.savedview.user",
        "activities.activity_participants.user", "activities.series_participants.user", "activities.calendarfeed.user", "activities.mailbox.user",
        "analytics.homepage.user", "analytics.schedule.user", "analytics.schedule_recipients.user", "opportunities.target.person", "partners.accessrequest.asked_of",
        "partners.assignment.person", "partners.assignmentrule_people.user", "campaigns.consent.given_to", "handover.handover.giver",
        "handover.handover.taker",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Belonging:
    """One column that says who answers for a row."""

    model: type[models.Model]
    field: models.ForeignKey[Any, Any]

    @property
    def place(self) -> str:
        return f"{self.model._meta.label_lower}.{self.field.name}"

    @property
    def title(self) -> str | Promise:
        """What the rows are called; a second column of the same rows by its own name too."""
        name = self.model._meta.verbose_name_plural or ""
        return name if self.field.name == "owner" else f"{name}: {self.field.verbose_name}"

    @property
    def to_partner(self) -> str:
        """The path from a row to its partner, "" for rows that have none."""
        if self.model is Partner:
            return "pk"
        link = next((one for one in self.model._meta.concrete_fields if one.name == "partner"), None)
        return "partner" if link is not None and link.related_model is Partner else ""

    @property
    def is_versioned(self) -> bool:
        return any(one.name == "version" for one in self.model._meta.concrete_fields)

    def at_work(self, rows: Any, person: User) -> Any:
        """Of the rows those the person answers for now: where rows have a status and their queryset the word `open`, only what is open; finished work tells who did it.

        What is private stays the person's own.
        """
        names = {one.name for one in self.model._meta.concrete_fields}
        rows = rows.filter(**{self.field.name: person})
        if "is_private" in names:
            rows = rows.filter(is_private=False)
        return rows.open() if "status" in names and hasattr(rows, "open") else rows


def keys_to_people() -> Iterator[tuple[type[models.Model], models.ForeignKey[Any, Any]]]:
    """Every foreign key to a person in the whole product; the audit's are none."""
    for model in apps.get_models(include_auto_created=True):
        if issubclass(model, Event) or model._meta.proxy:
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is User:
                yield model, field


def belongings() -> list[Belonging]:
    """All columns that are handed over: partners first, then what hangs on them, then the rest."""
    every = [
        Belonging(model, field)
        for model, field in keys_to_people()
        if field.name in ANSWERS and f"{model._meta.label_lower}.{field.name}" not in STAYS
    ]
    return sorted(every, key=lambda one: (one.model is not Partner, one.field.name != "owner", not one.to_partner))


def chosen(handover: Handover) -> dict[Belonging, Any]:
    """Column -> the rows that will change hands, within the access of who hands over. What belongs to no partner goes only with everything."""
    partners = chosen_partners(handover)
    rows = {}
    for one in belongings():
        mine = one.at_work(_editable(one.model, handover.by), handover.giver)
        if partners is None:
            rows[one] = mine
        elif one.to_partner:
            rows[one] = mine.filter(**{f"{one.to_partner}__in": partners.order_by().values("pk")})
    return rows


def chosen_partners(handover: Handover) -> Any:
    """The partners a hand-over is limited to; None for everything."""
    if handover.what == Handover.What.ALL:
        return None
    if handover.what == Handover.What.FILTER:
        return found(QueryDict(handover.query).urlencode(), handover.by)
    return Partner.objects.visible_to(handover.by).filter(pk__in=handover.partners)


def partners_of(rows: dict[Belonging, Any]) -> list[int]:
    """Keys of the partners any of the rows is about: each gets a brief."""
    keys: set[int] = set()
    for one, mine in rows.items():
        if one.to_partner:
            keys.update(mine.order_by().values_list(one.to_partner, flat=True).distinct())
    return sorted(keys - {None})  # type: ignore[arg-type]


def left_behind(person: User) -> list[tuple[Belonging, int]]:
    """(column, rows) of everything a person answers for still, whoever may see it; nothing left is an empty list. Rows in the recycle bin are none."""
    counted = [(one, one.at_work(_alive(one.model), person).order_by().count()) for one in belongings()]
    return [(one, count) for one, count in counted if count]


def _alive(model: type[models.Model]) -> Any:
    rows: Any = model._default_manager.all()
    return rows.alive() if hasattr(rows, "alive") else rows


def _editable(model: type[models.Model], by: User) -> Any:
    rows: Any = model._default_manager.all()
    return rows.editable_by(by) if hasattr(rows, "editable_by") else rows
