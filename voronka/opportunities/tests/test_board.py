"""Doors of the board: columns with exact sums, cards in portions, moving and losing a race."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from voronka.opportunities import actions
from voronka.opportunities.models import Opportunity, Stage
from voronka.opportunities.tests import make

BOARD = {"HTTP_HX_REQUEST": "true", "HTTP_X_BOARD": "1"}
ADDRESS = "/opportunities/board/"


def columns(client, query=""):
    return client.get(ADDRESS + query).context["columns"]


def sums(columns):
    return [(column.stage.name, column.count, column.potential, column.weighted) for column in columns]


def move(client, opportunity, stage, seen, **headers):
    address = reverse("opportunities:move", args=[opportunity.pk])
    return client.post(address, {"stage": stage.pk, "seen": seen.pk}, **headers)


def test_columns_have_their_exact_sums(world, sign_in):
    make.opportunity(world.alice, 1000, stage=world.stages[1])
    make.opportunity(world.alice, 3000, stage=world.stages[1])
    actions.win(make.opportunity(world.alice, 9000, stage=world.stages[1]), by=world.alice)
    assert sums(columns(sign_in(world.alice))) == [
        ("First contact", 1, 250000, 25000), ("Meeting", 2, 4000, 1200), ("Quotation", 0, 0, 0), ("Negotiation", 0, 0, 0)
    ]  # fmt: skip


def test_sums_follow_the_filters_with_and_without_the_tally(world, sign_in):
    make.opportunity(world.bob, 1000, stage=world.stages[0], name="Shelf")
    client = sign_in(world.dana)
    for query in (f"?owner={world.bob.pk}", "?q=shelf", "?potential_max=1000", f"?owner={world.bob.pk}&q=shelf"):
        assert sums(columns(client, query))[0] == ("First contact", 1, 1000, 100), query


def test_a_stranger_sees_an_empty_board(world, sign_in):
    assert [column.count for column in columns(sign_in(world.charlie))] == [0, 0, 0, 0]


def test_twenty_cards_and_then_more(world, sign_in):
    for number in range(23):
        make.opportunity(world.alice, 100 + number // 2, stage=world.stages[1], partner=world.partner)
    client = sign_in(world.alice)
    column = columns(client)[1]
    first = [card.row["pk"] for card in column.page.rows]
    assert (len(first), column.count) == (20, 23)
    answer = client.get(ADDRESS, {"part": "cards", "stage": world.stages[1].pk, "after": column.page.next})
    rest = [card.row["pk"] for card in answer.context["column"]["page"].rows]
    assert len(rest) == 3
    assert len({*first, *rest}) == 23


def test_a_forged_place_in_the_column_is_no_fault(world, sign_in):
    answer = sign_in(world.alice).get(
        ADDRESS, {"part": "cards", "stage": world.stages[1].pk, "after": "rubbish"}, **BOARD
    )
    assert answer.status_code == 409


def test_a_card_that_stays_longer_than_usual_is_marked(world, sign_in):
    Stage.objects.filter(pk=world.stages[0].pk).update(usual_days=5)
    Opportunity.objects.filter(pk=world.opportunity.pk).update(stage_since=timezone.now() - timedelta(days=6))
    card = columns(sign_in(world.alice))[0].page.rows[0]
    assert (card.days, card.is_stale) == (6, True)


def test_a_retired_stage_stays_while_it_holds_somebody(world, sign_in):
    Stage.objects.filter(pk__in=[world.stages[0].pk, world.stages[3].pk]).update(is_active=False)
    assert [column.stage.name for column in columns(sign_in(world.alice))] == ["First contact", "Meeting", "Quotation"]


def test_statements_do_not_grow_with_stages_and_cards(world, sign_in):
    client = sign_in(world.alice)
    client.get(ADDRESS)
    with CaptureQueriesContext(connection) as few:
        client.get(ADDRESS)
    for number in range(12):
        make.opportunity(world.alice, 100, stage=world.stages[number % 4])
    with CaptureQueriesContext(connection) as many:
        client.get(ADDRESS)
    assert len(many) == len(few)


def test_a_moved_card_comes_back_as_it_is_now(world, sign_in):
    answer = move(sign_in(world.alice), world.opportunity, world.stages[1], world.stages[0], **BOARD)
    assert answer.status_code == 200
    assert f'data-in="{world.stages[1].pk}"' in answer.content.decode()


def test_the_second_of_two_movers_hears_who_was_first(world, sign_in):
    move(sign_in(world.bob), world.opportunity, world.stages[1], world.stages[0], **BOARD)
    answer = move(sign_in(world.alice), world.opportunity, world.stages[2], world.stages[0], **BOARD)
    assert answer.status_code == 409
    assert "Bob was first" in answer.content.decode()
    assert Opportunity.objects.get(pk=world.opportunity.pk).stage == world.stages[1]
    assert world.opportunity.states.count() == 2


def test_the_same_move_sent_twice_is_made_once(world, sign_in):
    client = sign_in(world.alice)
    for _ in range(2):
        move(client, world.opportunity, world.stages[1], world.stages[1], **BOARD)
    assert world.opportunity.states.count() <= 2


def test_rules_of_moving_are_told(world, sign_in):
    client, other = sign_in(world.alice), make.pipeline("Projects").stages.first()
    assert "another pipeline" in move(client, world.opportunity, other, world.stages[0], **BOARD).content.decode()
    actions.win(world.opportunity, by=world.alice)
    answer = move(client, world.opportunity, world.stages[1], world.stages[0], **BOARD)
    assert answer.status_code == 409
    assert "Reopen it first" in answer.content.decode()


def test_without_javascript_moving_comes_back_to_the_card(world, sign_in):
    client = sign_in(world.alice)
    answer = move(client, world.opportunity, world.stages[1], world.stages[0])
    assert answer["Location"] == reverse("opportunities:detail", args=[world.opportunity.pk])
    move(client, world.opportunity, world.stages[2], world.stages[0])
    assert "Alice was first" in client.get(answer["Location"]).content.decode()


def test_a_stranger_moves_nothing_and_sees_no_stage_of_nobody(world, sign_in):
    assert move(sign_in(world.charlie), world.opportunity, world.stages[1], world.stages[0], **BOARD).status_code == 404
    address = reverse("opportunities:move", args=[world.opportunity.pk])
    for stage in ("", "x", "9" * 30, "0"):
        assert sign_in(world.alice).post(address, {"stage": stage}, **BOARD).status_code == 404


def test_a_card_is_changed_on_the_board(world, sign_in):
    client, address = sign_in(world.alice), reverse("opportunities:quick", args=[world.opportunity.pk])
    form = client.get(address, **BOARD).context["form"]
    given = {name: form[name].value() or "" for name in form.fields} | {
        "predicted_close_on": form["predicted_close_on"].value().isoformat()
    }
    answer = client.post(
        address, given | {"potential": "777", "next_step": "Call", "version": world.opportunity.version}, **BOARD
    )
    assert answer["HX-Retarget"] == f'[data-card="{world.opportunity.pk}"]'
    assert "777" in answer.content.decode()
    stale = client.post(address, given | {"potential": "888", "version": world.opportunity.version}, **BOARD)
    assert stale.status_code == 422
    assert "Alice was first" in stale.content.decode()
    assert client.post(address, given | {"percentage": "101"}, **BOARD).status_code == 422
    world.opportunity.refresh_from_db()
    assert (world.opportunity.potential, world.opportunity.next_step, world.opportunity.states.count()) == (
        777,
        "Call",
        2,
    )
    assert client.get(address)["Location"] == reverse("opportunities:edit", args=[world.opportunity.pk])


def test_columns_far_to_the_right_bring_their_cards_when_scrolled_to(world, sign_in):
    stages = [
        Stage.objects.create(pipeline=world.pipeline, name=f"Step {n}", position=10 + n, percentage=50)
        for n in range(9)
    ]
    far = make.opportunity(world.alice, 500, stage=stages[-1])
    client = sign_in(world.alice)
    found = columns(client)
    assert [column.later for column in found] == [False] * 12 + [True]
    assert (found[-1].count, found[-1].page.rows) == (1, [])
    answer = client.get(ADDRESS, {"part": "cards", "stage": stages[-1].pk})
    assert [card.row["pk"] for card in answer.context["column"]["page"].rows] == [far.pk]


def test_a_text_finds_the_largest_cards_of_each_column(world, sign_in):
    for number in range(23):
        make.opportunity(world.alice, 100 + number, stage=world.stages[1], name="Shelf", partner=world.partner)
    found = columns(sign_in(world.alice), "?q=shelf")
    assert [column.count for column in found] == [0, 23, 0, 0]
    assert [card.row["potential"] for card in found[1].page.rows] == list(range(122, 102, -1))
    assert found[1].page.next
