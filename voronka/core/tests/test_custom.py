"""Fields the company added: one definition in forms, lists, filters, files, history and the API."""

import base64
import json
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from voronka.accounts.actions import issue_token
from voronka.core import actions, custom
from voronka.core.audit import history_of
from voronka.core.errors import RuleBroken
from voronka.core.models import CustomField
from voronka.imports import actions as imports
from voronka.imports.tests.make import run_of
from voronka.opportunities.models import Opportunity
from voronka.partners import actions as partner_actions
from voronka.partners import merge
from voronka.partners.forms import PartnerForm
from voronka.partners.models import Contact, Partner
from voronka.partners.tests import make

LABELS = {"partner": "partners.partner", "contact": "partners.contact", "opportunity": "opportunities.opportunity"}


@pytest.fixture
def field(world):
    """Adds a field as Eve and hands back its definition."""

    def added(name, kind="text", of="partner", **more):
        made = actions.save_custom_field(CustomField(model=LABELS[of], name=name, kind=kind, **more), by=world.eve)
        custom.forget()
        return made

    return added


@pytest.fixture
def five(field):
    return [
        field("Floor space", "number", in_lists=True), field("Contract until", "date"), field("Class", "choice", choices=["A", "B"]),
        field("Tender", "yes_no"), field("Recommended by", "partner", in_lists=True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "key"),
    [("Площадь офиса, м²", "ploshchad_ofisa_m"), ("Floor space", "floor_space"), ("№", "field"), ("Ёж", "ezh")],
)
def test_a_key_is_made_of_the_name(name, key):
    assert actions.free_key(name, set()) == key


def test_a_key_is_never_given_again(world, field):
    first = field("Class")
    first.name, first.is_active = "Grade", False
    actions.save_custom_field(first, by=world.eve)
    assert (first.key, field("Class").key) == ("class", "class_2")
    with pytest.raises(RuleBroken, match="already"):
        field("grade")


def saved(world, partner=None, **typed):
    """What the form of a partner makes of the typed values."""
    partner = partner or Partner(owner=world.alice)
    data = {
        "name": "Lopukh", "kind": "lead", "legal_status": "company", "country": "RU", "owner": world.alice.pk,
        **{f"custom_{key}": value for key, value in typed.items()},
    }  # fmt: skip
    form = PartnerForm(data, instance=partner, user=world.alice)
    if not form.is_valid():
        return dict(form.errors)
    return partner_actions.save_partner(form.save(commit=False), by=world.alice)


def test_values_are_kept_as_what_they_are(world, five):
    typed = {
        "floor_space": "120.5",
        "contract_until": "2027-03-01",
        "class": "B",
        "tender": "on",
        "recommended_by": world.partner.pk,
    }
    made = saved(world, **typed)
    made.refresh_from_db()
    kept = {
        "floor_space": 120.5,
        "contract_until": "2027-03-01",
        "class": "B",
        "tender": True,
        "recommended_by": world.partner.pk,
    }
    assert made.custom == kept
    assert custom.lately(Partner)[0].value(made.custom["floor_space"]) == Decimal("120.5")
    emptied = saved(world, made, **{"class": "A"})
    assert emptied.custom == {"class": "A"}


@pytest.mark.parametrize(
    ("key", "wrong"),
    [("floor_space", "much"), ("contract_until", "soon"), ("class", "C"), ("recommended_by", "0")],
)
def test_a_wrong_value_is_told_beside_its_field(world, five, key, wrong):
    assert list(saved(world, **{key: wrong})) == [f"custom_{key}"]


def test_a_required_field_is_asked_for_and_a_retired_one_keeps_its_values(world, field):
    made = field("Motto", required=True)
    assert list(saved(world)) == ["custom_motto"]
    partner = saved(world, motto="On time")
    made.is_active = False
    actions.save_custom_field(made, by=world.eve)
    custom.forget()
    assert saved(world, partner).custom == {"motto": "On time"}


