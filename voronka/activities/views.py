"""Pages of activities: the table, the composer, the form, one activity, its small acts, timelines, my day, the lists of values; files of all
records."""

from __future__ import annotations

import json
from collections import abc
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, Value, When
from django.db.models.functions import Coalesce, Left, NullIf
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from voronka.accounts.models import User
from voronka.activities import actions, forms, occurrences, rules, schedule, tables
from voronka.activities.models import (
    Activity,
    ActivitySubject,
    ActivityType,
    Attachment,
    Kind,
    Outcome,
    Sequence,
    SequenceRun,
)
from voronka.core import actions as kernel
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.lists import Bulk, ListPage
from voronka.core.pages import FormPage, lookup_page, number_of, send_file, undoable
from voronka.core.prepared import Prepared, Slot
from voronka.core.tables import Column
from voronka.partners.models import Partner

if TYPE_CHECKING:
    from django.db.models import Model
    from django.forms import BaseForm

EXCERPT: Final = 160
SHOWN: Final = 50
LISTS: Final[dict[str, tuple[Any, Any]]] = {
    "activity-types": (ActivityType, gettext_lazy("Activity types")),
    "outcomes": (Outcome, gettext_lazy("Outcomes")),
}
TEXTS: Final[dict[str, Any]] = {
    "line": Coalesce(NullIf("title", Value("")), Left("text", EXCERPT)),
    "excerpt": Left("text", EXCERPT),
    "came_of_it": Left("result", EXCERPT),
    # What another keeps to himself is not told by what follows it.
    "previous": Case(When(follow_up_of__is_private=False, then="follow_up_of__title")),
}
START: Final = {
    Scope.OWN: "whose=me&status=open&sort=happened_at", Scope.TEAM: "whose=team&status=open&sort=happened_at", Scope.ALL: "status=open&sort=happened_at",
    Scope.NONE: "status=open&sort=happened_at",
}  # fmt: skip
# The views everybody needs, as addresses of the list.
QUICK: Final = (
    (gettext_lazy("Mine for today"), "whose=me&due=today&sort=happened_at"),
    (gettext_lazy("Mine overdue"), "whose=me&due=overdue&sort=happened_at"),
    (gettext_lazy("Overdue"), "due=overdue&sort=happened_at"),
    (gettext_lazy("My team's"), "whose=team&due=week&sort=happened_at"),
    (gettext_lazy("Planned calls"), "kind=call&status=open&sort=happened_at"),
    (gettext_lazy("Given by me"), "whose=given&status=open&sort=happened_at"),
)


