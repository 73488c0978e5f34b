"""What a report is asked for, read once for pages, command line and API."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voronka.accounts.models import User
from voronka.analytics.models import ForecastCorrection, Schedule
from voronka.analytics.querysets import people_with_deals
from voronka.analytics.rules import DATES, DIMENSIONS, ENDINGS, MOST_WEEKS, MOVES, PERIODS
from voronka.core.errors import RuleBroken
from voronka.core.forms import PersonalForm, PickersField
from voronka.core.models import Company
from voronka.core.periods import end_of_day
from voronka.opportunities.models import Competitor, Forecast, InterestLevel, Pipeline, Stage
from voronka.partners.models import Industry, PartnerGroup, Source, Tag, Territory

NOT_SET: Final = 0  # the value of a criterion that asks for rows without a territory, source or industry
CHOICES: Final = (
    "pipeline",
    "stage",
    "owner",
    "territory",
    "source",
    "industry",
    "partner",
    "group",
    "level",
    "visited",
    "tag",
    "competitor",
    "also",
    "opener",
)
# What the tally knows; the other criteria are asked of the opportunities themselves.
TALLIED: Final = CHOICES[:6]
# What every row has: "none" is no answer there.
_ALWAYS_SET: Final = ("pipeline", "visited", "bucket", "weeks", "partner", "also", "opener")
_RANGED: Final = {
    "percentage": "percentage", "potential": "potential_company", "opened": "opened_on", "predicted": "predicted_close_on", "closed": "closed",
    "days": "days", "predicted_days": "predicted_days", "code": "partner__code",
}  # fmt: skip
# The two ends of a range -> the column and how it is compared.
RANGES: Final = {
    f"{name}_{end}": (column, compared)
    for name, column in _RANGED.items()
    for end, compared in (("from", "gte"), ("to", "lte"))
}  # fmt: skip
DAYS_OF: Final = ("opened", "predicted", "closed")
# Of the end of an opportunity: no single span of its life knows it.
_OF_THE_END: Final = ("closed", "days", "predicted_days")
LONGEST_CODE: Final = 20
GREENWICH: Final = ZoneInfo("UTC")
STATUSES: Final = ("open", "won", "lost", "closed", "expected", "any")
# A word for several statuses: what is closed, and what was won or may be.
_SEVERAL: Final = {"closed": ("won", "lost"), "expected": ("open", "won")}


@dataclass(frozen=True)
class Criteria:
    """What a report is asked for. None and "" ask for everything; NOT_SET asks for rows without a value.

    `as_of` is a day (its end in the company's time zone is meant) or an exact moment, `compare` a day whose end it is compared with. `first` and `last` limit the periods of
    reports over time, both days included and widened to whole periods; the bridge begins at the end of the day `first`. `by` and `then` are the two
    levels of grouping, `dated` the day that puts an opportunity into a period, `columns` what is shown. `ranges` holds the ends of ranges by their
    names (`percentage_from`, `opened_to`, ...), both ends included; codes of partners are compared as the database sorts them. `category` asks for open
    opportunities that count so in a forecast, `weeks` how long before its end a period's forecast was made. `most` limits the rows of a list. `settled`
    fills in what the company decides.

    `tag` is one of the partner's, `competitor` and `also` (another company) are named in the opportunity, `opener` answered for it at first as `owner`
    does in the end. Of these and of codes only today's are known, at any moment of the past too.
    """

    as_of: date | datetime | None = None
    compare: date | None = None
    first: date | None = None
    last: date | None = None
    by: str = ""
    then: str = ""
    period: str = ""
    dated: str = ""
    columns: str = ""
    pipeline: int | None = None
    stage: int | None = None
    status: str = ""
    owner: int | None = None
    territory: int | None = None
    source: int | None = None
    industry: int | None = None
    partner: int | None = None
    group: int | None = None
    level: int | None = None
    visited: int | None = None
    tag: int | None = None
    competitor: int | None = None
    also: int | None = None
    opener: int | None = None
    ranges: tuple[tuple[str, Decimal | date | str], ...] = ()
    bucket: int | None = None
    expired: bool = False
    category: str = ""
    weeks: int | None = None
    move: str = ""
    most: int | None = None
    moment: datetime | None = None
    zone: ZoneInfo = GREENWICH
    year_start: int = 1
    currency: str = ""

    @classmethod
    def parse(cls, wanted: Mapping[str, Any]) -> Self:
        """Read `as_of`, `from`, `to`, `by`, `then`, `period`, `status`, ids and ranges by their names; other names are passed over.

        Raises RuleBroken with one sentence for what is no date, no number or no choice.
        """
        given = {name: str(value).strip() for name, value in wanted.items() if value not in (None, "")}
        chosen: dict[str, Any] = {name: _key(name, given.get(name, "")) for name in CHOICES}
        criteria = cls(
            as_of=_moment("as_of", given.get("as_of", "")),
            compare=_day("compare", given.get("compare", "")),
            first=_day("from", given.get("from", "")),
            last=_day("to", given.get("to", "")),
            by=_choice("by", given.get("by", ""), tuple(DIMENSIONS)),
            then=_choice("then", given.get("then", ""), tuple(DIMENSIONS)),
            period=_choice("period", given.get("period", ""), PERIODS),
            dated=_choice("dated", given.get("dated", ""), DATES),
            status=_choice("status", given.get("status", ""), STATUSES),
            move=_choice("move", given.get("move", ""), (*MOVES, *ENDINGS)),
            columns=given.get("columns", "")[:400],
            bucket=_key("bucket", given.get("bucket", "")),
            weeks=_key("weeks", given.get("weeks", "")),
            category=_choice("category", given.get("category", ""), tuple(Forecast.values)),
            expired=bool(given.get("expired", "")),
            ranges=tuple((name, end) for name in RANGES if (end := _end(name, given.get(name, ""))) is not None),
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
        compared = _exact(self.compare, zone)
        for field, asked in (("as_of", moment), ("compare", compared)):
            if asked and asked > end_of_day(timezone.localdate(timezone=zone), zone):
                raise RuleBroken(
                    _("The day asked for lies in the future. Choose today or an earlier day."),
                    code="future",
                    field=field,
                )
        start, currency = company.fiscal_year_start, company.currency
        return replace(self, moment=moment, zone=zone, year_start=start, currency=currency)

    def filters(self) -> dict[str, Any]:
        """The chosen ids and status as lookups of the tally's and the states' columns."""
        chosen = {name: getattr(self, name) for name in TALLIED}
        found: dict[str, Any] = {name: value for name, value in chosen.items() if value}
        found |= {f"{name}__isnull": True for name, value in chosen.items() if value == NOT_SET and value is not None}
        if self.status in _SEVERAL:
            return found | {"status__in": _SEVERAL[self.status]}
        return found | ({"status": self.status} if self.status not in ("", "any") else {})

    @property
    def is_summed_up(self) -> bool:
        """Whether the summaries know all that is asked for: they hold today's figures by the choices of TALLIED and by the usual month."""
        chosen = any(getattr(self, name) is not None for name in CHOICES if name not in TALLIED)
        days = self.first or self.last or self.expired or self.dated in ("predicted", "opened")
        return not (self.moment or chosen or self.ranges or days or self.category)

    def further(self) -> dict[str, Any]:
        """The columns and ranges no summary knows, as lookups of the columns `querysets.facts` gives."""
        paths = {"partner": "partner", "group": "partner__group", "level": "interest_level"}
        chosen = {path: getattr(self, name) for name, path in paths.items() if getattr(self, name) is not None}
        found = {path if value else f"{path}__isnull": value or True for path, value in chosen.items()}
        return found | {f"{RANGES[name][0]}__{RANGES[name][1]}": end for name, end in self.ranges}

    @property
    def asks_partners(self) -> bool:
        """Whether anything is asked of the partner of a row, besides which one it is."""
        chosen = (self.territory, self.source, self.industry, self.group, self.tag)
        return any(one is not None for one in chosen) or any(name.startswith("code_") for name, _end in self.ranges)

    def of_any_time(self) -> Self:
        """The same without the ranges of closing and of duration, for reports that ask spans of all times."""
        kept = tuple((name, end) for name, end in self.ranges if name.rpartition("_")[0] not in _OF_THE_END)
        return replace(self, ranges=kept)

    def only(self, *names: str) -> Self:
        """The same with these choices alone, for reports of what was kept by them."""
        others = {name: None for name in CHOICES if name not in names}
        return replace(self, ranges=(), category="", expired=False, **others)  # type: ignore[arg-type]

    def without_dates(self) -> Self:
        """The same without the days `from` and `to`, for reports that count whole periods or begin at a day."""
        return replace(self, first=None, last=None)

    @property
    def unit(self) -> str:
        """The length of a period: a month, unless another was asked for."""
        return self.period or "month"

    def query(self, **more: Any) -> str:
        """The criteria as the query string of an address; `more` adds or, with "", takes away."""
        values: dict[str, Any] = {
            "as_of": self.as_of.isoformat() if self.as_of else "", "compare": self.compare, "from": self.first, "to": self.last, "by": self.by, "then": self.then,
            "period": self.period, "dated": self.dated, "status": self.status, "columns": self.columns, "bucket": self.bucket,
            "expired": "1" if self.expired else "", "move": self.move, "category": self.category, "weeks": self.weeks,
        }  # fmt: skip
        values |= dict(self.ranges)
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


def _end(name: str, text: str) -> Decimal | date | str | None:
    """One end of a range: a day, a code, or a number that is not negative."""
    if not text or name.rpartition("_")[0] in DAYS_OF:
        return _day(name, text)
    if name.startswith("code_"):
        return _code(name, text)
    try:
        number = Decimal(text.replace(",", ".").replace(" ", "").replace("\u00a0", ""))
    except InvalidOperation as fault:
        raise _bad(name, text, _("a number")) from fault
    if not number.is_finite() or not 0 <= number < 10**16:
        raise _bad(name, text, _("a number"))
    return number


def _code(name: str, text: str) -> str:
    """A code as the system gives them: in capital letters."""
    if len(text) > LONGEST_CODE or not text.isprintable():
        raise _bad(name, text, _("a code of up to 20 characters"))
    return text.upper()


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text and text not in choices:
        raise _bad(name, text, ", ".join(choices))
    return text


def _key(name: str, text: str) -> int | None:
    if text == "none" and name not in _ALWAYS_SET:
        return NOT_SET
    if text and not (text.isascii() and text.isdigit() and 0 < int(text) < 2**63):
        raise _bad(name, text, _("a number of a record"))
    if name == "bucket" and text and int(text) > 3650:
        raise _bad(name, text, _("a number of days up to 3650"))
    if name == "weeks" and text and int(text) > MOST_WEEKS:
        raise _bad(name, text, _("a number of weeks up to 13"))
    return int(text) if text else None


def _bad(name: str, text: str, wanted: str) -> RuleBroken:
    words = {"name": name, "text": text[:40], "wanted": wanted}
    return RuleBroken(
        _("%(name)s: “%(text)s” is not understood; it must be %(wanted)s.") % words, code=f"bad_{name}", field=name
    )


def dimension_choices(user: User, names: Collection[str]) -> dict[str, tuple[Any, list[tuple[int, str]]]]:
    """The values of these filters this person may choose, by the criterion's name: a label and (id, name) pairs. One statement each."""
    lists: dict[str, tuple[Any, Any]] = {
        "owner": (_("Salesperson"), people_with_deals(user)),
        "pipeline": (_("Pipeline"), _offered(Pipeline, user)),
        "stage": (_("Stage"), _offered(Stage, user).order_by("pipeline__position", "position", "pk")),
        "territory": (_("Territory"), _offered(Territory, user)),
        "source": (_("Information source"), _offered(Source, user)),
        "industry": (_("Industry"), _offered(Industry, user)),
        "group": (_("Partner group"), _offered(PartnerGroup, user)),
        "tag": (_("Partner's tag"), _offered(Tag, user)),
        "level": (_("Level of interest"), _offered(InterestLevel, user)),
        "competitor": (_("Competitor"), _offered(Competitor, user)),
    }
    return {name: (label, list(rows)) for name, (label, rows) in lists.items() if name in names}


def _offered(model: Any, user: User) -> Any:
    return model.objects.visible_to(user).active().values_list("pk", "name")


class CorrectionForm(forms.ModelForm):
    """What a head expects instead of the computed figure, and why."""

    class Meta:
        model = ForecastCorrection
        fields: ClassVar = ["amount", "comment"]


class ScheduleForm(PersonalForm):
    """When and to whom a report goes."""

    groups: ClassVar[Any] = [
        (gettext_lazy("What"), ["name", "format"]),
        (gettext_lazy("When"), ["every", "hour", "weekday", "day"]),
        (gettext_lazy("To whom"), ["recipients"]),
    ]
    recipients = PickersField(
        User,
        "accounts:people",
        label=gettext_lazy("Recipients"),
        help_text=gettext_lazy("Each gets what they may see themselves, in their own language."),
    )

    class Meta:
        model = Schedule
        fields: ClassVar = ["name", "format", "every", "hour", "weekday", "day", "recipients"]
