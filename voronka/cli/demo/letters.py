"""Letters of the demo company: the e-mails of deals become threads with envelopes, and there are templates to write new ones."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from django.utils.html import escape

from voronka.activities.letters import quoted
from voronka.activities.models import Activity, Letter, LetterTemplate

if TYPE_CHECKING:
    from voronka.cli.demo import World

DOMAIN: Final = "voronka.example"
WORDS: Final[dict[str, dict[str, Any]]] = {
    "ru": {
        "subject": "{deal}: предложение", "wrote": "{who} пишет:",
        "out": ["Здравствуйте, {contact}!\n\nОтправляю предложение с двумя вариантами комплектации. Цена действует до конца месяца.\n\nС уважением,\n{sender}",
                "{contact}, добрый день!\n\nКаталог и прайс-лист, как договаривались. Готов ответить на вопросы.\n\n{sender}",
                "Здравствуйте!\n\nНаправляю проект договора. Если замечаний нет, подпишем на этой неделе.\n\n{sender}"],
        "in": ["Добрый день!\n\nПолучили, спасибо. Смотрим второй вариант. Можно ли поставить до 20-го?\n\n{contact}",
               "Здравствуйте, {sender}!\n\nДиректор согласен, но просит скидку 5 % за предоплату.\n\n{contact}",
               "Коллеги, договор у юристов, ответим в четверг.\n\n{contact}"],
        "templates": [("Коммерческое предложение", "Предложение для {partner}",
                       "Здравствуйте, {contact}!\n\nОтправляю предложение по проекту «{deal}». Если удобно, созвонимся завтра.\n\nС уважением,\n{sender}"),
                      ("Напоминание о счёте", "Счёт на оплату", "{contact}, добрый день!\n\nНапоминаю про счёт: срок оплаты подходит. Прислать ещё раз?\n\n{sender}"),
                      ("После встречи", "Договорённости", "Здравствуйте, {contact}!\n\nСпасибо за встречу. Коротко, о чём договорились:\n\n— \n\n{sender}")],
    },
    "en": {
        "subject": "{deal}: our offer", "wrote": "{who} wrote:",
        "out": ["Dear {contact},\n\nHere is the offer in two variants. The price holds until the end of the month.\n\nKind regards,\n{sender}",
                "Hello {contact},\n\nThe catalogue and the price list, as agreed. I am glad to answer questions.\n\n{sender}",
                "Hello,\n\nHere is the draft of the contract. If it is fine with you, we sign this week.\n\n{sender}"],
        "in": ["Hello,\n\nThank you, we are looking at the second variant. Can you deliver before the 20th?\n\n{contact}",
               "Dear {sender},\n\nOur director agrees and asks for 5 % off for payment in advance.\n\n{contact}",
               "The contract is with our lawyers, you will hear from us on Thursday.\n\n{contact}"],
        "templates": [("Offer", "An offer for {partner}", "Dear {contact},\n\nHere is our offer for “{deal}”. Shall we talk tomorrow?\n\nKind regards,\n{sender}"),
                      ("Reminder of an invoice", "Your invoice", "Hello {contact},\n\nYour invoice is due soon. Shall I send it again?\n\n{sender}"),
                      ("After a meeting", "What we agreed", "Dear {contact},\n\nThank you for the meeting. In short, we agreed:\n\n- \n\n{sender}")],
    },
}  # fmt: skip


def exchange(world: World, language: str, found: list[Activity]) -> list[Letter]:
    """Give the e-mails among the activities, before these are kept, subjects and words; returns their envelopes, to be kept after them.

    Those of one deal are one thread: the first is ours, each answers the one before and quotes it.
    """
    words, threads = WORDS[language], defaultdict(list)
    for one in found:
        if one.kind == "email" and one.contact is not None and one.contact.email:
            threads[one.opportunity_id or f"partner {one.partner_id}"].append(one)
    made = []
    for number, thread in enumerate(threads.values()):
        made += _thread(sorted(thread, key=lambda one: one.happened_at), words, number)
    LetterTemplate.objects.bulk_create(
        LetterTemplate(name=name, title=title, text=text, position=place)
        for place, (name, title, text) in enumerate(words["templates"], 1)
    )
    return made


def _thread(thread: list[Activity], words: dict[str, Any], number: int) -> list[Letter]:
    made: list[Letter] = []
    for place, one in enumerate(thread):
        one.direction, one.contact = "in" if place % 2 else "out", thread[0].contact
        text = _text(one, words, number + place)
        contact: Any = one.contact
        mine, theirs = (one.owner.name, one.owner.email), (contact.name, contact.email)
        sender, to = (mine, theirs) if one.direction == "out" else (theirs, mine)
        deal = one.opportunity or one.partner
        one.title = ("Re: " if place else "") + words["subject"].format(deal=deal)[:180]
        one.text = text + (
            quoted(thread[place - 1].text, words["wrote"].format(who=made[-1].sender_name)) if place else ""
        )
        key = f"demo-{number}-{place}@{DOMAIN}"
        made.append(Letter(
            activity=one, key=key, thread=made[0].key if made else key, answers=[past.key for past in made], sender=sender[1].lower(),
            sender_name=sender[0], to=[to[1].lower()], dated=one.happened_at, state="sent" if one.direction == "out" else "received",
            sent_at=one.happened_at if one.direction == "out" else None, html=_html(one.text) if one.direction == "in" else "",
        ))  # fmt: skip
    return made


def _text(one: Activity, words: dict[str, Any], dice: int) -> str:
    text: str = words[one.direction][dice % len(words[one.direction])]
    contact: Any = one.contact
    return text.format(contact=contact.name, sender=one.owner.name)


def _html(text: str) -> str:
    said, line, answered = text.partition("\n> ")
    paragraphs = "".join("<p>" + escape(part).replace("\n", "<br>") + "</p>" for part in said.split("\n\n"))
    below = escape((line + answered).replace("\n>", "\n").strip()).replace("\n", "<br>")
    return paragraphs + (f"<blockquote>{below}</blockquote>" if below else "")
