"""While one types: who is there already, with reasons; of a stranger's partner only that there is one, and whom to ask for it."""

import json

import pytest
from django.urls import reverse

from voronka.accounts.actions import issue_token
from voronka.accounts.models import Notice
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.partners import actions, duplicates
from voronka.partners.duplicates import Typed
from voronka.partners.models import AccessRequest, Address, DuplicatePair, Partner
from voronka.partners.tests import make

SECRETS = {
    "name": "Zvezdopad Trading", "full_name": "Zvezdopad Trading Limited", "tax_id": "7736050003", "kpp": "773601001", "phone": "+74957654321",
    "phone2": "+74957654322", "email": "secret@zvezdopad.example", "website": "zvezdopad.example", "remarks": "buys at a discount of 40 percent",
}  # fmt: skip


@pytest.fixture
def hidden(world):
    """A partner of Alice's that Charlie does not see, with everything that could leak."""
    partner = make.partner(world.alice, **SECRETS)
    make.contact(partner, "Konstantin Zvezdny", phone="+79160000001", email="kz@zvezdopad.example")
    Address.objects.create(partner=partner, city="Tver", street="Sadovaya 15")
    return partner


@pytest.mark.parametrize(
    ("typed", "reasons"),
    [
        ({"tax_id": "77 36 050003"}, ["tax_id"]), ({"email": "Secret@Zvezdopad.example"}, ["email"]), ({"phone": "8 (495) 765-43-21"}, ["phone"]),
        ({"phone2": "8 495 765-43-22"}, ["phone"]), ({"phone": "8 916 000-00-01"}, ["phone"]), ({"email": "kz@zvezdopad.example"}, ["email"]),
        ({"name": "ООО «Звездопад Традинг»"}, ["name"]), ({"name": "Zvezdopad Trading", "website": "https://www.zvezdopad.example/about"}, ["website", "name"]),
        ({"name": "Звездопад трэйдинг", "city": "г. Tver", "street": "ул. Sadovaya, д. 15"}, ["address", "name"]),
        ({"name": "Zvezdopad Trading", "phone": "84957654321", "tax_id": "7707083893"}, ["phone", "name", "other_tax_id"]),
        ({"tax_id": "7736050003", "kpp": "500101001", "phone": "84957654321"}, ["phone", "tax_id", "other_kpp"]),
    ],
)  # fmt: skip
def test_what_is_typed_finds_the_partner_with_its_reasons(world, hidden, typed, reasons):
    found = {hint.partner: hint for hint in duplicates.hints(Typed.of(typed), user=world.alice)}
    assert list(found[hidden].reasons) == reasons


@pytest.mark.parametrize(
    "typed",
    [{}, {"name": "Lopukh"}, {"name": "ООО"}, {"phone": "495"}, {"website": "zvezdopad.example"}, {"name": "%_'\\"}],
)
def test_what_tells_little_finds_nobody(world, hidden, typed):
    assert duplicates.hints(Typed.of(typed), user=world.alice) == []


def test_typing_and_the_scan_score_alike(world):
    """One definition: what the scan says of a pair is what typing the one says of the other."""
    twin = make.partner(world.alice, "ООО Ромашка", phone=world.partner.phone, website="romashka.example")
    duplicates.scan()
    pair = DuplicatePair.objects.get(second=twin)
    typed = Typed(name=twin.name, phone=twin.phone, website=twin.website)
    (found,) = duplicates.candidates(typed, own=twin.pk)
    assert (found.partner, found.reasons) == (pair.first_id, pair.reasons)
    assert found.score == pytest.approx(float(pair.score), abs=0.01)


def test_the_page_gives_reasons_in_words_and_a_link(world, hidden, sign_in):
    address = reverse("partners:duplicates")
    shown = sign_in(world.alice).get(address, {"name": "Звездопад Традинг", "phone": "84957654321"}).content.decode()
    assert f'href="/partners/{hidden.pk}/"' in shown
    assert "the same phone, alike names" in shown


