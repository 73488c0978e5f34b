"""Addresses of records, found once and filled in for each key: a list has hundreds of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from django.urls import reverse

# Stands for the key while an address is found; no page has it in its own words.
_PLACE: Final = 918273645


@lru_cache(maxsize=1024)
def _pattern(name: str, words: tuple[str, ...], place: int) -> tuple[str, str]:
    before, found, after = reverse(name, args=[*words[:place], _PLACE, *words[place:]]).partition(str(_PLACE))
    if not found:
        raise ValueError(f"{name} has no place for a key")
    return before, after


def address_of(name: str, key: int, words: tuple[str, ...] = (), place: int = 0) -> str:
    """The address of the record with this key on the page `name`, which takes the key at `place` among these words and nothing else."""
    before, after = _pattern(name, words, place)
    return f"{before}{key}{after}"
