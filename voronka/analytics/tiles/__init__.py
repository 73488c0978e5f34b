"""The pattern of all tiles of the home page. A tile is a decorated function in a file of its own, with a template of the same name.

    @tile("silent", title=_("Silent"), about=_("..."))
    def silent(viewer: Viewer) -> Row: ...

It answers what its template needs, within the person's reach; `more` is where its heading leads: the list or report behind. The page fetches each tile from
its own URL. A panel of the place "home" and a report, saved variants too, are tiles as well: `placed` tells of all kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.analytics import querysets
from voronka.analytics.forms import Criteria
from voronka.analytics.models import HomePage
from voronka.analytics.pictures import picture
from voronka.analytics.reports import Report, links_behind, run
from voronka.analytics.rules import REPORT, VIEW, Columns, home_page
from voronka.analytics.tables import Row, Words, text_of
from voronka.core.access import Scope
from voronka.core.models import Company
from voronka.core.periods import Period, period_of
from voronka.core.registry import panels_for, reports, tiles

if TYPE_CHECKING:
    from voronka.accounts.models import User

ROWS: Final = 8


@dataclass(frozen=True)
class Viewer:
    """Who looks at a tile, and the day it is for the company."""

    user: User
    company: Company

    @cached_property
    def criteria(self) -> Criteria:
        """Everything within reach, of now."""
        return Criteria().settled(self.company)

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.now, ZoneInfo(self.company.time_zone))

    @property
    def month(self) -> Period:
        return period_of(self.today, "month")

    @property
    def is_team(self) -> bool:
        """Whether this person sees more than their own deals."""
        return reaches_others(self.user)


def reaches_others(user: User) -> bool:
    return user.scope_for("opportunities.opportunity", "see") in (Scope.TEAM, Scope.ALL)


@dataclass(frozen=True)
class Tile:
    """A tile as registered: how it is called (`own_title` by those who see their own deals only), what it is good for, who may have it, and
    the yes-or-no setting of the company it depends on.
    """

    slug: str
    title: Words
    about: Words
    answer: Callable[[Viewer], Row]
    own_title: Words = ""
    permission: str = ""
    setting: str = ""
    order: int = 100

    def title_for(self, user: User) -> Words:
        return self.title if reaches_others(user) or not self.own_title else self.own_title

    def is_for(self, user: User) -> bool:
        """Whether this person may have it, and the company wants it."""
        may = not self.permission or user.has_perm(self.permission)
        return may and (not self.setting or getattr(Company.lately(), self.setting))

    @property
    def template(self) -> str:
        return f"analytics/tiles/{self.slug.replace('-', '_')}.html"


def tile(slug: str, **more: Any) -> Callable[[Callable[[Viewer], Row]], Callable[[Viewer], Row]]:
    """Register the function as a tile; `more` are the fields of `Tile`."""

    def register(answer: Callable[[Viewer], Row]) -> Callable[[Viewer], Row]:
        tiles.add(slug, Tile(slug=slug, answer=answer, **more))
        return answer

    return register


def deals_page(**filters: Any) -> str:
    """The list of opportunities with these filters."""
    return f"{reverse('opportunities:list')}?{urlencode(filters)}"


def partners_page(**filters: Any) -> str:
    """The list of partners with these filters."""
    return f"{reverse('partners:list')}?{urlencode(filters)}"


def report_page(slug: str, **criteria: Any) -> str:
    return f"{reverse('analytics:report', args=[slug])}?{urlencode(criteria)}"


@dataclass(frozen=True)
class Placed:
    """A tile on a page: its key, title and address; `is_report` where it draws a picture."""

    key: str
    title: Words
    about: Words
    url: str
    is_report: bool = False


def placed(user: User, keys: Iterable[str]) -> dict[str, Placed]:
    """Of these tiles those this person may have, by key; one statement for saved variants, if there are any."""
    wanted = list(keys)
    views = {
        f"{VIEW}{view.pk}": Placed(
            f"{VIEW}{view.pk}", view.name, _("A saved view of a report."), _url(f"{VIEW}{view.pk}"), True
        )
        for view in _variants(user, wanted)
    }
    known = {one.key: one for one in offered(user)} | views
    return {key: known[key] for key in wanted if key in known}


def _variants(user: User, keys: Sequence[str]) -> Iterable[Any]:
    numbers = [int(number) for key in keys if (number := key.removeprefix(VIEW)) != key and number.isdecimal()]
    return querysets.shown_variants(user, numbers) if numbers and user.has_perm("analytics.view") else []


def offered(user: User) -> list[Placed]:
    """Every tile this person may have but saved variants: those declared, panels, then reports."""
    own = [Placed(one.slug, one.title_for(user), one.about, _url(one.slug)) for one in _allowed(user)]
    foreign = [
        Placed(panel.slug, panel.title, "", reverse(panel.url_name))
        for panel in panels_for("home")
        if not panel.permission or user.has_perm(panel.permission)
    ]
    pictures = [
        Placed(f"{REPORT}{one.slug}", one.title, one.about, _url(f"{REPORT}{one.slug}"), True)
        for one in sorted(reports, key=lambda one: one.order)
        if user.has_perm(one.permission)
    ]
    return [*foreign, *own, *pictures]


def _allowed(user: User) -> list[Tile]:
    return sorted((one for one in tiles if one.is_for(user)), key=lambda one: one.order)


def _url(key: str) -> str:
    return reverse("analytics:tile", args=[key])


def columns_of(user: User) -> tuple[Columns, bool]:
    """The tiles of a person's page, and whether they are the person's own arrangement: else the role's, as arranged or as shipped. One statement."""
    kept = HomePage.objects.visible_to(user).first()
    if kept is None:
        return home_page(user.role.slug, reaches_others(user)), False
    return (list(kept.wide), list(kept.side)), kept.user_id is not None


def reported(viewer: Viewer, key: str) -> tuple[Words, Row] | None:
    """The tile of a report or of a saved variant: its title and what its template needs; None for one this person may not have. Raises RuleBroken."""
    if key.startswith(REPORT):
        found = reports.get(key.removeprefix(REPORT))
        return (
            _report(viewer, key, found, found.title, "") if found and viewer.user.has_perm(found.permission) else None
        )
    view = next(iter(_variants(viewer.user, [key])), None)
    found = reports.get(view.page.removeprefix(querysets.REPORT_PAGE)) if view else None
    return _report(viewer, key, found, view.name, view.query) if view and found else None


def _report(viewer: Viewer, key: str, found: Report, title: Words, query: str) -> tuple[Words, Row]:
    """The picture of a report and the first of its rows, as its own page would show them."""
    given = dict(parse_qsl(query))
    result = run(found.slug, viewer.user, replace(Criteria.parse(given), most=ROWS))
    measures = found.offered_measures(result)
    measure = next((one for one in measures if one.key == given.get("measure")), measures[0] if measures else None)
    links = links_behind(found, result)
    drawn = (
        picture(result, measure, links, kind=given.get("chart") or found.charts[0], over_time=found.over_time)
        if measure
        else None
    )
    columns = [
        *result.group_columns,
        *(c for c in result.shown_columns if c.is_number and c.key in (measure.columns if measure else ())),
    ]
    columns = columns if result.group_columns else list(result.shown_columns)[:3]
    rows = (
        list(result.rows)[:ROWS]
        if not result.is_list or not result.groups
        else [group.values for group in result.groups][:ROWS]
    )
    lines = [[(column, text_of(column, row.get(column.key), result.currency)) for column in columns] for row in rows]
    context = {"picture": drawn, "name": key, "columns": columns, "lines": lines, "more": found.address(query)}
    return title, context
