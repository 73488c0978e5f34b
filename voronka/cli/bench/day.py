"""The working day: lists of activities, the calendar's week, a partner's timeline and words in all texts, asked by those who ask them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.utils import timezone

from voronka.accounts.models import User
from voronka.cli.bench.figures import Figure, compare
from voronka.cli.bench.serving import both, signed_in
from voronka.partners.models import Partner

PEOPLE: Final = 200
PER_PARTNER: Final = 5  # activities, in the middle
OF_ONE_PARTNER: Final = 5_000
# As the card asks for its parts.
IN_CARD: Final = {"HX-Request": "true"}
ALLOWED, ALLOWED_OF_WORDS = 10, 12


def figures() -> Iterator[Figure]:
    """The director sees everything, the head of a crew what its people have, a salesperson what is theirs."""
    director, head, seller = (
        User.objects.get(email=f"{name}@{place}.example")
        for name, place in (("director", "demo"), ("crew20", "large"), ("crew21", "large"))
    )
    crew = [("key", key) for key in head.team_member_ids]
    own = [("key", seller.pk)]
    with both() as (bare, ours):

        def page(job: str, by: User, limit: str, asked: list[tuple[str, Any]], address: str, **headers: str) -> Figure:
            allowed = ALLOWED_OF_WORDS if "words" in limit else ALLOWED
            bare_address = f"/activities/{limit}/?{urlencode(asked)}"
            act = partial(ours.ask, address, signed_in(by) | headers)
            return compare(job, allowed, bare, partial(bare.ask, bare_address, {}), ours, act)

        yield page("activities of all, the latest", director, "all", [], "/activities/?sort=-happened_at")
        yield page("activities of all, as written", director, "written", [], "/activities/?sort=-created_at")
        yield page("overdue of all", director, "overdue", [], "/activities/?due=overdue&sort=happened_at")
        yield page("mine within a week", seller, "people", own, "/activities/?whose=me&due=week&sort=happened_at")
        yield page("my team's within a week", head, "people", crew, "/activities/?whose=team&due=week&sort=happened_at")
        yield page("all a salesperson sees", seller, "of-people", own, "/activities/?sort=-happened_at")
        yield page("all a head sees", head, "of-people", crew, "/activities/?sort=-happened_at")
        yield page("the calendar's week of one", seller, "week", own, f"/calendar/events/?{_week()}")
        yield page("the calendar's week of a team", head, "week", crew, f"/calendar/events/?{_week()}&{_people(crew)}")
        partner = Partner._base_manager.latest("pk").pk
        yield page(
            "timeline of a partner",
            director,
            "partner",
            [("key", partner)],
            f"/partners/{partner}/timeline/",
            **IN_CARD,
        )
        for job, by, words in (
            ("a word of every sixth text", director, "договора"),
            ("a word of every thousandth text", director, "рекламаций"),
            ("a word nobody wrote", director, "барокамера"),
        ):
            yield page(job, by, "words", [("q", words)], f"/activities/?sort=-happened_at&q={quote(words)}")
        for job, words in (("a frequent word in one's own", "договора"), ("a rare word in one's own", "рекламаций")):
            asked = [*own, ("q", words)]
            yield page(job, seller, "own-words", asked, f"/activities/?sort=-happened_at&q={quote(words)}")


def _week() -> str:
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    return urlencode({"start": f"{monday}T00:00:00Z", "end": f"{monday + timedelta(days=7)}T00:00:00Z"})


def _people(crew: list[tuple[str, int]]) -> str:
    return urlencode([("people", key) for _name, key in crew])
