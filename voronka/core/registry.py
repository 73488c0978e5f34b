"""The house's five lists: panels, reports, import formats, import targets, tiles. Filled by file name when the apps are ready."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Generic, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

T = TypeVar("T")


@dataclass
class Registry(Generic[T]):
    """Things by slug, in order of registration. A second thing under one slug is a fault at start."""

    kind: str
    things: dict[str, T] = field(default_factory=dict)

    def add(self, slug: str, thing: T) -> T:
        if slug in self.things:
            raise ImproperlyConfigured(f"two {self.kind}s are called {slug}")
        self.things[slug] = thing
        return thing

    def get(self, slug: str) -> T | None:
        return self.things.get(slug)

    def __getitem__(self, slug: str) -> T:
        return self.things[slug]

    def __iter__(self) -> Iterator[T]:
        return iter(self.things.values())

    def __len__(self) -> int:
        return len(self.things)

    def slugs(self) -> list[str]:
        return list(self.things)


@dataclass(frozen=True)
class Panel:
    """What an upper app shows on a lower app's page: a title and the name of the URL that answers with the HTML.

    `place` is the page it belongs to ("partner", "contact", "opportunity", "search", "home", "profile"); the URL takes the record's id, or nothing
    on pages without one. A list page is the place "list:" with the name of its URL: there the panel is an act on the rows. Its URL gets all
    filtered rows as the query string of the filters (GET) and selected ones as `ids` (POST). `permission` hides the panel from those who lack it.
    """

    slug: str
    place: str
    title: str | _StrPromise
    url_name: str
    order: int = 100
    permission: str = ""


panels: Registry[Panel] = Registry("panel")
reports: Registry = Registry("report")
import_formats: Registry = Registry("import format")
import_targets: Registry = Registry("import target")
tiles: Registry = Registry("tile")


def panels_for(place: str) -> list[Panel]:
    """The panels of one page in their order."""
    return sorted((panel for panel in panels if panel.place == place), key=lambda panel: panel.order)


def load() -> None:
    """Import every `panels.py`, `importing.py`, `reports/*.py`, `formats/*.py` and `tiles/*.py` of the installed apps of the house."""
    for config in apps.get_app_configs():
        if config.name.startswith("voronka."):
            for room in ("panels", "importing"):
                if find_spec(f"{config.name}.{room}"):
                    import_module(f"{config.name}.{room}")
            for room in ("reports", "formats", "tiles"):
                if find_spec(f"{config.name}.{room}"):
                    package = import_module(f"{config.name}.{room}")
                    for module in iter_modules(package.__path__):
                        import_module(f"{package.__name__}.{module.name}")
