"""Segments, consents and objections of the demo company."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from voronka.campaigns.models import Consent, ConsentText, Objection, Segment, SegmentMember
from voronka.partners.models import Contact, Partner

if TYPE_CHECKING:
    from voronka.cli.demo import World

WORDS: Final[dict[str, dict[str, Any]]] = {
    "ru": {
        "text": "Рассылка новостей", "versions": [
            "Я согласен получать от ООО «Светлый офис» новости и предложения по указанным мною адресу электронной почты и номеру телефона.",
            "Я даю ООО «Светлый офис» согласие на обработку моих имени, должности, адреса электронной почты и номера телефона для отправки новостей и "
            "предложений. Согласие действует до отзыва; отозвать его можно по ссылке в любом письме.",
        ],
        "source": "Форма на сайте, заявка № {}", "reason": "Просил не звонить, разговор с менеджером",
        "segments": ["Казань: строительство", "Молчат больше года", "Лиды с телефоном", "Обзвон к выставке"],
        "remarks": ["", "Кому давно не звонили", "Для первого звонка", "Список собран вручную"], "city": "Казань",
    },
    "en": {
        "text": "Newsletter", "versions": [
            "I agree to get news and offers from Bright Office LLC at the e-mail address and phone number I gave.",
            "I allow Bright Office LLC to use my name, job title, e-mail address and phone number to send me news and offers. This consent holds until "
            "I withdraw it, which the link in every message does.",
        ],
        "source": "Form on the website, request No. {}", "reason": "Asked not to be called, by phone",
        "segments": ["Leeds: construction", "Silent for a year", "Leads with a phone", "Calls before the fair"],
        "remarks": ["", "Nobody called them for long", "For the first call", "Chosen by hand"], "city": "Leeds",
    },
}  # fmt: skip


def make(world: World, language: str) -> None:
    """Two versions of a text, consents of a third of the contacts, a few withdrawals and objections, four segments."""
    words, dice = WORDS[language], random.Random(1828)  # noqa: S311
    texts = [
        ConsentText.objects.create(title=words["text"], version=number, text=text, created_by=world.people[0])
        for number, text in enumerate(words["versions"], 1)
    ]
    _consents(words, dice, texts)
    _segments(world, words)


def _consents(words: dict[str, Any], dice: random.Random, texts: list[ConsentText]) -> None:
    consents, objections, now = [], [], timezone.now()
    for contact in Contact.objects.select_related("partner").order_by("pk"):
        luck, at = dice.random(), now - timedelta(days=dice.randrange(30, 700))
        common = {"partner": contact.partner, "contact": contact}
        if luck < 0.35:
            ended = at + timedelta(days=dice.randrange(5, 29)) if luck < 0.04 else None
            for channel in ("email", "sms")[: 1 + (luck < 0.12)]:
                consents.append(
                    Consent(
                        **common, channel=channel, text=texts[at > now - timedelta(days=300)], given_at=at, how="site" if luck < 0.25 else "paper",
                        source=words["source"].format(1000 + contact.pk % 900), given_to=contact.partner.owner, withdrawn_at=ended,
                        withdrawn_how="link" if ended else "",
                    )
                )  # fmt: skip
        elif luck > 0.96:
            objections.append(
                Objection(
                    **common, channel="phone", reason=words["reason"], since=at, recorded_by=contact.partner.owner
                )
            )
    Consent.objects.bulk_create(consents)
    Objection.objects.bulk_create(objections)


def _segments(world: World, words: dict[str, Any]) -> None:
    marketer, industry = world.people[10], world.lists["industries"][0]
    year_ago = (world.today - timedelta(days=365)).isoformat()
    queries = [f"place={words['city']}&industry={industry.pk}", f"silent_since={year_ago}", "kind=lead&has_phone=true"]
    rows = [
        Segment(name=name, remarks=remarks, owner=marketer, is_shared=True, kind="dynamic", query=query, about=about)
        for name, remarks, query, about in zip(
            words["segments"], words["remarks"], queries, ("partners", "contacts", "partners"), strict=False
        )
    ]
    Segment.objects.bulk_create(rows)
    by_hand = Segment.objects.create(
        name=words["segments"][3], remarks=words["remarks"][3], owner=marketer, is_shared=True
    )
    chosen = Partner.objects.filter(kind="lead").order_by("pk")[:40]
    SegmentMember.objects.bulk_create(SegmentMember(segment=by_hand, partner=one, added_by=marketer) for one in chosen)
