"""One stream of what happened with a partner or an opportunity: what was said, done and planned, letters, stages, changed fields, files.

Newest first, in pages. Each source gives a page of its own behind the cursor, by a fixed number of statements; the page is the newest of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Self

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.activities.models import Activity, Attachment
from voronka.activities.querysets import IsAmong
from voronka.activities.tables import entries
from voronka.core.access import Scope
from voronka.core.audit import Older, history_of
from voronka.core.errors import RuleBroken
from voronka.core.prepared import Prepared, Slot, behind
from voronka.opportunities import tables
from voronka.opportunities.models import Opportunity, OpportunityState

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.partners.models import Partner

SIZE: Final = 25
# What the stream may be narrowed to; what was said by the kinds of activities.
KINDS: Final = {
    "": gettext_lazy("Everything"), "talks": gettext_lazy("Calls and meetings"), "letters": gettext_lazy("Letters"), "notes": gettext_lazy("Notes"),
    "tasks": gettext_lazy("Tasks and other"), "deals": gettext_lazy("Deal progress"), "changes": gettext_lazy("Changed fields"), "files": gettext_lazy("Files"),
}  # fmt: skip
SAID_AS: Final = {
    "": (), "talks": ("call", "meeting"), "letters": ("email",), "notes": ("note",), "tasks": ("task", "campaign", "other"),
}  # fmt: skip
SAID, EVENT, CHANGE, FILE = range(4)
# The spans tell of these fields of an opportunity, in better words.
TOLD_BY_STATES: Final = {
    "status", "stage", "percentage", "potential", "currency", "forecast_category", "predicted_close_on", "owner", "closed_on",
}  # fmt: skip
_STATE: Final = (
    "since", "until", "status", "percentage", "potential", "currency", "forecast_category", "predicted_close_on", "comment", "opportunity__name", "stage__name",
    "owner__name", "changed_by__name",
)  # fmt: skip
_PLACE: Final = re.compile(r"(-?\d{1,17})\.([0-3])\.(\d{1,18})", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Place:
    """Where a page ended: entries are ordered by moment (newest first), source, key (greatest first)."""

    at: datetime
    source: int
    key: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From an address; None for the top. Raises RuleBroken for what is no place."""
        if not text:
            return None
        found = _PLACE.fullmatch(text)
        if found is None:
            raise RuleBroken(_("This place in the list is not known. Start from the top."), code="cursor")
        microseconds, source, key = map(int, found.groups())
        return cls(_EPOCH + microseconds * _MICROSECOND, source, key)

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}.{self.source}.{self.key}"

    def lies(self, source: int) -> str:
        """How far the rows of a source were shown: those of the same moment of earlier sources all, of later ones none."""
        return "before" if source < self.source else "until" if source > self.source else "behind"


@dataclass(frozen=True)
class Entry:
    """One thing that happened: an activity, an event of an opportunity, changed fields or a file. Nothing to tell is None, and not shown.
    `opens_day` is true of the first one of a day of the reader's zone.
    """

    at: datetime
    source: int
    key: int
    thing: Any
    opens_day: bool = False

    @property
    def order(self) -> tuple[datetime, int, int]:
        return self.at, -self.source, self.key

    @property
    def template(self) -> str:
        return (
            "activities/_entry.html", "opportunities/_event.html", "opportunities/_changed.html", "opportunities/_file_kept.html",
        )[self.source]  # fmt: skip


@dataclass(frozen=True)
class Stream:
    """A page of entries, and the address of the next one ("" at the end)."""

    entries: list[Entry]
    next: str


def _shown_behind(rows: QuerySet[Any], lies: str, moment: str) -> Any:
    """A page of the rows behind a place, as `Place.lies` says it."""
    return behind(rows, lies, moment).order_by(f"-{moment}", "-pk")[: SIZE + 1]


def _said(rows: Any, kinds: tuple[str, ...], lies: str) -> Any:
    rows = rows.filter(kind__in=kinds) if kinds else rows
    return _shown_behind(rows, lies, "happened_at")


_SAID_TO = Prepared(lambda kinds, lies: _said(Activity.objects.said_to(Slot("pk"), Slot("user")), kinds, lies))
_SAID_ABOUT = Prepared(lambda kinds, lies: _said(Activity.objects.said_about(Slot("pk"), Slot("user")), kinds, lies))
_FILES_OF_PARTNER = Prepared(lambda lies: _shown_behind(_files_of_partner(), lies, "created_at"))
_FILES_OF_DEAL = Prepared(lambda lies: _shown_behind(_files_of_deal(), lies, "created_at"))
_STATES = Prepared(
    lambda scope, lies: _shown_behind(
        _told(OpportunityState.objects.reaching(scope).filter(opportunity__partner=Slot("pk"))), lies, "since"
    )
)
_STATES_BEFORE = Prepared(
    lambda scope: _told(
        OpportunityState.objects.reaching(scope).filter(
            IsAmong(F("opportunity"), Slot("deals")), IsAmong(F("until"), Slot("ends"))
        )
    )
)
_NEXT_STEP = Prepared(
    lambda: Activity.objects.said_about(Slot("pk"), Slot("user")).open().order_by("happened_at", "pk")[:1]
)