class ActivityList(ListPage):
    model = Activity
    table = tables.ACTIVITIES
    filters = forms.ActivityFilters
    title = gettext_lazy("Activities")
    empty = gettext_lazy(
        "Calls, meetings, tasks and notes are listed here. Plan the first one, or write on the card of a partner."
    )
    create = ("activities:create", gettext_lazy("Activity"))
    bulk: ClassVar = (
        Bulk("done", gettext_lazy("Done")),
        Bulk("tomorrow", gettext_lazy("To tomorrow")),
        Bulk("week", gettext_lazy("In a week")),
        Bulk("owner", gettext_lazy("Give to"), "accounts:people"),
        Bulk("cancel", gettext_lazy("Cancel"), danger=True),
    )
    template = "activities/list.html"

    def get(self, request: Request) -> HttpResponseBase:
        if request.GET.get("part") == "summary":
            return render(
                request, "activities/_summary.html", tables.by_person_and_kind(self.filtered().qs, request.user)
            )
        return super().get(request)

    def start(self) -> str:
        """What is to be done by those whose work this person answers for, overdue first."""
        return START[self.request.user.scope_for("activities.activity", "edit")]

    def with_links(self, rows: QuerySet[Any], columns: abc.Sequence[Column]) -> QuerySet[Any]:
        """The rows with the texts of these columns."""
        sources = {column.source for column in columns}
        return super().with_links(rows, columns).annotate(**{name: TEXTS[name] for name in TEXTS if name in sources})

    def around(self, *given: Any) -> dict[str, Any]:
        asked = self.request.GET.urlencode()
        return super().around(*given) | {"quick": [(words, f"?{query}", query == asked) for words, query in QUICK]}

    def bulk_done(self, rows: Any) -> str:
        count = actions.close_many(rows, "done", by=self.request.user)
        return ngettext("%(count)s activity is done.", "%(count)s activities are done.", count) % {"count": count}

    def bulk_cancel(self, rows: Any) -> str:
        count = actions.close_many(rows, "cancelled", by=self.request.user)
        return ngettext("%(count)s activity is cancelled.", "%(count)s activities are cancelled.", count) % {
            "count": count
        }

    def bulk_tomorrow(self, rows: Any) -> str:
        return self._moved(rows, 1)

    def bulk_week(self, rows: Any) -> str:
        return self._moved(rows, 7)

    def _moved(self, rows: Any, days: int) -> str:
        count = actions.reschedule_many(rows, timezone.localdate() + timedelta(days=days), by=self.request.user)
        return ngettext("%(count)s activity was moved.", "%(count)s activities were moved.", count) % {"count": count}

    def bulk_owner(self, rows: Any) -> str:
        people = User.objects.assignable_by(self.request.user)
        owner = people.filter(pk=number_of(self.request.POST.get("owner", ""))).first()
        if owner is None:
            raise RuleBroken(_("Choose from the list first."), code="nothing_chosen")
        count = actions.reassign_many(rows, owner, by=self.request.user)
        words = ngettext("%(count)s activity was given to %(person)s.", "%(count)s activities were given to %(person)s.", count)  # fmt: skip
        return words % {"count": count, "person": owner}


def _may_write(request: Request) -> None:
    if request.user.scope_for("activities.activity", "edit") == Scope.NONE:
        raise PermissionDenied


@require_POST
def compose(request: Request) -> HttpResponse:
    """Keep what was said and the next step, in one line each. A step whose date was not shown yet is shown first: nothing is kept before."""
    _may_write(request)
    partner, opportunity = _subject(request)
    form = forms.Composer(_clean(request))
    if not form.is_valid() or form.must_show:
        return _composer(request, form, partner, opportunity)
    said, step = form.said(request.user), form.planned(request.user)
    try:
        kept = actions.record(
            said, step, form.step.when if form.step else None, partner=partner, opportunity=opportunity, by=request.user
        )
    except RuleBroken as broken:
        return _refused(request, broken)
    if request.htmx:
        context = _about(partner, opportunity) | {"entries": tables.entries(reversed(kept), request.user)}
        return render(request, "activities/_written.html", context)
    return redirect(_back(request))


def _clean(request: Request) -> Any:
    """What was sent, without characters the database can't hold."""
    data = request.POST.copy()
    for name in data:
        data.setlist(name, [value.replace("\x00", "") for value in data.getlist(name)])
    return data


def _composer(request: Request, form: Any, partner: Partner, opportunity: Any) -> HttpResponse:
    """The composer as it was sent, with what is wrong or what was understood beside the fields."""
    context = _about(partner, opportunity) | {"composer": form, "step": form.step, "back": _back(request)}
    if request.htmx:
        answer = render(request, "activities/_composer.html", context, status=422 if form.errors else 200)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#composer", "outerHTML"
        return answer
    context |= {"title": _("Activity")}
    return render(request, "activities/compose.html", context, status=422 if form.errors else 200)


@require_GET
def understood(request: Request) -> HttpResponse:
    """What a line for the next step means: shown as one types."""
    step = forms.step_from(request.GET.get("next", "").replace("\x00", "")[:300], timezone.localtime())
    return render(request, "activities/_understood.html", {"step": step})


def _subject(request: Request) -> tuple[Partner, Model | None]:
    """What it is about. The opportunity's model is known by its column only: its app lies above this one."""
    key, own = request.POST.get("opportunity", ""), request.POST.get("partner", "")
    if key:
        opportunity = get_object_or_404(_deals(request.user).select_related("partner"), pk=number_of(key))
        return opportunity.partner, opportunity
    return get_object_or_404(Partner.objects.visible_to(request.user), pk=number_of(own)), None


