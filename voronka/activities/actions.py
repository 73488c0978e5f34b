"""What people do with activities."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.activities.models import Activity
from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.partners.models import Partner


def write_note(
    partner: Partner, text: str, *, opportunity: Any = None, at: datetime | None = None, by: User
) -> Activity:
    """Put a note on the partner's timeline, and on the opportunity's. Raises RuleBroken for an empty text."""
    if not text.strip():
        raise RuleBroken(_("Write something first."), code="empty", field="text")
    note = Activity(
        partner=partner, opportunity=opportunity, text=text.strip(), owner=by, happened_at=at or timezone.now()
    )
    return kernel.save(note, by=by, verb="note")
