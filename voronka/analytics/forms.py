"""What a report is asked for, read once for pages, command line and API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.analytics.querysets import people_with_deals
from voronka.analytics.rules import DIMENSIONS, PERIODS
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.core.periods import end_of_day
from voronka.opportunities.models import Pipeline
from voronka.partners.models import Industry, Source, Territory

if TYPE_CHECKING:
    from voronka.accounts.models import User

NOT_SET: Final = 0  # the value of a criterion that asks for rows without a territory, source or industry
CHOICES: Final = ("pipeline", "stage", "owner", "territory", "source", "industry")
GREENWICH: Final = ZoneInfo("UTC")
STATUSES: Final = ("open", "won", "lost", "closed")


@dataclass(frozen=True)
class Criteria:
    """What a report is asked for. None and "" ask for everything; NOT_SET asks for rows without a value.

    `as_of` is a day (its end in the company's time zone is meant) or an exact moment. `first` and `last` limit the periods of
    reports over time, both days included and widened to whole periods. `settled` fills in what the company decides.
    """

    as_of: date | datetime | None = None
    first: date | None = None
    last: date | None = None
    by: str = ""
    period: str = "month"
    pipeline: int | None = None
    stage: int | None = None
    status: str = ""
    owner: int | None = None
    territory: int | None = None
    source: int | None = None
    industry: int | None = None
    moment: datetime | None = None
    zone: ZoneInfo = GREENWICH
    year_start: int = 1
    currency: str = ""

    @classmethod
    def parse(cls, wanted: Mapping[str, Any]) -> Self:
        """Read `as_of`, `from`, `to`, `by`, `period`, `status` and ids by their names; other names are passed over.

        Raises RuleBroken with one sentence for what is no date, no number or no choice.
        """
        given = {name: str(value).strip() for name, value in wanted.items() if value not in (None, "")}
        chosen: dict[str, Any] = {name: _key(name, given.get(name, "")) for name in CHOICES}
        criteria = cls(
            as_of=_moment("as_of", given.get("as_of", "")),
            first=_day("from", given.get("from", "")),
            last=_day("to", given.get("to", "")),
            by=_choice("by", given.get("by", ""), tuple(DIMENSIONS)),
            period=_choice("period", given.get("period", ""), PERIODS) or "month",
            status=_choice("status", given.get("status", ""), STATUSES),
            **chosen,
        )
        if criteria.first and criteria.last and criteria.first > criteria.last:
            raise RuleBroken(_("The first day lies after the last one."), code="bad_from", field="from")
        return criteria

    def settled(self, company: Company) -> Self:
        """The same with the company's zone, fiscal year and currency, and the exact moment asked for.

        Raises RuleBroken for a day or moment in the future: nothing is known of it.
        """
        zone = ZoneInfo(company.time_zone)
        moment = _exact(self.as_of, zone)
        if moment and moment > end_of_day(timezone.localdate(timezone=zone), zone):
            raise RuleBroken(
                _("The day asked for lies in the future. Choose today or an earlier day."), code="future", field="as_of"
            )
        start, currency = company.fiscal_year_start, company.currency
        return replace(self, moment=moment, zone=zone, year_start=start, currency=currency)

    def filters(self) -> dict[str, Any]:
        """The chosen ids and status as lookups of the tally's and the states' columns."""
        chosen = {name: getattr(self, name) for name in CHOICES}
        found: dict[str, Any] = {name: value for name, value in chosen.items() if value}
        found |= {f"{name}__isnull": True for name, value in chosen.items() if value == NOT_SET and value is not None}
        if self.status == "closed":
            return found | {"status__in": ("won", "lost")}
        return found | ({"status": self.status} if self.status else {})

    def query(self, **more: Any) -> str:
        """The criteria as the query string of an address; `more` adds or, with "", takes away."""
        values: dict[str, Any] = {
            "as_of": self.as_of.isoformat() if self.as_of else "", "from": self.first, "to": self.last, "by": self.by,
            "period": "" if self.period == "month" else self.period, "status": self.status,
        }  # fmt: skip
        values |= {name: "none" if getattr(self, name) == NOT_SET else getattr(self, name) for name in CHOICES}
        return urlencode({name: value for name, value in (values | more).items() if value not in (None, "")})


def _day(name: str, text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as fault:
        raise _bad(name, text, _("a date like 2026-03-31")) from fault
    if day and not 1900 <= day.year <= 2199:
        raise _bad(name, text, _("a date between the years 1900 and 2199"))
    return day


def _moment(name: str, text: str) -> date | datetime | None:
    if len(text) <= 10:
        return _day(name, text)
    try:
        moment = datetime.fromisoformat(text.replace(" ", "T", 1) if "T" not in text else text)
    except ValueError as fault:
        raise _bad(name, text, _("a date like 2026-03-31")) from fault
    _day(name, moment.date().isoformat())
    return moment


def _exact(as_of: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    if isinstance(as_of, datetime):
        return as_of.astimezone(UTC) if as_of.tzinfo else as_of.replace(tzinfo=zone)
    return end_of_day(as_of, zone) if as_of else None


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text and text not in choices:
        raise _bad(name, text, ", ".join(choices))
    return text


def _key(name: str, text: str) -> int | None:
    if text == "none" and name != "pipeline":
        return NOT_SET
    if text and not (text.isascii() and text.isdigit() and 0 < int(text) < 2**63):
        raise _bad(name, text, _("a number of a record"))
    return int(text) if text else None


def _bad(name: str, text: str, wanted: str) -> RuleBroken:
    words = {"name": name, "text": text[:40], "wanted": wanted}
    return RuleBroken(
        _("%(name)s: “%(text)s” is not understood; it must be %(wanted)s.") % words, code=f"bad_{name}", field=name
    )


def dimension_choices(user: User) -> dict[str, tuple[Any, list[tuple[int, str]]]]:
    """The values of each filter this person may choose, by the criterion's name: a label and (id, name) pairs."""

    def names(model: Any) -> list[tuple[int, str]]:
        return list(model.objects.visible_to(user).active().values_list("pk", "name"))

    return {
        "pipeline": (_("Pipeline"), names(Pipeline)),
        "owner": (_("Salesperson"), list(people_with_deals(user))),
        "territory": (_("Territory"), names(Territory)),
        "source": (_("Information source"), names(Source)),
        "industry": (_("Industry"), names(Industry)),
    }