def _deals(user: User) -> QuerySet[Any]:
    model: Any = Activity._meta.get_field("opportunity").related_model
    return model.objects.visible_to(user)


def _about(partner: Any, opportunity: Any) -> dict[str, Any]:
    return {"partner": partner, "opportunity": opportunity, "outcomes": tables.outcomes()}


class ActivityFormPage(FormPage):
    """Plan an activity, log one that has happened, or change an open one."""

    model = Activity
    form = forms.ActivityForm
    title_new = gettext_lazy("New activity")
    template = "activities/form.html"
    back = "activities:list"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            _may_write(request)

    def initial(self) -> dict[str, Any]:
        """The address may name what it is about: kind, partner or opportunity, the activity it follows, words, and a moment."""
        if self.object:
            return {}
        asked = self.request.GET
        given: dict[str, Any] = {"kind": asked.get("kind", Kind.CALL), "owner": self.request.user.pk, "priority": 1}
        given |= {"day": timezone.localdate(), "title": asked.get("title", "")[:200], "text": asked.get("text", "")}
        given |= {name: asked.get(name) for name in ("partner", "contact", "opportunity") if asked.get(name)}
        if (key := number_of(asked.get("opportunity", ""))) and (
            deal := _deals(self.request.user).filter(pk=key).first()
        ):
            given |= {"partner": deal.partner_id, "contact": deal.contact_id}
        if previous := self._previous(asked.get("after", "")):
            given |= {name: getattr(previous, f"{name}_id") for name in ("partner", "contact", "opportunity")}
        return given | self._person() | self._moment(asked.get("at", "")) | self._length()

    def _person(self) -> dict[str, Any]:
        """Whose column of the team's calendar was chosen."""
        key = number_of(self.request.GET.get("owner", ""))
        return {"owner": key} if key and User.objects.assignable_by(self.request.user).filter(pk=key).exists() else {}

    def _length(self) -> dict[str, Any]:
        """What a selection in the calendar lasts: minutes, or whole days up to a last one."""
        asked = self.request.GET
        if asked.get("all_day"):
            return {"all_day": True, "clock": None, "last_day": asked.get("last_day", "")}
        minutes = number_of(asked.get("minutes", ""))
        return {"lasts": f"{minutes}m"} if 0 < minutes < 1440 * 60 else {}

    def _moment(self, text: str) -> dict[str, Any]:
        """A moment from the address (ISO 8601), as a cell of a calendar names it."""
        try:
            found = parse_datetime(text)
        except ValueError:
            return {}
        if found is None:
            return {}
        local = timezone.localtime(found) if timezone.is_aware(found) else found
        return {"day": local.date(), "clock": local.time()}

    def _previous(self, key: str) -> Activity | None:
        return Activity.objects.visible_to(self.request.user).filter(pk=number_of(key)).first() if key else None

    def save(self, form: Any) -> Activity:
        found, by = form.save(commit=False), self.request.user
        found.title, found.owner = found.title.strip(), form.cleaned_data["owner"]
        people = form.cleaned_data["participants"]
        how = form.how()
        if self.object and (how or self.object.series_id):
            return self._save_series(found, form, how)
        if self.object:
            return actions.save_activity(
                found, form.when(), participants=people, seen_version=self.seen_version(), by=by
            )
        found.follow_up_of = self._previous(self.request.POST.get("after", ""))
        if form.cleaned_data.get("is_done"):
            return actions.log(found, form.when(), participants=people, by=by)
        if how is not None:
            return schedule.repeat(found, form.when(), how, participants=people, by=by)
        return actions.plan(found, form.when(), participants=people, by=by)

    def _save_series(self, found: Activity, form: Any, how: schedule.Repeat | None) -> Activity:
        """Make a series of it, or change this one, this and the following, or all."""
        people, by, scope = (
            form.cleaned_data["participants"],
            self.request.user,
            form.cleaned_data.get("scope") or "one",
        )
        if found.series_id is None and how is not None:
            return schedule.repeat(found, form.when(), how, participants=people, by=by)
        if scope == "one":
            return actions.save_activity(
                found, form.when(), participants=people, seen_version=self.seen_version(), by=by
            )
        if how is None:
            return schedule.stop_after(found, form.when(), participants=people, by=by)
        return schedule.change_series(found, form.when(), how, scope=scope, participants=people, by=by)

    def done(self, saved: Any) -> HttpResponse:
        messages.success(self.request, _("Saved."))
        return redirect(_back(self.request, reverse("activities:detail", args=[saved.pk])))

    def context(self, form: Any) -> dict[str, Any]:
        asked = self.request.POST or self.request.GET
        return {"after": asked.get("after", ""), "return_to": asked.get("back", "")}


