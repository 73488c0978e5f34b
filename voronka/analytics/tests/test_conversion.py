"""Conversion: where stays in a stage led and how long they were; the funnel beside another day."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from voronka.analytics.forms import Criteria
from voronka.analytics.reports import run
from voronka.opportunities import actions
from voronka.opportunities.tests import make


def test_stays_are_counted_by_where_they_led(world, time_machine):
    start = timezone.now()
    first, second, *_rest = world.stages
    deals = [make.opportunity(world.alice, 100, partner=world.partner, stage=first) for _n in range(3)]
    for days, deal in zip((2, 4, 8), deals, strict=True):
        time_machine.move_to(start + timedelta(days=days))
        if days < 8:
            actions.move_to_stage(deal, second, by=world.dana)
        else:
            actions.lose(deal, reasons=[make.reason()], by=world.dana)
    rows = {row["stage"]: row for row in run("conversion", world.dana, Criteria()).rows}
    own = rows[first.name]
    assert [own[key] for key in ("ended", "on", "back", "lost")] == [3, 2, 0, 1]
    assert (own["conversion"], own["median"]) == (Decimal("66.7"), Decimal("4.0"))
    listed = run("conversion", world.dana, Criteria(move="lost", stage=first.pk))
    assert [row["pk"] for row in listed.rows] == [deals[2].pk]
    assert list(run("conversion", world.charlie, Criteria()).rows) == []


def test_the_funnel_tells_what_changed_since_a_day(world, time_machine):
    day = timezone.localdate()
    time_machine.move_to(timezone.now() + timedelta(days=3))
    make.opportunity(world.alice, 500, partner=world.partner, stage=world.stages[0])
    result = run("pipeline", world.alice, Criteria(compare=day))
    assert (result.rows[0]["count_change"], result.rows[0]["potential_change"]) == (1, 500)
    assert result.totals["potential_change"] == 500
