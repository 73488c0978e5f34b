"""Mailboxes on a real IMAP server: what concerns a known partner comes to its timeline, once, and a broken one says so."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from voronka.accounts.models import Notice
from voronka.activities import actions, correspondence, jobs, mailboxes
from voronka.activities.models import Activity, Attachment, Letter, Mailbox
from voronka.activities.tests import post
from voronka.core.errors import RuleBroken
from voronka.partners.tests import make as partners


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    server = post.Server(tmp_path_factory.mktemp("imap"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running):
    """The server with empty mailboxes."""
    for name in ("alice", "bob"):
        with running.box(name) as box:
            for folder in box.folder.list():
                box.folder.set(folder.name)
                box.delete(box.uids())
    return running


@pytest.fixture
def connect(server):
    def connected(user, name="alice", **fields):
        values = {"host": "127.0.0.1", "port": server.port, "security": "none", "login": f"{name}@ours.example"}
        values |= {"address": f"{name}@ours.example", "since": date(2020, 1, 1)} | fields
        password = values.pop("password", server.PASSWORD)
        return actions.save_mailbox(Mailbox(**values), password=password, by=user)

    return connected


def look(mailbox):
    jobs.look_into(mailbox.pk)
    mailbox.refresh_from_db()
    return mailbox


def test_a_letter_of_a_contact_comes_to_the_partner(world, server, connect, sign_in):
    server.put(
        post.letter(sender="Anna P <Anna@Romashka.example>", files=[("contract.bin", b"\x00\x01"), ("run.exe", b"MZ")])
    )
    mailbox = look(connect(world.alice))
    assert (mailbox.health, mailbox.reason) == ("well", "")
    activity = Activity.objects.get(kind="email")
    assert (activity.partner, activity.contact, activity.owner) == (world.partner, world.contact, world.alice)
    assert (activity.title, activity.text, activity.direction, activity.status) == (
        "Chairs",
        "We take oak.",
        "in",
        "done",
    )
    assert mailbox.last_letter_at == activity.happened_at
    assert [one.name for one in Attachment.objects.all()] == ["contract.bin"]
    assert "run.exe" in activity.letter.left_out[0]
    page = (
        sign_in(world.alice).get(reverse("opportunities:timeline_of_partner", args=[world.partner.pk])).content.decode()
    )
    assert "We take oak." in page
    assert sign_in(world.charlie).get(activity.get_absolute_url()).status_code == 404
    assert sign_in(world.bob).get(activity.get_absolute_url()).status_code == 200


def test_what_is_nobodys_business_is_not_stored_nor_marked_as_read(world, server, connect):
    server.put(post.letter(sender="wife@home.example"), post.letter(sender="bob@ours.example", key="<2@ours.example>"))
    Mailbox.objects.all().delete()
    connect(world.bob, "bob")
    look(connect(world.alice))
    assert not Letter.objects.exists()
    with server.box() as box:
        assert {one.flags for one in box.fetch(mark_seen=False)} <= {(), ("\\Recent",)}


def test_looking_again_brings_nothing_twice_and_what_is_new_once(world, server, connect):
    server.put(post.letter())
    mailbox = look(look(connect(world.alice)))
    server.put(post.letter(key="<2@romashka.example>", subject="Tables"))
    look(look(mailbox))
    assert sorted(Activity.objects.values_list("title", flat=True).filter(kind="email")) == ["Chairs", "Tables"]


def test_what_was_sent_from_the_mail_program_comes_too(world, server, connect):
    server.put(post.letter(sender="alice@ours.example", to="anna@romashka.example"), folder="Sent")
    look(connect(world.alice))
    activity = Activity.objects.get(kind="email")
    assert (activity.direction, activity.partner) == ("out", world.partner)


def test_two_colleagues_with_the_same_letter_have_one(world, server, connect):
    same = post.letter(to="alice@ours.example, bob@ours.example")
    server.put(same)
    server.put(same, name="bob")
    look(connect(world.alice))
    look(connect(world.bob, "bob"))
    activity = Activity.objects.get(kind="email")
    assert (activity.owner, list(activity.participants.all())) == (world.alice, [world.bob])


def test_another_letter_under_the_same_message_id_opens_nothing(world, server, connect):
    server.put(post.letter())
    forged = post.letter(sender="partner@other.example", text="Let me in")
    partners.partner(world.charlie, "Other", email="partner@other.example")
    server.put(forged, name="bob")
    look(connect(world.alice, is_private=True))
    look(connect(world.charlie, "bob"))
    assert Activity.objects.filter(kind="email").count() == 2
    assert not Activity.objects.visible_to(world.charlie).filter(title="Chairs", text="We take oak.").exists()


def test_private_means_those_who_took_part(world, server, connect):
    server.put(post.letter())
    look(connect(world.alice, is_private=True))
    activity = Activity.objects.get(kind="email")
    assert Activity.objects.visible_to(world.alice).filter(pk=activity.pk).exists()
    assert not Activity.objects.visible_to(world.dana).filter(pk=activity.pk).exists()
    assert not Letter.objects.visible_to(world.dana).exists()


def test_the_customers_answer_continues_the_deal_also_from_an_unknown_address(world, server, connect, settings):
    settings.EMAIL_HOST = "127.0.0.1"
    mailbox = connect(world.alice)
    written = Activity(partner=world.partner, opportunity=world.opportunity, title="Offer", text="Please")
    first = actions.write_letter(written, to=["anna@romashka.example"], by=world.alice).letter
    server.put(
        post.letter(
            sender="anna@private.example", subject="Re: Offer", key="<2@x.example>", In_Reply_To=f"<{first.key}>"
        ),
        post.letter(subject="Re: Re: Offer", key="<3@x.example>", References=f"<{first.key}> <2@x.example>"),
    )
    look(mailbox)
    answers = Letter.objects.exclude(pk=first.pk)
    assert {one.thread for one in answers} == {first.thread}
    assert {one.activity.opportunity_id for one in answers} == {world.opportunity.pk}


def test_what_we_sent_is_not_doubled_by_the_folder_of_sent_letters(world, server, connect, settings):
    taker, smtp = post.taking()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp.port
    mailbox = connect(world.alice)
    written = Activity(partner=world.partner, title="Offer", text="Please")
    actions.write_letter(written, to=["anna@romashka.example"], by=world.alice)
    jobs.send_letters()
    smtp.stop()
    server.put(taker.letters[0].as_bytes(), folder="Sent")
    look(mailbox)
    assert Letter.objects.count() == 1


def test_its_own_smtp_server_is_used(world, server, connect):
    taker, smtp = post.taking()
    connect(world.alice, smtp_host="127.0.0.1", smtp_port=smtp.port, smtp_security="none")
    written = Activity(partner=world.partner, title="Offer", text="Please")
    actions.write_letter(written, to=["anna@romashka.example"], by=world.alice)
    jobs.send_letters()
    smtp.stop()
    assert taker.letters[0]["From"] == "Alice <alice@ours.example>"


@pytest.mark.parametrize("raw", [
    b"From: anna@romashka.example\r\nSubject: =?utf-8?b?8J?=\r\nDate: yesterday\r\n\r\nHi",
    b"From: anna@romashka.example\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfe\x00Hi",
    b"From: anna@romashka.example\r\nContent-Type: multipart/mixed\r\nMessage-ID: <\r\n\r\n--x\r\n",
    b"From: \xcf\xf0\xe8\xe2\xe5\xf2 <anna@romashka.example>\r\nTo: ;;;,\r\nSubject: \xcf\xf0\r\n\r\n" + b"x" * 300_000,
    b"From: anna@romashka.example\r\nContent-Type: text/html\r\nReferences: " + b"<a@b> " * 500 + b"\r\n\r\n<p>Hi<script>alert(1)</script>",
])  # fmt: skip
def test_a_broken_letter_stops_nothing(world, server, connect, raw):
    server.put(raw, post.letter(key="<good@x.example>"))
    assert look(connect(world.alice)).health == "well"
    assert Letter.objects.count() == 2


def test_a_folder_numbered_anew_is_read_again_without_doubles(world, server, connect):
    server.put(post.letter())
    mailbox = look(connect(world.alice))
    mailbox.folders.update(numbering=1, last_number=100)
    server.put(post.letter(key="<2@x.example>"))
    look(mailbox)
    assert Letter.objects.count() == 2


def test_the_database_keeps_two_readers_apart(world, server, connect):
    server.put(post.letter())
    mailbox = look(connect(world.alice))
    folder = mailbox.folders.get(name=mailboxes.INBOX)
    assert not correspondence.advance(folder, folder.last_number)
    assert correspondence.advance(folder, folder.last_number + 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"password": "wrong"}, "refused the login"), ({"port": 1}, "can't be reached"), ({"host": "nowhere.invalid"}, "There is no server"), ({"sent_folder": "Nope"}, "folder")],
)  # fmt: skip
def test_a_broken_mailbox_says_why_and_since_when(world, server, connect, sign_in, change, words):
    server.put(post.letter())
    mailbox = look(look(connect(world.alice, **change)))
    assert mailbox.health == "broken"
    assert words in mailbox.reason
    assert mailbox.look_after > timezone.now() + timedelta(minutes=1)
    page = sign_in(world.alice).get(reverse("activities:mailbox")).content.decode()
    assert "does not work" in page
    assert "works" not in page.replace("does not work", "")
    assert escape(words) in page
    assert Notice.objects.filter(user=world.alice, kind="mailbox").count() == 1


def test_a_mailbox_that_breaks_and_comes_back(world, server, connect):
    mailbox = look(connect(world.alice))
    assert mailbox.health == "well"
    server.stop()
    assert look(mailbox).health == "broken"
    assert mailbox.looked_at is not None
    server.start()
    server.put(post.letter())
    assert look(mailbox).health == "well"
    assert Letter.objects.count() == 1


def test_a_worker_that_stands_still_is_not_called_healthy(world, server, connect):
    mailbox = look(connect(world.alice))
    mailbox.looked_at -= timedelta(hours=1)
    assert mailbox.health == "late"


def test_another_secret_asks_for_the_password_again(world, server, connect, settings):
    mailbox = connect(world.alice)
    settings.SECRET_KEY = "another"
    assert "Type it again" in look(mailbox).reason


def test_the_password_is_sealed_and_never_shown(world, server, connect, sign_in):
    mailbox = connect(world.alice)
    assert server.PASSWORD not in mailbox.sealed
    page = sign_in(world.alice).get(reverse("activities:mailbox")).content.decode()
    assert server.PASSWORD not in page
    assert mailbox.sealed not in page


def test_the_password_goes_to_no_other_server(world, server, connect):
    mailbox = connect(world.alice)
    mailbox.host = "evil.example"
    with pytest.raises(RuleBroken) as refused:
        actions.save_mailbox(mailbox, by=world.alice)
    assert refused.value.field == "password"


def test_the_page_connects_and_disconnects(world, server, sign_in):
    client, address = sign_in(world.alice), reverse("activities:mailbox")
    fields = {
        "address": "alice@ours.example",
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "login": "alice@ours.example",
        "since": "2020-01-01",
    }
    fields |= {"is_active": "on", "smtp_port": 465, "smtp_security": "ssl"}
    assert "Type the password" in client.post(address, fields).content.decode()
    assert client.post(address, fields | {"password": server.PASSWORD}).status_code == 302
    assert "not looked into yet" in client.get(address).content.decode()
    assert look(Mailbox.objects.get()).health == "well"
    client.post(reverse("activities:mailbox_look"))
    assert sign_in(world.bob).post(reverse("activities:mailbox_forget")).status_code == 404
    sign_in(world.alice).post(reverse("activities:mailbox_forget"))
    assert not Mailbox.objects.exists()


def test_html_is_shown_without_harm(world, server, connect, sign_in):
    evil = '<p onclick="x()">Hi</p><script>alert(1)</script><img src="https://spy.example/x.gif"><a href="javascript:x()">a</a><a href="https://ok.example">b</a><style>p{}</style>'
    server.put(post.letter(html=evil))
    look(connect(world.alice))
    letter = Letter.objects.get()
    client = sign_in(world.alice)
    assert "<iframe" in client.get(letter.activity.get_absolute_url()).content.decode()
    answer = client.get(reverse("activities:letter_html", args=[letter.pk]))
    shown = answer.content.decode()
    assert not [one for one in ("<script", "onclick", "<img", "javascript:", "spy.example") if one in shown]
    assert 'href="https://ok.example"' in shown
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert sign_in(world.charlie).get(reverse("activities:letter_html", args=[letter.pk])).status_code == 404
