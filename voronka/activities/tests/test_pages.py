"""Doors of notes: writing, changing, taking back."""

from django.urls import reverse

from voronka.accounts.tests import make as people
from voronka.activities.actions import write_note
from voronka.activities.models import Activity

HTMX = {"HTTP_HX_REQUEST": "true"}
NOTE = "/activities/compose/"


def test_a_note_is_written_from_both_cards(world, sign_in):
    client = sign_in(world.alice)
    answer = client.post(NOTE, {"partner": world.partner.pk, "text": "Called"}, **HTMX)
    assert "Called" in answer.content.decode()
    client.post(NOTE, {"opportunity": world.opportunity.pk, "text": "Wants oak", "back": "/opportunities/"})
    note = Activity.objects.get(text="Wants oak")
    assert (note.partner, note.opportunity_id, note.owner) == (world.partner, world.opportunity.pk, world.alice)
    assert "Wants oak" in client.get(reverse("activities:of_partner", args=[world.partner.pk])).content.decode()


def test_an_empty_note_says_what_to_do(world, sign_in):
    client = sign_in(world.alice)
    assert client.post(NOTE, {"partner": world.partner.pk, "text": " "}, **HTMX).status_code == 422
    answer = client.post(NOTE, {"partner": world.partner.pk, "text": "Hi", "back": "//evil.example"})
    assert answer["Location"] == "/activities/"
    Activity.objects.all().delete()
    assert not Activity.objects.exists()


def test_a_stranger_and_a_reader_write_nothing(world, sign_in):
    stranger, observer = sign_in(world.charlie), people.user("Olga", "observer")
    assert stranger.post(NOTE, {"partner": world.partner.pk, "text": "Hi"}).status_code == 404
    assert stranger.post(NOTE, {"opportunity": world.opportunity.pk, "text": "Hi"}).status_code == 404
    assert stranger.post(NOTE, {"partner": "x" * 30, "text": "Hi"}).status_code == 404
    assert sign_in(observer).post(NOTE, {"partner": world.partner.pk, "text": "Hi"}).status_code == 403


def test_ones_own_note_is_changed_deleted_and_taken_back(world, sign_in):
    note, client = write_note(world.partner, "Caled", by=world.alice), sign_in(world.alice)
    address = reverse("activities:detail", args=[note.pk])
    assert "<textarea" in client.get(address + "?edit=1", **HTMX).content.decode()
    client.post(address, {"text": "Called", "version": note.version}, **HTMX)
    assert client.post(address, {"text": "Later", "version": note.version}, **HTMX).status_code == 409
    assert client.post(address, {"text": ""}, **HTMX).status_code == 422
    assert Activity.objects.get(pk=note.pk).text == "Called"
    assert "Undo" in client.post(reverse("activities:delete", args=[note.pk]), **HTMX).content.decode()
    assert client.get(address).status_code == 404
    client.post(reverse("activities:restore", args=[note.pk]), **HTMX)
    assert client.get(address).status_code == 200


def test_a_colleague_reads_and_changes_nothing(world, sign_in):
    note = write_note(world.partner, "Called", by=world.alice)
    address = reverse("activities:detail", args=[note.pk])
    assert "Called" in sign_in(world.bob).get(address).content.decode()
    assert sign_in(world.bob).post(address, {"text": "Mine"}).status_code == 404
    assert sign_in(world.charlie).get(address).status_code == 404
    assert sign_in(world.charlie).post(reverse("activities:delete", args=[note.pk])).status_code == 404


def test_the_list_finds_words(world, sign_in):
    write_note(world.partner, "Wants oak", by=world.alice)
    client = sign_in(world.alice)
    assert "Wants oak" in client.get("/activities/?q=oak").content.decode()
    assert "Wants oak" not in client.get("/activities/?q=pine").content.decode()
    assert "Wants oak" not in sign_in(world.charlie).get("/activities/").content.decode()