def test_a_link_one_may_not_see_is_not_emptied_by_them(world, five):
    hidden = make.partner(world.charlie, "Secret")
    world.partner.custom = {"recommended_by": hidden.pk}
    world.partner.save()
    assert saved(world, world.partner).custom == {"recommended_by": hidden.pk}


def test_only_those_who_configure_add_fields(world, sign_in):
    address = reverse("core:custom_field_create", args=["partners.partner"])
    assert sign_in(world.alice).get(reverse("core:custom_fields")).status_code == 403
    assert sign_in(world.alice).post(address, {"name": "X", "kind": "text"}).status_code == 403
    client = sign_in(world.eve)
    assert client.get(reverse("core:custom_field_create", args=["accounts.user"])).status_code == 404
    assert b"one a line" in client.post(address, {"name": "Class", "kind": "choice", "choices": ""}).content
    assert client.post(address, {"name": "Class", "kind": "choice", "choices": "A\nB\n\nA"}).status_code == 302
    made = CustomField.objects.get()
    assert (made.key, made.choices) == ("class", ["A", "B"])
    other = reverse("core:custom_field_edit", args=[made.pk])
    assert client.post(other, {"name": "Grade", "choices": "A", "is_active": "on"}).status_code == 302
    made.refresh_from_db()
    assert (made.key, made.name, made.kind, made.choices) == ("class", "Grade", "choice", ["A"])


def test_fields_are_put_in_order(world, sign_in, five):
    sign_in(world.eve).post(reverse("core:custom_field_move", args=[five[1].pk]), {"where": "up"})
    custom.forget()
    assert [one.name for one in custom.lately(Partner)][:2] == ["Contract until", "Floor space"]


def test_a_list_shows_filters_and_exports_them(world, sign_in, five):
    world.partner.custom = {"floor_space": 120.5, "class": "A", "tender": True, "contract_until": "2027-03-01"}
    world.partner.save()
    other = make.partner(world.alice, "Lopukh", custom={"floor_space": 80, "recommended_by": world.partner.pk})
    client = sign_in(world.alice)
    page = client.get("/partners/").content.decode()
    assert "120.5" in page
    assert f'href="/partners/{world.partner.pk}/">Romashka LLC</a>' in page
    for query, found in {
        "custom_floor_space_min=100": {"Romashka LLC"}, "custom_floor_space_max=100": {"Lopukh"}, "custom_class=A": {"Romashka LLC"},
        "custom_tender=true": {"Romashka LLC"}, "custom_tender=false": {"Lopukh"}, "custom_contract_until_before=2027-02-28": set(),
        f"custom_recommended_by={world.partner.pk}": {"Lopukh"}, "custom_contract_until_after=2027-03-01": {"Romashka LLC"},
    }.items():  # fmt: skip
        page = client.get(f"/partners/?{query}&columns=name").content.decode()
        assert {name for name in ("Romashka LLC", "Lopukh") if f"{name}</a></td>" in page} == found, query
    file = b"".join(
        sign_in(world.dana).get(
            "/partners/?export=csv&columns=name,custom_floor_space,custom_tender,custom_recommended_by"
        )
    )
    assert file.decode("utf-8-sig").splitlines()[1:] == ["Lopukh,80,,Romashka LLC", "Romashka LLC,120.5,yes,"]
    assert other.pk


def test_a_linked_partner_is_named_to_those_who_see_it(world, sign_in, five):
    secret = make.partner(world.charlie, "Secret firm")
    world.partner.custom = {"recommended_by": secret.pk}
    world.partner.save()
    address = reverse("partners:detail", args=[world.partner.pk])
    assert b"Secret firm" not in sign_in(world.alice).get(address).content
    assert b"Secret firm" not in sign_in(world.alice).get("/partners/").content
    assert f'href="/partners/{secret.pk}/"' in sign_in(world.dana).get(address).content.decode()


