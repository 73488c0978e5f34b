"""What an action may refuse, told to the user in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class RuleBroken(Exception):
    """The user asked for something a rule forbids now. Pages show `message`, the API answers 409, the command line exits 1.

    `code` is a stable machine name, `field` the input it belongs to (or empty).
    """

    def __init__(self, message: str | _StrPromise, code: str = "rule", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class StaleRecord(RuleBroken):
    """Somebody else changed the row first; nothing was written."""
