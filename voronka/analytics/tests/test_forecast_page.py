"""The forecast by person: who sees it, what the head puts beside it, and that every word is kept."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from voronka.accounts.actions import issue_token
from voronka.analytics.models import ForecastCorrection
from voronka.opportunities import actions
from voronka.opportunities.tests import make


@pytest.fixture
def month(world):
    """Alice has 1000 at 60 % and 2000 committed by her own word, both to close this month, and won 300."""
    today = timezone.localdate()
    make.opportunity(world.alice, 1000, stage=world.stages[2], predicted_close_on=today)
    said = make.opportunity(world.alice, 2000, stage=world.stages[0], predicted_close_on=today)
    actions.change(said, forecast_category="commit", by=world.alice)
    actions.win(make.opportunity(world.alice, 300), by=world.alice)
    return today


def line(answer):
    return next(one for one, _links in answer.context["lines"])


def test_the_page_tells_what_counts_as_what(world, sign_in, month):
    alice = line(sign_in(world.bob).get("/forecast/"))
    assert (alice.won, alice.commit, alice.best, alice.computed) == (300, 2000, 1000, 300 + 600 + 200)
    links = sign_in(world.bob).get("/forecast/").context["lines"][0][1]
    listed = sign_in(world.bob).get(links["commit"] + "&export=json").json()
    assert (listed["totals"]["count"], listed["totals"]["potential"]) == (1, "2000.00")
    assert sign_in(world.charlie).get("/forecast/").context["lines"] == []


def test_the_computed_figure_opens_the_deals_it_is_made_of(world, sign_in, month):
    lost = make.opportunity(world.alice, 50, predicted_close_on=month)
    actions.lose(lost, reasons=[make.reason()], by=world.alice)
    client = sign_in(world.bob)
    answer = client.get("/forecast/")
    listed = client.get(
        answer.context["lines"][0][1]["computed"] + "&columns=potential,weighted,status&export=json"
    ).json()
    worth = [row["potential"] if row["status"] == "won" else row["weighted"] for row in listed["rows"]]
    assert {row["status"] for row in listed["rows"]} == {"open", "won"}
    assert sum(map(Decimal, worth)) == line(answer).computed == 1100


def test_the_heads_word_stands_beside_and_all_are_kept(world, sign_in, month):
    client, page = sign_in(world.bob), f"/forecast/{world.alice.pk}/"
    assert client.post(page, {"amount": "2500", "comment": ""}).status_code == 422
    assert client.post(page, {"amount": "-5", "comment": "Why"}).status_code == 422
    assert client.post(page, {"amount": "2500", "comment": "Nearly signed"}).status_code == 302
    assert client.post(page, {"amount": "2000", "comment": "Not so near"}).status_code == 302
    answer = client.get("/forecast/")
    assert (line(answer).expected, line(answer).computed, answer.context["total"].expected) == (2000, 1100, 2000)
    assert "Not so near" in answer.content.decode()
    assert [(one.amount, one.computed, one.by) for one in ForecastCorrection.objects.all()] == [
        (2000, 1100, world.bob), (2500, 1100, world.bob),
    ]  # fmt: skip
    client.post(page, {"amount": "", "comment": "As computed after all"})
    assert line(client.get("/forecast/")).expected == 1100


def test_only_those_who_lead_a_person_say_anything(world, sign_in, month):
    page, given = f"/forecast/{world.alice.pk}/", {"amount": "1", "comment": "x"}
    assert sign_in(world.alice).post(page, given).status_code == 403
    assert sign_in(world.charlie).post(page, given).status_code in (403, 404)
    assert sign_in(world.alice).get(page).status_code == 200
    over = (month.replace(day=1) - timedelta(days=1)).isoformat()
    answer = sign_in(world.bob).post(f"{page}?kind=month&day={over}", given)
    assert answer.status_code == 422
    assert "This period is over" in answer.content.decode()
    assert not ForecastCorrection.objects.exists()


def test_a_day_that_is_none_shows_this_month(world, sign_in):
    answer = sign_in(world.bob).get("/forecast/?kind=year&day=never")
    assert answer.context["period"].first == date.today().replace(day=1)


def test_a_program_says_at_once_what_a_deal_counts_as(world, client):
    key = {"Authorization": f"Bearer {issue_token(world.alice, 'test')[1]}"}
    given = {
        "partner": world.partner.pk, "stage": world.stages[0].pk, "potential": "10", "predicted_close_on": "2030-01-01", "forecast_category": "best",
    }  # fmt: skip
    answer = client.post("/api/v1/opportunities", given, content_type="application/json", headers=key)
    assert answer.status_code == 201, answer.json()
    listed = client.get("/api/v1/reports/opportunities", {"category": "best"}, headers=key).json()
    assert listed["totals"]["potential"] == "10.00"
    bad = client.post(
        "/api/v1/opportunities", given | {"forecast_category": "sure"}, content_type="application/json", headers=key
    )
    assert bad.status_code == 422
