"""Two partners become one and two again; what people did in between stays and is listed."""

import json
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from voronka.activities.actions import attach, write_note
from voronka.activities.models import Activity, Attachment
from voronka.core.errors import RuleBroken
from voronka.opportunities.models import Opportunity
from voronka.opportunities.tests import make as opportunities
from voronka.partners import actions, merge
from voronka.partners.models import (
    AccessRequest,
    Address,
    BankAccount,
    Contact,
    DuplicatePair,
    Partner,
    Tag,
)
from voronka.partners.tests import make

TABLES = [
    "partners_partner", "partners_contact", "partners_address", "partners_bankaccount", "partners_partner_tags", "opportunities_opportunity",
    "activities_activity", "activities_attachment", "partners_accessrequest", "partners_duplicatepair",
]  # fmt: skip
# Bookkeeping, and what the database makes of the other columns.
COUNTERS = {"version", "updated_at", "search", "name_key", "words"}


def state(two=()):
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY id")
            rows = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
            found[table] = [{key: value for key, value in row.items() if key not in COUNTERS} for row in rows]
    # What was decided about the two is remembered: taken apart, they are different partners.
    found["partners_duplicatepair"] = [
        row for row in found["partners_duplicatepair"] if {row["first_id"], row["second_id"]} != {one.pk for one in two}
    ]
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


KINDS = [
    "contact", "address", "account", "note", "deal", "deal with a contact", "tag", "channel", "connected", "pair", "request", "file", "file of a deal",
]  # fmt: skip
dependant = st.tuples(st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 3))


def hang(world, four, number, kind, one, other):
    """One more thing that hangs on a partner, or a link between two."""
    partner, second = four[one], four[other]
    match kind:
        case "contact":
            make.contact(partner, f"C{number}", is_default=bool(other % 2))
        case "address":
            Address.objects.create(
                partner=partner, city="Tver", street=f"Sadovaya {number}", is_default=bool(other % 2)
            )
        case "account":
            BankAccount.objects.create(partner=partner, bank_name="Bank", account=f"{number}")
        case "note":
            write_note(partner, f"N{number}", by=world.alice)
        case "deal":
            opportunities.opportunity(world.alice, number, partner=partner)
        case "deal with a contact":
            opportunities.opportunity(world.alice, number, partner=partner, contact=make.contact(partner, f"D{number}"))
        case "tag":
            partner.tags.add(Tag.objects.get_or_create(name=f"T{other}")[0])
        case "request":
            asker = (world.charlie, world.dana)[other % 2]
            status = (
                "refused"
                if AccessRequest.objects.filter(partner=partner, asked_by=asker, status="open").exists()
                else "open"
            )
            AccessRequest.objects.create(partner=partner, asked_by=asker, asked_of=world.alice, status=status)
        case "file" | "file of a deal":
            deal = partner.opportunities.first() if kind == "file of a deal" else None
            attach(ContentFile(b"%PDF-1"), f"{number}.pdf", partner=partner, opportunity=deal, by=world.alice)
        case "pair" if one != other:
            first, last = sorted((partner.pk, second.pk))
            DuplicatePair.objects.get_or_create(
                first_id=first, second_id=last, defaults={"score": 1, "reasons": ["name"]}
            )
        case "channel" | "connected" if one != other:
            Partner.objects.filter(pk=partner.pk).update(**{kind: second})


