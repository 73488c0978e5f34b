"""The day of a salesperson as one story: PostgreSQL, Chromium, a mail server and a mailbox are real; at 360 px with what a phone has instead of dragging."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from voronka.activities import actions, jobs
from voronka.activities.models import Activity, Letter, Mailbox, Outcome
from voronka.activities.tests import post
from voronka.opportunities.tests import make as opportunities
from voronka.partners.tests import make as partners

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Said:
    """What one reads and types in a language."""

    call: str
    call_text: str
    reached: str
    next_step: str
    save: str
    note: str
    meeting: str
    day: str
    later: str
    move: str
    another_time: str
    write: str
    send: str
    letter: str
    letter_text: str
    look: str
    answer: str


SAID = {
    "en": Said(
        call="Call", call_text="Needs forty chairs by May", reached="Reached", next_step="meet tomorrow at 15 in their office", save="Save",
        note="Two more people decide", meeting="meet in their office", day="Day", later="Later", move="Move", another_time="Move…", write="Write a letter",
        send="Send", letter="Forty chairs", letter_text="Dear Anna, here is what we spoke of.", look="Look into it now", answer="We take oak",
    ),
    "ru": Said(
        call="Звонок", call_text="Нужно сорок стульев к маю", reached="Дозвонились", next_step="встреча завтра в 15 у них в офисе", save="Сохранить",
        note="Решают ещё двое", meeting="встреча у них в офисе", day="День", later="Позже", move="Перенести", another_time="Перенести…", write="Написать письмо",
        send="Отправить", letter="Сорок стульев", letter_text="Анна, вот о чём мы говорили.", look="Проверить сейчас", answer="Берём дуб",
    ),
}  # fmt: skip


@pytest.fixture
def mail(settings, tmp_path):
    """A server that takes letters and one that keeps mailboxes."""
    taker, smtp = post.taking()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp.port
    folder = tmp_path / "imap"
    folder.mkdir()
    boxes = post.Server(folder)
    boxes.start()
    yield SimpleNamespace(taker=taker, boxes=boxes)
    boxes.stop()
    smtp.stop()


@pytest.fixture
def lead(world):
    """A lead that came in two hours ago and waits for Alice's first word, with a person and a deal."""
    found = partners.partner(world.alice, "Lopukh LLC", kind="lead", phone="+74957654321")
    type(found).objects.filter(pk=found.pk).update(created_at=timezone.now() - timedelta(hours=2))
    partners.contact(found, "Anna Lopukhina", email="anna@lopukh.example", is_default=True)
    opportunities.opportunity(world.alice, 400000, partner=found, name="Chairs for the canteen")
    return found


def connected(person, boxes):
    login = "alice@ours.example"
    mailbox = Mailbox(
        host="127.0.0.1", port=boxes.port, security="none", login=login, address=login, since=timezone.localdate()
    )
    return actions.save_mailbox(mailbox, password=boxes.PASSWORD, by=person)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_day_of_a_salesperson(world, lead, mail, visit, language, width):
    said = SAID[language]
    Outcome.objects.create(name=said.reached)
    visitor = visit(world.alice, language, width=width)
    mailbox = connected(world.alice, mail.boxes)
    takes_a_lead_from_the_queue(visitor, said)
    writes_down_the_call_with_its_next_step(visitor, said)
    writes_a_note(visitor, said)
    moves_the_meeting(visitor, said, lead, is_narrow=width == 360)
    sends_a_letter_and_has_the_answer(visitor, said, lead, mail, mailbox)
    moves_the_deal(visitor, world, is_narrow=width == 360)
    visitor.go("/partners/leads/")
    expect(visitor.page.locator("a.row-link")).to_have_text(["Romashka LLC"])  # Lopukh had a word from us
    assert visitor.complaints == []


def takes_a_lead_from_the_queue(visitor, said):
    visitor.go("/partners/leads/")
    visitor.page.click("a.row-link:has-text('Lopukh LLC')")
    visitor.page.wait_for_selector("h1:has-text('Lopukh LLC')")


def writes_down_the_call_with_its_next_step(visitor, said):
    page = visitor.page
    page.click(f".composer-kinds label:has-text('{said.call}')")
    page.fill(".composer [name=text]", said.call_text)
    page.click(f".composer-outcomes label:has-text('{said.reached}')")
    page.locator(".composer [name=next]").press_sequentially(said.next_step)
    page.wait_for_selector(f".composer .understood >> text={said.meeting}")
    page.click(f".composer button:has-text('{said.save}')")
    page.wait_for_selector(f".timeline >> text={said.call_text}")
    page.wait_for_selector(f".timeline .is-open >> text={said.meeting}")


