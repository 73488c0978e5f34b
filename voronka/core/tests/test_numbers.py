"""Numbers somebody sends: what only looks like one is none, and breaks nothing."""

import pytest
from django.urls import reverse

from voronka.core.pages import number_of


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("0", 0), ("", 0), (None, 0), ("²", 0), ("-1", 0), ("1.5", 0), ("9" * 18, int("9" * 18)), ("9" * 19, 0)],
)
def test_only_whole_numbers_are_numbers(text, number):
    assert number_of(text) == number


def test_a_raised_two_is_no_number_of_a_view(world, sign_in):
    assert sign_in(world.alice).post(reverse("core:delete_view"), {"pk": "²"}).status_code == 302


def test_a_raised_two_is_no_version_of_a_partner(world, sign_in):
    client = sign_in(world.alice)
    address = reverse("partners:change", args=[world.partner.pk, "website"])
    client.post(address, {"website": "romashka.example", "version": "²"}, headers={"HX-Request": "true"})
    world.partner.refresh_from_db()
    assert "romashka.example" in world.partner.website
