"""Letters on the timeline, for programs: read, written, sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from voronka.activities import actions
from voronka.activities.letter_forms import LetterForm
from voronka.activities.models import Activity, Letter
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.schemas import Key, Limit, PathKey, Text, valid
from voronka.core.tables import Sort, api_page
from voronka.partners.models import Contact, Partner

router = Router()
NEWEST_FIRST = Sort("happened_at", "happened_at", descending=True)


class LetterOut(Schema):
    """A letter; its id is that of the activity it is. `state` is received, waiting, sent or failed, then with an `error`; `thread` names the
    letter it all began with; `left_out` are enclosed files that were not kept, each with the reason.
    """

    id: int
    partner_id: int | None
    contact_id: int | None
    opportunity_id: int | None
    owner_id: int
    direction: str
    title: str
    text: str
    sender: str
    sender_name: str
    to: list[str]
    cc: list[str]
    happened_at: datetime
    sent_at: datetime | None
    state: str
    error: str
    thread: str
    enclosed: int
    left_out: list[str]
    is_private: bool


class LetterPage(Schema):
    items: list[LetterOut]
    next: str | None


OF_ENVELOPE = ("sender", "sender_name", "to", "cc", "sent_at", "state", "error", "thread", "enclosed", "left_out")


def _shown(activity: Activity) -> dict[str, Any]:
    """An activity and its envelope as one letter."""
    letter = activity.letter
    return {name: getattr(letter if name in OF_ENVELOPE else activity, name) for name in LetterOut.model_fields}


class LetterIn(Schema):
    """A letter to write: to a partner, about an opportunity, or in answer to a letter. One of the three is named; an answer continues the thread."""

    partner: Key | None = None
    opportunity: Key | None = None
    answers: Key | None = None
    to: Annotated[list[Text], Field(max_length=100)]
    cc: Annotated[list[Text], Field(max_length=100)] = []
    title: Annotated[Text, Field(max_length=200)]
    text: Text


@router.get("/letters", response=LetterPage, operation_id="letters", summary="Letters, the newest first, a page by key")
def letters(
    request: Request,
    partner: Key | None = None,
    opportunity: Key | None = None,
    owner: Key | None = None,
    direction: Literal["in", "out"] | None = None,
    state: Literal["received", "waiting", "sent", "failed"] | None = None,
    thread: Text = "",
    limit: Limit = 50,
    cursor: Text = "",
) -> Any:
    asked: dict[str, Any] = {"partner": partner, "opportunity": opportunity, "owner": owner, "direction": direction}
    asked |= {"letter__state": state, "letter__thread": thread}
    rows = _letters(request).filter(**{name: one for name, one in asked.items() if one})
    page = api_page(rows, NEWEST_FIRST, cursor, limit)
    return page | {"items": [_shown(one) for one in page["items"]]}


def _letters(request: Request) -> Any:
    return Activity.objects.visible_to(request.user).filter(letter__isnull=False).select_related("letter")


@router.get("/letters/{pk}", response=LetterOut, operation_id="letter", summary="One letter")
def letter(request: Request, pk: PathKey) -> Any:
    return _shown(get_object_or_404(_letters(request), pk=pk))


@router.post(
    "/letters", response={201: LetterOut}, operation_id="write_letter", summary="Write a letter; it goes out at once in the background"
)  # fmt: skip
def write_letter(request: Request, given: LetterIn) -> Any:
    if request.user.scope_for("activities.activity", "edit") == Scope.NONE:
        raise PermissionDenied
    partner, opportunity, answers = _about(request, given)
    typed = {"to": ", ".join(given.to), "cc": ", ".join(given.cc), "title": given.title, "text": given.text}
    form: Any = valid(LetterForm(typed, instance=Activity(), user=request.user))
    written, to = form.save(commit=False), form.cleaned_data["to"]
    written.partner, written.opportunity = partner, opportunity
    written.contact = Contact.objects.visible_to(request.user).of(partner).filter(email__in=to).first()
    return 201, _shown(
        actions.write_letter(written, to=to, cc=form.cleaned_data["cc"], answers=answers, by=request.user)
    )


def _about(request: Request, given: LetterIn) -> tuple[Partner, Any, Letter | None]:
    """(partner, opportunity, letter to answer) through access. One that is not there is 404, several or none a broken rule."""
    if sum(one is not None for one in (given.partner, given.opportunity, given.answers)) != 1:
        raise RuleBroken(_("Name one of partner, opportunity and answers."), code="one_place", field="partner")
    user = request.user
    if given.partner:
        return get_object_or_404(Partner.objects.visible_to(user), pk=given.partner), None, None
    if given.opportunity:
        deals: Any = Activity._meta.get_field("opportunity").related_model
        deal = get_object_or_404(deals.objects.visible_to(user).select_related("partner"), pk=given.opportunity)
        return deal.partner, deal, None
    rows = Letter.objects.visible_to(user).filter(activity__partner__isnull=False)
    found = get_object_or_404(rows.select_related("activity__partner", "activity__opportunity"), pk=given.answers)
    about: Any = found.activity
    return about.partner, about.opportunity, found


@router.post(
    "/letters/{pk}/send-again", response=LetterOut, operation_id="send_letter_again", summary="Try once more to send a letter that was given up"
)  # fmt: skip
def send_again(request: Request, pk: PathKey) -> Any:
    found = get_object_or_404(Letter.objects.editable_by(request.user), pk=pk)
    actions.send_again(found, by=request.user)
    return _shown(get_object_or_404(_letters(request), pk=pk))
