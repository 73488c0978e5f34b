"""Amounts in other currencies count in the company's at the rate of the day their state began."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from voronka.analytics.querysets import tally_differences
from voronka.core.errors import RuleBroken
from voronka.opportunities import actions, jobs
from voronka.opportunities.models import Opportunity, OwnerTally
from voronka.opportunities.tests import make
from voronka.opportunities.tests.test_moving import assert_tiled, spans
from voronka.products import actions as products
from voronka.products.models import CompanyValue, Currency
from voronka.products.tests import make as money

IN_ORDER = {"tally": 0, "ownertally": 0, "stagetally": 0, "last_spans": 0, "gaps": 0}


def sums(user):
    return {
        row["stage"]: (row["total"], row["expected"]) for row in OwnerTally.objects.visible_to(user).summed("stage")
    }


def test_a_deal_in_dollars_counts_at_the_rate_of_the_day(world):
    money.currency("USD", 90)
    deal = make.opportunity(world.alice, 1000, currency="USD", stage=world.stages[1])
    assert (deal.potential, deal.potential_company, deal.weighted, deal.weighted_company) == (1000, 90000, 300, 27000)
    assert sums(world.alice)[world.stages[1].pk] == (90000, 27000)
    assert_tiled(deal)


def test_one_without_any_rate_is_refused_in_words(world):
    with pytest.raises(RuleBroken, match="no rate for USD") as refused:
        make.opportunity(world.alice, 1000, currency="USD")
    assert refused.value.field == "currency"


def test_each_state_keeps_the_rate_of_its_day(world):
    currency = money.currency("USD", 80, days_ago=10)
    deal = make.opportunity(world.alice, 1000, currency="USD", opened_on=timezone.localdate() - timedelta(days=5))
    products.set_rates(currency, [(timezone.localdate(), Decimal(100))], by=world.eve)
    actions.move_to_stage(deal, world.stages[1], by=world.alice)
    assert [state.potential_company for state in spans(deal)] == [80000, 100000]
    actions.change(deal, potential=Decimal(2000), by=world.alice)
    assert spans(deal)[-1].potential_company == 200000
    assert tally_differences() == IN_ORDER


def test_the_day_is_the_companys(world):
    """Half past ten in the evening of the 14th in London is the 15th in Moscow."""
    currency = money.currency("USD", 80, days_ago=4000)
    products.set_rates(currency, [(date(2026, 1, 15), Decimal(100))], by=world.eve)
    at = datetime(2026, 1, 14, 22, 30, tzinfo=ZoneInfo("Europe/London"))
    assert Currency.objects.values_list(CompanyValue(Decimal(1), "USD", at), flat=True).get(pk=currency.pk) == 100


def test_many_moved_and_handed_over_are_valued_too(world):
    money.currency("USD", 90)
    deals = [make.opportunity(world.alice, 10, currency="USD"), make.opportunity(world.alice, 10)]
    rows = Opportunity.objects.filter(pk__in=[deal.pk for deal in deals])
    money.currency("USD", 100)
    actions.move_many(rows, world.stages[2], by=world.bob)
    assert sorted(rows.values_list("potential_company", flat=True)) == [10, 1000]
    money.currency("USD", 110)
    actions.change_owner(rows, owner=world.bob, by=world.bob)
    assert sorted(rows.values_list("potential_company", flat=True)) == [10, 1100]
    assert tally_differences() == IN_ORDER


def test_a_corrected_rate_values_the_past_anew(world, django_capture_on_commit_callbacks):
    currency = money.currency("USD", 80, days_ago=10)
    deal = make.opportunity(world.alice, 1000, currency="USD", opened_on=timezone.localdate() - timedelta(days=5))
    actions.win(deal, by=world.alice)
    with django_capture_on_commit_callbacks(execute=True):
        products.set_rates(currency, [(timezone.localdate() - timedelta(days=7), Decimal(85))], by=world.eve)
    job = ProcrastinateJob.objects.get(task_name="opportunities.revalue")
    jobs.revalue(**job.args)
    assert {state.potential_company for state in spans(deal)} == {85000}
    deal.refresh_from_db()
    assert deal.potential_company == 85000
    assert tally_differences() == IN_ORDER


def test_an_edit_that_states_nothing_keeps_the_old_rate(world):
    money.currency("USD", 90)
    deal = make.opportunity(world.alice, 1000, currency="USD")
    money.currency("USD", 100)
    deal.name = "Chairs"
    actions.save_opportunity(deal, by=world.alice)
    assert (deal.potential_company, len(spans(deal))) == (90000, 1)
    assert_tiled(deal)


def test_sums_of_list_board_and_card_are_the_companys(world, sign_in):
    money.currency("USD", 90)
    deal = make.opportunity(world.alice, 1000, currency="USD", partner=world.partner)
    client = sign_in(world.alice)
    assert "340,000" in client.get("/opportunities/?part=totals").content.decode()
    for query in ("", "?q=r"):
        assert client.get("/opportunities/board/" + query).context["columns"][0].potential == 340000
    card = client.get(deal.get_absolute_url()).content.decode()
    assert "$" in card
    assert "90,000" in card


def test_the_form_offers_the_currencies_in_use(world, sign_in):
    money.currency("USD", 90)
    page = sign_in(world.alice).get("/opportunities/new/")
    assert [code for code, _words in page.context["form"].fields["currency"].choices] == ["RUB", "USD"]
