"""Activities for tests."""

from datetime import timedelta

from django.utils import timezone

from voronka.activities import actions, rules
from voronka.activities.models import Activity, Letter


def later_today(zone):
    """In an hour, or the last minute of the day where that would be tomorrow: work for today stays so late in the evening."""
    now = timezone.now().astimezone(zone)
    return min(now + timedelta(hours=1), now.replace(hour=23, minute=59, second=0, microsecond=0))


def planned(owner, kind="call", *, at=None, on=None, by=None, participants=(), **fields):
    """Open work of a person: at a moment (default: in an hour, but today), or on a day."""
    when = rules.plan_on(on, owner.zone) if on else rules.plan_at(at or later_today(owner.zone))
    found = Activity(kind=kind, owner=owner, title=fields.pop("title", "Talk about chairs"), **fields)
    return actions.plan(found, when, participants=participants, by=by or owner)


def letter(owner, partner, *, title="Chairs", text="We take oak.", key="", state="received", **fields):
    """A letter of a customer, or with another `state` one of ours, on the partner's timeline."""
    ours = state != "received"
    found = Activity.objects.create(
        kind="email", owner=owner, partner=partner, title=title, text=text, direction="out" if ours else "in",
        **{name: fields.pop(name) for name in ("contact", "opportunity") if name in fields},
    )  # fmt: skip
    key = key or f"{found.pk}@romashka.example"
    sender, to = ("anna@romashka.example", owner.email)[:: -1 if ours else 1]
    return Letter.objects.create(
        activity=found, key=key, thread=key, sender=sender, to=[to], dated=found.happened_at, state=state, **fields
    )
