"""The demo company is believable, the same every time, and in order."""

import pytest
from django.db import transaction
from django.db.models import Count, Sum

from voronka.accounts.models import Team, User
from voronka.analytics.querysets import tally_differences
from voronka.cli import demo
from voronka.core.errors import RuleBroken
from voronka.opportunities.models import Opportunity, OpportunityState
from voronka.partners import rules
from voronka.partners.models import BankAccount, Partner


@pytest.mark.parametrize("language", ["ru", "en"])
def test_twelve_people_sell_to_four_hundred_partners(db, language):
    demo.make(language)
    assert (User.objects.count(), Team.objects.count(), Partner.objects.count(), Opportunity.objects.count()) == (
        12,
        3,
        400,
        700,
    )
    by_status = dict(Opportunity.objects.values_list("status").annotate(n=Count("pk")))
    assert all(by_status[status] > 60 for status in ("open", "won", "lost"))
    assert OpportunityState.objects.count() > 2000
    assert set(tally_differences().values()) == {0}
    assert all(rules.is_inn(tax_id) for tax_id in Partner.objects.values_list("tax_id", flat=True))
    assert all(
        rules.account_key_is_right(account, bic) for account, bic in BankAccount.objects.values_list("account", "bic")
    )


def test_the_same_day_gives_the_same_company(db):
    sums = []
    for _time in range(2):
        with transaction.atomic():
            demo.make("en")
            sums.append(Opportunity.objects.aggregate(n=Count("pk"), total=Sum("potential"), open=Sum("weighted")))
            transaction.set_rollback(True)
    assert sums[0]["total"] == sums[1]["total"]


def test_a_company_at_work_is_not_overwritten(world):
    with pytest.raises(RuleBroken, match="empty database"):
        demo.make("en")
    assert Partner.objects.count() == 1
