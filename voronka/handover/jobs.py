"""Hand-overs at work, and what a killed process left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from voronka.accounts.actions import notify
from voronka.core.actions import defer_once
from voronka.core.errors import RuleBroken
from voronka.handover import moving
from voronka.handover.models import Handover

if TYPE_CHECKING:
    from voronka.accounts.models import User

LOCK: Final = 726007  # the first half of the advisory locks of hand-overs
Status = Handover.Status


@app.task(name="handover.work")
def work(handover_id: int) -> None:
    """Do what the hand-over's state says: hand over or take back. One that is done, or at which another process is, is left alone."""
    found = Handover.objects.select_related("giver__role", "taker__role", "by__role", "undone_by__role").get(
        pk=handover_id
    )
    with _alone(found) as is_free, suppress(moving.CalledOff):
        if not is_free:
            return
        if found.status in (Status.WAITING, Status.RUNNING):
            _hand_over(found)
        elif found.status == Status.UNDOING:
            with moving.pace_of(found) as told, transaction.atomic():
                moving.take_back(found, told, by=found.undone_by or found.by)
                _tell(found, is_back=True)


@app.periodic(cron="* * * * *")
@app.task(name="handover.resume", queueing_lock="handover.resume")
def resume(timestamp: int = 0) -> None:
    """Start what a killed process left behind anew, once a minute: all is one transaction, so nothing of it is there yet."""
    for found in Handover.objects.busy():
        with _alone(found) as is_free:
            pass
        if is_free:
            hand_to_worker(found)


def hand_to_worker(handover: Handover) -> None:
    """Let the background worker do it; what waits for the worker already waits once."""
    defer_once(work, lock=f"handover-{handover.pk}", handover_id=handover.pk)


def _hand_over(found: Handover) -> None:
    waiting = Handover.objects.filter(pk=found.pk, status__in=[Status.WAITING, Status.RUNNING])
    if not waiting.update(status=Status.RUNNING):
        return
    try:
        with moving.pace_of(found) as told, transaction.atomic():
            moving.hand_over(found, told)
            _tell(found)
    except RuleBroken as refused:
        waiting.update(status=Status.FAILED, message=str(refused), done_at=timezone.now())


def _tell(found: Handover, *, is_back: bool = False) -> None:
    """Both are told, and who made it if that is a third; in the transaction of the hand-over, so that nobody is told of what did not happen."""
    found.refresh_from_db()
    people = {one.pk: one for one in (found.giver, found.taker, found.by)}
    for person in people.values():
        with translation.override(person.language_or_default()):
            title, text = _words(found, person, is_back=is_back)
        address = reverse("handover:detail", args=[found.pk])
        key = f"handover-{found.pk}-{'back' if is_back else 'done'}"
        notify(person, title, text=text, url=address, kind="handover", key=key, mail=True)


def _words(found: Handover, person: User, *, is_back: bool) -> tuple[str, str]:
    names = {"giver": found.giver.name, "taker": found.taker.name, "by": found.by.name}
    count = found.moved.get("partners.partner.owner", 0)
    if is_back:
        return _("Taken back: the hand-over from %(giver)s to %(taker)s") % names, ""
    words = ngettext("%(count)s partner", "%(count)s partners", count) % {"count": count}
    if person.pk == found.taker_id:
        title = _("%(giver)s's work is yours now") % names
    elif person.pk == found.giver_id:
        title = _("Your work was handed over to %(taker)s") % names
    else:
        title = _("%(giver)s's work was handed over to %(taker)s") % names
    return title, "\n".join(filter(None, [words, found.note]))


@contextmanager
def _alone(found: Handover) -> Iterator[bool]:
    """Whether no other process works on it; until the block ends none will. The lock dies with its database session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, found.pk])
        is_free = bool(cursor.fetchone()[0])
        try:
            yield is_free
        finally:
            if is_free:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, found.pk])
