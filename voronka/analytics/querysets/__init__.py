"""The words reports are read with: facts within a person's reach, and what is counted of them."""

from voronka.analytics.querysets.around import activities, inactive, leads_by_day
from voronka.analytics.querysets.bridging import bridge, bridge_deals
from voronka.analytics.querysets.check import tally_differences
from voronka.analytics.querysets.film import Changes, frames, moves_more_than, tracks
from voronka.analytics.querysets.fitting import SUMS, facts, first_day, of_today, path, summed, told, with_days
from voronka.analytics.querysets.kept import (
    REPORT_PAGE,
    ForecastQuerySet,
    HomePageQuerySet,
    ScheduleQuerySet,
    saved_variants,
    shown_variants,
)
from voronka.analytics.querysets.lists import gone_through
from voronka.analytics.querysets.runs import GoOn, Interrupted, interrupt, interruptible
from voronka.analytics.querysets.staying import endings, stays, visits
from voronka.analytics.querysets.today import (
    closing_soon,
    expected_by_person,
    expected_of,
    forecast_by_person,
    forecast_shares,
    people_with_deals,
    silent,
    standing,
    waiting_leads,
    without_next_step,
    won_by_person,
)

__all__ = [
    "REPORT_PAGE",
    "SUMS",
    "Changes",
    "ForecastQuerySet",
    "GoOn",
    "HomePageQuerySet",
    "Interrupted",
    "ScheduleQuerySet",
    "activities",
    "bridge",
    "bridge_deals",
    "closing_soon",
    "endings",
    "expected_by_person",
    "expected_of",
    "facts",
    "first_day",
    "forecast_by_person",
    "forecast_shares",
    "frames",
    "gone_through",
    "inactive",
    "interrupt",
    "interruptible",
    "leads_by_day",
    "moves_more_than",
    "of_today",
    "path",
    "people_with_deals",
    "saved_variants",
    "shown_variants",
    "silent",
    "standing",
    "stays",
    "summed",
    "tally_differences",
    "told",
    "tracks",
    "visits",
    "waiting_leads",
    "with_days",
    "without_next_step",
    "won_by_person",
]
