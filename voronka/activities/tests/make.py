"""Activities for tests."""

from datetime import timedelta

from django.utils import timezone

from voronka.activities import actions, rules
from voronka.activities.models import Activity


def planned(owner, kind="call", *, at=None, on=None, by=None, participants=(), **fields):
    """Open work of a person: at a moment (default: in an hour), or on a day."""
    when = rules.plan_on(on, owner.zone) if on else rules.plan_at(at or timezone.now() + timedelta(hours=1))
    found = Activity(kind=kind, owner=owner, title=fields.pop("title", "Talk about chairs"), **fields)
    return actions.plan(found, when, participants=participants, by=by or owner)
