"""What the home page reads: a salesperson's day and a head's team, through access."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from voronka.activities.models import Activity
from voronka.opportunities.models import Opportunity, Tally

if TYPE_CHECKING:
    from voronka.accounts.models import User


def closing_soon(user: User, until: Any) -> QuerySet[Opportunity]:
    """Open deals predicted to close by then, the most overdue first."""
    rows = Opportunity.objects.visible_to(user).open().filter(predicted_close_on__lte=until)
    return rows.select_related("partner", "stage", "owner").order_by("predicted_close_on", "pk")


def silent(user: User, since: datetime) -> QuerySet[Opportunity]:
    """Open deals without a note and without a move since then, the largest first."""
    spoken = Activity.objects.filter(opportunity=OuterRef("pk"), happened_at__gte=since, deleted_at__isnull=True)
    rows = Opportunity.objects.visible_to(user).open().filter(stage_since__lt=since)
    return rows.exclude(Exists(spoken)).select_related("partner", "stage", "owner").order_by("-potential", "-pk")


def won_by_person(user: User, first: Any) -> QuerySet[Any, dict[str, Any]]:
    """Won count and amount by person since the beginning of the month `first`, from the tally."""
    rows = Tally.objects.visible_to(user).filter(status="won", month__gte=first)
    return rows.values("owner__name").annotate(n=Sum("count"), total=Sum("potential")).exclude(n=0).order_by("-total")


def deals_at(states: QuerySet[Any]) -> QuerySet[Any]:
    """Spans with what a list of deals shows."""
    return states.select_related("opportunity__partner", "stage", "owner").order_by("-potential", "opportunity")


def count_and_sum(states: QuerySet[Any]) -> dict[str, Any]:
    """How many spans, and their potential."""
    return states.order_by().aggregate(count=Count("pk"), total=Sum("potential"))


def tally_differences() -> dict[str, int]:
    """How many groups of the tally differ from the rows, headers from their last span, and spans end before the next begins.

    All are 0 in an installation that is in order. Three statements over everything: for `voronka check`, not for a page.
    """
    questions = {"tally": _UNEQUAL, "last_spans": _LAST_SPANS, "gaps": _GAPS}
    found = {}
    with connection.cursor() as cursor:
        for name, question in questions.items():
            cursor.execute(question)
            found[name] = cursor.fetchone()[0]
    return found
