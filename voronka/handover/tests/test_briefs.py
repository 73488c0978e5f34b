"""The brief: who is who, what was promised, last words, next step, risks, deals with their stages; on a page and as PDF."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from voronka.activities import actions as work
from voronka.activities.tests import make as activities
from voronka.handover import briefs, pdf
from voronka.handover.models import Brief
from voronka.handover.tests import make
from voronka.opportunities import actions as deals


@pytest.fixture
def brief(world):
    """Alice's partner with a deal that moved once, something overdue, something planned and something said."""
    deals.move_to_stage(world.opportunity, world.stages[1], by=world.alice)
    activities.planned(
        world.alice, at=timezone.now() - timedelta(days=3), partner=world.partner, title="Send the offer"
    )
    activities.planned(
        world.alice, at=timezone.now() + timedelta(days=3), partner=world.partner, opportunity=world.opportunity, title="Ask for the decision"
    )  # fmt: skip
    work.write_note(world.partner, "They want a discount", by=world.alice)
    make.handed_over(world.alice, world.charlie, world.dana, note="Until March")
    return Brief.objects.get()


def words(brief, language="en"):
    with translation.override(language):
        return {section.title: section.lines for section in briefs.told(brief.facts)}


def test_what_stands_in_it(brief, world):
    told = words(brief)
    assert [line.lead for line in told["Who is who"]] == ["Anna Petrova"]
    assert "Send the offer" in told["Next step"][0].text
    assert told["Next step"][0].is_bad
    assert "Ask for the decision" in told["What was promised"][0].text
    assert told["Last words"][0].text == "They want a discount"
    (deal,) = told["Open opportunities"]
    assert deal.lead == "Office chairs"
    assert "First contact" in deal.more
    assert "Meeting" in deal.more
    assert [line.lead for line in told["Risks"]] == ["1 promise is overdue, the oldest by 3 days."]


def test_private_work_is_not_told(world):
    activities.planned(world.alice, partner=world.partner, title="Secret", is_private=True)
    make.handed_over(world.alice, world.charlie)
    assert "Secret" not in str(Brief.objects.get().facts)


def test_the_receiver_reads_it_in_their_language(brief):
    assert "Риски" in words(brief, "ru")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_it_comes_as_pdf(brief, language):
    with translation.override(language):
        content = pdf.of_brief(brief, briefs.told(brief.facts))
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") == 1 or content.count(b"/Type/Page") >= 1


def test_who_reads_it(brief, world, sign_in):
    for name in ("handover:brief", "handover:brief_pdf"):
        address = reverse(name, args=[brief.pk])
        assert [sign_in(one).get(address).status_code for one in (world.charlie, world.dana, world.alice)] == [
            200,
            200,
            404,
        ]