def detail(request: Request, pk: int) -> HttpResponse:
    """One activity with what it follows and what follows it. A note has its small form here: `?edit` shows it, a POST keeps the new text."""
    if request.method == "POST":
        return _change(request, get_object_or_404(Activity.objects.editable_by(request.user), pk=pk))
    found = _visible(request, pk)
    form = (
        forms.NoteForm(instance=found) if found.may_edit and found.kind == Kind.NOTE and "edit" in request.GET else None
    )
    return _show(request, found, form)


def _visible(request: Request, pk: int) -> Activity:
    rows = Activity.objects.visible_to(request.user).for_card()
    return tables.entries([get_object_or_404(rows, pk=pk)], request.user)[0]


def _change(request: Request, found: Activity) -> HttpResponse:
    form = forms.NoteForm(_clean(request), instance=found)
    seen = request.POST.get("version", "")
    found.may_edit = True
    if form.is_valid():
        try:
            actions.save_activity(
                form.save(commit=False), seen_version=number_of(seen) if seen else None, by=request.user
            )
        except RuleBroken as broken:
            return _refused(request, broken)
        return _show(request, found, None) if request.htmx else redirect(_back(request))
    return _show(request, found, form, status=422)


def _is_alone(request: Request, found: Activity) -> bool:
    """Whether it stands on its own page, where no day is above it."""
    return (request.htmx.current_url_abs_path or "").startswith(reverse("activities:detail", args=[found.pk]))


def _show(request: Request, found: Activity, form: Any, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"entry": found, "form": form, "outcomes": tables.outcomes()}
    if request.htmx:
        context["is_alone"] = _is_alone(request, found)
        return render(request, "activities/_entry.html", context, status=status)
    if form is None:
        seen = Activity.objects.visible_to(request.user)
        context |= {
            "previous": seen.filter(pk=found.follow_up_of_id).first() if found.follow_up_of_id else None,
            "follow_ups": seen.filter(follow_up_of=found).order_by("happened_at"), "people": found.participants.all(),
            "repeats": occurrences.repeat_words(found.series) if found.series else "",
        }  # fmt: skip
    context |= {"title": str(found)}
    return render(request, "activities/detail.html", context, status=status)


def _editable(request: Request, pk: int) -> Activity:
    return get_object_or_404(Activity.objects.editable_by(request.user).for_card(), pk=pk)


def done(request: Request, pk: int) -> HttpResponse:
    """Mark as done: one click with an outcome, or the small form with words and the next step."""
    found = _editable(request, pk)
    form = forms.CompleteForm(_clean(request) if request.method == "POST" else None, activity=found)
    if request.method != "POST" or not form.is_valid() or form.must_show:
        return _small_form(request, "activities/_done.html", found, form, _("Done"))
    step = form.step.activity(found.owner) if form.step else None
    return _act(
        request,
        found,
        lambda: actions.complete(
            found,
            outcome=form.cleaned_data.get("outcome"),
            result=form.cleaned_data["result"],
            next_step=step,
            next_when=form.step.when if form.step else None,
            by=request.user,
        ),
        asks_next=step is None,
    )


