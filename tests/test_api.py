"""The API: signed in by token, rows through access, rules as answers."""

import json

import pytest
from django.test import Client

from voronka.accounts.actions import issue_token
from voronka.opportunities.models import Opportunity
from voronka.partners.models import Partner


@pytest.fixture
def call(client, db):
    """Calls the API as a person (or nobody) with JSON and hands back the answer."""

    def called(person, method, path, body=None):
        headers = {"Authorization": f"Bearer {issue_token(person, 'test')[1]}"} if person else {}
        data = json.dumps(body) if body is not None else None
        return getattr(client, method)(f"/api/v1{path}", data, content_type="application/json", headers=headers)

    return called


@pytest.mark.parametrize(
    "path",
    [
        "/me",
        "/partners",
        "/segments",
        "/consent-texts",
        "/opportunities",
        "/activities",
        "/letters",
        "/series",
        "/sequence-runs",
        "/assignment-rules",
        "/inactive-partners?since=2026-01-01",
        "/reports/pipeline",
        "/imports",
        "/handovers",
        "/users",
        "/pipelines",
    ],
)
def test_nobody_gets_nothing(call, path):
    assert call(None, "get", path).status_code == 401


def test_who_sees_alices_partner(world, call):
    path = f"/partners/{world.partner.pk}"
    answers = {
        name: call(getattr(world, name), "get", path).status_code for name in ("alice", "bob", "charlie", "dana")
    }
    assert answers == {"alice": 200, "bob": 200, "charlie": 404, "dana": 200}
    assert call(world.charlie, "patch", path, {"name": "Mine"}).status_code == 404
    assert call(world.charlie, "get", "/partners").json()["items"] == []


def test_a_partner_is_made_and_changed_by_the_rules_of_the_form(world, call):
    made = call(world.alice, "post", "/partners", {"name": "Lopukh", "phone": "8 495 765-43-21"})
    assert made.status_code == 201, made.content
    assert (made.json()["phone"], made.json()["owner_id"], made.json()["kind"]) == (
        "+74957654321",
        world.alice.pk,
        "lead",
    )
    wrong = call(world.alice, "post", "/partners", {"name": "Lopukh", "tax_id": "7707083894"})
    assert (wrong.status_code, wrong.json()["detail"][0]["loc"]) == (422, ["body", "tax_id"])
    path = f"/partners/{made.json()['id']}"
    assert (
        call(world.alice, "patch", path, {"website": "lopukh.example", "version": 1}).json()["website"]
        == "lopukh.example"
    )
    stale = call(world.alice, "patch", path, {"website": "other.example", "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert call(world.alice, "delete", path).status_code == 204
    assert not Partner.objects.visible_to(world.alice).filter(name="Lopukh").exists()


def test_pages_follow_each_other_without_gap_or_repeat(world, call):
    for number in range(5):
        Partner.objects.create(owner=world.alice, name=f"Firm {number // 2}")
    seen, cursor = [], ""
    while cursor is not None:
        page = call(world.alice, "get", f"/partners?limit=2&cursor={cursor}").json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 6


def test_a_deal_is_moved_lost_and_reopened(world, call):
    path = f"/opportunities/{world.opportunity.pk}"
    moved = call(world.alice, "post", f"{path}/move", {"stage": world.stages[2].pk})
    assert (moved.json()["stage_id"], moved.json()["weighted"]) == (world.stages[2].pk, "150000.00")
    refused = call(world.alice, "post", f"{path}/lose", {})
    assert (refused.status_code, refused.json()["field"]) == (409, "reasons")
    assert call(world.charlie, "post", f"{path}/win", {}).status_code == 404
    assert call(world.alice, "post", f"{path}/win", {}).json()["status"] == "won"
    assert call(world.alice, "patch", path, {"potential": "5"}).status_code == 409
    assert call(world.alice, "post", f"{path}/reopen", {}).json()["status"] == "open"
    assert [state["status"] for state in call(world.alice, "get", f"{path}/states").json()] == [
        "open",
        "open",
        "won",
        "open",
    ]


def test_a_deal_is_opened_at_a_partner_one_sees(world, call):
    body = {
        "partner": world.partner.pk,
        "stage": world.stages[0].pk,
        "potential": "100.50",
        "predicted_close_on": "2090-01-01",
    }
    assert call(world.charlie, "post", "/opportunities", body).status_code == 404
    made = call(world.alice, "post", "/opportunities", body)
    assert (made.status_code, made.json()["potential"]) == (201, "100.50")
    assert Opportunity.objects.get(pk=made.json()["id"]).states.count() == 1


def test_reports_speak_of_ones_own(world, call):
    rows = {
        name: call(getattr(world, name), "get", "/reports/pipeline").json()["totals"]["count"]
        for name in ("alice", "charlie", "dana")
    }
    assert rows == {"alice": 1, "charlie": 0, "dana": 1}
    assert call(world.alice, "get", "/reports/pipeline?as_of=yesterday").status_code == 409
    assert call(world.alice, "get", "/reports/nothing").status_code == 404


def test_a_session_needs_the_csrf_token_to_write(world, client):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.alice)
    assert strict.get("/api/v1/me").status_code in (200, 403)
    refused = strict.post("/api/v1/partners", json.dumps({"name": "X"}), content_type="application/json")
    assert refused.status_code in (401, 403)
    assert not Partner.objects.filter(name="X").exists()


def test_a_list_costs_few_statements(world, call, django_assert_max_num_queries):
    key = issue_token(world.dana, "test")[1]
    client = Client(headers={"Authorization": f"Bearer {key}"})
    client.get("/api/v1/partners")
    with django_assert_max_num_queries(4):
        assert client.get("/api/v1/partners").status_code == 200
