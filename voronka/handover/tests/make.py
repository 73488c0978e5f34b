"""Hand-overs for tests."""

from voronka.handover import actions, jobs
from voronka.handover.models import Handover


def wanted(giver, taker, by=None, **fields):
    return Handover(giver=giver, taker=taker, by=by or giver, **fields)


def handed_over(giver, taker, by=None, **fields):
    """A hand-over the worker has done."""
    made = actions.hand_over(wanted(giver, taker, by, **fields), by=by or giver)
    return worked(made)


def taken_back(handover, by):
    return worked(actions.take_back(handover, by=by))


def worked(handover):
    jobs.work(handover.pk)
    handover.refresh_from_db()
    return handover
