"""Nothing a person answers for is forgotten: every key to a person is either handed over, or known not to be."""

import pytest

from voronka.activities.tests import make as activities
from voronka.campaigns.tests import make as segments
from voronka.handover.belongings import ANSWERS, NOT_ANSWERS, STAYS, belongings, keys_to_people, left_behind
from voronka.handover.tests import make

KEYS = sorted({f"{model._meta.label_lower}.{field.name}" for model, field in keys_to_people()})


@pytest.mark.parametrize("key", KEYS)
def test_every_key_to_a_person_is_decided(key):
    """A new one: call it "owner" (or add its name to ANSWERS) if its person answers for the row and must hand it over; else name it in
    NOT_ANSWERS or STAYS, or call it "…by"."""
    name = key.rpartition(".")[2]
    decided = [name in ANSWERS and key not in STAYS, key in STAYS, key in NOT_ANSWERS, name.endswith("by")]
    assert decided.count(True) == 1, f"is {key} handed over or not? See voronka/handover/belongings.py"


def test_no_decision_is_about_what_is_gone():
    assert set(KEYS) >= STAYS | NOT_ANSWERS


def test_partners_go_first():
    places = [one.place for one in belongings()]
    assert places[:2] == ["partners.partner.owner", "partners.partner.technician"]
    assert {"opportunities.opportunity.owner", "activities.activity.owner", "campaigns.segment.owner"} < set(places)


def test_what_is_left_is_counted_and_then_nothing(world):
    activities.planned(world.alice, partner=world.partner)
    activities.planned(world.alice, title="Dentist", is_private=True)
    segments.segment(world.alice)
    counts = {one.place: count for one, count in left_behind(world.alice)}
    assert counts == {
        "partners.partner.owner": 1, "opportunities.opportunity.owner": 1, "activities.activity.owner": 1, "campaigns.segment.owner": 1,
    }  # fmt: skip
    make.handed_over(world.alice, world.charlie, world.dana)
    assert left_behind(world.alice) == []