def writes_a_note(visitor, said):
    page = visitor.page
    expect(page.locator(".composer [name=text]")).to_have_value("")
    page.fill(".composer [name=text]", said.note)
    page.click(f".composer button:has-text('{said.save}')")
    page.wait_for_selector(f".timeline .entry-note >> text={said.note}")


def moves_the_meeting(visitor, said, lead, *, is_narrow):
    """From three to four in the afternoon: by drag where there is room for a calendar of hours, on a phone by the small form of the entry."""
    meeting = Activity.objects.get(partner=lead, kind="meeting")
    if is_narrow:
        by_the_form(visitor.page, said)
    else:
        by_drag(visitor, said)
    moved = Activity.objects.get(pk=meeting.pk)
    assert moved.starts_at == meeting.starts_at + timedelta(hours=1)
    assert moved.ends_at - moved.starts_at == meeting.ends_at - meeting.starts_at


def by_the_form(page, said):
    page.click(f".timeline-entry:has-text('{said.meeting}') [title='{said.another_time}']")
    page.fill("#act-dialog [name=clock]", "16:00")
    page.click(f"#act-dialog button:text-is('{said.move}')")
    page.wait_for_selector("#act-dialog", state="hidden")


def by_drag(visitor, said):
    page = visitor.page
    visitor.go("/calendar/")
    page.click(f".cal-views a:text-is('{said.day}')")
    page.wait_for_selector(".fc-timeGridDay-view")
    page.click(f".cal-bar a[aria-label='{said.later}']")
    event = page.locator(".fc-timegrid-event", has_text=said.meeting)
    event.evaluate("shown => shown.scrollIntoView({block: 'center'})")  # near an edge the page would scroll along
    three, four = (
        page.locator(f".fc-timegrid-slot-lane[data-time='{hour}:00:00']").bounding_box()["y"] for hour in (15, 16)
    )
    start = event.bounding_box()
    across, down = start["x"] + start["width"] / 2, start["y"] + 4
    with page.expect_response(lambda answer: answer.url.endswith("/calendar/move/")) as answered:
        visitor.drag((across, down), (across, down + four - three))
    assert answered.value.ok


def sends_a_letter_and_has_the_answer(visitor, said, lead, mail, mailbox):
    page = visitor.page
    visitor.go(lead.get_absolute_url())
    page.click(f".composer a:has-text('{said.write}')")
    expect(page.locator("[name=to]")).to_have_value("anna@lopukh.example")
    page.fill("[name=title]", said.letter)
    page.fill(".letter-form [name=text]", said.letter_text)
    page.click(f".letter-form button:has-text('{said.send}')")
    page.wait_for_selector(f".timeline >> text={said.letter_text}")
    jobs.send_letters()
    [sent] = mail.taker.letters
    assert (sent["Subject"], sent["To"]) == (said.letter, "anna@lopukh.example")
    today = timezone.localtime().strftime("%a, %d %b %Y %H:%M:%S %z")
    answer = post.letter(
        "anna@lopukh.example",
        subject=f"Re: {said.letter}",
        text=said.answer,
        date=today,
        In_Reply_To=sent["Message-ID"],
    )
    mail.boxes.put(answer)
    visitor.go("/profile/mailbox/")
    page.click(f"button:has-text('{said.look}')")
    page.wait_for_selector(".toast-success")
    jobs.look_into(mailbox.pk)
    visitor.go(lead.get_absolute_url())
    page.wait_for_selector(f".timeline .entry-email >> text={said.answer}")
    first, second = Letter.objects.order_by("pk")
    assert second.thread == first.thread


def moves_the_deal(visitor, world, *, is_narrow):
    page = visitor.page
    visitor.go("/opportunities/board/")
    card = page.locator(".board-card", has_text="Chairs for the canteen")
    target = page.locator(f"[data-stage='{world.stages[1].pk}']")
    with page.expect_response(lambda answer: "/move/" in answer.url) as answered:
        if is_narrow:
            card.locator("[data-move-card]").click()
            page.click(f"#move-dialog [data-move-to='{world.stages[1].pk}']")
        else:
            drag_card(visitor, card, target)
    assert answered.value.ok
    expect(target.locator(".board-card", has_text="Chairs for the canteen")).to_have_count(1)


def drag_card(visitor, card, target):
    card.scroll_into_view_if_needed()
    start, end = card.bounding_box(), target.bounding_box()
    visitor.drag((start["x"] + 20, start["y"] + 30), (end["x"] + end["width"] / 2, end["y"] + 44))
