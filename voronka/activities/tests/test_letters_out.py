"""Letters written on a card: they go out once through a real mail server, and what became of them is told."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from voronka.accounts.models import Notice
from voronka.accounts.tests import make as people
from voronka.activities import jobs
from voronka.activities.models import Activity, Letter, LetterTemplate
from voronka.activities.tests import post


def write(client, world, address=None, **fields):
    address = address or reverse("activities:letter_to_partner", args=[world.partner.pk])
    return client.post(address, {"to": "anna@romashka.example", "title": "Chairs", "text": "Dear Anna"} | fields)


def test_a_letter_goes_from_the_card_to_the_customer(world, sign_in, taker):
    client = sign_in(world.alice)
    shown = client.get(reverse("activities:letter_about_opportunity", args=[world.opportunity.pk])).content.decode()
    assert "anna@romashka.example" in shown
    contract = SimpleUploadedFile("Договор.pdf", b"%PDF-1.4")
    about = reverse("activities:letter_about_opportunity", args=[world.opportunity.pk])
    answer = write(client, world, about, cc="Boss <boss@romashka.example>", files=[contract])
    assert answer["Location"] == world.opportunity.get_absolute_url()
    card = client.get(world.opportunity.get_absolute_url(), {"part": "stream"}).content.decode()
    assert "Waiting to be sent" in card
    jobs.send_letters()
    jobs.send_letters()
    [arrived] = taker.letters
    activity = Activity.objects.get(kind="email")
    assert (arrived["To"], arrived["Cc"]) == ("anna@romashka.example", "boss@romashka.example")
    assert arrived["From"] == f"Alice <{world.alice.email}>"
    assert arrived["Message-ID"] == f"<{activity.letter.key}>"
    assert [part.get_filename() for part in arrived.iter_attachments()] == ["Договор.pdf"]
    assert (activity.opportunity_id, activity.contact, activity.direction) == (
        world.opportunity.pk,
        world.contact,
        "out",
    )
    assert (activity.letter.state, activity.letter.error) == ("sent", "")
    card = client.get(world.opportunity.get_absolute_url(), {"part": "stream"}).content.decode()
    assert "Waiting to be sent" not in card
    assert "Dear Anna" in card


def test_the_same_form_sent_twice_is_one_letter(world, sign_in, taker):
    client = sign_in(world.alice)
    write(client, world, form_token="abc")
    write(client, world, form_token="abc")
    assert Letter.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"to": ""}, "Say whom it is for."), ({"to": "anna@romashka.example, nobody"}, "“nobody” is no e-mail address."), ({"title": " "}, "A letter needs a subject."),
        ({"text": ""}, "Write something first."), ({"files": SimpleUploadedFile("run.exe", b"MZ")}, "programs are not taken"),
        ({"to": ",".join(f"a{n}@b.example" for n in range(51))}, "at most 50 people"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(world, sign_in, taker, fields, sentence):
    answer = write(sign_in(world.alice), world, **({"text": "My words"} | fields))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "text" in fields or "My words" in answer.content.decode()
    assert not Activity.objects.filter(kind="email").exists()


def test_without_a_mail_server_it_is_said_before_and_after(world, sign_in):
    client = sign_in(world.alice)
    page = client.get(reverse("activities:letter_to_partner", args=[world.partner.pk])).content.decode()
    assert "No mail server is set up" in page
    assert "Dear Anna" in write(client, world).content.decode()
    assert not Letter.objects.exists()


def test_a_refusal_for_good_is_told_with_its_reason_and_can_be_tried_again(world, sign_in, taker):
    taker.refused["anna@romashka.example"] = "550 No such mailbox"
    client = sign_in(world.alice)
    write(client, world)
    jobs.send_letters()
    letter = Letter.objects.get()
    assert letter.state == "failed"
    shown = client.get(reverse("opportunities:timeline_of_partner", args=[world.partner.pk])).content.decode()
    assert "Not sent" in shown
    assert "No such mailbox" in shown
    assert "No such mailbox" in Notice.objects.get(user=world.alice).text
    taker.refused.clear()
    client.post(reverse("activities:send_again", args=[letter.pk]))
    client.post(reverse("activities:send_again", args=[letter.pk]))
    jobs.send_letters()
    assert len(taker.letters) == 1


def test_one_recipient_of_two_is_refused(world, sign_in, taker):
    taker.refused["gone@romashka.example"] = "550 Gone"
    client = sign_in(world.alice)
    write(client, world, to="anna@romashka.example, gone@romashka.example")
    jobs.send_letters()
    letter = Letter.objects.get()
    assert (letter.state, len(taker.letters)) == ("sent", 1)
    assert "Gone" in letter.error
    assert (
        "Not delivered to all"
        in client.get(reverse("opportunities:timeline_of_partner", args=[world.partner.pk])).content.decode()
    )


def test_a_passing_failure_is_tried_again_under_the_same_message_id(world, sign_in, taker):
    taker.refusals = ["451 Try later"]
    write(sign_in(world.alice), world)
    jobs.send_letters()
    letter = Letter.objects.get()
    assert (letter.state, taker.letters) == ("waiting", [])
    assert "451" in letter.error
    Letter.objects.update(send_after=timezone.now())
    jobs.send_letters()
    assert [one["Message-ID"] for one in taker.letters] == [f"<{letter.key}>"]


def test_a_server_nobody_reaches_is_given_up_in_the_end(world, sign_in, taker, settings):
    settings.EMAIL_PORT = post.free_port()
    write(sign_in(world.alice), world)
    for _try in range(jobs.MOST_TRIES):
        Letter.objects.update(send_after=timezone.now() - timedelta(minutes=1))
        jobs.send_letters()
    letter = Letter.objects.get()
    assert letter.state == "failed"
    assert "refused" in letter.error.lower()


def test_an_answer_continues_the_thread_and_the_deal(world, sign_in, taker):
    client = sign_in(world.alice)
    write(client, world, reverse("activities:letter_about_opportunity", args=[world.opportunity.pk]))
    first = Letter.objects.get()
    address = reverse("activities:answer", args=[first.pk])
    page = client.get(address).content.decode()
    assert "Re: Chairs" in page
    assert "&gt; Dear Anna" in page
    write(client, world, address, title="Re: Chairs", text="And tables")
    jobs.send_letters()
    second = Letter.objects.exclude(pk=first.pk).get()
    assert (second.thread, second.activity.opportunity_id) == (first.thread, world.opportunity.pk)
    assert taker.letters[-1]["In-Reply-To"] == f"<{first.key}>"
    assert taker.letters[-1]["References"] == f"<{first.key}>"


def test_a_template_is_filled_in(world, sign_in):
    template = LetterTemplate.objects.create(
        name="Offer", title="{deal} for {partner}", text="Dear {contact},\n{this stays}\n{sender}"
    )
    address = reverse("activities:letter_about_opportunity", args=[world.opportunity.pk])
    fields = {"apply": "1", "template": template.pk, "to": "other@romashka.example"}
    page = sign_in(world.alice).post(address, fields).content.decode()
    assert "Office chairs for Romashka LLC" in page
    assert "Dear Anna Petrova,\n{this stays}\nAlice" in page
    assert "other@romashka.example" in page
    assert not Activity.objects.filter(kind="email").exists()


def test_templates_are_set_up_by_those_who_configure(world, sign_in):
    address = reverse("activities:letter_template_create")
    fields = {"name": "Offer", "title": "For {partner}", "text": "Dear {contcat}", "position": 1, "is_active": "on"}
    assert sign_in(world.alice).post(address, fields).status_code == 403
    client = sign_in(world.eve)
    assert "Nobody knows the field {contcat}" in client.post(address, fields).content.decode()
    client.post(address, fields | {"text": "Dear {contact}"})
    template = LetterTemplate.objects.get()
    assert "Offer" in client.get(reverse("activities:set_up_letter-templates")).content.decode()
    assert client.get(reverse("activities:letter_template_edit", args=[template.pk])).status_code == 200


def test_strangers_write_nothing_and_readers_may_not(world, sign_in, taker):
    write(sign_in(world.alice), world)
    letter = Letter.objects.get()
    charlie = sign_in(world.charlie)
    assert write(charlie, world).status_code == 404
    about = reverse("activities:letter_about_opportunity", args=[world.opportunity.pk])
    assert write(charlie, world, about).status_code == 404
    assert charlie.get(reverse("activities:answer", args=[letter.pk])).status_code == 404
    assert charlie.post(reverse("activities:send_again", args=[letter.pk])).status_code == 404
    assert write(sign_in(people.user("Olga", "observer")), world).status_code == 403
