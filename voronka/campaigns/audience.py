"""Who is in a segment: the kept question asked within the reader's access, or the kept members the reader may see."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import QueryDict

from voronka.campaigns.models import Segment, SegmentMember
from voronka.partners.forms import PartnerFilters
from voronka.partners.models import Contact, Partner

if TYPE_CHECKING:
    from voronka.accounts.models import User


def members(segment: Segment, user: User) -> QuerySet[Any]:
    """Partners or contacts of the segment this person may see. A dynamic one whose question can't be read any more has none: see `broken`."""
    if segment.is_static:
        return _kept(segment, user)
    partners = found(segment.query, user)
    if not segment.is_of_contacts:
        return partners
    return Contact.objects.visible_to(user).filter(partner__in=partners.order_by().values("pk"))


def found(query: str, user: User) -> QuerySet[Partner]:
    """The partners the list of partners shows this person for a query string; none for one it does not understand.

    A filter that can't be read is not passed over: a segment would silently become everybody.
    """
    asked = _filters(query, user)
    return asked.qs if asked.form.is_valid() else Partner.objects.none()


def broken(segment: Segment, user: User) -> list[str]:
    """The filters of a dynamic segment that can't be read any more, in words: a tag is gone, a territory was retired."""
    if segment.is_static:
        return []
    form = _filters(segment.query, user).form
    return [str(form.fields[name].label) for name in form.errors if name in form.fields]


def question(segment: Segment, user: User) -> list[tuple[str, str]]:
    """The filters of a dynamic segment as (label, value in words); a fixed list has none."""
    if segment.is_static:
        return []
    form = _filters(segment.query, user).form
    given = form.cleaned_data.items() if form.is_valid() else ()
    return [
        (str(form.fields[name].label), _in_words(form.fields[name], value))
        for name, value in given
        if value not in (None, "", False)
    ]


def _filters(query: str, user: User) -> Any:
    rows = Partner.objects.visible_to(user)
    return PartnerFilters(QueryDict(query), queryset=rows, request=SimpleNamespace(user=user))


def _kept(segment: Segment, user: User) -> QuerySet[Any]:
    kept = SegmentMember.objects.filter(segment=segment)
    if segment.is_of_contacts:
        return Contact.objects.visible_to(user).filter(pk__in=kept.values("contact"))
    return Partner.objects.visible_to(user).filter(pk__in=kept.values("partner"))


def _in_words(field: Any, value: Any) -> str:
    if isinstance(value, slice):
        ends = (
            getattr(end, "date", lambda end=end: end)() if end is not None else "…" for end in (value.start, value.stop)
        )
        return " – ".join(str(end) for end in ends)
    choices = dict(getattr(field, "choices", ())) if isinstance(value, str) else {}
    return str(choices.get(value, value))
