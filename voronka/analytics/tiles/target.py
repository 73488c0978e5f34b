"""The target of the month as one bar: what is won, what is expected besides, what is left; a head sees everybody's."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import Team, User
from voronka.analytics import querysets
from voronka.analytics.tables import Row
from voronka.analytics.tiles import Viewer, tile
from voronka.opportunities.models import Target
from voronka.opportunities.tables import TargetRow, target_rows

MOST = 12


@tile(
    "target",
    title=_("Target of the month"),
    about=_("Won and expected against the target, by person, team and company."),
    order=55,
)
def target(viewer: Viewer) -> Row:
    """Rows with the lengths of their bars in percent. The whole is the target, or what is won and expected where that is more or there is none."""
    user, month = viewer.user, viewer.month
    targets = list(
        Target.objects.visible_to(user).filter(kind="month", first=month.first).select_related("person", "team")
    )
    figures = querysets.expected_by_person(user, month)
    keys = {*figures, *(one.person_id for one in targets if one.person_id)}
    people = {one.pk: one for one in User.objects.visible_to(user).filter(pk__in=keys).order_by("name")}
    teams = list(Team.objects.all()) if any(one.team_id for one in targets) else []
    rows = target_rows(targets, figures, people, teams)
    return {"rows": [_bar(row) for row in rows[:MOST]], "more": reverse("opportunities:targets"), "month": month.first}


def _bar(row: TargetRow) -> Row:
    aim = row.target.amount if row.target else Decimal(0)
    whole = max(aim, row.won + row.expected) or Decimal(1)
    return {
        "row": row, "aim": aim, "won_width": round(100 * row.won / whole), "both_width": round(100 * (row.won + row.expected) / whole),
        "mark": min(round(100 * aim / whole), 99) if aim else None,
    }  # fmt: skip
