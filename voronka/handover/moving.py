"""One act: everything chosen changes hands in one transaction, or nothing does; and back again, as far as nobody touched it since.

How far it is, is said by a database session of its own, which also hears when somebody calls it off while the transaction is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from voronka.activities import actions as activities
from voronka.activities.models import Activity
from voronka.core import actions as kernel
from voronka.core.audit import acting
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.handover import briefs
from voronka.handover.belongings import Belonging, belongings, chosen, partners_of
from voronka.handover.models import Brief, HandedRows, Handover
from voronka.opportunities import actions as opportunities
from voronka.opportunities.models import Opportunity

if TYPE_CHECKING:
    from voronka.accounts.models import User

BATCH: Final = 500  # partners whose briefs are written together
BRIEFED: Final = 0.6  # of the whole: reading is most of the work
Told = Callable[[float], None]
Status = Handover.Status


class CalledOff(Exception):
    """Somebody called the hand-over off: nothing is written."""


@transaction.atomic
def hand_over(handover: Handover, told: Told) -> None:
    """Write the briefs and move every chosen row, in one transaction; the rows are locked only while they are moved.

    Raises CalledOff when somebody was quicker, RuleBroken when the taker left; then nothing is written.
    """
    if not handover.taker.is_active:
        raise RuleBroken(
            _("%(person)s does not work here any more.") % {"person": handover.taker}, code="inactive", field="taker"
        )
    rows = chosen(handover)
    _write_briefs(handover, partners_of(rows), told)
    # All keys before the first move: once the partner is the taker's, the giver no longer sees what hangs on it.
    keys = {one: list(mine.order_by().values_list("pk", flat=True)) for one, mine in rows.items()}
    with acting(handover.by, "hand_over", handover=handover.pk):
        for number, (one, mine) in enumerate(keys.items()):
            told(BRIEFED + (1 - BRIEFED) * number / len(keys))
            _move(handover, one, mine)
    moved = {row.place: len(row.keys) for row in handover.rows.all()}
    _finish(handover, Status.RUNNING, status=Status.DONE, done_at=timezone.now(), moved=moved, share=1)


@transaction.atomic
def take_back(handover: Handover, told: Told, *, by: User) -> None:
    """Give every row back that nobody touched since; the others stay and are listed in `conflicts` with who changed them."""
    conflicts: list[list[Any]] = []
    places = {one.place: one for one in belongings()}
    with acting(by, "take_back", handover=handover.pk):
        for number, handed in enumerate(handover.rows.order_by("pk")):
            told(number / max(len(places), 1))
            one = places[handed.place]
            back = _untouched(one, handed, handover.taker)
            _give(one, back, handover.giver, by=by)
            conflicts += _conflicts(one, sorted(set(handed.keys) - set(back)))
    values = {"undone_at": timezone.now(), "undone_by": by, "conflicts": conflicts, "share": 1}
    _finish(handover, Status.UNDOING, status=Status.UNDONE, **values)


@contextmanager
def pace_of(handover: Handover) -> Iterator[Told]:
    """Tells how far a hand-over is, 0 to 1; raises CalledOff when somebody called it off."""
    with closing(connection.copy()) as session:

        def told(share: float) -> None:
            with session.cursor() as cursor:
                values = [share, handover.pk]
                cursor.execute("UPDATE handover_handover SET share = %s WHERE id = %s RETURNING status", values)
                found = cursor.fetchone()
            if found and found[0] == Status.CANCELLED:
                raise CalledOff

        yield told


def _finish(handover: Handover, expected: str, **values: Any) -> None:
    """The last word of the transaction: it names the state it began in, so that what was called off meanwhile is rolled back."""
    if not Handover.objects.filter(pk=handover.pk, status=expected).update(**values):
        raise CalledOff


def _write_briefs(handover: Handover, partners: list[int], told: Told) -> None:
    for first in range(0, len(partners), BATCH):
        told(BRIEFED * first / len(partners))
        gathered = briefs.gather(partners[first : first + BATCH], by=handover.by)
        Brief.objects.bulk_create(Brief(handover=handover, partner_id=key, facts=facts) for key, facts in gathered)


def _move(handover: Handover, one: Belonging, found: list[int]) -> None:
    """Lock the rows in the order of their keys (as everybody does, so that two never wait for each other) but not what points to them, move those that are the giver's and open
    still, and keep how they are now.
    """
    rows = one.at_work(one.model._default_manager.filter(pk__in=found), handover.giver).order_by("pk")
    keys = list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    if not keys:
        return
    _give(one, keys, handover.taker, by=handover.by)
    versions = _versions(one, keys)
    HandedRows.objects.create(handover=handover, place=one.place, keys=list(versions), versions=list(versions.values()))


def _give(one: Belonging, keys: list[int], person: User, *, by: User) -> None:
    """The rows change hands by the act their own app has for it."""
    rows: Any = one.model._default_manager.filter(pk__in=keys)
    if not keys:
        return
    if one.model is Opportunity:
        with translation.override(Company.lately().language):
            comment = _("Handed over to %(person)s") % {"person": person.name}
        opportunities.change_owner(rows, owner=person, comment=comment, by=by)
    elif one.model is Activity:
        activities.hand_over(rows, person, by=by)
    elif one.is_versioned:
        kernel.change_many(rows, by=by, verb="hand_over", **{one.field.name: person})
    else:
        rows.update(**{one.field.name: person})


def _versions(one: Belonging, keys: list[int]) -> dict[int, int]:
    rows = one.model._base_manager.filter(pk__in=keys).order_by("pk")
    if not one.is_versioned:
        return dict.fromkeys(rows.values_list("pk", flat=True), 0)
    return dict(rows.values_list("pk", "version"))


def _untouched(one: Belonging, handed: HandedRows, taker: User) -> list[int]:
    """Keys of the rows that are the taker's still, at the version the hand-over left them; locked."""
    rows = one.model._base_manager.filter(pk__in=handed.keys, **{one.field.name: taker}).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    left = dict(zip(handed.keys, handed.versions, strict=True))
    return [
        key for key, version in _versions(one, list(rows.values_list("pk", flat=True))).items() if left[key] == version
    ]


def _conflicts(one: Belonging, keys: list[int]) -> list[list[Any]]:
    """[place, key, name, key of who changed it last, verb, when] of rows that stay; of rows without a past the last three are empty."""
    names = {row.pk: str(row) for row in one.model._base_manager.filter(pk__in=keys)}
    last = _last_changes(one.model, keys)
    return [[one.place, key, names.get(key, ""), *last.get(key, (None, "", None))] for key in keys]


def _last_changes(model: type[models.Model], keys: list[int]) -> dict[int, tuple[int | None, str, Any]]:
    try:
        past: Any = apps.get_model(model._meta.app_label, f"{model.__name__}Event")
    except LookupError:
        return {}
    events = past.objects.filter(pgh_obj_id__in=keys).select_related("pgh_context").order_by("pgh_obj_id", "-pgh_id")
    told = {}
    for event in events.distinct("pgh_obj_id"):
        about = event.pgh_context.metadata if event.pgh_context else {}
        told[event.pgh_obj_id] = (about.get("user"), about.get("verb", ""), event.pgh_created_at)
    return told
