"""Inactive leads: found by silence, previewed, moved to the bin together, taken back together, in the end deleted for good."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from voronka.activities.actions import write_note
from voronka.core.actions import purge
from voronka.opportunities.tests import make as opportunities
from voronka.partners import actions
from voronka.partners.models import Contact, Partner
from voronka.partners.tests import make

NOW = timezone.now()
LONG_AGO, SINCE = NOW - timedelta(days=800), NOW - timedelta(days=365)


@pytest.fixture
def silent(world):
    """Four old leads of Alice: silent, written to, with an open deal, with a deal lost long ago; and the world's own."""
    named = {name: make.partner(world.alice, name) for name in ("Silent", "Written", "Dealing", "Lost")}
    Partner.objects.update(created_at=LONG_AGO)
    write_note(named["Written"], "Called", by=world.alice)
    opportunities.opportunity(world.alice, 10, partner=named["Dealing"])
    lost = opportunities.opportunity(world.alice, 10, partner=named["Lost"])
    type(lost).objects.filter(pk=lost.pk).update(status="lost", closed_on=LONG_AGO.date(), opened_on=LONG_AGO.date())
    return named


def names(rows):
    return sorted(rows.values_list("name", flat=True))


def test_silence_is_what_counts(world, silent):
    assert names(Partner.objects.inactive(SINCE)) == ["Lost", "Silent"]
    assert names(Partner.objects.inactive(LONG_AGO - timedelta(days=1))) == []


def test_the_page_previews_moves_and_takes_back(world, silent, sign_in):
    page, data = reverse("partners:inactive"), {"since": SINCE.date().isoformat(), "kind": "lead"}
    client = sign_in(world.alice)
    shown = client.get(page, data).content.decode()
    assert ("Silent" in shown, "Lost" in shown, "Written" in shown, "Dealing" in shown) == (True, True, False, False)
    assert "2 partners found" in shown
    answer = client.post(page, data, follow=True)
    assert names(Partner.objects.alive()) == ["Dealing", "Romashka LLC", "Written"]
    moment = answer.context["moment"]
    client.post(reverse("partners:restore_moment"), {"moment": moment})
    assert "Silent" in names(Partner.objects.alive())


def test_a_stranger_moves_nothing_and_takes_nothing_back(world, silent, sign_in):
    data = {"since": SINCE.date().isoformat(), "kind": "lead"}
    sign_in(world.charlie).post(reverse("partners:inactive"), data)
    assert Partner.objects.filter(deleted_at=None).count() == 5
    _count, moment = actions.delete_inactive(Partner.objects.editable_by(world.alice), since=SINCE, by=world.alice)
    sign_in(world.charlie).post(reverse("partners:restore_moment"), {"moment": moment.isoformat()})
    assert Partner.objects.alive().count() == 3


@pytest.mark.parametrize("since", ["", "yesterday", "32.01.2024"])
def test_a_day_that_is_none_is_said_beside_the_field(world, sign_in, since):
    answer = sign_in(world.alice).post(reverse("partners:inactive"), {"since": since, "kind": "lead"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["since"]


def test_the_night_empties_the_bin_but_for_what_others_need(world, silent):
    contact = Contact.objects.create(partner=silent["Silent"], name="Anna")
    actions.delete_inactive(Partner.objects.editable_by(world.alice), since=SINCE, by=world.alice)
    assert purge(Partner, NOW - timedelta(days=1)) == 0
    assert purge(Partner, timezone.now() + timedelta(seconds=1)) == 1
    assert not Partner.objects.filter(name="Silent").exists()
    assert not Contact.objects.filter(pk=contact.pk).exists()
    assert Partner.objects.filter(name="Lost").exists()  # its lost deal tells of it