@require_POST
def next_step(request: Request, pk: int) -> HttpResponse:
    """The next step after a finished activity, in one line."""
    found = get_object_or_404(Activity.objects.visible_to(request.user).for_card(), pk=pk)
    _may_write(request)
    form = forms.NextStepForm(_clean(request))
    if not form.is_valid() or form.step is None or form.must_show:
        context = {"entry": found, "step": form.step, "next": form.data.get("next", "")}
        if request.htmx:
            return render(request, "activities/_next.html", context)
        return render(request, "activities/next.html", context | {"title": _("Next step")})
    try:
        step = actions.follow_up(found, form.step.activity(request.user), form.step.when, by=request.user)
    except RuleBroken as broken:
        return _refused(request, broken)
    if request.htmx:
        return render(request, "activities/_planned.html", {"entry": step})
    return redirect(_back(request, reverse("activities:detail", args=[step.pk])))


def reschedule(request: Request, pk: int) -> HttpResponse:
    """Another day or time, in a small form with the usual jumps as buttons."""
    found = _editable(request, pk)
    initial: dict[str, Any] = {"day": timezone.localtime(found.happened_at).date()}
    initial |= {"clock": timezone.localtime(found.starts_at).time()} if found.starts_at and found.is_timed else {}
    form = forms.MomentForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _small_form(request, "activities/_reschedule.html", found, form, _("Another time"))
    return _act(request, found, lambda: actions.reschedule(found, form.plan(actions.plan_of(found)), by=request.user))


def reassign(request: Request, pk: int) -> HttpResponse:
    """Give it to somebody else."""
    found = _editable(request, pk)
    form = forms.AssignForm(
        request.POST if request.method == "POST" else None, user=request.user, initial={"owner": found.owner_id}
    )
    if request.method != "POST" or not form.is_valid():
        return _small_form(request, "activities/_reassign.html", found, form, _("Give to somebody else"))
    return _act(request, found, lambda: actions.reassign(found, form.cleaned_data["owner"], by=request.user))


@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    found = _editable(request, pk)
    return _act(request, found, lambda: actions.cancel(found, by=request.user))


@require_POST
def reopen(request: Request, pk: int) -> HttpResponse:
    found = _editable(request, pk)
    return _act(request, found, lambda: actions.reopen(found, by=request.user))


def _small_form(request: Request, template: str, found: Activity, form: BaseForm, title: str) -> HttpResponse:
    """The form of one act: in the page's dialog, or as a page."""
    if not found.is_open:
        return _refused(request, RuleBroken(_("It is closed. Reopen it to change it."), code="closed"))
    context = {"entry": found, "form": form, "title": title, "step": getattr(form, "step", None), "back": _back(request), "form_template": template}  # fmt: skip
    page = template if request.htmx else "activities/act.html"
    return render(request, page, context, status=422 if form.errors else 200)


def _act(request: Request, found: Activity, act: Callable[[], Any], *, asks_next: bool = False) -> HttpResponse:
    """Do it. An entry is shown again where it stands, a dialog lets its page be read anew; a refusal says why in both."""
    try:
        act()
    except RuleBroken as broken:
        return _refused(request, broken)
    if not request.htmx:
        return redirect(_back(request, reverse("activities:detail", args=[found.pk])))
    if request.htmx.target == "act-dialog-body":
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    entry = tables.entries([found], request.user)[0]
    context = {
        "entry": entry,
        "asks_next": asks_next,
        "outcomes": tables.outcomes(),
        "is_alone": _is_alone(request, found),
    }
    template = "activities/_day_row.html" if "day-row" in (request.htmx.target or "") else "activities/_entry.html"
    return render(request, template, context)


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """Move it to the recycle bin; its place in the timeline offers to undo."""
    found = kernel.delete(get_object_or_404(Activity.objects.editable_by(request.user), pk=pk), by=request.user)
    if request.htmx:
        return render(request, "activities/_deleted.html", {"entry": found})
    undoable(request, _("It is in the recycle bin."), reverse("activities:restore", args=[pk]))
    return redirect("activities:list")


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    found = kernel.restore(
        get_object_or_404(Activity.objects.in_bin_of(request.user).for_card(), pk=pk), by=request.user
    )
    if request.htmx:
        return _show(request, tables.entries([found], request.user)[0], None)
    return redirect("activities:detail", pk=pk)


