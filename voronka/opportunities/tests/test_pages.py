"""Doors of the list, the card, the form and closing: what works, who stays outside, which rule is told."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from voronka.activities.actions import write_note
from voronka.core.models import Company
from voronka.opportunities import actions
from voronka.opportunities.models import Interest, Opportunity
from voronka.opportunities.tests import make
from voronka.partners.models import Industry, Partner, Source
from voronka.partners.tests import make as partners

HTMX = {"HTTP_HX_REQUEST": "true"}


def url(name, *args):
    return reverse(f"opportunities:{name}", args=args)


def text(answer):
    return answer.content.decode()


def fresh(opportunity):
    return Opportunity.objects.get(pk=opportunity.pk)


def filled(world, **values):
    return {
        "partner": world.partner.pk, "name": "Desks", "stage": world.stages[0].pk, "potential": "1000", "currency": "RUB", "closes_unit": "D",
        "predicted_close_on": (timezone.localdate() + timedelta(days=10)).isoformat(), "opened_on": timezone.localdate().isoformat(),
    } | values  # fmt: skip


# The list


def test_the_list_shows_the_open_ones_until_asked_otherwise(world, sign_in):
    won = make.opportunity(world.alice, 500, name="Lamps")
    actions.win(won, by=world.alice)
    client = sign_in(world.alice)
    page = text(client.get(url("list")))
    assert "Office chairs" in page
    assert "Lamps" not in page
    assert "Lamps" in text(client.get(url("list") + "?status=won"))
    everything = text(client.get(url("list") + "?status=all"))
    assert "Office chairs" in everything
    assert "Lamps" in everything


def test_totals_count_the_filtered_rows_only(world, sign_in):
    make.opportunity(world.alice, 500, stage=world.stages[1])
    totals = text(sign_in(world.alice).get(url("list") + f"?part=totals&stage={world.stages[1].pk}"))
    assert "1 record" in totals
    assert "500" in totals
    assert "150" in totals


def test_totals_of_nothing_are_nothing(world, sign_in):
    assert "0 records" in text(sign_in(world.charlie).get(url("list") + "?part=totals"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stage={stage}", True), ("pipeline={pipeline}", True), ("owner={alice}", True), ("partner={partner}", True), ("q=chairs", True),
        ("q=romash", True), ("potential_min=250000&potential_max=250000", True), ("potential_min=250001", False),
        ("predicted_close_on_after=2000-01-01", True), ("predicted_close_on_before=2000-01-01", False), ("owner={bob}", False),
    ],
)  # fmt: skip
def test_filters_of_the_list(world, sign_in, query, found):
    query = query.format(
        stage=world.stages[0].pk,
        pipeline=world.pipeline.pk,
        alice=world.alice.pk,
        bob=world.bob.pk,
        partner=world.partner.pk,
    )
    assert ("Office chairs" in text(sign_in(world.dana).get(f"{url('list')}?{query}"))) is found


def test_the_chip_of_the_status_leads_to_everything(world, sign_in):
    chips = sign_in(world.alice).get(url("list")).context["chips"]
    assert [address for _label, words, address in chips if words == "Open"] == ["/opportunities/?status=all"]


def test_bulk_moves_owner_and_bin(world, sign_in):
    client = sign_in(world.bob)
    key = world.opportunity.pk
    client.post(url("list"), {"act": "stage", "stage": world.stages[2].pk, "ids": [key]})
    assert fresh(world.opportunity).stage == world.stages[2]
    assert world.opportunity.states.count() == 2
    client.post(url("list"), {"act": "owner", "owner": world.bob.pk, "ids": [key]})
    assert fresh(world.opportunity).owner == world.bob
    client.post(url("list"), {"act": "delete", "ids": [key]})
    assert "Office chairs" in text(client.get(url("bin")))
    client.post(url("restore", key))
    assert client.get(url("detail", key)).status_code == 200


def test_what_many_were_moved_to_the_bin_by_one_act_is_taken_back_from_the_toast(world, sign_in):
    client = sign_in(world.bob)
    answer = client.post(url("list"), {"act": "delete", "ids": [world.opportunity.pk]}, follow=True)
    (undo,) = re.findall(r'action="(/opportunities/bin/restore/[^"]+)"', text(answer))
    sign_in(world.dana).post(undo)
    assert fresh(world.opportunity).deleted_at is not None
    client = sign_in(world.bob)
    client.post(undo)
    assert fresh(world.opportunity).deleted_at is None
    assert client.post(url("restore_moment"), {"moment": "2026-13-45T99:00:00+00:00"}).status_code == 302


def test_a_deal_in_the_bin_is_taken_back_from_the_toast(world, sign_in):
    client = sign_in(world.alice)
    answer = client.post(url("delete", world.opportunity.pk), follow=True)
    assert f'action="{url("restore", world.opportunity.pk)}"' in text(answer)


def test_bulk_acts_pass_over_what_is_not_open_to_one(world, sign_in):
    sign_in(world.charlie).post(url("list"), {"act": "delete", "ids": [world.opportunity.pk]})
    assert fresh(world.opportunity).deleted_at is None


def test_export_of_the_filtered_rows(world, sign_in):
    answer = sign_in(world.alice).get(url("list") + "?export=csv")
    assert "Office chairs" in b"".join(answer.streaming_content).decode()


# The card


def test_the_card_tells_the_story(world, sign_in):
    actions.move_to_stage(world.opportunity, world.stages[1], comment="They called back", by=world.bob)
    write_note(world.partner, "Wants oak", opportunity=world.opportunity, by=world.alice)
    page = text(sign_in(world.alice).get(url("detail", world.opportunity.pk), {"tab": "timeline"}))
    assert "Wants oak" in page
    assert "First contact → Meeting" in page
    assert "They called back" in page


@pytest.mark.parametrize("tab", ["timeline", "states", "history", "nonsense"])
def test_every_tab_opens_also_for_a_closed_one(world, sign_in, tab):
    actions.lose(world.opportunity, reasons=[make.reason()], by=world.alice)
    assert sign_in(world.alice).get(url("detail", world.opportunity.pk), {"tab": tab}).status_code == 200


def test_the_strip_covers_the_whole_life(world, sign_in):
    actions.change(world.opportunity, potential=Decimal(500000), by=world.alice)
    strip = sign_in(world.alice).get(url("detail", world.opportunity.pk), {"tab": "states"}).context["strip"]
    assert len(strip.bands) == 2
    assert strip.bands[0].x == 0
    assert strip.bands[-1].x + strip.bands[-1].width >= 999
    assert strip.highest == 500000


def test_the_card_of_a_partner_one_may_not_see_gives_no_link(world, sign_in):
    strange = partners.partner(world.charlie, "Secret LLC", phone="+74950000000")
    mine = make.opportunity(world.alice, partner=strange)
    page = text(sign_in(world.alice).get(url("detail", mine.pk), {"tab": "timeline"}))
    assert reverse("partners:detail", args=[strange.pk]) not in page
    assert "+74950000000" not in page


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [("potential", "99.50", Decimal("99.50")), ("percentage", "55", 55), ("predicted_close_on", "2099-01-31", None)],
)
def test_a_value_is_changed_in_place(world, sign_in, field, typed, value):
    client, address = sign_in(world.alice), url("change", world.opportunity.pk, field)
    assert 'name="version"' in text(client.get(address, **HTMX))
    client.post(address, {field: typed, "version": world.opportunity.version}, **HTMX)
    now = getattr(fresh(world.opportunity), field)
    assert now == value or str(now) == typed
    assert world.opportunity.states.count() == 2


def test_the_owner_is_changed_within_reach_only(world, sign_in):
    client, address = sign_in(world.bob), url("change", world.opportunity.pk, "owner")
    assert client.post(address, {"owner": world.charlie.pk}, **HTMX).status_code == 409
    client.post(address, {"owner": world.bob.pk}, **HTMX)
    assert fresh(world.opportunity).owner == world.bob


def test_a_stale_page_overwrites_nothing(world, sign_in):
    address, seen = url("change", world.opportunity.pk, "potential"), world.opportunity.version
    client = sign_in(world.alice)
    client.post(address, {"potential": "1", "version": seen}, **HTMX)
    answer = client.post(address, {"potential": "2", "version": seen}, **HTMX)
    assert answer.status_code == 409
    assert "Alice was first" in text(answer)
    assert fresh(world.opportunity).potential == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [("potential", "-5"), ("potential", "abc"), ("percentage", "101"), ("predicted_close_on", "1999-01-01")],
)
def test_an_impossible_value_is_refused_with_a_sentence(world, sign_in, field, typed):
    answer = sign_in(world.alice).post(url("change", world.opportunity.pk, field), {field: typed}, **HTMX)
    assert answer.status_code == 409
    assert text(answer)
    assert world.opportunity.states.count() == 1


def test_without_javascript_a_change_comes_back_to_the_card(world, sign_in):
    client, address = sign_in(world.alice), url("change", world.opportunity.pk, "potential")
    assert client.get(address)["Location"] == url("edit", world.opportunity.pk)
    assert client.post(address, {"potential": "7"})["Location"] == url("detail", world.opportunity.pk)
    assert sign_in(world.alice).get(url("change", world.opportunity.pk, "name"), **HTMX).status_code == 404


# The form


def test_an_opportunity_is_opened_once_however_often_the_button_is_pressed(world, sign_in):
    client = sign_in(world.alice)
    values = filled(world, form_token="abc")
    first, second = client.post(url("create"), values), client.post(url("create"), values)
    assert first["Location"] == second["Location"]
    made = Opportunity.objects.get(name="Desks")
    assert (made.owner, made.percentage, made.pipeline, made.states.count()) == (world.alice, 10, world.pipeline, 1)


def test_closing_in_weeks_and_profit_as_total(world, sign_in):
    sign_in(world.alice).post(
        url("create"), filled(world, predicted_close_on="", closes_in="2", closes_unit="W", gross_profit_total="250")
    )
    made = Opportunity.objects.get(name="Desks")
    assert made.predicted_close_on == timezone.localdate() + timedelta(weeks=2)
    assert (made.gross_profit_percent, made.gross_profit) == (25, 250)


def test_interests_have_one_main_one(world, sign_in):
    oak, pine = Interest.objects.create(name="Oak"), Interest.objects.create(name="Pine")
    client = sign_in(world.alice)
    client.post(url("create"), filled(world, primary_interest=pine.pk, other_interests=[oak.pk, pine.pk]))
    made = Opportunity.objects.get(name="Desks")
    rows = {row.interest: row.is_primary for row in made.opportunityinterest_set.all()}
    assert rows == {pine: True, oak: False}
    page = client.get(url("edit", made.pk))
    assert page.context["form"].initial["primary_interest"] == pine.pk


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"predicted_close_on": "2001-01-01"}, "before the opening"), ({"percentage": "120"}, "less than or equal"),
        ({"potential": "-1"}, "greater than or equal"),
        ({"potential": ""}, "required"), ({"currency": "XXX"}, "not one of the available choices"),
        ({"predicted_close_on": ""}, "Say when"), ({"gross_profit_total": "5000"}, "exceed"), ({"name": "x" * 10_000}, "at most 200"),
    ],
)  # fmt: skip
def test_a_wrong_value_stays_with_its_reason(world, sign_in, changed, sentence):
    answer = sign_in(world.alice).post(url("create"), filled(world, **changed))
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Opportunity.objects.filter(name="Desks").exists()


def test_vendors_and_other_peoples_contacts_are_refused(world, sign_in):
    vendor = partners.partner(world.alice, "Vendor", kind="vendor")
    client = sign_in(world.alice)
    assert "not for vendors" in text(client.post(url("create"), filled(world, partner=vendor.pk)))
    other = partners.contact(vendor, "Ivan")
    assert "another partner" in text(client.post(url("create"), filled(world, contact=other.pk)))
    hidden = partners.partner(world.charlie, "Hidden")
    assert client.post(url("create"), filled(world, partner=hidden.pk)).status_code == 422


def test_the_partner_fills_what_is_empty(world, sign_in):
    industry, source = Industry.objects.create(name="Furniture"), Source.objects.create(name="Fair")
    Partner.objects.filter(pk=world.partner.pk).update(industry=industry, source=source)
    client = sign_in(world.alice)
    told = client.get(url("partner_values"), {"partner": world.partner.pk}).json()
    assert told["industry"] == {"value": industry.pk, "text": "Furniture"}
    assert told["owner"]["text"] == "Alice"
    assert client.get(url("create"), {"partner": world.partner.pk}).context["form"].initial["source"] == source.pk
    assert sign_in(world.charlie).get(url("partner_values"), {"partner": world.partner.pk}).status_code == 404


def test_a_partner_is_made_from_its_selector(world, sign_in):
    made = sign_in(world.alice).post(url("new_partner"), {"name": " New  one "}).json()
    partner = Partner.objects.get(pk=made["value"])
    assert (partner.name, partner.owner, partner.kind) == ("New one", world.alice, "lead")
    assert sign_in(world.alice).post(url("new_partner"), {"name": " "}).status_code == 409


def test_an_edit_on_a_stale_page_keeps_what_was_typed(world, sign_in):
    seen = world.opportunity.version
    actions.change(world.opportunity, potential=Decimal(7), by=world.bob)
    answer = sign_in(world.alice).post(url("edit", world.opportunity.pk), filled(world, name="Mine", version=seen))
    assert answer.status_code == 409
    assert "Mine" in text(answer)
    assert "Bob" in text(answer)
    assert fresh(world.opportunity).name == "Office chairs"


def test_editing_moves_the_stage_and_keeps_one_state_more(world, sign_in):
    answer = sign_in(world.alice).post(
        url("edit", world.opportunity.pk), filled(world, stage=world.stages[1].pk, comment="Met them")
    )
    assert answer.status_code == 302
    assert (fresh(world.opportunity).stage, fresh(world.opportunity).percentage) == (world.stages[1], 30)
    assert world.opportunity.states.last().comment == "Met them"


# Closing


def test_won_with_a_comment(world, sign_in):
    client = sign_in(world.alice)
    assert "Close as won" in text(client.get(url("win", world.opportunity.pk), **HTMX))
    answer = client.post(url("win", world.opportunity.pk), {"comment": "Signed"}, **HTMX)
    assert answer["HX-Redirect"] == url("detail", world.opportunity.pk)
    assert (fresh(world.opportunity).status, fresh(world.opportunity).close_comment) == ("won", "Signed")


def test_lost_needs_a_reason_unless_the_company_says_otherwise(world, sign_in):
    reason, client, address = make.reason(), sign_in(world.alice), url("lose", world.opportunity.pk)
    answer = client.post(address, {"comment": "No money"}, **HTMX)
    assert answer.status_code == 409
    assert "Say why" in text(answer)
    assert "No money" in text(answer)
    client.post(address, {"reasons": [reason.pk]}, **HTMX)
    assert list(fresh(world.opportunity).reasons.all()) == [reason]
    Company.objects.update(loss_reason_required=False)
    other = make.opportunity(world.alice)
    client.post(url("lose", other.pk))
    assert fresh(other).status == "lost"


def test_a_reason_for_won_only_is_no_reason_for_lost(world, sign_in):
    reason = make.reason("Good price")
    type(reason).objects.filter(pk=reason.pk).update(for_lost=False)
    answer = sign_in(world.alice).post(url("lose", world.opportunity.pk), {"reasons": [reason.pk]}, **HTMX)
    assert answer.status_code == 422
    assert fresh(world.opportunity).is_open


def test_winning_twice_says_so_and_closes_once(world, sign_in):
    client, address = sign_in(world.alice), url("win", world.opportunity.pk)
    client.post(address)
    answer = client.post(address)
    assert answer.status_code == 409
    assert "Reopen it first" in text(answer)
    assert world.opportunity.states.count() == 2


def test_reopening(world, sign_in):
    actions.win(world.opportunity, by=world.alice)
    client = sign_in(world.alice)
    client.post(url("reopen", world.opportunity.pk))
    assert fresh(world.opportunity).is_open
    answer = client.post(url("reopen", world.opportunity.pk), **HTMX)
    assert answer.status_code == 409


@pytest.mark.parametrize("name", ["detail", "edit", "win", "lose"])
def test_a_stranger_finds_no_card(world, sign_in, name):
    assert sign_in(world.charlie).get(url(name, world.opportunity.pk)).status_code == 404


@pytest.mark.parametrize("name", ["move", "win", "lose", "reopen", "delete", "restore"])
def test_a_stranger_changes_nothing(world, sign_in, name):
    assert (
        sign_in(world.charlie).post(url(name, world.opportunity.pk), {"stage": world.stages[1].pk}).status_code == 404
    )
    assert world.opportunity.states.count() == 1


# Panels and selectors


def test_search_and_selectors_show_ones_own(world, sign_in):
    for name in ("search", "options"):
        assert "Office chairs" in text(sign_in(world.alice).get(url(name), {"q": "chair"}))
        assert "Office chairs" not in text(sign_in(world.charlie).get(url(name), {"q": "chair"}))
    assert "Negotiation" in text(sign_in(world.alice).get(url("stages"), {"q": "nego"}))


def test_the_partners_card_shows_its_opportunities(world, sign_in):
    client = sign_in(world.alice)
    assert "Office chairs" in text(client.get(url("of_partner", world.partner.pk)))
    assert "1" in text(client.get(url("partner_figures", world.partner.pk)))
    assert sign_in(world.charlie).get(url("of_partner", world.partner.pk)).status_code == 404