def _files_of_partner() -> Any:
    partner = Slot("pk")
    return Attachment.objects.on_timeline(Activity.objects.said_to(partner, Slot("user"))).filter(partner=partner)


def _files_of_deal() -> Any:
    """Its own and those of its activities; all are also the partner's, whose are few."""
    deal = Slot("pk")
    rows = Attachment.objects.on_timeline(Activity.objects.said_about(deal, Slot("user")))
    return rows.filter(partner=Slot("partner")).filter(Q(opportunity=deal) | Q(activity__opportunity=deal))


def _told(rows: Any) -> Any:
    return rows.select_related("opportunity", "stage", "owner", "changed_by").only(*_STATE)


def of_partner(partner: Partner, user: User, kind: str = "", place: Place | None = None) -> Stream:
    """What happened with a partner this person sees, as far as they see it: what is private and deals of others are left out."""
    asked = _asked(partner.pk, user, place)
    found: list[Entry] = []
    if kind in SAID_AS:
        found += _activities(_SAID_TO(SAID_AS[kind], _lies(place, SAID), **asked), user)
    if kind in ("", "deals"):
        found += _events(user, place, asked)
    if kind in ("", "changes"):
        found += _changes(partner, user, place)
    if kind in ("", "files"):
        found += _files(_FILES_OF_PARTNER(_lies(place, FILE), **asked))
    return _page(found, place)


def of_opportunity(
    opportunity: Opportunity, states: Iterable[OpportunityState], user: User, kind: str = "", place: Place | None = None
) -> Stream:
    """What happened with an opportunity this person sees, whoever owns its partner; `states` are all its spans, oldest first."""
    asked = _asked(opportunity.pk, user, place)
    found: list[Entry] = []
    if kind in SAID_AS:
        found += _activities(_SAID_ABOUT(SAID_AS[kind], _lies(place, SAID), **asked), user)
    if kind in ("", "deals"):
        told = [Entry(one.at, EVENT, one.key, one) for one in tables.events(list(states))]
        end = Entry(place.at, place.source, place.key, None).order if place else None
        found += [one for one in told if end is None or one.order < end]
    if kind in ("", "changes"):
        found += _changes(opportunity, user, place, TOLD_BY_STATES)
    if kind in ("", "files"):
        found += _files(_FILES_OF_DEAL(_lies(place, FILE), partner=opportunity.partner_id, **asked))
    return _page(found, place)


def next_step(opportunity: Opportunity, user: User) -> Activity | None:
    """The open activity that comes first, overdue or not."""
    found = _NEXT_STEP(pk=opportunity.pk, user=user.pk)
    return found[0] if found else None


def _asked(pk: int, user: User, place: Place | None) -> dict[str, Any]:
    given = {"pk": pk, "user": user.pk}
    return given | {"at": place.at, "key": place.key} if place else given


def _lies(place: Place | None, source: int) -> str:
    return place.lies(source) if place else ""


def _page(found: list[Entry], place: Place | None) -> Stream:
    found.sort(key=lambda one: one.order, reverse=True)
    page, last = found[:SIZE], found[SIZE - 1] if len(found) > SIZE else None
    shown = [one for one in page if one.thing is not None]
    return Stream(_by_days(shown, place), str(Place(last.at, last.source, last.key)) if last else "")


def _by_days(entries: list[Entry], place: Place | None) -> list[Entry]:
    """The entries, with the first one of each day marked; the day of the place the page follows has begun before."""
    days = [timezone.localdate(place.at) if place else None, *(timezone.localdate(one.at) for one in entries)]
    return [replace(one, opens_day=before != day) for one, (before, day) in zip(entries, pairwise(days), strict=True)]


def _activities(rows: list[Activity], user: User) -> list[Entry]:
    return [Entry(one.happened_at, SAID, one.pk, one) for one in entries(rows, user)]


def _events(user: User, place: Place | None, asked: dict[str, Any]) -> list[Entry]:
    """Moves of the partner's deals within the person's reach. Each is told by the span before it. Two statements."""
    scope: Scope = user.scope_for("opportunities.opportunity", "see")
    asked = asked | {"people": user.people_within(scope)}
    states = _STATES(scope, _lies(place, EVENT), **asked)
    if not states:
        return []
    deals, ends = {one.opportunity_id for one in states}, {one.since for one in states}
    rows = _STATES_BEFORE(scope, people=asked["people"], deals=list(deals), ends=list(ends))
    before = {(one.opportunity_id, one.until): one for one in rows}
    return [
        Entry(one.since, EVENT, one.pk, tables.event(before.get((one.opportunity_id, one.since)), one, one.opportunity))
        for one in states
    ]


def _changes(record: Any, user: User, place: Place | None, without: Iterable[str] = ()) -> list[Entry]:
    older = Older(place.lies(CHANGE), place.at, place.key) if place else None
    found = history_of(record, SIZE + 1, user, older=older, without=without, silent=True)
    return [Entry(one.at, CHANGE, one.key, one if one.changes else None) for one in found]


def _files(rows: list[Attachment]) -> list[Entry]:
    return [Entry(one.created_at, FILE, one.pk, one) for one in rows]