_DAY = Prepared(lambda: Activity.objects.to_do_by(Slot("user"), Slot("until")).for_day()[:SHOWN])


@require_GET
def my_day(request: Request) -> HttpResponse:
    """What this person has to do today: overdue first, then by time, then what has no time."""
    now = timezone.now()
    until = datetime.combine(timezone.localdate() + timedelta(days=1), time.min, timezone.get_current_timezone())
    found = _DAY(user=request.user.pk, until=until)
    groups = [
        (gettext_lazy("Overdue"), "late", [one for one in found if one.happened_at < now]),
        (gettext_lazy("Today, by the clock"), "", [one for one in found if one.happened_at >= now and one.is_timed]),
        (gettext_lazy("Today, any time"), "", [one for one in found if one.happened_at >= now and not one.is_timed]),
    ]
    context = {"groups": [group for group in groups if group[2]], "count": len(found), "most": SHOWN}
    template = "activities/my_day.html" if request.htmx else "activities/day.html"
    return render(request, template, context | {"outcomes": tables.outcomes(), "title": _("To do today")})


@require_GET
def search_panel(request: Request) -> HttpResponse:
    """What the command palette shows of activities."""
    text = request.GET.get("q", "").replace("\x00", "")
    found = Activity.objects.visible_to(request.user).search(text, request.user)
    rows = found.select_related("partner").order_by("-happened_at")
    return render(request, "activities/_search.html", {"activities": rows[:8] if len(text.strip()) > 1 else []})


@permission_required("core.configure", raise_exception=True)
def lookup(request: Request, slug: str) -> HttpResponse:
    """A list of values the company keeps: add, rename, order, retire."""
    return lookup_page(request, *LISTS[slug])


@permission_required("core.configure", raise_exception=True)
def subjects(request: Request) -> HttpResponse:
    """The subjects of all types on one page."""
    if request.method == "POST":
        try:
            _change_subject(request)
        except RuleBroken as broken:
            messages.error(request, str(broken))
        return redirect(request.path)
    context = {"title": _("Activity subjects"), "types": ActivityType.objects.prefetch_related("subjects")}
    return render(request, "activities/subjects.html", context)


def _change_subject(request: Request) -> None:
    wanted = request.POST
    if key := number_of(wanted.get("pk", "")):
        subject = get_object_or_404(ActivitySubject.objects.editable_by(request.user), pk=key)
        subject.is_active = "is_active" in wanted
    else:
        kind = get_object_or_404(ActivityType.objects.editable_by(request.user), pk=number_of(wanted.get("type", "")))
        subject = ActivitySubject(type=kind)
    actions.save_subject(subject, wanted.get("name", "").replace("\x00", ""), by=request.user)


FILES_AT_ONCE = 20
FILES_SHOWN = 100


def files(request: Request, partner: int = 0, opportunity: int = 0, activity: int = 0) -> HttpResponse:
    """The files of one record, for its card; a POST adds some. What can't be taken is named with its reason, the others are kept."""
    record = _record(request, partner, opportunity, activity)
    refused = _attach_all(request, record) if request.method == "POST" else []
    if request.method == "POST" and not request.htmx:
        for sentence in refused:
            messages.error(request, sentence)
        return redirect(_back(request))
    return _files(request, record, refused)


def _record(request: Request, partner: int, opportunity: int, activity: int) -> dict[str, Any]:
    """The partner and, if it is about one, the opportunity or the activity: through access."""
    if partner:
        return {"partner": get_object_or_404(Partner.objects.visible_to(request.user), pk=partner)}
    name, key = ("opportunity", opportunity) if opportunity else ("activity", activity)
    model: Any = Attachment._meta.get_field(name).related_model
    rows = model.objects.visible_to(request.user).filter(partner__isnull=False).select_related("partner")
    found = get_object_or_404(rows, pk=key)
    return {"partner": found.partner, name: found}


