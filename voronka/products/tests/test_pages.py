"""Doors of currencies and rates: typed by day, read from a file, taken away; only by those who configure."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from voronka.accounts.actions import issue_token
from voronka.products.models import Currency, Rate
from voronka.products.tests import make


def test_a_currency_gets_a_rate_and_loses_it(world, sign_in):
    client = sign_in(world.eve)
    assert client.get(reverse("products:currency_create")).status_code == 200
    answer = client.post(
        reverse("products:currency_create"), {"code": "usd", "name": "US dollar", "position": 1, "is_active": "on"}
    )
    client.post(answer["Location"], {"day": "2026-01-15", "rate": "90.5"})
    client.post(answer["Location"], {"day": "2026-01-15", "rate": "91.25"})
    rate = Rate.objects.get(currency__code="USD")
    assert (rate.day, rate.rate) == (date(2026, 1, 15), 91.25)
    assert "91.25" in client.get(answer["Location"]).content.decode()
    client.post(reverse("products:rate_delete", args=[rate.currency_id, rate.pk]))
    assert not Rate.objects.exists()


@pytest.mark.parametrize(
    "given",
    [{"day": "yesterday", "rate": "90"}, {"day": "2026-01-15", "rate": "-1"}, {"day": "2026-01-15", "rate": ""}],
)
def test_an_impossible_rate_is_told_beside_its_field(world, sign_in, given):
    answer = sign_in(world.eve).post(make.currency().get_absolute_url(), given)
    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_the_companys_own_currency_needs_no_rate(world, sign_in):
    address = reverse("products:currency_create")
    answer = sign_in(world.eve).post(address, {"code": "RUB", "name": "rouble", "position": 1, "is_active": "on"})
    assert "own currency" in answer.content.decode()
    assert not Currency.objects.exists()


def test_rates_come_from_a_file_wholly_or_not_at_all(world, sign_in):
    client, address = sign_in(world.eve), reverse("products:rates_file")
    text = "Дата;Валюта;Курс;Номинал\n15.01.2026;USD;90,5;1\n15.01.2026;KZT;17,4;100\n15.01.2026;RUB;1;1\n"
    client.post(address, {"file": ContentFile(text.encode("cp1251"), name="rates.csv")})
    assert sorted(Rate.objects.values_list("currency__code", "rate")) == [("KZT", Decimal("0.174")), ("USD", 90.5)]
    bad = client.post(
        address, {"file": ContentFile(b"date,currency,rate\n2026-02-01,USD,92\n2026-02-02,USD,?\n", name="rates.csv")}
    )
    assert bad.status_code == 422
    assert "Line 3" in bad.content.decode()
    assert Rate.objects.count() == 2


@pytest.mark.parametrize("name", ["currencies", "currency_create"])
def test_only_those_who_configure(world, sign_in, name):
    assert sign_in(world.eve).get(reverse(f"products:{name}")).status_code == 200
    assert sign_in(world.alice).get(reverse(f"products:{name}")).status_code == 403
    assert (
        sign_in(world.alice).post(make.currency().get_absolute_url(), {"day": "2026-01-15", "rate": "1"}).status_code
        == 403
    )


def test_a_program_writes_rates(world, client):
    make.currency("USD", 90)
    body = json.dumps([{"day": "2026-01-15", "rate": "91.5"}])

    def put(person):
        headers = {"Authorization": f"Bearer {issue_token(person, 'test')[1]}"}
        return client.put("/api/v1/currencies/USD/rates", body, content_type="application/json", headers=headers)

    assert put(world.alice).status_code == 403
    assert {"day": "2026-01-15", "rate": "91.50000000"} in put(world.eve).json()
