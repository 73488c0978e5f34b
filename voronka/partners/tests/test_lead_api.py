"""Rules of assignment and inactive leads, as programs read and write them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from voronka.partners.models import AssignmentRule, Partner
from voronka.partners.tests import make


def test_rules_are_kept_by_those_who_configure(world, call):
    status, made = call(world.eve, "post", "/assignment-rules", {"name": "North", "people": [world.alice.pk], "daily_limit": 5})  # fmt: skip
    assert (status, made["is_active"], made["people"], made["daily_limit"]) == (201, True, [world.alice.pk], 5)
    path = f"/assignment-rules/{made['id']}"
    status, changed = call(world.eve, "patch", path, {"people": [world.alice.pk, world.bob.pk]})
    assert (status, sorted(changed["people"]), changed["daily_limit"]) == (200, sorted([world.alice.pk, world.bob.pk]), 5)  # fmt: skip
    assert call(world.eve, "patch", path, {"is_active": False})[1]["is_active"] is False
    assert [one["name"] for one in call(world.eve, "get", "/assignment-rules")[1]] == ["North"]
    for method, address in (("get", "/assignment-rules"), ("post", "/assignment-rules"), ("patch", path)):
        assert call(world.alice, method, address)[0] == 403
    status, said = call(world.eve, "post", "/assignment-rules", {"name": "Nobody"})
    assert (status, said["detail"][0]["loc"]) == (422, ["body", "people"])


def test_waiting_leads_are_given_by_the_rules(world, call):
    AssignmentRule.objects.create(name="All").people.set([world.bob])
    assert call(world.alice, "post", "/leads/distribute")[0] == 403
    assert call(world.bob, "post", "/leads/distribute", {"ids": [world.partner.pk]}) == (200, {"given": 1, "left": 0})
    assert Partner.objects.get(pk=world.partner.pk).owner == world.bob
    assert call(world.charlie, "post", "/leads/distribute")[0] == 403


@pytest.fixture
def silent(world):
    """Three leads nobody spoke with for two years: two of Alice, one of Charlie."""
    made = [make.partner(owner, f"Silent {number}") for number, owner in enumerate((world.alice, world.alice, world.charlie))]  # fmt: skip
    Partner.objects.filter(pk__in=[one.pk for one in made]).update(created_at=timezone.now() - timedelta(days=730))
    return made


def test_inactive_leads_are_previewed_deleted_and_taken_back(world, call, silent):
    asked = {"since": (timezone.localdate() - timedelta(days=365)).isoformat()}
    _status, page = call(world.alice, "get", "/inactive-partners", asked | {"limit": 1})
    assert (page["count"], [one["name"] for one in page["items"]]) == (2, ["Silent 0"])
    _status, rest = call(world.alice, "get", "/inactive-partners", asked | {"cursor": page["next"]})
    assert [(one["name"], one["deals"], one["last_contact"]) for one in rest["items"]] == [("Silent 1", 0, None)]
    status, moved = call(world.alice, "post", "/inactive-partners", asked)
    assert (status, moved["count"]) == (200, 2)
    assert call(world.alice, "get", "/inactive-partners", asked)[1]["count"] == 0
    assert call(world.charlie, "get", "/inactive-partners", asked)[1]["count"] == 1
    assert call(world.charlie, "post", "/inactive-partners/restore", {"moment": moved["moment"]})[1] == {"count": 0}
    assert call(world.alice, "post", "/inactive-partners/restore", {"moment": moved["moment"]})[1] == {"count": 2}
    assert call(world.alice, "get", "/inactive-partners", asked)[1]["count"] == 2
    status, said = call(world.alice, "get", "/inactive-partners", asked | {"owner": world.charlie.pk})
    assert (status, said["detail"][0]["loc"]) == (422, ["body", "owner"])  # nobody of hers