def _attach_all(request: Request, record: dict[str, Any]) -> list[str]:
    """Keep the files sent; the sentences of those refused."""
    if request.user.scope_for("activities.activity", "edit") == Scope.NONE:
        raise PermissionDenied
    sent, refused = request.FILES.getlist("files"), []
    if not sent:
        return [_("Choose a file first.")]
    if len(sent) > FILES_AT_ONCE:
        return [_("At most %(count)s files are taken at once.") % {"count": FILES_AT_ONCE}]
    for file in sent:
        try:
            actions.attach(file, file.name or "", **record, by=request.user)
        except RuleBroken as broken:
            refused.append(str(broken))
    return refused


def _files(request: Request, record: dict[str, Any], refused: list[str]) -> HttpResponse:
    rows = Attachment.objects.visible_to(request.user).of(**record)
    listed, about = (
        list(rows[:FILES_SHOWN]),
        "activity" if "activity" in record else "opportunity" if "opportunity" in record else "partner",
    )
    theirs = set(
        Attachment.objects.editable_by(request.user)
        .filter(pk__in=[one.pk for one in listed])
        .values_list("pk", flat=True)
    )
    context = {
        "files": [(one, one.pk in theirs) for one in listed], "count": len(listed) if len(listed) < FILES_SHOWN else rows.count(), "refused": refused,
        "address": reverse(f"activities:files_of_{about}", args=[record[about].pk]), "about": about,
        "may_add": request.user.scope_for("activities.activity", "edit") != Scope.NONE,
    }  # fmt: skip
    return render(request, "activities/files.html", context)


@require_GET
def file(request: Request, file: int) -> HttpResponseBase:
    """The bytes of a file, for saving; with `?show` a picture or a PDF opens, in a page that may do nothing."""
    found = get_object_or_404(Attachment.objects.visible_to(request.user), pk=file)
    return send_file(found.file.open("rb"), found.name, found.media_type, show="show" in request.GET and found.is_shown)


@require_POST
def file_delete(request: Request, file: int) -> HttpResponse:
    """Move a file to the recycle bin; its line offers to undo."""
    found = kernel.delete(get_object_or_404(Attachment.objects.editable_by(request.user), pk=file), by=request.user)
    return _line(request, found)


@require_POST
def file_restore(request: Request, file: int) -> HttpResponse:
    return _line(
        request, kernel.restore(get_object_or_404(Attachment.objects.in_bin_of(request.user), pk=file), by=request.user)
    )


def _line(request: Request, found: Attachment) -> HttpResponse:
    """One line of the list, or the card it stands on."""
    if request.htmx:
        return render(request, "activities/_file.html", {"file": found, "may_edit": True})
    return redirect(
        "opportunities:detail" if found.opportunity_id else "partners:detail",
        pk=found.opportunity_id or found.partner_id,
    )


@require_GET
def partner_figures(request: Request, partner_id: int) -> HttpResponse:
    """When the last contact with a partner was and the next one will be, for the head of its card."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=partner_id)
    moments = Activity.objects.visible_to(request.user).of_partner(partner).contact_moments()
    return render(request, "activities/_partner_figures.html", moments | {"now": timezone.now()})


RUNS_SHOWN: Final = 100
STEP_WORDS: Final = {
    "done": pgettext_lazy("step", "done"), "late": pgettext_lazy("step", "done late"), "overdue": pgettext_lazy("step", "overdue"),
    "planned": pgettext_lazy("step", "planned"), "left_out": pgettext_lazy("step", "left out"),
}  # fmt: skip
NOT_FOLLOWED: Final = {"late", "overdue", "left_out"}


@require_GET
def sequences_of_partner(request: Request, partner_id: int) -> HttpResponse:
    """The sequences of a partner with how each step was followed, and the form that starts one."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=partner_id)
    runs = SequenceRun.objects.visible_to(request.user).filter(partner=partner).for_list()[:RUNS_SHOWN]
    may_edit = Partner.objects.allows(request.user, "edit", partner)
    form = forms.StartForm(user=request.user) if may_edit else None
    context = {"partner": partner, "runs": [_followed(run) for run in runs], "form": form, "may_edit": may_edit}
    return render(request, "activities/_sequences.html", context)