@contextmanager
def forgotten():
    """Everything written inside is rolled back, so that one example does not know of another."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def graph_of(world):
    def made(things):
        four = [make.partner(world.alice, f"P{n}", phone=f"+7495000000{n}", website=f"p{n}.example") for n in range(4)]
        for number, thing in enumerate(things):
            hang(world, four, number, *thing)
        return four

    return made


sides = st.lists(st.sampled_from(["winner", "loser"]), min_size=4, max_size=4)
things = st.lists(dependant, max_size=16)
EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def merged(four, pair, sides, by):
    winner, loser = (Partner.objects.get(pk=four[place].pk) for place in pair[:2])
    return merge.merge(winner, loser, dict(zip(("name", "phone", "website", "channel"), sides, strict=True)), by=by)


@given(things=things, pair=st.permutations(range(4)), sides=sides)
@EXAMPLES
def test_merge_and_unmerge_over_any_graph(world, graph_of, things, pair, sides):
    """Whatever hangs on four partners and however they hang on each other: apart again, all is as it was."""
    with forgotten():
        four = graph_of(things)
        two = [four[place] for place in pair[:2]]
        before = state(two)
        done = merged(four, pair, sides, world.alice)
        assert left_with(done.loser_id) == []
        assert merge.unmerge(done, by=world.alice).conflicts == []
        assert state(two) == before


def left_with(partner):
    """What points to a partner still; links the winner has too are not asked for."""
    models = (Contact, Address, BankAccount, Attachment, Activity, Opportunity)
    return [one for model in models for one in model._base_manager.filter(partner=partner)]


edit = st.tuples(st.sampled_from(["rename", "website", "note", "give away", "remark", "reword"]), st.integers(0, 20))


@given(things=things, pair=st.permutations(range(4)), sides=sides, edits=st.lists(edit, max_size=5))
@EXAMPLES
def test_later_edits_are_kept_and_listed_and_all_else_is_as_it_was(world, graph_of, things, pair, sides, edits):
    with forgotten():
        four = graph_of(things)
        two = [four[place] for place in pair[:2]]
        before = state(two)
        done = merged(four, pair, sides, world.alice)
        expected, listed = later(world, done, edits)
        undone = merge.unmerge(done, by=world.alice)
        after = state(two)
        for table, rows in before.items():
            now = {row["id"]: row for row in after[table]}
            assert [now.get(row["id"]) for row in rows] == [row | expected.get((table, row["id"]), {}) for row in rows]
        assert {tuple(one) for one in undone.conflicts} == listed
        assert len(merge.what_stayed(undone)) == len(listed)


def later(world, done, edits):
    """People go on working with the merged partner; (table, key) -> the columns they changed, and what should be listed as having stayed."""
    expected, listed = {}, set()
    moved = done.moved.get("partners_contact.partner_id", [])
    for kind, number in edits:
        key = moved[number % len(moved)] if moved else None
        if kind in ("rename", "website"):
            name = "name" if kind == "rename" else "website"
            Partner.objects.filter(pk=done.winner_id).update(**{name: f"new{number}.example"})
            expected.setdefault(("partners_partner", done.winner_id), {})[name] = f"new{number}.example"
        elif kind == "note":
            write_note(Partner.objects.get(pk=done.winner_id), f"Later {number}", by=world.alice)
        elif key and kind == "give away":
            Contact.objects.filter(pk=key).update(partner=world.partner)
            expected.setdefault(("partners_contact", key), {})["partner_id"] = world.partner.pk
            listed.add(("partners_contact.partner_id", key))
        elif key and kind == "reword":
            Contact.objects.filter(pk=key).update(position=f"Position {number}")
            expected.setdefault(("partners_contact", key), {})["position"] = f"Position {number}"
        elif key and kind == "remark":
            Contact.objects.filter(pk=key).update(remarks="gone")
            expected.setdefault(("partners_contact", key), {})["remarks"] = "gone"
    winner = expected.get(("partners_partner", done.winner_id), {})
    return expected, listed | {(name, value) for name, value in winner.items() if name in done.fields}


def test_two_requests_of_one_person_and_a_channel_of_its_own(world, twins):
    """What only one row may say stays with the loser; nobody becomes its own channel."""
    winner, loser = twins
    for partner in twins:
        AccessRequest.objects.create(partner=partner, asked_by=world.charlie, asked_of=world.alice)
    Partner.objects.filter(pk=loser.pk).update(channel=winner)
    before = state()
    done = merge.merge(
        Partner.objects.get(pk=winner.pk), Partner.objects.get(pk=loser.pk), {"channel": "loser"}, by=world.alice
    )
    assert Partner.objects.get(pk=winner.pk).channel is None
    assert AccessRequest.objects.filter(partner=winner).count() == 1
    merge.unmerge(done, by=world.alice)
    assert state() == before
