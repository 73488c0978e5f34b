"""Doors of what hangs on an opportunity, of its past, its clone, and of targets."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from voronka.opportunities import actions
from voronka.opportunities.models import Competitor, DealCompetitor, Interest, Opportunity, OpportunityInterest, Target
from voronka.opportunities.tests import make
from voronka.opportunities.tests.test_moving import assert_tiled, spans

HTMX = {"HTTP_HX_REQUEST": "true"}


def url(name, opportunity):
    return reverse(f"opportunities:{name}", args=[opportunity.pk])


def rows(prefix, *given, initial=0):
    data = {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": initial}
    return data | {f"{prefix}-{place}-{key}": value for place, row in enumerate(given) for key, value in row.items()}


def people(**sets):
    return {
        key: value
        for name in ("contact", "competitor", "partner")
        for key, value in rows(name, *sets.get(name, ())).items()
    }


def test_items_give_their_sum_to_the_deal(world, sign_in):
    client, address = sign_in(world.alice), url("items", world.opportunity)
    assert client.get(address).status_code == 200
    chair = {"name": "Chair", "quantity": "12", "unit": "pcs", "price": "999.99", "discount": "10"}
    answer = client.post(address, rows("item", chair, {"quantity": "1", "discount": "0"}) | {"amount_from_items": "on"})
    assert answer["Location"] == world.opportunity.get_absolute_url()
    world.opportunity.refresh_from_db()
    assert world.opportunity.potential == Decimal("10799.89")
    assert_tiled(world.opportunity)
    panel = client.get(url("parts", world.opportunity), **HTMX).content.decode()
    assert "Chair" in panel
    assert "10,799.89" in panel


def test_an_item_is_changed_and_taken_away(world, sign_in):
    chair, desk = (world.opportunity.dealitems.create(name=name, price=5) for name in ("Chair", "Desk"))
    given = [
        {"id": chair.pk, "name": "Armchair", "quantity": "2", "price": "7", "discount": "0"},
        {"id": desk.pk, "name": "Desk", "quantity": "1", "price": "5", "discount": "0", "DELETE": "on"},
    ]
    sign_in(world.alice).post(url("items", world.opportunity), rows("item", *given, initial=2))
    assert list(world.opportunity.dealitems.values_list("name", "amount")) == [("Armchair", 14)]


def test_a_wrong_price_stays_with_its_reason(world, sign_in):
    row = {"name": "Chair", "quantity": "0", "price": "-1", "discount": "0"}
    answer = sign_in(world.alice).post(url("items", world.opportunity), rows("item", row))
    assert answer.status_code == 422
    assert "greater than or equal to 0" in answer.content.decode()
    assert not world.opportunity.dealitems.exists()


def test_who_takes_part_stands_on_the_card(world, sign_in):
    client, rival = sign_in(world.alice), Competitor.objects.create(name="Rival", threat=3)
    assert client.get(url("people", world.opportunity)).status_code == 200
    given = people(
        contact=[{"contact": world.contact.pk, "role": "pays"}], competitor=[{"competitor": rival.pk, "threat": 3}],
        partner=[{"partner": world.partner.pk, "details": "finances it"}],
    )  # fmt: skip
    client.post(url("people", world.opportunity), given)
    panel = client.get(url("parts", world.opportunity), **HTMX).content.decode()
    for words in ("Anna Petrova", "pays", "Rival", "threat: high", "finances it"):
        assert words in panel


def test_a_competitor_stands_there_once(world, sign_in):
    rival = {"competitor": Competitor.objects.create(name="Rival").pk, "threat": 1}
    answer = sign_in(world.alice).post(url("people", world.opportunity), people(competitor=[rival, rival]))
    assert answer.status_code == 422
    assert not DealCompetitor.objects.exists()


def test_a_closed_deal_keeps_its_items(world, sign_in):
    actions.win(world.opportunity, by=world.alice)
    row = {"name": "Chair", "quantity": "1", "price": "1", "discount": "0"}
    answer = sign_in(world.alice).post(url("items", world.opportunity), rows("item", row))
    assert "Reopen it first" in answer.content.decode()


def test_losing_names_the_winner(world, sign_in):
    rival, reason = Competitor.objects.create(name="Rival", threat=3), make.reason()
    sign_in(world.alice).post(url("lose", world.opportunity), {"reasons": reason.pk, "winner": rival.pk})
    [lost] = world.opportunity.dealcompetitors.all()
    assert (lost.competitor, lost.threat, lost.won) == (rival, 3, True)


def states(opportunity, **changes):
    given = []
    for state in spans(opportunity):
        row = {
            "id": state.pk, "since": timezone.localtime(state.since).strftime("%Y-%m-%dT%H:%M:%S"), "status": state.status, "stage": state.stage_id,
            "percentage": state.percentage, "potential": state.potential, "currency": state.currency, "owner": state.owner_id,
            "predicted_close_on": state.predicted_close_on.isoformat(), "comment": state.comment,
        }  # fmt: skip
        given.append(row | changes)
    return given


def test_a_head_corrects_the_history_and_the_card_tells(world, sign_in):
    client, address = sign_in(world.bob), url("correct", world.opportunity)
    page = client.get(address)
    assert page.status_code == 200
    earlier = (timezone.localtime() - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%S")
    given = [*states(world.opportunity, potential="777"), {"since": earlier, "stage": world.stages[1].pk}]
    since = spans(world.opportunity)[0].since
    answer = client.post(
        address, rows("state", *given, initial=1) | {"reason": "Typed late", "version": world.opportunity.version}
    )
    assert answer.status_code == 302, answer.context["form"].errors
    first, last = spans(world.opportunity)
    assert (first.stage, first.percentage, first.potential, first.owner) == (world.stages[1], 30, 250000, world.alice)
    assert (last.since, last.potential) == (since, 777)
    tab = client.get(answer["Location"]).content.decode()
    assert "Typed late" in tab
    assert "250,000" in tab


def test_a_correction_needs_a_reason_and_possible_values(world, sign_in):
    client, address = sign_in(world.bob), url("correct", world.opportunity)
    answer = client.post(address, rows("state", *states(world.opportunity), initial=1))
    assert answer.status_code == 422
    assert answer.context["form"].errors["reason"]
    future = (timezone.localtime() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%S")
    answer = client.post(address, rows("state", *states(world.opportunity, since=future), initial=1) | {"reason": "x"})
    assert "in the future" in answer.content.decode()
    wrong = rows("state", *states(world.opportunity, percentage="120", currency="rub les"), initial=1) | {"reason": "x"}
    assert client.post(address, wrong).status_code == 422
    assert not world.opportunity.historycorrections.exists()


def test_nobody_without_the_right_corrects(world, sign_in):
    assert sign_in(world.alice).get(url("correct", world.opportunity)).status_code == 403
    assert (
        "Correct the history"
        not in sign_in(world.alice).get(f"{world.opportunity.get_absolute_url()}?tab=states").content.decode()
    )


def test_a_copy_opens_in_its_form(world, sign_in):
    answer = sign_in(world.alice).post(url("clone", world.opportunity))
    made = Opportunity.objects.exclude(pk=world.opportunity.pk).get()
    assert answer["Location"] == url("edit", made)


def test_a_stage_that_asks_is_answered_in_a_dialog(world, sign_in):
    stage = world.stages[2]
    stage.required, stage.asks_comment = ["product", "contact"], True
    actions.save_stage(stage, by=world.eve)
    client, address = sign_in(world.alice), url("move", world.opportunity)
    dialog = client.get(f"{address}?stage={stage.pk}", **HTMX)
    assert set(dialog.context["form"].fields) == {"product", "contact", "comment"}
    assert client.post(address, {"stage": stage.pk, "seen": world.stages[0].pk}, **HTMX).status_code == 409
    half = {"stage": stage.pk, "seen": world.stages[0].pk, "dialog": "1", "product": "Chairs"}
    assert client.post(address, half, **HTMX).status_code == 422
    whole = half | {"contact": world.contact.pk, "comment": "They asked"}
    assert client.post(address, whole, **HTMX)["HX-Redirect"] == world.opportunity.get_absolute_url()
    world.opportunity.refresh_from_db()
    assert (world.opportunity.stage, world.opportunity.product, world.opportunity.contact) == (
        stage,
        "Chairs",
        world.contact,
    )
    assert spans(world.opportunity)[-1].comment == "They asked"


def test_the_next_step_is_changed_in_place_and_starts_no_state(world, sign_in):
    address = reverse("opportunities:change", args=[world.opportunity.pk, "next_step"])
    client = sign_in(world.alice)
    assert client.get(address, **HTMX).status_code == 200
    client.post(
        address, {"next_step": "Call Anna", "next_step_on": "2026-01-15", "version": world.opportunity.version}, **HTMX
    )
    world.opportunity.refresh_from_db()
    assert (world.opportunity.next_step, len(spans(world.opportunity))) == ("Call Anna", 1)
    assert client.post(address, {"next_step": "x", "next_step_on": "never"}, **HTMX).status_code == 409
    assert "Call Anna" in client.get("/opportunities/board/").content.decode()


TARGETS = "/opportunities/targets/"


def test_a_head_sets_targets_and_sees_how_far_they_are(world, sign_in):
    actions.win(make.opportunity(world.alice, 400), by=world.alice)
    client = sign_in(world.bob)
    client.post(TARGETS, {"person": world.alice.pk, "amount": "1000"})
    client.post(TARGETS, {"person": world.alice.pk, "amount": "1600"})
    client.post(TARGETS, {"team": world.ours.pk, "amount": "800"})
    found = {
        row.kind: (row.target.amount, row.won, row.percent) for row in client.get(TARGETS).context["rows"] if row.target
    }
    assert found == {"person": (1600, 400, 25), "team": (800, 400, 50)}
    assert [row.who for row in sign_in(world.alice).get(TARGETS).context["rows"]] == [world.alice]
    assert sign_in(world.charlie).get(TARGETS).context["rows"] == []


def test_who_may_set_whose_target(world, sign_in):
    assert sign_in(world.alice).post(TARGETS, {"person": world.alice.pk, "amount": "1"}).status_code == 403
    for given in (
        {"person": world.charlie.pk},
        {"team": world.theirs.pk},
        {},
        {"person": world.alice.pk, "team": world.ours.pk},
    ):
        assert sign_in(world.bob).post(TARGETS, given | {"amount": "100"}).status_code == 422, given
    assert sign_in(world.dana).post(TARGETS, {"amount": "100"}).status_code == 302
    target = Target.objects.get()
    address = reverse("opportunities:target_delete", args=[target.pk])
    assert sign_in(world.bob).post(address).status_code == 404
    assert sign_in(world.dana).post(address).status_code == 302
    assert not Target.objects.exists()


@pytest.mark.parametrize("query", ["?kind=quarter&day=2026-05-05", "?kind=year", "?kind=century&day=x"])
def test_any_period_is_shown(world, sign_in, query):
    assert sign_in(world.dana).get(TARGETS + query).status_code == 200


@pytest.mark.parametrize("kind", ["item", "contact", "competitor", "partner"])
def test_a_row_of_a_strangers_deal_is_not_changed_through_ones_own(world, sign_in, kind):
    """The address is Charlie's deal, the row in the form is of Alice's."""
    mine, deal = make.opportunity(world.charlie), world.opportunity
    row = {
        "item": lambda: deal.dealitems.create(name="Chair", price=5),
        "contact": lambda: deal.dealcontacts.create(contact=world.contact),
        "competitor": lambda: deal.dealcompetitors.create(competitor=Competitor.objects.create(name="Rival", threat=3)),
        "partner": lambda: deal.dealpartners.create(partner=world.partner),
    }[kind]()
    kept = type(row).objects.filter(pk=row.pk).values().get()
    given = {
        "id": row.pk,
        "name": "Taken",
        "quantity": "9",
        "price": "9",
        "discount": "0",
        "details": "taken",
        "DELETE": "on",
    }
    sets = rows(kind, given, initial=1)
    data = sets if kind == "item" else people() | sets
    sign_in(world.charlie).post(url("items" if kind == "item" else "people", mine), data)
    assert type(row).objects.filter(pk=row.pk).values().get() == kept
    assert not type(row).objects.filter(opportunity=mine).exists()


def test_what_hangs_on_a_strangers_deal_is_told_to_nobody_else(world, sign_in):
    rival = Competitor.objects.create(name="Rival", threat=3)
    world.opportunity.dealcompetitors.create(competitor=rival)
    world.opportunity.opportunityinterest_set.create(interest=Interest.objects.create(name="Printers"))
    client = sign_in(world.charlie)
    for name in ("parts", "items", "people", "clone", "lose", "win"):
        for answer in (client.get(url(name, world.opportunity)), client.post(url(name, world.opportunity))):
            assert answer.status_code in (404, 405)
            assert "Rival" not in answer.content.decode()
            assert "Printers" not in answer.content.decode()
    for model in (DealCompetitor, OpportunityInterest):
        assert not model.objects.filter(opportunity__in=Opportunity.objects.visible_to(world.charlie)).exists()
