"""The frame around every page: navigation, top bar, palette. Rendered once for all pages that look alike, not once a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from voronka.core.models import Company
from voronka.core.registry import panels_for

if TYPE_CHECKING:
    from django.utils.functional import Promise
    from django_htmx.middleware import HtmxDetails

    from voronka.accounts.models import User


class Request(HttpRequest):
    """A request of somebody signed in, as every view behind the sign-in gets it; for types only."""

    user: User
    htmx: HtmxDetails


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation; `main` entries stay visible at the bottom of a narrow screen."""

    url_name: str
    icon: str
    words: str | Promise
    permission: str = ""
    main: bool = True


HOME: Final = "analytics:home"
CALENDAR: Final = "activities:calendar"
CONTACTS: Final = "partners:contact_list"
# Entries that are one page, not the first of an app's.
ALONE: Final = {HOME, CALENDAR, CONTACTS}
NAVIGATION: Final = (
    Entry(HOME, "home", _("My day")),
    Entry("partners:list", "partners", _("Partners")),
    Entry(CONTACTS, "user", _("Contacts"), main=False),
    Entry("opportunities:board", "board", _("Opportunities")),
    Entry("activities:list", "activities", _("Activities")),
    Entry(CALENDAR, "calendar", _("Calendar")),
    Entry("campaigns:list", "list", _("Segments"), main=False),
    Entry("handover:list", "handover", _("Hand-over"), main=False),
    Entry("analytics:index", "reports", _("Analytics"), "analytics.view"),
    Entry("imports:list", "import", pgettext_lazy("navigation", "Import"), "imports.run", main=False),
    Entry("accounts:settings", "settings", _("Settings"), main=False),
)


def frame(request: Request) -> dict[str, Any]:
    """The context every template has. Nothing is read or rendered before a template asks: fragments ask for none of it."""
    return {"frame": Frame(request), "language": get_language()}


class Frame:
    """What stands around one page. Its parts are HTML, kept by everything they depend on."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @cached_property
    def company(self) -> Company:
        return Company.lately()

    @cached_property
    def styles(self) -> SafeString:
        return _part("styles", "")

    @cached_property
    def scripts(self) -> SafeString:
        return _part("scripts", "")

    @cached_property
    def keys(self) -> SafeString:
        return _part("keys", get_language() or "")

    @cached_property
    def navigation(self) -> SafeString:
        return _navigation(get_language() or "", self.company.name, self._permissions, self._section)

    @cached_property
    def topbar(self) -> SafeString:
        user = self.request.user
        return _topbar(get_language() or "", user.name, user.role.name, "imports.run" in self._permissions, user.unread)

    @cached_property
    def palette(self) -> SafeString:
        return _palette(get_language() or "", self._permissions)

    @cached_property
    def _permissions(self) -> tuple[str, ...]:
        return tuple(self.request.user.role.permissions)

    @property
    def _section(self) -> str:
        """The page itself where it stands alone; else the app its address begins with, as a partner's pages from apps above do, or the app it belongs to."""
        match = self.request.resolver_match
        if match is None:
            return ""
        if match.view_name in ALONE:
            return match.view_name
        place, app = match.route.partition("/")[0], match.view_name.partition(":")[0]
        return place if any(entry.url_name.startswith(f"{place}:") for entry in NAVIGATION) else app


def _kept(render: Callable[..., SafeString]) -> Callable[..., SafeString]:
    """Keep the HTML by its arguments; while templates are being written it is made anew each time."""
    return render if settings.DEBUG else lru_cache(maxsize=2048)(render)


@_kept
def _part(name: str, language: str) -> SafeString:
    return render_to_string(f"core/components/{name}.html")


@_kept
def _navigation(language: str, company: str, permissions: tuple[str, ...], section: str) -> SafeString:
    entries = [(entry, address, _is_here(entry, section)) for entry, address in _entries(permissions)]
    return render_to_string("core/components/navigation.html", {"navigation": entries, "name": company})


@_kept
def _topbar(language: str, name: str, role: str, may_import: bool, unread: int) -> SafeString:
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    context = {"name": name, "role": role, "initials": initials, "may_import": may_import, "unread": unread}
    return render_to_string("core/components/topbar.html", context)


@_kept
def _palette(language: str, permissions: tuple[str, ...]) -> SafeString:
    context = {"navigation": _entries(permissions), "search_panels": panels_for("search")}
    return render_to_string("core/components/palette.html", context)


def _entries(permissions: tuple[str, ...]) -> list[tuple[Entry, str]]:
    return [
        (entry, reverse(entry.url_name))
        for entry in NAVIGATION
        if not entry.permission or entry.permission in permissions
    ]


def _is_here(entry: Entry, section: str) -> bool:
    """The pages that stand alone mark only themselves, other entries all pages of their app."""
    if ALONE & {entry.url_name, section}:
        return entry.url_name == section
    return entry.url_name.startswith(f"{section}:")
