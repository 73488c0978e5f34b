"""The partner's card: values changed in place, parts removed and taken back, frozen partners, payment terms, requisites."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from voronka.core.errors import RuleBroken
from voronka.opportunities.tests import make as opportunities
from voronka.partners import actions, forms, rules
from voronka.partners.models import BankAccount, Contact, ContactRole, Partner, PartnerGroup, PaymentTerms
from voronka.partners.tests import make

HTMX = {"HX-Request": "true"}
DAY = date(2026, 5, 10)


def change(client, partner, field, value, **more):
    return client.post(
        reverse("partners:change", args=[partner.pk, field]), {field: value, "place": "all", **more}, headers=HTMX
    )


def test_a_value_is_changed_in_place(world, sign_in):
    client = sign_in(world.alice)
    address = reverse("partners:change", args=[world.partner.pk, "website"])
    assert b'name="website"' in client.get(address, headers=HTMX).content
    answer = change(client, world.partner, "website", "romashka.example", version=world.partner.version)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "changed-website")
    assert 'href="https://romashka.example"' in answer.content.decode()
    assert b"romashka.example" in client.get(f"{address}?shown=1", headers=HTMX).content
    world.partner.refresh_from_db()
    assert (world.partner.website, world.partner.tax_id) == ("romashka.example", "7707083893")


def test_without_javascript_the_form_opens_and_a_value_is_kept(world, sign_in):
    client = sign_in(world.alice)
    address = reverse("partners:change", args=[world.partner.pk, "project"])
    assert client.get(address)["Location"] == f"/partners/{world.partner.pk}/edit/#id_project"
    assert client.post(address, {"project": "Tower"})["Location"] == f"/partners/{world.partner.pk}/"
    world.partner.refresh_from_db()
    assert world.partner.project == "Tower"


def test_what_cannot_be_stays_with_its_reason(world, sign_in):
    client = sign_in(world.alice)
    answer = change(client, world.partner, "tax_id", "123")
    assert answer.status_code == 422
    assert 'value="123"' in answer.content.decode()
    assert "check digits" in answer.content.decode()
    stale = change(client, world.partner, "project", "Tower", version=99)
    assert (stale.status_code, "Somebody else" in stale.content.decode()) == (422, True)
    assert client.get(reverse("partners:change", args=[world.partner.pk, "code"])).status_code == 404


def test_strangers_change_nothing(world, sign_in):
    assert change(sign_in(world.charlie), world.partner, "website", "x").status_code == 404
    page = sign_in(world.dana).get(reverse("partners:detail", args=[world.partner.pk]))
    assert page.status_code == 200


def test_the_tab_shows_every_field(world, sign_in):
    page = sign_in(world.alice).get(f"/partners/{world.partner.pk}/?part=details").content.decode()
    shown = {name for name in forms.PartnerForm.base_fields if f'id="all-{name}"' in page}
    assert shown == set(forms.PartnerForm.base_fields)


@pytest.mark.parametrize("part", ["contact", "account"])
def test_a_removed_part_is_taken_back_from_the_toast(world, sign_in, part):
    if part == "contact":
        record = world.contact
    else:
        record = BankAccount.objects.create(partner=world.partner, bank_name="Bank", account="1", is_default=True)
    client = sign_in(world.alice)
    address = [world.partner.pk, part, record.pk]
    page = client.post(reverse("partners:part_delete", args=address), follow=True).content.decode()
    back = reverse("partners:part_restore", args=address)
    assert f'action="{back}"' in page
    assert sign_in(world.charlie).post(back).status_code == 404
    sign_in(world.alice).post(back)
    record.refresh_from_db()
    assert record.deleted_at is None


def test_a_default_chosen_meanwhile_stays_the_default(world):
    actions.kernel.delete(world.contact, by=world.alice)
    other = actions.save_part(Contact(partner=world.partner, name="Boris", is_default=True), by=world.alice)
    actions.restore_part(world.contact, by=world.alice)
    world.contact.refresh_from_db()
    other.refresh_from_db()
    assert (world.contact.is_default, other.is_default) == (False, True)


@pytest.mark.parametrize(
    ("since", "until", "frozen"),
    [(None, None, True), (DAY, DAY, True), (DAY + timedelta(1), None, False), (None, DAY - timedelta(1), False)],
)
def test_a_partner_is_frozen_within_its_period(since, until, frozen):
    assert rules.is_frozen(True, since, until, DAY) is frozen
    assert not rules.is_frozen(False, since, until, DAY)


def test_nothing_new_is_started_with_a_frozen_partner(world, sign_in):
    Partner.objects.filter(pk=world.partner.pk).update(is_frozen=True, frozen_remark="does not pay")
    world.partner.refresh_from_db()
    with pytest.raises(RuleBroken, match="does not pay"):
        opportunities.opportunity(world.alice, 100, partner=world.partner)
    page = sign_in(world.alice).get(reverse("partners:detail", args=[world.partner.pk])).content.decode()
    assert "does not pay" in page
    Partner.objects.filter(pk=world.partner.pk).update(frozen_until=timezone.localdate() - timedelta(days=1))
    world.partner.refresh_from_db()
    assert opportunities.opportunity(world.alice, 100, partner=world.partner).pk


def test_payment_terms_propose_what_is_empty(world):
    terms = PaymentTerms.objects.create(name="30 days", days=30, credit_limit=5000, discount_percent=3)
    world.partner.payment_terms, world.partner.discount_percent = terms, 7
    actions.save_partner(world.partner, by=world.alice)
    assert (world.partner.credit_limit, world.partner.discount_percent) == (5000, 7)


def test_only_those_who_configure_set_payment_terms(world, sign_in):
    address = reverse("partners:payment_terms_create")
    typed = {
        "name": "At once",
        "counted_from": "document",
        "months": 0,
        "days": 0,
        "tolerance_days": 0,
        "instalments": 1,
        "position": 1,
    }
    assert sign_in(world.alice).post(address, typed).status_code == 403
    client = sign_in(world.eve)
    assert client.post(address, typed | {"instalments": 0}).status_code == 422
    assert client.post(address, typed | {"is_active": "on"}).status_code == 302
    assert b"At once" in client.get(reverse("partners:set_up_payment_terms")).content
    assert client.get(reverse("partners:payment_terms_options")).json()[0]["text"] == "At once"


def contact_form(world, **typed):
    return forms.ContactForm(typed, instance=Contact(partner=world.partner), user=world.alice)


def test_a_person_is_called_by_the_parts_of_their_name(world):
    role = ContactRole.objects.create(name="decides")
    form = contact_form(
        world, first_name="Anna", last_name="Irving", mobile="8 916 765-43-21", roles=[role.pk], is_active="on"
    )
    assert form.is_valid(), form.errors
    made = actions.save_part(form.save(commit=False), roles=form.cleaned_data["roles"], by=world.alice)
    assert (made.name, made.mobile, list(made.roles.all())) == ("Anna Irving", "+79167654321", [role])
    assert rules.full_name("Анна", "Петровна", "Иванова", family_first=True) == "Иванова Анна Петровна"
    assert list(contact_form(world).errors) == ["name"]
    assert "birth_date" in contact_form(world, name="X", birth_date="2999-01-01").errors


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"iban": "DE89 3704 0044 0532 0130 00", "swift": "deutdeff"}, []),
        ({"iban": "DE88370400440532013000"}, ["iban"]),
        ({"account": "1", "swift": "XX"}, ["swift"]),
        ({}, ["account"]),
    ],
)
def test_accounts_are_checked(world, typed, wrong):
    form = forms.BankAccountForm(
        {"bank_name": "Bank", "currency": "eur", **typed}, instance=BankAccount(partner=world.partner), user=world.alice
    )
    assert list(form.errors) == wrong


def test_a_group_holds_the_kinds_it_is_for(world, sign_in):
    group = PartnerGroup.objects.create(name="Suppliers", side="vendors")
    client = sign_in(world.alice)
    assert change(client, world.partner, "group", group.pk).status_code == 422
    assert client.get(reverse("partners:groups") + "?kind=lead").json() == []
    assert client.get(reverse("partners:groups") + "?kind=vendor").json()[0]["text"] == "Suppliers"


def test_connections_are_shown_together(world, sign_in):
    shop = make.partner(world.alice, "Shop", channel=world.partner)
    Partner.objects.filter(pk=world.partner.pk).update(is_channel=True)
    client = sign_in(world.alice)
    assert f'href="/partners/{shop.pk}/"' in client.get(f"/partners/{world.partner.pk}/").content.decode()
    assert f'href="/partners/{world.partner.pk}/"' in client.get(f"/partners/{shop.pk}/").content.decode()
    assert b"Shop" in client.get(f"/partners/?channel={world.partner.pk}").content


def test_people_find_a_partner_by_its_other_names(world):
    made = make.partner(world.alice, "Lopukh", alias="Burdock", foreign_name="Klette")
    assert [list(Partner.objects.visible_to(world.alice).search(word)) for word in ("burdock", "klette")] == [
        [made],
        [made],
    ]
