"""Who sees and changes which rows; what goes into the bin and comes back; what history remembers."""

import pytest

from voronka.accounts.tests import make as people
from voronka.core import actions
from voronka.core.access import Scope
from voronka.core.audit import history_of
from voronka.core.errors import StaleRecord
from voronka.core.prepared import Prepared, Slot
from voronka.partners.actions import save_part, save_partner
from voronka.partners.models import Contact, Partner
from voronka.partners.tests import make


@pytest.mark.parametrize(
    ("name", "sees", "changes"),
    [("alice", True, True), ("bob", True, True), ("charlie", False, False), ("dana", True, True), ("eve", True, True)],
)
def test_scopes_of_a_partner_and_what_hangs_on_it(world, name, sees, changes):
    person = getattr(world, name)
    for model, row in (
        (Partner, world.partner),
        (Contact, world.contact),
        (type(world.opportunity), world.opportunity),
    ):
        assert model.objects.visible_to(person).filter(pk=row.pk).exists() is sees
        assert model.objects.editable_by(person).filter(pk=row.pk).exists() is changes


def test_a_head_reaches_the_teams_below(world):
    below = people.user("Frank", team=people.team("North East", parent=world.ours))
    partner = make.partner(below, "Deep below")
    assert Partner.objects.visible_to(world.bob).filter(pk=partner.pk).exists()
    assert not Partner.objects.visible_to(world.alice).filter(pk=partner.pk).exists()


def test_nobody_inactive_sees_anything(world):
    world.dana.is_active = False
    assert not Partner.objects.visible_to(world.dana).exists()


def test_the_bin_keeps_what_was_deleted(world):
    actions.delete(world.partner, by=world.alice)
    assert not Partner.objects.visible_to(world.alice).exists()
    assert not Contact.objects.visible_to(world.alice).exists()
    assert Partner.objects.in_bin_of(world.alice).get() == world.partner
    assert not Partner.objects.in_bin_of(world.charlie).exists()
    actions.restore(world.partner, by=world.alice)
    assert Partner.objects.visible_to(world.alice).get() == world.partner


def test_the_second_of_two_writers_is_told(world):
    mine, theirs = Partner.objects.get(pk=world.partner.pk), Partner.objects.get(pk=world.partner.pk)
    theirs.name = "Theirs"
    save_partner(theirs, by=world.bob)
    mine.name = "Mine"
    with pytest.raises(StaleRecord):
        save_partner(mine, by=world.alice)
    assert Partner.objects.get(pk=mine.pk).name == "Theirs"


def test_history_tells_who_changed_what(world):
    partner = Partner.objects.get(pk=world.partner.pk)
    partner.name, partner.owner = "Romashka and Co", world.bob
    save_partner(partner, by=world.bob)
    [entry] = history_of(partner)
    assert entry.by == world.bob
    assert {(change.label, change.before, change.after) for change in entry.changes} == {
        ("name", "Romashka LLC", "Romashka and Co"),
        ("owner", "Alice", "Bob"),
    }


def test_a_new_main_contact_takes_the_place_of_the_old_one(world):
    save_part(Contact(partner=world.partner, name="Boris", is_default=True), by=world.alice)
    assert [contact.name for contact in Contact.objects.of(world.partner).filter(is_default=True)] == ["Boris"]


def test_codes_are_readable_and_differ(world):
    codes = {make.partner(world.alice, f"P{number}").code for number in range(3)}
    assert len(codes) == 3
    assert all(code.startswith("P") and len(code) == 7 for code in codes)


@pytest.mark.parametrize("text", ["romash", "7707083893", "495 123-45-67", "info@roma", "Petrova", "916 123 45 67"])
def test_a_partner_is_found_by_any_part(world, text):
    assert Partner.objects.visible_to(world.alice).search(text).get() == world.partner
    assert not Partner.objects.visible_to(world.charlie).search(text).exists()


@pytest.mark.parametrize(
    "key", [{"tax_id": "7707083893"}, {"phone": "+79161234567"}, {"email": "info@romashka.example"}]
)
def test_exact_keys_find_the_duplicate(world, key):
    assert Partner.objects.same_key(**key).get() == world.partner


@pytest.mark.parametrize("verb", ["see", "edit"])
def test_a_record_at_hand_is_judged_like_the_rows(world, verb):
    """`allows` answers without SQL what `visible_to` and `editable_by` answer with it."""
    observer = people.user("Olga", "observer")
    for person in (world.alice, world.bob, world.charlie, world.dana, observer):
        for record in (world.partner, world.opportunity, world.contact):
            rows = type(record).objects
            found = (rows.visible_to(person) if verb == "see" else rows.editable_by(person)).filter(pk=record.pk)
            assert rows.allows(person, verb, record) == found.exists(), (person, record)


def test_a_prepared_statement_reaches_as_far_as_the_rows(world):
    card = Prepared(lambda scope: Partner.objects.reaching(scope).filter(pk=Slot("pk")))
    for person in (world.alice, world.bob, world.charlie, world.dana):
        scope = person.scope_for("partners.partner", "see")
        found = card(scope, pk=world.partner.pk, people=person.people_within(scope))
        assert found == list(Partner.objects.visible_to(person)), person
    assert card(Scope.NONE, pk=world.partner.pk, people=[]) == []


def test_a_prepared_statement_binds_anew_each_time(world):
    others = [make.partner(world.alice, name) for name in ("One", "Two", "Three")]
    named = Prepared(lambda: Partner.objects.filter(name=Slot("name")).select_related("owner"))
    for other in [*others, *reversed(others)]:
        assert [(row.pk, row.owner.name) for row in named(name=other.name)] == [(other.pk, "Alice")]
    assert named(name="'; DROP TABLE partners_partner; --") == []
