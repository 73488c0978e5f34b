"""The list of people at partners: who sees whom, what is found, acts on many, and a form that was overtaken."""

from urllib.parse import quote

import pytest
from django.urls import reverse

from voronka.partners.models import Contact, ContactRole
from voronka.partners.tests import make

LIST = "/contacts/"


@pytest.fixture
def people(world):
    """Two people of Alice's partner and one of Charlie's."""
    theirs = make.partner(world.charlie, "Secret firm")
    return [
        Contact.objects.create(
            partner=world.partner, name="Ёлкин Пётр", position="Buyer", email="petr@romashka.example"
        ),
        Contact.objects.create(partner=world.partner, name="Anna Berg", position="Director", mobile="+79161234567"),
        Contact.objects.create(partner=theirs, name="Zoe Quiet", phone="+74951112233"),
    ]


def shown(client, query=""):
    page = client.get(f"{LIST}?{query}").content.decode()
    return [name for name in ("Ёлкин Пётр", "Anna Berg", "Zoe Quiet") if f">{name}</a>" in page]


def test_people_are_seen_with_their_partner(world, people, sign_in):
    assert shown(sign_in(world.alice)) == ["Ёлкин Пётр", "Anna Berg"]
    assert shown(sign_in(world.charlie)) == ["Zoe Quiet"]
    assert shown(sign_in(world.dana)) == ["Ёлкин Пётр", "Anna Berg", "Zoe Quiet"]
    world.partner.deleted_at = world.partner.created_at
    world.partner.save()
    assert shown(sign_in(world.dana)) == ["Zoe Quiet"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=елкин", ["Ёлкин Пётр"]), ("q=romashka", ["Ёлкин Пётр", "Anna Berg"]), ("q=9161234567", ["Anna Berg"]), ("position=direct", ["Anna Berg"]),
        ("has_phone=true", ["Anna Berg", "Zoe Quiet"]), ("has_phone=false", ["Ёлкин Пётр"]), ("has_email=true", ["Ёлкин Пётр"]), ("is_active=false", []),
        ("kind=vendor", []), ("q=%00", ["Ёлкин Пётр", "Anna Berg", "Zoe Quiet"]),
    ],
)  # fmt: skip
def test_filters(world, people, sign_in, query, found):
    assert shown(sign_in(world.dana), query) == found


def test_a_name_leads_to_the_form_or_to_the_card(world, people, sign_in):
    address = reverse("partners:contact", args=[people[0].pk])
    form = reverse("partners:part_edit", args=[world.partner.pk, "contact", people[0].pk])
    assert sign_in(world.alice).get(address)["Location"] == form
    assert sign_in(world.charlie).get(address).status_code == 404


def test_many_at_once_but_only_those_one_may_change(world, people, sign_in):
    client, ids = sign_in(world.alice), [one.pk for one in people]
    role = ContactRole.objects.create(name="Signs")
    client.post(LIST, {"act": "role", "role": role.pk, "ids": ids})
    assert set(role.contacts.all()) == set(people[:2])
    client.post(LIST, {"act": "gone", "ids": ids})
    assert set(Contact.objects.filter(is_active=False)) == set(people[:2])
    page = client.post(LIST, {"act": "delete", "ids": ids}, follow=True).content.decode()
    assert "2 contacts removed." in page
    assert shown(sign_in(world.dana)) == ["Zoe Quiet"]
    moment = Contact.objects.get(pk=people[0].pk).deleted_at.isoformat()
    sign_in(world.charlie).post(f"{reverse('partners:contacts_restore')}?moment={quote(moment)}")
    assert shown(sign_in(world.alice)) == []
    client = sign_in(world.alice)
    client.post(f"{reverse('partners:contacts_restore')}?moment={quote(moment)}")
    assert shown(client) == ["Ёлкин Пётр", "Anna Berg"]


def test_the_file_has_the_people_of_the_page(world, people, sign_in):
    file = b"".join(sign_in(world.dana).get(f"{LIST}?export=csv&columns=name,partner&q=romashka&position=e"))
    assert file.decode("utf-8-sig").splitlines()[1:] == ["Anna Berg,Romashka LLC", "Ёлкин Пётр,Romashka LLC"]


def test_a_form_that_was_overtaken_keeps_what_was_typed(world, people, sign_in):
    """Bob saves while Alice's form stands open: hers is refused by a sentence that names him, and her words stay."""
    address = reverse("partners:part_edit", args=[world.partner.pk, "contact", people[0].pk])
    alice = sign_in(world.alice)
    assert 'name="version" value="1"' in alice.get(address).content.decode()
    sign_in(world.bob).post(
        address, {"name": "Ёлкин Пётр", "position": "Head of purchase", "is_active": "on", "version": 1}
    )
    answer = sign_in(world.alice).post(
        address, {"name": "Ёлкин П. П.", "position": "Buyer", "is_active": "on", "version": 1}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else changed this record" in page
    assert "Bob changed: job title" in page
    assert "Ёлкин П. П." in page
    assert Contact.objects.get(pk=people[0].pk).position == "Head of purchase"


def asked(client, query=""):
    answer = client.get(f"/api/v1/contacts?{query}")
    return answer.json() if answer.status_code == 200 else answer.status_code


def names(client, query=""):
    """Whom a program finds, but for the contact the shared world has."""
    return [one["name"] for one in asked(client, query)["items"] if one["name"] != "Anna Petrova"]


def test_programs_see_the_people_their_owner_sees(world, people, sign_in):
    assert names(sign_in(world.alice)) == ["Anna Berg", "Ёлкин Пётр"]
    assert names(sign_in(world.charlie)) == ["Zoe Quiet"]
    found = asked(sign_in(world.bob), "q=berg")["items"][0]
    assert (found["partner"], found["owner_id"], found["roles"]) == (
        {"id": world.partner.pk, "name": world.partner.name},
        world.alice.pk,
        [],
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("has_phone=true&sort=-name", ["Zoe Quiet", "Anna Berg"]), ("has_phone=false", ["Ёлкин Пётр"]), ("position=direct", ["Anna Berg"]),
        ("is_active=false", []), ("kind=vendor", []), ("created_at_before=2001-01-01", []), ("created_at_after=2001-01-01&q=zoe", ["Zoe Quiet"]),
    ],
)  # fmt: skip
def test_programs_filter_like_the_page(world, people, sign_in, query, found):
    assert names(sign_in(world.dana), query) == found


def test_a_program_is_not_told_of_partners_out_of_reach(world, people, sign_in):
    theirs, client = people[2].partner_id, sign_in(world.alice)
    assert asked(client, f"partner={theirs}") == asked(client, "partner=999999999") == 422
    assert names(sign_in(world.dana), f"partner={theirs}") == ["Zoe Quiet"]
    assert asked(client, "cursor=nonsense") == 409


def test_pages_of_people_follow_each_other(world, people, sign_in):
    client, seen, cursor = sign_in(world.dana), [], ""
    while cursor is not None:
        page = asked(client, f"limit=1&cursor={quote(cursor)}")
        seen, cursor = [*seen, *(one["name"] for one in page["items"])], page["next"]
    assert sorted(seen) == ["Anna Berg", "Anna Petrova", "Zoe Quiet", "Ёлкин Пётр"]