def test_a_new_partner_that_is_there_is_saved_at_the_second_try(world, hidden, sign_in):
    client, page = sign_in(world.alice), reverse("partners:create")
    form = {
        "name": "Zvezdopad Trading",
        "kind": "lead",
        "legal_status": "company",
        "country": "GB",
        "owner": world.alice.pk,
        "tax_id": "7736050003",
    }
    first = client.post(page, form)
    assert (first.status_code, Partner.objects.filter(name="Zvezdopad Trading").count()) == (422, 1)
    assert 'name="anyway"' in first.content.decode()
    assert client.post(page, form | {"anyway": "1"}).status_code == 302
    assert Partner.objects.filter(name="Zvezdopad Trading").count() == 2


def test_a_selector_offers_who_is_there_and_makes_a_new_one_when_asked_again(world, hidden, sign_in):
    client, address = sign_in(world.alice), reverse("opportunities:new_partner")
    answer = client.post(address, {"name": "ООО Zvezdopad Trading"})
    assert (answer.status_code, [one["value"] for one in answer.json()["duplicates"]]) == (409, [hidden.pk])
    assert client.post(address, {"name": "ООО Zvezdopad Trading", "anyway": "1"}).status_code == 200
    charlies = sign_in(world.charlie).post(address, {"name": "Zvezdopad Trading"})
    assert (charlies.status_code, charlies.json()["duplicates"]) == (409, [])
    assert "Alice" in charlies.json()["message"]


def as_program(client, person, method, path, body=None):
    headers = {"Authorization": f"Bearer {issue_token(person, 'test')[1]}"}
    data = json.dumps(body) if body is not None else None
    return getattr(client, method)(f"/api/v1{path}", data, content_type="application/json", headers=headers)


def test_a_program_asks_first_or_lets_itself_be_refused(world, hidden, client):
    found = as_program(client, world.alice, "get", "/duplicates?tax_id=7736050003").json()
    assert [(one["partner_id"], one["reasons"]) for one in found] == [(hidden.pk, ["tax_id"])]
    body = {"name": "Zvezdopad", "tax_id": "7736050003", "refuse_duplicates": True}
    for person in (world.alice, world.charlie):
        refused = as_program(client, person, "post", "/partners", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "duplicate")
    assert as_program(client, world.alice, "post", "/partners", body | {"refuse_duplicates": False}).status_code == 201


def leaks(content, typed=()):
    """Which of the hidden partner's values stand in an answer, apart from what was typed oneself."""
    text = content.decode().lower()
    values = [*SECRETS.values(), "Konstantin", "kz@zvezdopad", "+79160000001", "Sadovaya", "Tver"]
    return [value for value in values if value.lower() in text and value not in typed]


TYPED = {"name": "Звездопад Традинг", "phone": "84957654321", "tax_id": "7736050003"}


def test_across_the_border_one_learns_whose_it_is_and_nothing_more(world, hidden, client, sign_in):
    """Every byte of the fragment, the page of the request, the list of requests, the form and the API."""
    stranger = sign_in(world.charlie)
    own = {"7736050003", SECRETS["phone"]}
    fragment = stranger.get(reverse("partners:duplicates"), TYPED)
    assert "exists, belongs to Alice" in fragment.content.decode()
    page = stranger.post(reverse("partners:ask"), TYPED | {"asked": world.alice.pk})
    assert "Alice has a partner like the one you typed" in page.content.decode()
    sent = stranger.post(
        reverse("partners:ask"),
        TYPED | {"asked": world.alice.pk, "message": "We met at a fair", "send": "1"},
        follow=True,
    )
    form = {
        "name": "Zzz",
        "kind": "lead",
        "legal_status": "company",
        "country": "GB",
        "owner": world.charlie.pk,
        "tax_id": "7736050003",
    }
    refused = stranger.post(reverse("partners:create"), form)
    assert refused.status_code == 422
    listed = stranger.get(reverse("partners:requests"))
    told = as_program(client, world.charlie, "get", "/duplicates?tax_id=7736050003&phone=84957654321")
    assert told.json() == [
        {"partner_id": None, "name": None, "owner_id": world.alice.pk, "owner": "Alice", "score": None, "reasons": []}
    ]
    answer = as_program(
        client, world.charlie, "post", "/partners", {"name": "Z", "tax_id": "7736050003", "refuse_duplicates": True}
    )
    for one in (fragment, page, sent, refused, listed, told, answer):
        assert leaks(one.content, own) == []
        assert f"partners/{hidden.pk}/" not in one.content.decode()
    assert leaks(str(list(Notice.objects.visible_to(world.charlie).values())).encode(), own) == []


