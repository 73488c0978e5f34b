"""The timeline of partners and deals: one stream, narrowed by kind, in pages, each sees what they may."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from voronka.activities import actions as activities
from voronka.activities.models import Activity, Attachment
from voronka.activities.tests import make
from voronka.core.tables import day_text
from voronka.opportunities import actions, timeline
from voronka.partners import actions as partners


def of_partner(client, world, **asked):
    return client.get(reverse("opportunities:timeline_of_partner", args=[world.partner.pk]), asked)


def of_deal(client, world, **asked):
    return client.get(world.opportunity.get_absolute_url(), asked or {"tab": "timeline"})


@pytest.fixture
def story(world):
    """Of each kind one entry with the partner and the deal; and what is private to Alice."""
    about = {"partner": world.partner, "opportunity": world.opportunity}
    activities.write_note(world.partner, "Wants oak chairs", opportunity=world.opportunity, by=world.alice)
    make.planned(world.alice, "task", title="Send the samples", **about)
    make.planned(world.alice, "meeting", title="Show the hall", **about)
    make.planned(world.alice, "call", title="Gift for the director", is_private=True, **about)
    make.letter(world.alice, world.partner, title="Your offer", opportunity=world.opportunity)
    stages = list(world.opportunity.stage.pipeline.stages.order_by("position"))
    actions.move_to_stage(world.opportunity, stages[stages.index(world.opportunity.stage) + 1], by=world.alice)
    Attachment.objects.create(
        **about,
        file="x",
        name="plan.pdf",
        size=5,
        media_type="application/pdf",
        sha256="0" * 64,
        created_by=world.alice,
    )
    world.partner.website = "https://romashka.example"
    partners.save_partner(world.partner, by=world.alice)
    return world


SHOWS = {
    "": ("Wants oak chairs", "Send the samples", "Show the hall", "Your offer", "event-words", "plan.pdf", "change-words"),
    "talks": ("Show the hall",), "notes": ("Wants oak chairs",), "tasks": ("Send the samples",), "letters": ("Your offer",), "deals": ("event-words",),
    "files": ("plan.pdf",), "changes": ("change-words",),
}  # fmt: skip


@pytest.mark.parametrize("kind", SHOWS)
def test_one_stream_of_everything_or_of_one_kind(story, sign_in, kind):
    client = sign_in(story.bob)
    shown = of_partner(client, story, kind=kind, part="entries").content.decode()
    assert {words for words in SHOWS[""] if words in shown} == set(SHOWS[kind])
    of_its_deal = of_deal(client, story, kind=kind, part="entries").content.decode()
    known = set(SHOWS[kind]) - {"change-words"}
    assert {words for words in SHOWS[""] if words in of_its_deal} - {"change-words"} == known


def test_the_whole_pages_have_the_stream_and_its_filters_as_links(story, sign_in):
    client = sign_in(story.alice)
    for answer in (of_partner(client, story), of_deal(client, story)):
        page = answer.content.decode()
        assert "<html" in page
        assert "?kind=letters" in page
        assert "Gift for the director" in page
    assert "<html" not in of_partner(client, story, part="stream").content.decode()


def test_an_opened_deal_stands_before_its_stream_and_leads_to_it(story, sign_in):
    client = sign_in(story.alice)
    card = client.get(story.opportunity.get_absolute_url()).content.decode()
    assert 'hx-get="?part=stream"' in card
    assert 'href="?tab=timeline"' in card
    assert "Your offer" not in card
    assert "Your offer" in of_deal(client, story, part="stream").content.decode()


def test_what_is_private_and_others_deals_are_not_told(story, sign_in):
    for reader in (story.bob, story.dana):
        for answer in (of_partner(sign_in(reader), story), of_deal(sign_in(reader), story)):
            assert answer.status_code == 200
            assert "Gift for the director" not in answer.content.decode()
    assert of_partner(sign_in(story.charlie), story).status_code == 404


def test_a_deal_of_somebody_out_of_reach_is_not_on_the_partners_timeline(story, sign_in):
    story.opportunity.owner = story.charlie
    actions.save_opportunity(story.opportunity, by=story.dana)
    shown = of_partner(sign_in(story.alice), story, kind="deals").content.decode()
    assert "event-words" not in shown
    assert "event-words" in of_partner(sign_in(story.dana), story, kind="deals").content.decode()


def test_a_file_of_a_private_activity_is_kept_from_others(story, sign_in):
    private = Activity.objects.get(title="Gift for the director")
    Attachment.objects.create(
        partner=story.partner, activity=private, file="y", name="gift.pdf", size=5, media_type="application/pdf",
        sha256="1" * 64, created_by=story.alice,
    )  # fmt: skip
    for show in (of_partner, of_deal):
        assert "gift.pdf" in show(sign_in(story.alice), story, kind="files").content.decode()
        assert "gift.pdf" not in show(sign_in(story.dana), story, kind="files").content.decode()


@pytest.mark.parametrize("place", ["x", "1.9.1", "9" * 30, "1.0"])
def test_a_place_that_is_none_is_not_found(world, sign_in, place):
    assert of_partner(sign_in(world.alice), world, after=place).status_code == 404
    assert of_deal(sign_in(world.alice), world, after=place, part="entries").status_code == 404


def pages(world, monkeypatch, size):
    """The whole stream of the partner, read in pages of a size."""
    monkeypatch.setattr(timeline, "SIZE", size)
    for made in (timeline._SAID_TO, timeline._FILES_OF_PARTNER, timeline._STATES):
        made._kept.clear()
    found, place = [], None
    while True:
        page = timeline.of_partner(world.partner, world.alice, "", place)
        found += page.entries
        if not page.next:
            return found
        place = timeline.Place.read(page.next)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.tuples(some.integers(0, 2), some.booleans()), max_size=10), some.integers(1, 4))
def test_pages_show_each_entry_once_whatever_happened_at_one_moment(story, moments, size):
    """Activities and files share moments; page after page they are the whole stream, in its order."""
    start = timezone.now() - timedelta(days=9)
    for number, (minute, is_file) in enumerate(moments):
        at = start + timedelta(minutes=minute)
        if is_file:
            kept = Attachment.objects.create(
                partner=story.partner, file="z", name=f"{number}.pdf", size=5, media_type="application/pdf", sha256="2" * 64, created_by=story.alice
            )  # fmt: skip
            Attachment.objects.filter(pk=kept.pk).update(created_at=at)
        else:
            Activity.objects.create(owner=story.alice, partner=story.partner, text=str(number), happened_at=at)
    with pytest.MonkeyPatch.context() as patch:
        whole, by_pages = pages(story, patch, 10_000), pages(story, patch, size)
    for made in (timeline._SAID_TO, timeline._FILES_OF_PARTNER, timeline._STATES):
        made._kept.clear()
    assert [one.order for one in by_pages] == [one.order for one in whole]
    assert len(whole) >= len(moments)


def test_a_timeline_is_marked_as_a_page_of_what_it_is_the_timeline_of(world, sign_in):
    client = sign_in(world.alice)
    for answer, entry in (
        (of_partner(client, world), "partners:list"),
        (of_deal(client, world), "opportunities:board"),
    ):
        marked = answer.content.decode().partition(' aria-current="page"')[0].rpartition("<a ")[2]
        assert "is-here" in marked
        assert reverse(entry) in marked


def days(answer):
    return re.findall(r'<li class="timeline-day"[^>]*><h2>([^<]*)</h2>', answer.content.decode())


def test_a_stream_is_told_by_days_and_a_day_has_one_heading_over_its_pages(world, sign_in):
    now = timezone.now()
    for back in (*[1] * (timeline.SIZE + 5), 0, 1, 400):
        made = activities.write_note(world.partner, "Still waiting", by=world.alice)
        Activity.objects.filter(pk=made.pk).update(happened_at=now - timedelta(days=back))
    client = sign_in(world.alice)
    first = of_partner(client, world, kind="notes")
    assert days(first) == ["Today", "Yesterday"]
    after = first.context["stream"].next
    long_ago = day_text(timezone.localdate(now - timedelta(days=400), timezone=world.alice.zone))
    assert days(of_partner(client, world, kind="notes", after=after, part="entries")) == [long_ago]
    assert days(of_partner(client, world, kind="notes", after=after)) == ["Yesterday", long_ago]
