"""Every page has a fixed number of SQL statements, however many rows there are: tests/query_counts.json.

A change on purpose: `VORONKA_WRITE_COUNTS=1 pytest tests/test_query_counts.py -n 0`.
"""

import json
import math
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from voronka.activities.actions import write_note
from voronka.activities.models import Activity, Outcome
from voronka.activities.tests import make as activities
from voronka.campaigns.actions import add
from voronka.campaigns.tests import make as segments
from voronka.handover.models import Handover
from voronka.handover.tests import make as handovers
from voronka.opportunities.actions import change
from voronka.opportunities.tests import make as opportunities
from voronka.partners.models import Partner
from voronka.partners.tests import make as partners

FILE = Path(__file__).parent / "query_counts.json"
TILES = ("closing", "silent", "no-step", "leads", "funnel", "won", "target", "forecast", "bridge", "leaking", "sources")
PAGES = [
    "analytics:home", "analytics:index", "analytics:report:pipeline", "analytics:report:forecast-over-time",
    "analytics:report:forecast", "analytics:report:statistics", "analytics:report:opportunities", "analytics:report:stage-analysis",
    "analytics:report:source-distribution", "analytics:report:won", "analytics:report:lost", "analytics:report:my-open", "analytics:report:my-closed",
    "analytics:report:dynamic", "analytics:report:conversion", "analytics:report:bridge", "analytics:report:inactive", "analytics:report:activities", "analytics:schedules",
    "analytics:report:forecast-accuracy", "analytics:forecast", "analytics:home_arranging", "analytics:tile:report-pipeline",
    *(f"analytics:tile:{slug}" for slug in TILES),
    "partners:list", "partners:detail", "partners:create", "partners:edit", "partners:search", "partners:inactive", "partners:bin", "partners:pairs", "partners:requests",
    "partners:contact_list",
    "opportunities:list", "opportunities:board", "opportunities:detail", "opportunities:create", "opportunities:edit", "opportunities:search",
    "core:custom_fields", "partners:set_up_payment_terms", "partners:payment_terms_create",
    "opportunities:timeline_of_partner", "opportunities:stream_of_deal", "opportunities:parts", "opportunities:items", "opportunities:people",
    "opportunities:correct", "opportunities:targets",
    "products:currencies",
    "campaigns:list", "campaigns:detail", "campaigns:create", "campaigns:collect", "campaigns:texts", "campaigns:exports", "campaigns:erasures",
    "handover:list", "handover:create", "handover:detail",
    "activities:mailbox", "activities:set_up_letter-templates", "activities:letter_template_create", "activities:letter_to_partner", "activities:answer",
    "activities:list", "activities:create", "activities:my_day", "activities:search",
    "activities:calendar", "activities:absences", "activities:holidays", "activities:feed_settings",
    "activities:detail", "activities:edit",
    "imports:list", "imports:new", "imports:mappings",
    "accounts:profile", "accounts:tokens", "accounts:settings", "accounts:company", "accounts:users", "accounts:teams", "accounts:roles",
]  # fmt: skip


def address(page, world):
    app, name, *slug = page.split(":")
    if slug:
        return reverse(f"{app}:{name}", kwargs={"slug": slug[0]})
    if name == "home_arranging":
        return reverse("analytics:home") + "?arrange=1"
    if name == "stream_of_deal":
        return world.opportunity.get_absolute_url() + "?part=stream"
    if name in ("letter_to_partner", "timeline_of_partner", "answer"):
        return reverse(page, args=[(world.letter if name == "answer" else world.partner).pk])
    if name in ("detail", "edit", "parts", "items", "people", "correct"):
        records = {
            "partners": world.partner,
            "campaigns": world.segment,
            "activities": call_of(world),
            "handover": handed_over(world),
        }
        record = records.get(app, world.opportunity)
        return reverse(page, kwargs={"pk": record.pk})
    return reverse(page) + ("?q=romash" if name == "search" else "")


def handed_over(world):
    return Handover.objects.first() or handovers.handed_over(world.alice, world.bob)


def call_of(world):
    found = Activity.objects.filter(title="Of the page").first()
    return found or activities.planned(world.eve, partner=world.partner, title="Of the page")


def statements(client, where):
    client.get(where)  # the first visit may fill caches of the process
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(where)
    assert answer.status_code == 200, f"{where} answers {answer.status_code}"
    return len(captured)


def more_rows(world):
    for number in range(12):
        partner = partners.partner(world.alice, f"Romashka {number}")
        partners.contact(partner, f"Anna {number}")
        opportunities.opportunity(world.alice, 1000 + number, partner=partner, stage=world.stages[number % 4])
    add(world.segment, Partner.objects.visible_to(world.alice), by=world.alice)
    Outcome.objects.create(name="Reached")
    for number in range(5):
        activities.planned(world.eve, partner=world.partner, opportunity=world.opportunity, title=f"Romash {number}")
        segments.segment(world.alice, f"Segment {number}")
        world.opportunity.dealitems.create(name=f"Chair {number}", price=number)
        change(world.opportunity, potential=number, by=world.alice)
        write_note(world.partner, f"Note {number}", opportunity=world.opportunity, by=world.alice)
        partners.contact(world.partner, f"Contact {number}", email=f"c{number}@romashka.example")
        activities.letter(world.alice, world.partner, opportunity=world.opportunity, title=f"Letter {number}")


@pytest.fixture(autouse=True)
def what_was_read_lately_stays(monkeypatch):
    """However slow the machine is, what pages remember for some seconds is not read anew between two requests."""
    for place in ("voronka.core.models.LATELY", "voronka.core.custom.LATELY"):
        monkeypatch.setattr(place, math.inf)


@pytest.mark.parametrize("page", PAGES)
def test_statements_of_a_page(world, sign_in, page):
    client = sign_in(world.eve)
    world.segment = segments.segment(world.alice)
    world.letter = activities.letter(world.alice, world.partner)
    few = statements(client, address(page, world))
    more_rows(world)
    many = statements(client, address(page, world))
    if os.environ.get("VORONKA_WRITE_COUNTS"):
        kept = json.loads(FILE.read_text()) if FILE.exists() else {}
        FILE.write_text(json.dumps(kept | {page: many}, indent=2, sort_keys=True) + "\n")
    assert many <= few + 1, "the number of statements grows with the rows"
    assert many == json.loads(FILE.read_text())[page]
