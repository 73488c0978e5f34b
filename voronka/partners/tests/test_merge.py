"""Two partners become one and two again; what people did in between stays and is listed."""

import json

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voronka.activities.actions import write_note
from voronka.core.errors import RuleBroken
from voronka.opportunities.tests import make as opportunities
from voronka.partners import actions, merge
from voronka.partners.models import Contact, Partner, Tag
from voronka.partners.tests import make

TABLES = [
    "partners_partner", "partners_contact", "partners_address", "partners_bankaccount", "partners_partner_tags", "opportunities_opportunity",
    "activities_activity",
]  # fmt: skip
COUNTERS = {"version", "updated_at"}


def state():
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY id")
            rows = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
            found[table] = [{key: value for key, value in row.items() if key not in COUNTERS} for row in rows]
    return found


@pytest.fixture
def twins(world):
    winner = make.partner(world.alice, "Romashka", email="a@example.com", website="")
    loser = make.partner(world.alice, "ООО Ромашка", phone="+74951112233", website="romashka.example")
    tag = Tag.objects.create(name="VIP")
    winner.tags.add(tag)
    loser.tags.add(tag, Tag.objects.create(name="New"))
    make.contact(loser, "Anna")
    opportunities.opportunity(world.alice, 100, partner=loser, name="Chairs")
    write_note(loser, "Called", by=world.alice)
    make.partner(world.alice, "Shop", channel=loser)
    return winner, loser


def test_everything_moves_and_the_chosen_fields_too(world, twins):
    winner, loser = twins
    assert merge.proposal(winner, loser) == {"name": "winner", "email": "winner", "phone": "loser", "website": "loser"}
    merge.merge(winner, loser, merge.proposal(winner, loser), by=world.alice)
    winner = Partner.objects.get(pk=winner.pk)
    assert (winner.name, winner.phone, winner.website) == ("Romashka", "+74951112233", "romashka.example")
    assert (winner.contacts.count(), winner.opportunities.count(), winner.activities.count(), winner.tags.count()) == (
        1,
        1,
        1,
        2,
    )
    assert Partner.objects.get(name="Shop").channel == winner
    assert loser not in Partner.objects.alive()


def test_the_losers_code_still_finds_the_winner(world, twins, sign_in):
    winner, loser = twins
    merge.merge(winner, loser, {}, by=world.alice)
    assert list(Partner.objects.visible_to(world.alice).search(loser.code)) == [winner]
    answer = sign_in(world.alice).get(f"/partners/{loser.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/partners/{winner.pk}/")
    assert sign_in(world.charlie).get(f"/partners/{loser.pk}/").status_code == 404


def test_taken_apart_both_are_as_they_were(world, twins):
    before = state()
    done = merge.merge(*twins, {"name": "loser", "website": "loser", "phone": "loser"}, by=world.alice)
    assert state() != before
    assert merge.unmerge(done, by=world.alice).conflicts == []
    assert state() == before
    with pytest.raises(RuleBroken, match="already"):
        merge.unmerge(done, by=world.alice)


def test_what_changed_since_stays_and_is_listed(world, twins):
    winner, loser = twins
    done = merge.merge(winner, loser, {"website": "loser"}, by=world.alice)
    winner = Partner.objects.get(pk=winner.pk)
    winner.website = "newer.example"
    actions.save_partner(winner, tags=winner.tags.all(), by=world.alice)
    anna = Contact.objects.get(name="Anna")
    anna.partner = world.partner
    anna.save()
    done = merge.unmerge(done, by=world.alice)
    assert Partner.objects.get(pk=winner.pk).website == "newer.example"
    assert [["partners_contact.partner_id", anna.pk], ["website", "newer.example"]] == sorted(done.conflicts)
    assert Partner.objects.get(pk=loser.pk).opportunities.count() == 1


def test_one_partner_is_not_merged_with_itself_nor_twice(world, twins):
    winner, loser = twins
    with pytest.raises(RuleBroken):
        merge.merge(winner, winner, {}, by=world.alice)
    merge.merge(winner, loser, {}, by=world.alice)
    with pytest.raises(RuleBroken):
        merge.merge(world.partner, Partner._base_manager.get(pk=loser.pk), {}, by=world.alice)


dependant = st.tuples(
    st.sampled_from(["contact", "note", "deal", "tag", "channel", "connected"]), st.integers(0, 3), st.integers(0, 3)
)


@given(
    graph=st.lists(dependant, max_size=14),
    pair=st.permutations(range(4)),
    sides=st.lists(st.sampled_from(["winner", "loser"]), min_size=3, max_size=3),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_merge_and_unmerge_over_any_graph(world, graph, pair, sides):
    """Whatever hangs on four partners and however they hang on each other: apart again, all is as it was."""
    four = [make.partner(world.alice, f"P{n}", phone=f"+7495000000{n}", website=f"p{n}.example") for n in range(4)]
    for number, (kind, one, other) in enumerate(graph):
        partner = four[one]
        if kind == "contact":
            make.contact(partner, f"C{number}")
        elif kind == "note":
            write_note(partner, f"N{number}", by=world.alice)
        elif kind == "deal":
            opportunities.opportunity(world.alice, number, partner=partner)
        elif kind == "tag":
            partner.tags.add(Tag.objects.get_or_create(name=f"T{other}")[0])
        elif one != other:
            Partner.objects.filter(pk=partner.pk).update(**{kind: four[other]})
    before = state()
    winner, loser = (Partner.objects.get(pk=four[place].pk) for place in pair[:2])
    done = merge.merge(winner, loser, dict(zip(("name", "phone", "website"), sides, strict=True)), by=world.alice)
    assert merge.unmerge(done, by=world.alice).conflicts == []
    assert state() == before
