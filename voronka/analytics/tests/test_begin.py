"""A new installation: an administrator begins with the usual pipeline and lists, and sells."""

import pytest
from django.urls import reverse

from voronka.accounts import actions as accounts
from voronka.accounts.models import User
from voronka.activities.models import Outcome
from voronka.opportunities.models import Opportunity, Pipeline
from voronka.partners.models import Partner


@pytest.fixture(params=["ru", "en"])
def first(db, request):
    return accounts.set_up_company(
        company="Ours", language=request.param, currency="RUB", time_zone="Europe/Moscow", name="Eve", email="eve@ours.example", password="long-enough-7"
    )  # fmt: skip


def test_from_nothing_to_the_first_opportunity(first, sign_in):
    client = sign_in(first)
    page = client.get("/").content.decode()
    assert reverse("analytics:begin") in page
    client.post(reverse("analytics:begin"))
    pipeline = Pipeline.objects.get(is_default=True)
    assert [stage.percentage for stage in pipeline.stages.all()] == [10, 25, 50, 75, 90]
    assert pipeline.stages.first().name == {"ru": "Первый контакт", "en": "First contact"}[first.language]
    assert Outcome.objects.filter(reached=False).count() == 2
    client.post(
        reverse("partners:create"),
        {
            "name": "Romashka",
            "kind": "lead",
            "legal_status": "company",
            "country": "RU",
            "owner": first.pk,
            "language": "",
        },
    )
    partner = Partner.objects.get()
    client.post(
        reverse("opportunities:create"),
        {
            "partner": partner.pk, "name": "Chairs", "potential": "1000", "currency": "RUB", "pipeline": pipeline.pk, "stage": pipeline.stages.first().pk,
            "owner": first.pk, "opened_on": "2026-01-01", "predicted_close_on": "2030-01-01", "closes_unit": "D", "percentage": "10", "gross_profit_percent": "0",
        },
    )  # fmt: skip
    assert Opportunity.objects.get().potential == 1000
    assert reverse("analytics:begin") not in client.get("/").content.decode()


def test_it_is_done_once(first, sign_in):
    client = sign_in(first)
    client.post(reverse("analytics:begin"))
    client.post(reverse("analytics:begin"))
    assert Pipeline.objects.count() == 1


def test_only_who_configures_begins(first, sign_in):
    seller = accounts.add_user(
        name="Ann",
        email="ann@ours.example",
        password="long-enough-7",
        role=accounts.Role.objects.get(slug="salesperson"),
        by=first,
    )
    assert sign_in(seller).post(reverse("analytics:begin")).status_code == 403
    assert not Pipeline.objects.exists()
    assert User.objects.count() == 2
