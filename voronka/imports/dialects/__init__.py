"""Other systems' export files: one module a system, found by being here. A module holds one `DIALECT`; adding one touches nothing else.

Headers are compared as `rules.normalise_header` makes them. What a dialect does not name falls to the plain Russian and English names of
the target's own fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from voronka.core.registry import import_targets
from voronka.imports.rules import match_headers, normalise_header

# Headers by field, field by field; for each kind of data the system exports.
Columns = Mapping[str, tuple[str, ...]]
ENOUGH: Final = 2


@dataclass(frozen=True)
class Dialect:
    """The export files of one system.

    `signs` are headers that tell it from others: ENOUGH of them, or one and two thirds of the columns known, and it is this dialect. `words` puts
    the system's own values into ours, by field; a value that means nothing becomes "". `guessed` says that no real export was seen.
    """

    slug: str
    title: str
    kinds: Mapping[str, Columns]
    signs: tuple[str, ...]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    guessed: bool = False
    # Headers that decide the kind of data whatever else is there.
    decides: Mapping[str, str] = field(default_factory=dict)
    # What a row that explains the headers instead of holding data looks like.
    is_comment: Callable[[Sequence[str]], bool] = lambda _row: False


@dataclass(frozen=True)
class Match:
    """What a file's headers say: the dialect (None: plain names), the kind of data, and column -> field."""

    dialect: Dialect | None
    kind: str
    mapping: dict[int, str]


@cache
def dialects() -> tuple[Dialect, ...]:
    """Every dialect of this folder, by slug."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return tuple(sorted((module.DIALECT for module in modules), key=lambda one: one.slug))


def dialect_of(slug: str) -> Dialect | None:
    return next((one for one in dialects() if one.slug == slug), None)


def recognise(headers: Sequence[str], kind: str = "") -> Match:
    """The dialect and kind that know the headers best; `kind` may be given. Plain names where no dialect shows its signs."""
    spoken = [one for one in dialects() if _speaks(one, headers)]
    found = [match for one in spoken for match in _matches(one, headers, kind)]
    found = found or list(_matches(None, headers, kind))
    return max(found, key=lambda match: _strength(match, headers))


def mapped(dialect: Dialect | None, kind: str, headers: Sequence[str]) -> dict[int, str]:
    """Column -> field: by the dialect's names first, then by the target's own. Of two columns of one field the name that stands first in the
    dialect wins, of plain names the first column.
    """
    target: Any = import_targets.get(kind)
    if target is None:
        return {}
    own = {places[0]: name for name, places in preferred(dialect, kind, headers).items()}
    plain = match_headers(headers, target.aliases)
    taken = set(own.values())
    rest = {column: name for column, name in plain.items() if column not in own and name not in taken}
    found = {**_gathered(target, headers), **rest, **own}
    return {column: name for column, name in sorted(found.items()) if name in target.labels}


def _gathered(target: Any, headers: Sequence[str]) -> dict[int, str]:
    """Columns whose header names a part of a field that several columns fill."""
    return {
        place: name
        for name, pattern in target.patterns.items()
        for place, header in enumerate(headers)
        if pattern.match(header.strip())
    }


def preferred(dialect: Dialect | None, kind: str, headers: Sequence[str]) -> dict[str, list[int]]:
    """Field -> the columns the dialect knows for it, best first; the others fill in where the best one is empty."""
    places: dict[str, int] = {}
    for place, header in enumerate(headers):
        places.setdefault(normalise_header(header), place)
    found: dict[str, list[int]] = {}
    for name, words in (dialect.kinds.get(kind, {}) if dialect else {}).items():
        taken = {place for known in found.values() for place in known}
        columns = [places[word] for word in map(normalise_header, words) if word in places]
        if columns := [place for place in dict.fromkeys(columns) if place not in taken]:
            found[name] = columns
    return found


def _matches(dialect: Dialect | None, headers: Sequence[str], kind: str) -> Iterator[Match]:
    kinds = [kind] if kind else list(dialect.kinds) if dialect else import_targets.slugs()
    for one in kinds:
        yield Match(dialect, one, mapped(dialect, one, headers))


def _speaks(dialect: Dialect, headers: Sequence[str]) -> bool:
    named, shown = _normalised(headers), _shown(dialect, headers)
    known = max((len(named & _names(columns)) for columns in dialect.kinds.values()), default=0)
    return shown >= ENOUGH or (shown == 1 and known * 3 >= len(named) * 2)


def _shown(dialect: Dialect, headers: Sequence[str]) -> int:
    """How many signs of the dialect the headers show."""
    named = _normalised(headers)
    shown = len(named & _normalised(dialect.signs))
    return shown + (sum(1 for header in named if header.startswith(dialect.prefixes)) if dialect.prefixes else 0)


def _normalised(headers: Sequence[str]) -> set[str]:
    return {normalise_header(header) for header in headers if header.strip()}


def _strength(match: Match, headers: Sequence[str]) -> tuple[int, bool, int, int, bool]:
    """Signs of the dialect first, then what tells the kind of data, then how much is understood."""
    shown, decided = 0, False
    if match.dialect:
        shown = _shown(match.dialect, headers)
        named = _normalised(headers)
        decided = any(
            kind == match.kind and normalise_header(sign) in named for sign, kind in match.dialect.decides.items()
        )
    return shown, decided, _telling(match), len(match.mapping), match.kind == "partners"


def _names(columns: Columns) -> set[str]:
    return {normalise_header(name) for names in columns.values() for name in names}


def _telling(match: Match) -> int:
    target: Any = import_targets.get(match.kind)
    return target.score(match.mapping.values()) if target else 0
