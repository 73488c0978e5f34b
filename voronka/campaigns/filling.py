"""Putting members into a fixed list: few in one statement, many in slices by the background worker, so that one sees how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from voronka.campaigns import audience
from voronka.campaigns.models import Filling, Segment
from voronka.partners.models import Contact, Partner

if TYPE_CHECKING:
    from voronka.accounts.models import User

# So many are put in while one waits: about half a second.
FEW: Final = 10_000
SLICE: Final = 5_000


def wanted(filling: Filling) -> QuerySet[Any]:
    """What is to be put in, as far as the person who asked for it may see it now."""
    if filling.other is not None:
        return audience.members(filling.other, filling.by)
    return audience.found(filling.query, filling.by)


def put(segment: Segment, rows: QuerySet[Any], by: User) -> int:
    """Put partners (into a segment of contacts: their contacts) or contacts into a fixed list, in one statement; returns how many are new."""
    if segment.is_of_contacts and rows.model is Partner:
        rows = Contact.objects.visible_to(by).filter(partner__in=rows.order_by().values("pk"))
    column = "contact_id" if segment.is_of_contacts else "partner_id"
    try:
        statement, values = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO campaigns_segmentmember (segment_id, {column}, added_by_id) "
            f"SELECT %s, found.id, %s FROM ({statement}) AS found(id) ON CONFLICT DO NOTHING",
            [segment.pk, by.pk, *values],
        )
        count = int(cursor.rowcount)
    segment.touch()
    return count


def fill(filling: Filling) -> None:
    """Put slices in until all are in or the filling is called off."""
    rows = wanted(filling)
    while _slice_put(filling, rows):
        pass


def _slice_put(filling: Filling, rows: QuerySet[Any]) -> bool:
    """A slice and the place it ends at are one transaction: what was killed in between goes on where it was. False at the end."""
    with transaction.atomic():
        now = Filling.objects.busy().select_for_update().filter(pk=filling.pk).first()
        if now is None:
            return False
        keys = list(rows.filter(pk__gt=now.after).order_by("pk").values_list("pk", flat=True)[:SLICE])
        count = put(filling.segment, rows.filter(pk__in=keys), filling.by) if keys else 0
        is_last = len(keys) < SLICE
        Filling.objects.filter(pk=now.pk).update(
            rows=F("rows") + len(keys), count=F("count") + count, after=keys[-1] if keys else now.after, seen_at=timezone.now(),
            status=Filling.Status.DONE if is_last else Filling.Status.RUNNING,
        )  # fmt: skip
    return not is_last