def test_a_phone_under_another_name_is_told_of(world, hidden):
    typed = Typed(name="Lopukh", phone="+74957654321")
    assert duplicates.hints(typed, user=world.alice)[0].reasons == ("phone", "other_name")
    assert duplicates.hints(typed, user=world.charlie)[0].owner == world.alice


def test_a_weak_likeness_is_not_told_of_across_the_border(world, hidden):
    typed = Typed(name="Zvezdopad Tradin")
    assert duplicates.hints(typed, user=world.alice)
    assert duplicates.hints(typed, user=world.charlie) == []


@pytest.fixture
def wanted(world, hidden):
    return actions.ask_for(Typed.of(TYPED), world.alice, "We met at a fair", by=world.charlie)[0]


def test_the_owner_is_told_and_one_asks_once(world, hidden, wanted):
    notice = Notice.objects.visible_to(world.alice).get()
    assert ("Charlie" in notice.title, "Zvezdopad" in notice.title, notice.text) == (True, True, "We met at a fair")
    with pytest.raises(RuleBroken, match="nothing to ask"):
        actions.ask_for(Typed.of(TYPED), world.alice, "", by=world.charlie)
    assert duplicates.hints(Typed.of(TYPED), user=world.charlie)[0].is_asked


def test_nobody_asks_for_what_they_did_not_type(world, hidden):
    for typed, owner in (({"name": "Lopukh"}, world.alice), (TYPED, world.bob)):
        with pytest.raises(RuleBroken):
            actions.ask_for(Typed.of(typed), owner, "", by=world.charlie)
    with pytest.raises(RuleBroken):
        actions.ask_for(Typed.of(TYPED), world.alice, "", by=world.bob)  # who sees the partner has nothing to ask


def test_who_answers_and_who_does_not(world, wanted, sign_in):
    address = reverse("partners:request_answer", args=[wanted.pk])
    for person, sees in ((world.alice, True), (world.bob, True), (world.dana, True), (world.charlie, False)):
        assert ("Zvezdopad" in sign_in(person).get(reverse("partners:requests")).content.decode()) == sees
    assert sign_in(world.charlie).post(address, {"verdict": "granted"}).status_code == 404
    sign_in(world.alice).post(address, {"verdict": "refused", "answer": " "})
    assert AccessRequest.objects.get().status == "open"
    sign_in(world.bob).post(address, {"verdict": "refused", "answer": "A key account"})
    answered = AccessRequest.objects.get()
    assert (answered.status, answered.answered_by) == ("refused", world.bob)
    shown = sign_in(world.charlie).get(reverse("partners:requests"))
    assert "A key account" in shown.content.decode()
    assert leaks(shown.content, {"7736050003", SECRETS["phone"]}) == []
    assert "refused" in Notice.objects.visible_to(world.charlie).get().title


def test_handed_over_the_partner_is_the_askers(world, hidden, wanted, sign_in):
    sign_in(world.alice).post(reverse("partners:request_answer", args=[wanted.pk]), {"verdict": "granted"})
    assert Partner.objects.visible_to(world.charlie).get(pk=hidden.pk).owner == world.charlie
    assert "Zvezdopad Trading" in sign_in(world.charlie).get(reverse("partners:requests")).content.decode()
    with pytest.raises(StaleRecord):
        actions.answer_request(wanted, "refused", "Too late", by=world.dana)
