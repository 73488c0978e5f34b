"""What is private stays with its people, whichever door one comes by."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from voronka.activities import actions, rules, schedule
from voronka.activities.models import Activity
from voronka.activities.schedule import Repeat
from voronka.activities.tests import make

# Tell their owner of it, and nobody else.
TELLING = [
    "/activities/?status=open", "/activities/?q=Surprise", "/activities/search/?q=Surprise", "/activities/day/", "/activities/{secret}/",
    "/activities/{secret}/files/", "/partners/{partner}/timeline/", "/partners/{partner}/files/",
    "/opportunities/{deal}/", "/opportunities/{deal}/?part=stream", "/calendar/?list=1&view=agenda&people={alice}",
    "/api/v1/activities", "/api/v1/activities?q=Surprise", "/api/v1/activities?partner={partner}", "/api/v1/activities/{secret}",
    "/api/v1/series", "/api/v1/series/{series}", "/api/v1/letters", "/api/v1/files?activity={secret}", "/api/v1/files/{file}",
]  # fmt: skip
# Tell of partners, deals and figures; private work stands behind none of them by name.
OTHERS = [
    "/", "/activities/?export=csv", "/partners/{partner}/", "/partners/{partner}/contact-figures/", "/partners/?export=csv", "/opportunities/board/",
    "/opportunities/?export=csv", "/handovers/new/?giver={alice}&ids={partner}", "/reports/activities/", "/reports/activities/?export=csv", "/reports/inactive/",
]  # fmt: skip
# Are not there for others.
HIDDEN = [
    "/activities/{secret}/", "/activities/{secret}/edit/", "/activities/{secret}/files/", "/files/{file}/", "/api/v1/activities/{secret}", "/api/v1/series/{series}",
    "/api/v1/files/{file}", "/api/v1/files/{file}/content",
]  # fmt: skip
EVENTS = "/calendar/events/?view=week&start={first}&end={last}&people={alice}"


@pytest.fixture
def places(world):
    """Private work of Alice with a partner others see: a meeting with a file, one that repeats, a letter. What the addresses are made of."""
    start = timezone.now() + timedelta(hours=2)
    about = {"partner": world.partner, "opportunity": world.opportunity, "is_private": True}
    secret = make.planned(
        world.alice,
        "meeting",
        at=start,
        title="Surprise party",
        text="Surprise words",
        location="Surprise place",
        **about,
    )
    first = Activity(kind="meeting", owner=world.alice, title="Surprise lessons", **about)
    made = schedule.repeat(first, rules.plan_at(start, timedelta(hours=1)), Repeat("FREQ=DAILY"), by=world.alice)
    make.letter(world.alice, world.partner, title="Surprise letter", text="Surprise letter")
    Activity.objects.filter(kind="email").update(is_private=True)
    file = actions.attach(
        ContentFile(b"%PDF-1.4"), "Surprise.pdf", partner=world.partner, activity=secret, by=world.alice
    )
    return {
        "partner": world.partner.pk, "deal": world.opportunity.pk, "alice": world.alice.pk, "secret": secret.pk, "series": made.series_id,
        "file": file.pk, "first": f"{start - timedelta(days=1):%Y-%m-%dT%H:%M:%S}", "last": f"{start + timedelta(days=1):%Y-%m-%dT%H:%M:%S}",
    }  # fmt: skip


def shown(client, path):
    """What one finds behind an address; the words one asked for do not count."""
    answer = client.get(path)
    content = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode(
        "utf-8-sig", "replace"
    )
    return answer.status_code, content.replace("q=Surprise", "").replace('value="Surprise"', "")


@pytest.mark.parametrize("name", ["bob", "dana", "charlie"])
def test_nothing_private_leaks_by_any_door(world, sign_in, places, name):
    """Title, text, place and file are for its owner alone, whichever page, file or call is asked."""
    client = sign_in(getattr(world, name))
    for path in (*TELLING, *OTHERS, EVENTS):
        status, content = shown(client, path.format(**places))
        assert status in (200, 403, 404), path
        assert "urprise" not in content, path
    for path in HIDDEN:
        assert shown(client, path.format(**places))[0] == 404, path


def test_its_owner_comes_by_these_doors(world, sign_in, places):
    client = sign_in(world.alice)
    for path in (*TELLING, EVENTS):
        assert "urprise" in shown(client, path.format(**places))[1], path
    for path in HIDDEN:
        assert shown(client, path.format(**places))[0] == 200, path
    for path in OTHERS:
        assert shown(client, path.format(**places))[0] in (200, 302, 403), path


def test_who_oversees_a_colleagues_days_sees_that_the_time_is_taken(world, sign_in, places):
    events = EVENTS.format(**places)
    assert "Busy" in shown(sign_in(world.bob), events)[1]
    assert '"events": []' in shown(sign_in(world.charlie), events)[1]