def _followed(run: SequenceRun) -> dict[str, Any]:
    """A sequence with the state of every step, and whether it was followed so far."""
    now = timezone.now()
    states = [
        (step, rules.step_state(step.activity.status, step.due, step.activity.closed_at, now))
        for step in run.steps.all()
        if step.activity.deleted_at is None
    ]
    return {
        "run": run, "steps": [(step, STEP_WORDS[state], state in NOT_FOLLOWED) for step, state in states],
        "is_followed": not any(state in NOT_FOLLOWED for _step, state in states), "all": len(states),
        "done": sum(state in ("done", "late") for _step, state in states),
    }  # fmt: skip


@require_GET
def sequences_at_work(request: Request) -> HttpResponse:
    """Sequences under way, those that are not followed first."""
    runs = SequenceRun.objects.visible_to(request.user).open().for_list()[:RUNS_SHOWN]
    rows = sorted((_followed(run) for run in runs), key=lambda one: bool(one["is_followed"]))
    return render(request, "activities/sequences_at_work.html", {"title": _("Sequences of actions"), "rows": rows})


@require_POST
def sequence_start(request: Request, partner_id: int) -> HttpResponse:
    """Plan the steps with a partner; the partner's owner does them."""
    partner = get_object_or_404(Partner.objects.editable_by(request.user).select_related("owner"), pk=partner_id)
    form = forms.StartForm(request.POST, user=request.user)
    try:
        if not form.is_valid():
            raise RuleBroken(_("Choose from the list first."), code="nothing_chosen")
        actions.start_sequence(form.cleaned_data["sequence"], partner, owner=partner.owner, by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    else:
        messages.success(request, _("The sequence is planned."))
    return redirect("partners:detail", pk=partner.pk)


@require_POST
def sequence_stop(request: Request, run: int) -> HttpResponse:
    """Stop a sequence; what it planned still is cancelled."""
    found = get_object_or_404(SequenceRun.objects.editable_by(request.user), pk=run)
    try:
        actions.stop_sequence(found, by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    else:
        messages.success(request, _("The sequence is stopped; what was planned is cancelled."))
    return redirect("partners:detail", pk=found.partner_id)


@permission_required("core.configure", raise_exception=True)
@require_GET
def sequences(request: Request) -> HttpResponse:
    """The templates of sequences with their steps."""
    rows = Sequence.objects.editable_by(request.user).prefetch_related("steps")
    return render(request, "activities/sequences.html", {"title": _("Sequences of actions"), "sequences": rows})


@permission_required("core.configure", raise_exception=True)
def sequence_form(request: Request, sequence: int | None = None) -> HttpResponse:
    """Add a template or change it; sequences at work keep the steps they have."""
    rows = Sequence.objects.editable_by(request.user)
    found = get_object_or_404(rows, pk=sequence) if sequence else Sequence()
    form = forms.SequenceForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            steps = form.steps.save(commit=False)
            actions.save_sequence(form.save(commit=False), steps, form.steps.deleted_objects, by=request.user)
        except RuleBroken as broken:
            form.add_error(None, str(broken))
        else:
            messages.success(request, _("Saved."))
            return redirect("activities:sequences")
    context = {"form": form, "title": found.name if sequence else _("New sequence")}
    return render(request, "activities/sequence_form.html", context, status=422 if request.method == "POST" else 200)


def _refused(request: Request, broken: RuleBroken) -> HttpResponse:
    """Why not, as a toast or at the top of the page one came from."""
    if request.htmx:
        told = json.dumps({"toast": {"text": str(broken), "tag": "error"}})
        return HttpResponse(
            str(broken), status=409, content_type="text/plain; charset=utf-8", headers={"HX-Trigger": told}
        )
    messages.error(request, str(broken))
    return redirect(_back(request))


def _back(request: Request, default: str = "/activities/") -> str:
    """The page one came from; never another site."""
    back = request.POST.get("back") or request.GET.get("back") or ""
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else default
