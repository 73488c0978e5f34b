"""Columns of the table of activities, the sums by person and kind, and the entries of a timeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.activities.models import Activity, Kind, Outcome, Status
from voronka.core.prepared import Prepared
from voronka.core.tables import Column, Table

_YES = ((True, _("yes")), (False, "—"))
ACTIVITIES = Table(
    [
        Column("subject_line", _("What"), "line", kind="link"),
        Column("kind", _("Kind"), kind="choice", choices=tuple(Kind.choices)),
        Column("happened_at", _("When"), kind="due", sort="happened_at", extra=("status", "due_on", "all_day"), act="activities:reschedule"),
        Column("owner", _("Who does it"), "owner__name", kind="person", act="activities:reassign"),
        Column("partner", _("Partner"), "partner__name", kind="related", extra=("partner_id",), to="partners:detail"),
        Column("status", _("Status"), kind="choice", choices=tuple(Status.choices)),
        Column("outcome", _("Outcome"), "outcome__name"),
        Column("opportunity", _("Opportunity"), "opportunity__name", kind="related", extra=("opportunity_id",), to="opportunities:detail"),
        Column("contact", _("Contact"), "contact__name", shown=False),
        Column("phone", _("Phone"), kind="phone", shown=False),
        Column("type", _("Type"), "type__name", shown=False),
        Column("subject", _("Subject"), "subject__name", shown=False),
        Column("priority", _("Priority"), kind="choice", choices=tuple(Activity.Priority.choices), shown=False),
        Column("direction", _("Direction"), kind="choice", choices=tuple(Activity.Direction.choices), shown=False),
        Column("ends_at", _("Until"), kind="moment", shown=False),
        Column("duration", _("Takes"), kind="length", shown=False),
        Column("location", _("Place"), shown=False),
        Column("text", _("Text"), "excerpt", shown=False),
        Column("result", _("What came of it"), "came_of_it", shown=False),
        Column("assigned_by", _("Assigned by"), "assigned_by__name", kind="person", shown=False),
        Column("is_private", _("Private"), kind="choice", choices=_YES, shown=False),
        Column("is_tentative", _("Tentative"), kind="choice", choices=_YES, shown=False),
        Column("remind_before", _("Reminder, minutes before"), kind="number", shown=False),
        Column("follow_up_of", _("Follows"), "previous", kind="related", extra=("follow_up_of_id",), to="activities:detail", shown=False),
        Column("closed_at", _("Closed"), kind="moment", shown=False),
        Column("created_at", _("Written"), kind="moment", sort="created_at", shown=False),
        Column("created_by", _("Written by"), "created_by__name", kind="person", shown=False),
    ],
    default_sort="-happened_at",
    detail="activities:detail",
)  # fmt: skip


def by_person_and_kind(rows: QuerySet[Any], user: User) -> dict[str, Any]:
    """Counts of the rows: {"kinds": [(kind, words)], "lines": [(person, [count per kind], total)], "totals": [...], "total": n}.

    Two statements; people with most first, kinds that do not occur are left out.
    """
    table: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows.order_by().values("owner_id", "kind").annotate(n=Count("pk")):
        table[row["owner_id"]][row["kind"]] += row["n"]
    people = dict(User.objects.visible_to(user).filter(pk__in=table).values_list("pk", "name"))
    kinds = [(kind, words) for kind, words in Kind.choices if any(kind in found for found in table.values())]
    lines = [
        (people[key], [found.get(kind, 0) for kind, _words in kinds], sum(found.values()))
        for key, found in table.items()
    ]
    return {
        "kinds": kinds, "lines": sorted(lines, key=lambda line: (-line[2], line[0])),
        "totals": [sum(column) for column in zip(*(cells for _name, cells, _sum in lines), strict=True)], "total": sum(line[2] for line in lines),
    }  # fmt: skip


def entries(found: Iterable[Activity], user: User) -> list[Activity]:
    """Activities with `may_edit`, whether this person may change each: asked once for all, not once per entry."""
    listed, allows = list(found), Activity.objects.none().allows
    for one in listed:
        one.may_edit = allows(user, "edit", one)
    return listed


_OUTCOMES = Prepared(lambda: Outcome.objects.active())


def outcomes() -> list[Outcome]:
    """What may come of a call, in the order of the company's list."""
    return _OUTCOMES()
