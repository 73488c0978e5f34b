"""The pages: preview, act, result, undo; who may."""

import pytest
from django.urls import reverse

from voronka.handover.models import Handover
from voronka.handover.tests import make
from voronka.partners.models import Partner


def test_a_head_previews_and_hands_over(world, sign_in):
    client, address = sign_in(world.bob), reverse("handover:create")
    shown = client.post(address, {"giver": world.alice.pk, "act": "preview"}).content.decode()
    assert "Romashka LLC" in shown
    assert "Partners" in shown
    asked = {"giver": world.alice.pk, "taker": world.charlie.pk, "note": "On leave", "act": "hand_over"}
    answer = client.post(address, asked)
    made = Handover.objects.get()
    assert answer["Location"] == made.get_absolute_url()
    make.worked(made)
    page = client.get(made.get_absolute_url()).content.decode()
    assert "answers for nothing any more" in page
    assert client.post(reverse("handover:undo", args=[made.pk])).status_code == 302
    assert make.worked(made).status == "undone"
    assert "nobody had changed anything" in client.get(made.get_absolute_url()).content.decode()


def test_rows_of_the_list_arrive_selected(world, sign_in):
    page = sign_in(world.alice).post(reverse("handover:create"), {"ids": [world.partner.pk]}).content.decode()
    assert "1 chosen partner" in page
    assert f'name="ids" value="{world.partner.pk}"' in page


def test_a_salesperson_hands_over_only_their_own(world, sign_in):
    client, address = sign_in(world.charlie), reverse("handover:create")
    answer = client.post(address, {"giver": world.alice.pk, "taker": world.charlie.pk, "act": "hand_over"})
    assert answer.status_code == 422
    assert Partner.objects.get(pk=world.partner.pk).owner == world.alice
    assert "Romashka" not in client.post(address, {"giver": world.alice.pk, "act": "preview"}).content.decode()
    assert client.get(f"{reverse('handover:givers')}?q=").json() == [{"value": world.charlie.pk, "text": "Charlie"}]


@pytest.mark.parametrize("name", ["cancel", "undo"])
def test_who_only_receives_changes_nothing(world, sign_in, name):
    done = make.handed_over(world.alice, world.charlie, world.dana)
    assert sign_in(world.charlie).get(done.get_absolute_url()).status_code == 200
    assert sign_in(world.charlie).post(reverse(f"handover:{name}", args=[done.pk])).status_code == 404


def test_programs_do_it_too(world, client):
    client.force_login(world.dana)
    body = {"giver": world.alice.pk, "taker": world.charlie.pk}
    counted = client.post("/api/v1/handovers/preview", body, content_type="application/json").json()
    assert {"place": "partners.partner.owner", "count": 1} in counted
    made = client.post("/api/v1/handovers", body, content_type="application/json")
    assert made.status_code == 201, made.content
    make.worked(Handover.objects.get())
    path = f"/api/v1/handovers/{made.json()['id']}"
    assert client.get(path).json()["moved"]["partners.partner.owner"] == 1
    assert client.get(f"{path}/left").json() == []
    client.force_login(world.alice)
    assert client.get(path).status_code == 200