def test_the_history_names_the_field_and_its_value(world, five):
    saved(world, world.partner, **{"class": "B", "tender": "on"})
    changes = {one.label: (one.before, one.after) for one in history_of(world.partner, to=world.alice)[0].changes}
    assert changes["Class"] == ("", "B")
    assert changes["Tender"] == ("", "yes")


@pytest.fixture
def call(client):
    def called(person, method, path, body=None):
        headers = {"Authorization": f"Bearer {issue_token(person, 'test')[1]}"}
        data = json.dumps(body) if body is not None else None
        return getattr(client, method)(f"/api/v1{path}", data, content_type="application/json", headers=headers)

    return called


def test_programs_read_and_write_them(world, call, five, field):
    field("Fitting on", "date", of="opportunity")
    field("Hobby", of="contact")
    path = f"/partners/{world.partner.pk}"
    answer = call(world.alice, "patch", path, {"custom": {"floor_space": 12.5, "tender": True}})
    assert (answer.status_code, answer.json()["custom"]) == (200, {"floor_space": 12.5, "tender": True})
    assert call(world.alice, "patch", path, {"custom": {"tender": False}}).json()["custom"] == {"floor_space": 12.5}
    for wrong in ({"custom": {"nothing": 1}}, {"custom": {"class": "Z"}}, {"custom": {"floor_space": "much"}}):
        refused = call(world.alice, "patch", path, wrong)
        assert (refused.status_code, refused.json()["detail"][0]["loc"][:2]) == (422, ["body", "custom"])
    deal = f"/opportunities/{world.opportunity.pk}"
    assert call(world.alice, "patch", deal, {"custom": {"fitting_on": "2027-01-02"}}).json()["custom"] == {
        "fitting_on": "2027-01-02"
    }
    assert call(world.alice, "patch", deal, {"custom": {"fitting_on": "soon"}}).status_code == 422
    person = f"/contacts/{world.contact.pk}"
    assert call(world.alice, "patch", person, {"custom": {"hobby": "chess"}}).json()["custom"] == {"hobby": "chess"}
    assert call(world.charlie, "patch", person, {"custom": {"hobby": "go"}}).status_code == 404
    assert {one["key"] for one in call(world.alice, "get", "/custom-fields").json()} == {
        "floor_space", "contract_until", "class", "tender", "recommended_by", "fitting_on", "hobby",
    }  # fmt: skip


FILE = """Name;Tax ID;Floor space;Class;Tender;Contract until;Recommended by
Lopukh;;120,5;a;yes;01.03.2027;Romashka LLC
Romashka LLC;7707083893;7;B;no;;
Bad class;;;Z;;;
Bad number;;much;;;;
Bad link;;;;;;Nobody at all
"""


def test_a_file_fills_them_and_is_taken_back(world, five):
    world.partner.custom = {"tender": True, "class": "A"}
    world.partner.save()
    run = run_of(FILE, world.dana, on_duplicate="update")
    assert (run.created, run.updated, run.refused) == (1, 1, 3)
    made = Partner.objects.get(name="Lopukh")
    assert made.custom == {
        "floor_space": 120.5, "class": "A", "tender": True, "contract_until": "2027-03-01", "recommended_by": world.partner.pk,
    }  # fmt: skip
    world.partner.refresh_from_db()
    assert world.partner.custom == {"class": "B", "floor_space": 7}
    reasons = imports.refused_file(run).read_text("utf-8-sig")
    assert [words for words in ("none of those", "amount", "links to is not known") if words not in reasons] == []
    saved_by_hand = {**world.partner.custom, "class": "A", "contract_until": "2030-01-01"}
    world.partner.custom = saved_by_hand | {"floor_space": 9}
    partner_actions.save_partner(world.partner, by=world.alice)
    imports.undo_now(run, by=world.dana)
    world.partner.refresh_from_db()
    assert world.partner.custom == {"class": "A", "tender": True, "floor_space": 9, "contract_until": "2030-01-01"}
    assert [(one.label, one.imported, one.current) for one in run.conflicts.all()] == [("Floor space", "7", "9")]


