"""Addresses of records, found once a page and filled in for each key: a list has hundreds of them."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=256)
def _pattern(name: str) -> tuple[str, str]:
    before, zero, after = reverse(name, args=[0]).rpartition("0")
    if not zero:
        raise ValueError(f"{name} has no place for a key")
    return before, after


def address_of(name: str, key: int) -> str:
    """The address of the record with this key on the page `name`, which takes nothing else."""
    before, after = _pattern(name)
    return f"{before}{key}{after}"
