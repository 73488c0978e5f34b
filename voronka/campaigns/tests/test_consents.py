"""Consents and objections: who may be contacted, and what can't be rewritten."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from voronka.campaigns import actions
from voronka.campaigns.models import Consent, ConsentText, Objection
from voronka.campaigns.querysets import may_be_contacted
from voronka.campaigns.tests import make
from voronka.core.errors import RuleBroken
from voronka.partners.models import Contact, Partner


def reached(user, channel, model=Contact):
    return list(may_be_contacted(model.objects.visible_to(user), channel).values_list("pk", flat=True))


def test_nobody_is_written_to_without_a_consent(world):
    assert reached(world.alice, "email") == []
    consent = make.consent(world.partner, world.contact, by=world.alice)
    assert reached(world.alice, "email") == [world.contact.pk]
    assert reached(world.alice, "email", Partner) == []
    actions.withdraw(consent, how="request", by=world.alice)
    assert reached(world.alice, "email") == []


def test_a_consent_ends_with_its_last_day(world):
    today = timezone.localdate()
    make.consent(world.partner, world.contact, by=world.alice, until=today - timedelta(days=1))
    assert reached(world.alice, "email") == []
    make.consent(world.partner, world.contact, by=world.alice, until=today)
    assert reached(world.alice, "email") == [world.contact.pk]


def test_a_call_is_stopped_by_an_objection(world):
    assert reached(world.alice, "phone") == [world.contact.pk]
    actions.object_to(world.partner, world.contact, channels=["phone"], reason="Asked not to be called", by=world.alice)
    assert reached(world.alice, "phone") == []
    assert reached(world.alice, "phone", Partner) == [world.partner.pk]
    actions.lift_objection(Objection.objects.get(), by=world.alice)
    assert reached(world.alice, "phone") == [world.contact.pk]


def test_the_partners_objection_covers_its_people_and_beats_consents(world):
    make.consent(world.partner, world.contact, by=world.alice)
    actions.object_to(world.partner, channels=["email"], reason="Letter of the director", by=world.alice)
    assert reached(world.alice, "email") == []


def test_without_an_address_nobody_is_reached(world):
    make.consent(world.partner, world.contact, by=world.alice)
    Contact.objects.update(email="", phone="")
    assert (reached(world.alice, "email"), reached(world.alice, "phone")) == ([], [])


def test_an_objection_keeps_its_first_reason(world):
    assert actions.object_to(world.partner, channels=["phone"], reason="First", by=world.alice) == 1
    assert actions.object_to(world.partner, channels=["phone", "sms"], reason="Second", by=world.alice) == 1
    assert Objection.objects.get(channel="phone").reason == "First"
    with pytest.raises(RuleBroken):
        actions.object_to(world.partner, channels=["post"], reason=" ", by=world.alice)


@pytest.mark.parametrize("change", [{"channel": "sms"}, {"given_at": timezone.now()}, {"how": "call"}])
def test_the_database_refuses_to_rewrite_a_consent(world, change):
    consent = make.consent(world.partner, world.contact, by=world.alice, given_at=timezone.now() - timedelta(days=9))
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).update(**change)


def test_a_changed_text_is_a_new_version(world):
    first = actions.write_text("News", "I agree.", by=world.eve)
    assert actions.write_text("News", "I agree.", by=world.eve) == first
    second = actions.write_text("News", "I agree to all.", by=world.eve)
    assert (first.version, second.version) == (1, 2)
    assert list(ConsentText.objects.all().current()) == [second]
    with pytest.raises(DatabaseError), transaction.atomic():
        ConsentText.objects.filter(pk=first.pk).update(text="I never agreed.")


def test_a_consent_is_recorded_on_the_card_and_withdrawn_there(world, sign_in):
    client, text = sign_in(world.alice), make.text()
    page = reverse("campaigns:consent_create", args=[world.partner.pk])
    assert "Anna Petrova" in client.get(page, {"contact": world.contact.pk}).content.decode()
    data = {
        "contact": world.contact.pk, "channels": ["email", "sms"], "purpose": "marketing", "text": text.pk, "how": "site",
        "given_on": timezone.localdate().isoformat(), "source": "example.com/form",
    }  # fmt: skip
    client.post(page, data)
    assert sorted(Consent.objects.values_list("channel", flat=True)) == ["email", "sms"]
    for address in (
        reverse("campaigns:of_partner", args=[world.partner.pk]),
        reverse("campaigns:of_contact", args=[world.contact.pk]),
    ):
        assert "example.com/form" in client.get(address).content.decode()
        assert sign_in(world.charlie).get(address).status_code == 404
        client = sign_in(world.alice)
    client.post(reverse("campaigns:consent_withdraw", args=[Consent.objects.first().pk]))
    assert Consent.objects.filter(withdrawn_how="request", withdrawn_by=world.alice).count() == 1
    refused = client.post(page, data | {"channels": [], "given_on": "2999-01-01"})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"channels", "given_on"})


def test_an_objection_is_recorded_and_lifted_on_the_card(world, sign_in):
    client = sign_in(world.alice)
    client.post(
        reverse("campaigns:objection_create", args=[world.partner.pk]), {"channels": ["phone"], "reason": "Said so"}
    )
    objection = Objection.objects.get()
    sign_in(world.charlie).post(reverse("campaigns:objection_lift", args=[objection.pk]))
    assert Objection.objects.all().standing().exists()
    sign_in(world.alice).post(reverse("campaigns:objection_lift", args=[objection.pk]))
    assert not Objection.objects.all().standing().exists()


def test_the_link_in_a_message_needs_no_sign_in_and_one_click(world):
    consent = make.consent(world.partner, world.contact, by=world.alice)
    older = make.consent(world.partner, world.contact, by=world.alice)
    visitor, page = Client(enforce_csrf_checks=True), reverse("campaigns:withdraw", args=[consent.token])
    shown = visitor.get(page)
    assert (shown.status_code, "Anna" in shown.content.decode()) == (200, False)
    assert reached(world.alice, "email") == [world.contact.pk]
    done = visitor.post(page, {"List-Unsubscribe": "One-Click"})
    assert (done.status_code, "withdrawn" in done.content.decode()) == (200, True)
    assert reached(world.alice, "email") == []
    older.refresh_from_db()
    first = Consent.objects.get(pk=consent.pk).withdrawn_at
    assert (older.withdrawn_how, visitor.post(page).status_code) == ("link", 200)
    assert Consent.objects.get(pk=consent.pk).withdrawn_at == first
    assert visitor.post(reverse("campaigns:withdraw", args=["guess"])).status_code == 404


def test_texts_are_written_by_those_who_configure(world, sign_in):
    page, data = reverse("campaigns:texts"), {"title": "News", "text": "I agree."}
    assert sign_in(world.alice).post(page, data).status_code == 403
    assert "News, version 1" in sign_in(world.dana).post(page, data, follow=True).content.decode()
