"""Notices: told once, shown under the bell, mailed through a real mail server."""

import email
import socket
from contextlib import contextmanager
from email import policy

import pytest
from aiosmtpd.controller import Controller
from django.urls import reverse
from django.utils.translation import gettext_lazy

from voronka.accounts import actions, jobs
from voronka.accounts.models import Notice


class Mailbox:
    """Keeps what arrives; may be told to refuse."""

    def __init__(self):
        self.letters, self.refusals = [], 0

    async def handle_DATA(self, server, session, envelope):
        if self.refusals:
            self.refusals -= 1
            return "451 Try again later"
        self.letters.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 Taken"


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.SITE_URL = "https://crm.example"
    yield box
    server.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tell(person, **more):
    return actions.notify(person, gettext_lazy("Saved."), url="/partners/", **more)


@contextmanager
def later(notice):
    """The wait of a notice that could not be mailed is over."""
    Notice.objects.filter(pk=notice.pk).update(mail_after=notice.created_at)
    yield
    notice.refresh_from_db()


def test_a_notice_waits_under_the_bell_until_it_is_read(world, sign_in):
    tell(world.alice)
    page = sign_in(world.alice).get(reverse("partners:list")).content.decode()
    assert '<span class="bell-count">1<' in page
    answer = sign_in(world.alice).get(reverse("accounts:notice", args=[Notice.objects.get().pk]))
    assert answer["Location"] == "/partners/"
    assert "hidden" in sign_in(world.alice).get(reverse("accounts:bell")).content.decode()


def test_the_same_key_tells_once(world):
    assert tell(world.alice, key="import-1") is not None
    assert tell(world.alice, key="import-1") is None
    assert tell(world.bob, key="import-1") is not None
    world.alice.refresh_from_db()
    assert world.alice.unread == 1


def test_it_speaks_the_language_of_its_reader(world):
    world.alice.language = "ru"
    assert tell(world.alice).title == "Сохранено."


def test_a_stranger_reads_no_notice_of_others(world, sign_in):
    notice = tell(world.alice)
    assert sign_in(world.charlie).get(reverse("accounts:notice", args=[notice.pk])).status_code == 404
    assert "Saved." not in sign_in(world.charlie).get(reverse("accounts:notices")).content.decode()


def test_reading_all(world, sign_in):
    tell(world.alice)
    tell(world.alice)
    tell(world.bob)
    sign_in(world.alice).post(reverse("accounts:notices_read"))
    world.alice.refresh_from_db()
    world.bob.refresh_from_db()
    assert (world.alice.unread, world.bob.unread) == (0, 1)


def test_it_goes_by_mail_once(world, mailbox):
    tell(world.alice, mail=True)
    tell(world.alice)
    jobs.mail_notices()
    jobs.mail_notices()
    [letter] = mailbox.letters
    assert letter["To"] == world.alice.email
    assert letter["Subject"] == "Saved."
    assert "https://crm.example/partners/" in letter.get_body(("plain",)).get_content()
    assert letter["Message-ID"].startswith("<notice-")


def test_who_wants_no_letters_gets_none(world, mailbox):
    world.alice.notices_by_mail = False
    tell(world.alice, mail=True)
    jobs.mail_notices()
    assert mailbox.letters == []


def test_a_mail_server_that_refuses_is_asked_again_later(world, mailbox):
    mailbox.refusals = 1
    notice = tell(world.alice, mail=True)
    jobs.mail_notices()
    notice.refresh_from_db()
    assert mailbox.letters == []
    assert notice.mailed_at is None
    assert "451" in notice.mail_error
    with later(notice):
        jobs.mail_notices()
    assert len(mailbox.letters) == 1
    assert notice.mail_error == ""


def test_after_many_tries_it_is_given_up(world, mailbox):
    mailbox.refusals = 100
    notice = tell(world.alice, mail=True)
    for _try in range(jobs.MOST_TRIES):
        with later(notice):
            jobs.mail_notices()
    assert notice.mail_after is None
    assert notice.mail_tries == jobs.MOST_TRIES