def test_deals_and_people_come_with_theirs(world, field):
    field("Fitting on", "date", of="opportunity")
    field("Hobby", of="contact")
    run_of("Deal name;Company;Stage;Amount;Fitting on\nChairs;Romashka LLC;New;100;2027-01-02\n", world.dana)
    assert Opportunity.objects.get(name="Chairs").custom == {"fitting_on": "2027-01-02"}
    run_of("First name;Last name;Company;Hobby\nIvan;Ivanov;Romashka LLC;chess\n", world.dana)
    assert Contact.objects.get(name__contains="Ivan").custom == {"hobby": "chess"}


def test_a_merge_chooses_them_and_moves_links(world, five):
    winner = make.partner(world.alice, "Winner", custom={"class": "A"})
    loser = make.partner(world.alice, "Loser", custom={"class": "B", "floor_space": 5})
    world.partner.custom = {"recommended_by": loser.pk}
    world.partner.save()
    assert {name: side for name, side in merge.proposal(winner, loser).items() if name.startswith("custom_")} == {
        "custom_class": "winner", "custom_floor_space": "loser",
    }  # fmt: skip
    done = merge.merge(winner, loser, {"custom_class": "loser", "custom_floor_space": "loser"}, by=world.alice)
    winner.refresh_from_db()
    world.partner.refresh_from_db()
    assert (winner.custom, world.partner.custom) == ({"class": "B", "floor_space": 5}, {"recommended_by": winner.pk})
    merge.unmerge(done, by=world.alice)
    winner.refresh_from_db()
    world.partner.refresh_from_db()
    assert (winner.custom, world.partner.custom) == ({"class": "A"}, {"recommended_by": loser.pk})


def listed(client, sort):
    """The names of a list in pages of two, by following its links."""
    names, after = [], ""
    while True:
        page = client.get(f"/partners/?sort={sort}&columns=name&part=rows{after}").content.decode()
        names += re.findall(r'row-link"[^>]*>([^<]+)<', page)
        found = re.search(r"after=([\w-]+)", page)
        if not found:
            return names
        after = f"&after={found[1]}"


@pytest.mark.parametrize(
    ("key", "values", "ascending"),
    [
        ("floor_space", [9, 100.5, -3, 9], "C A D B"), ("contract_until", ["2027-03-01", "2026-12-31", "2030-01-01", "2026-12-31"], "B D A C"),
        ("class", ["b", "A", "В", "a"], "B D A C"), ("tender", [True, True, True, True], "A B C D"),
    ],
)  # fmt: skip
def test_a_list_is_sorted_by_them_and_what_is_empty_stands_last(
    world, sign_in, five, monkeypatch, key, values, ascending
):
    monkeypatch.setattr("voronka.core.tables.keyset.__defaults__", ("", 2))
    monkeypatch.setattr("voronka.core.tables.page_of.__defaults__", (2, dict.__getitem__))
    for name, value in zip("ABCD", values, strict=True):
        Partner.objects.filter(pk=make.partner(world.alice, name).pk).update(custom={key: value})
    make.partner(world.alice, "Empty")
    rest, client = [world.partner.name, "Empty"], sign_in(world.alice)
    assert listed(client, f"custom_{key}") == [*ascending.split(), *rest]
    assert listed(client, f"-custom_{key}") == [*ascending.split()[::-1], *rest[::-1]]


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, float("inf"), "\ud800", "a\x00"])
def test_a_made_up_place_in_such_a_list_leads_to_its_top(world, sign_in, five, value):
    after = base64.urlsafe_b64encode(json.dumps([value, 1]).encode()).decode().rstrip("=")
    answer = sign_in(world.alice).get(f"/partners/?sort=custom_floor_space&after={after}")
    assert (answer.status_code, answer["Location"]) == (302, "/partners/")
