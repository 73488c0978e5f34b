"""What people do with hand-overs: give a person's work to another, call it off, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from voronka.accounts.models import User
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.handover import jobs, rules
from voronka.handover.belongings import chosen
from voronka.handover.models import Handover

if TYPE_CHECKING:
    from voronka.handover.belongings import Belonging

Status = Handover.Status


def givers(by: User) -> Any:
    """Whose work this person may hand over: one's own, with the permission that of everybody within reach, those who left included."""
    people = User.objects.visible_to(by)
    if not by.has_perm("handover.run"):
        return people.filter(pk=by.pk)
    reach = by.assignment_reach()
    return people if reach is None else people.filter(pk__in=reach)


def preview(handover: Handover) -> list[tuple[Belonging, int]]:
    """(column, how many rows) of everything that would change hands now; one statement a column."""
    counted = [(one, rows.order_by().count()) for one, rows in chosen(handover).items()]
    return [(one, count) for one, count in counted if count]


@transaction.atomic
def hand_over(handover: Handover, *, by: User) -> Handover:
    """Let the background worker give the chosen work to the taker.

    Raises RuleBroken for somebody whose work is not theirs to give, one and the same person, a taker who left or may keep no partners, nothing to
    hand over, and while another hand-over of the same person is under way.
    """
    handover.by = by
    _check(handover)
    if not preview(handover):
        raise RuleBroken(_("There is nothing to hand over."), code="nothing", field="what")
    handover.save(force_insert=True)
    transaction.on_commit(lambda: jobs.hand_to_worker(handover))
    return handover


def call_off(handover: Handover, *, by: User) -> None:
    """Stop a hand-over before it is written. Raises StaleRecord when it is done already."""
    busy = Handover.objects.filter(pk=handover.pk, status__in=[Status.WAITING, Status.RUNNING])
    if not busy.update(status=Status.CANCELLED, done_at=timezone.now()):
        raise StaleRecord(_("It is too late to call it off."), code="stale")


@transaction.atomic
def take_back(handover: Handover, *, by: User) -> Handover:
    """Let the background worker give back what nobody touched since. Raises StaleRecord for one that is not done, or taken back already."""
    done = Handover.objects.filter(pk=handover.pk, status=Status.DONE)
    if not done.update(status=Status.UNDOING, undone_by=by, share=0):
        raise StaleRecord(_("Only a finished hand-over can be taken back, and only once."), code="stale")
    handover.refresh_from_db()
    transaction.on_commit(lambda: jobs.hand_to_worker(handover))
    return handover


def _check(handover: Handover) -> None:
    by, giver, taker = handover.by, handover.giver, handover.taker
    runs, reach = by.has_perm("handover.run"), by.assignment_reach()
    if not rules.may_give(giver.pk, by.pk, runs=runs, reach=reach):
        raise RuleBroken(_("You may not hand over this person's work."), code="not_yours", field="giver")
    if giver.pk == taker.pk:
        raise RuleBroken(_("Choose two different people."), code="same_person", field="taker")
    if not taker.is_active:
        raise RuleBroken(
            _("%(person)s does not work here any more.") % {"person": taker}, code="inactive", field="taker"
        )
    if taker.scope_for("partners.partner", "edit") == Scope.NONE:
        words = _("%(person)s's role may not keep partners.")
        raise RuleBroken(words % {"person": taker}, code="no_role", field="taker")
    if Handover.objects.busy().filter(giver=giver).exists():
        raise RuleBroken(_("A hand-over of this person is under way."), code="under_way", field="giver")
