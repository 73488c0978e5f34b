"""Holidays as published by countries (package `holidays`), as rows of the company's calendar."""

from __future__ import annotations

import holidays
from django.utils import translation
from django.utils.translation import gettext as _

from voronka.activities.models import Holiday


def published(country: str, year: int, language: str) -> list[Holiday]:
    """The holidays of a country in a year, days off moved by decree included, and the weekend days worked instead; none where they are not known.

    Names come in the company's language where the country's list has it, else in the country's.
    """
    supported = holidays.list_localized_countries().get(country, [])
    spoken = next((name for name in supported if name.partition("_")[0] == language), None)
    try:
        found = holidays.country_holidays(country, years=year, language=spoken)
    except NotImplementedError:
        return []
    free = [Holiday(day=day, name=name[:150]) for day, name in sorted(found.items()) if day.year == year]
    with translation.override(language):
        words = _("Working day")
    return free + [
        Holiday(day=day, name=words, works=True) for day in sorted(found.weekend_workdays) if day.year == year
    ]
