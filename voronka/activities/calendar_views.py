"""Pages of the calendar: the calendar with its list, moves, occurrences of series, absences, holidays, the address for other programs."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final
from urllib.parse import urlencode

from csp.constants import NONCE
from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from voronka.accounts.models import User
from voronka.activities import actions, calendar, ics, occurrences, schedule
from voronka.activities import calendar_forms as forms
from voronka.activities.calendar import Entry
from voronka.activities.forms import WhenForm
from voronka.activities.models import Absence, Activity, CalendarFeed, Holiday, Series
from voronka.core import actions as kernel
from voronka.core import mail
from voronka.core.access import Scope
from voronka.core.addresses import address_of
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.models import Company
from voronka.core.pages import FormPage, number_of
from voronka.core.tables import moment_words

READS_AN_HOUR: Final = 60
TRIES_A_MINUTE: Final = 30


# FullCalendar writes its rules into a <style> element of its own: this page alone lets one in, by a nonce. Scripts gain nothing by it.
@require_GET
@csp_update({"style-src": NONCE})  # type: ignore[arg-type]
def page(request: Request) -> HttpResponse:
    """The calendar, with a list of the same days for those without JavaScript (and with `?list` for everybody)."""
    asked = forms.chosen(request)
    first, last = asked.days()
    found = calendar.entries(
        asked.wanted(forms.midnight(first), forms.midnight(last + timedelta(days=1))), request.user
    )
    free = calendar.free_days(first, last, [one.pk for one in asked.shown_people], request.user)
    before, after = asked.neighbours()
    context = {
        "title": _("Calendar"), "asked": asked, "people": asked.shown_people,
        "shown": [{"id": one.pk, "name": one.name, "colour": _colour(place)} for place, one in enumerate(asked.shown_people)],
        "everybody": _everybody(asked, request.user), "kinds": calendar.KINDS,
        "chosen_kinds": asked.cleaned_data.get("kinds") or [], "days": _by_day(found.entries, free, first, last), "is_cut": found.is_cut,
        "unplanned": calendar.unplanned(request.user), "first": first, "last": last, "as_list": "list" in request.GET,
        "views": [(name, words, _address(request, view=name)) for name, words in forms.VIEWS.items()],
        "earlier": _address(request, date=before.isoformat()), "later": _address(request, date=after.isoformat()), "today": _address(request, date=""),
        "company": Company.lately(), "zone": forms.zone_name(request.user), "may_write": _may_write(request.user),
        "list_address": _address(request, list="1"), "calendar_address": _address(request, list=""),
    }  # fmt: skip
    return render(request, "activities/calendar.html", context)


def _may_write(user: User) -> bool:
    return user.scope_for("activities.activity", "edit") != Scope.NONE


def _address(request: Request, **changes: str) -> str:
    """The address of the calendar with some of what it says changed; "" takes away."""
    said = request.GET.copy()
    for name, value in changes.items():
        said.pop(name, None)
        if value:
            said[name] = value
    return f"{reverse('activities:calendar')}?{said.urlencode()}"


def _everybody(asked: forms.CalendarQuery, user: User) -> list[tuple[User, str]]:
    """Whose days may be shown, oneself first, then one's team; with the colour of those that are."""
    rows = list(User.objects.visible_to(user).active().order_by("name", "pk")[:200])
    shown = {one.pk: _colour(place) for place, one in enumerate(asked.shown_people)}
    rows.sort(key=lambda one: (one.pk != user.pk, one.team_id is None or one.team_id != user.team_id))
    return [(one, shown.get(one.pk, "")) for one in rows]


def _colour(place: int) -> str:
    """Of the people shown, eight differ."""
    return f"avatar-{place % 8}"


def _by_day(entries: list[Entry], free: calendar.FreeDays, first: date, last: date) -> list[dict[str, Any]]:
    """The days of a list: each with its holiday, who is away, and what stands in it. Longer work stands in each of its days."""
    days = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        away = [one for one in free.absences if one.first_on <= day <= one.last_on]
        here = [one for one in entries if one.first_day <= day <= one.last_day]
        days.append({"day": day, "holiday": free.holidays.get(day), "away": away, "entries": here})
    return days


@require_GET
def events(request: Request) -> JsonResponse:
    """What FullCalendar draws in a window: entries, and free days behind them. Times are those of the reader's wall clock."""
    asked, window = forms.chosen(request), forms.WindowForm(_walls(request))
    if not window.is_valid():
        return JsonResponse({"error": _sentences(window)}, status=422)
    first, last = window.cleaned_data["start"], window.cleaned_data["end"]
    found = calendar.entries(asked.wanted(first, last), request.user)
    free = calendar.free_days(
        timezone.localdate(first), timezone.localdate(last), [one.pk for one in asked.shown_people], request.user
    )
    zone = timezone.get_current_timezone()
    drawn = [_event(one, zone) for one in found.entries] + _background(free)
    return JsonResponse({"events": drawn, "is_cut": found.is_cut})


def _sentences(form: BaseForm) -> str:
    return " ".join(str(sentence) for sentences in form.errors.values() for sentence in sentences)


def _walls(request: Request) -> dict[str, str]:
    """FullCalendar names its window as if the wall clock showed UTC."""
    return {name: request.GET.get(name, "").removesuffix("Z")[:19].replace("T", " ") for name in ("start", "end")}


def _event(one: Entry, zone: tzinfo) -> dict[str, Any]:
    row = one.row
    shown: dict[str, Any] = {
        "id": str(row.pk or one.series_key or f"busy-{one.at:%Y%m%d%H%M}-{row.owner_id}"), "title": one.words, "allDay": one.is_whole_day, "editable": one.may_edit,
        "extendedProps": {
            "kind": "busy" if one.is_busy else row.kind, "people": one.people, "status": row.status, "clashes": one.clashes, "tentative": row.is_tentative,
            "private": row.is_private, "series": bool(row.series_id), "where": row.location, "partner": "" if row.partner is None else row.partner.name,
            "activity": row.pk, "version": row.version, "occurrence": "" if row.pk else one.series_key, "untimed": row.starts_at is None,
        },
    }  # fmt: skip
    if one.is_whole_day or row.starts_at is None or row.ends_at is None:
        shown |= {"start": one.first_day.isoformat(), "end": (one.last_day + timedelta(days=1)).isoformat()}
    else:
        shown |= {"start": forms.wall(row.starts_at, zone), "end": forms.wall(row.ends_at, zone)}
    if not one.is_busy:
        shown["url"] = (
            address_of("activities:detail", row.pk)
            if row.pk
            else reverse("activities:occurrence", args=[row.series_id, one.series_key.partition("/")[2]])
        )
    return shown


def _background(free: calendar.FreeDays) -> list[dict[str, Any]]:
    days = [
        {"start": day.isoformat(), "allDay": True, "display": "background", "title": one.name, "classNames": ["cal-worked" if one.works else "cal-holiday"]}
        for day, one in free.holidays.items()
    ]  # fmt: skip
    return days + [
        {
            "start": one.first_on.isoformat(), "end": (one.last_on + timedelta(days=1)).isoformat(), "allDay": True, "title": _absence_words(one), "editable": False,
            "classNames": ["cal-absence"], "extendedProps": {"kind": "absence", "people": [one.owner_id]},
        }
        for one in free.absences
    ]  # fmt: skip


def _absence_words(one: Absence) -> str:
    """Colleagues learn that somebody is away, not that they are ill."""
    return _("%(person)s is away") % {"person": one.owner}


@require_POST
def move(request: Request) -> HttpResponse:
    """Something was dragged or stretched. Answers with a sentence, with what speaks against it, and with what takes it back."""
    if not _may_write(request.user):
        raise PermissionDenied
    form = forms.MoveForm(request.POST, user=request.user)
    if not form.is_valid():
        return JsonResponse({"message": _sentences(form)}, status=422)
    try:
        found = _dragged(request)
        before = actions.plan_of(found)
        given = form.cleaned_data
        plan = form.plan(found)
        moved = schedule.drag(
            found, plan, scope=given.get("scope") or "one", to=given.get("owner"), seen_version=given.get("version") if request.POST.get("activity") else None,
            by=request.user,
        )  # fmt: skip
    except RuleBroken as broken:
        return JsonResponse({"message": str(broken)}, status=409)
    return JsonResponse(_moved(request, moved, before, found_before=found.owner_id))


def _dragged(request: Request) -> Activity:
    """What was dragged, through access: a row, or an occurrence that becomes one."""
    key = request.POST.get("activity", "")
    if key:
        rows = Activity.objects.editable_by(request.user).select_related("owner", "series")
        return get_object_or_404(rows, pk=number_of(key))
    series, _slash, stamp = request.POST.get("occurrence", "").partition("/")
    start = forms.occurrence_start(stamp)
    if start is None:
        raise Http404
    return schedule.occurrence(get_object_or_404(Series.objects.editable_by(request.user), pk=number_of(series)), start)


def _moved(request: Request, moved: Activity, before: Any, found_before: int) -> dict[str, Any]:
    when = moment_words(moved.happened_at, timezone.now(), timed=moved.is_timed)
    speaks: list[str] = []
    if moved.starts_at and moved.ends_at and moved.is_timed:
        speaks = calendar.warnings(
            [moved.owner, *moved.participants.all()],
            moved.starts_at,
            moved.ends_at,
            user=request.user,
            without=moved.pk,
        )
    undo: dict[str, Any] = {"activity": moved.pk, "version": moved.version}
    if before.starts_at and before.ends_at and not before.all_day:
        undo |= {"start": forms.wall(before.starts_at), "end": forms.wall(before.ends_at)}
    elif before.starts_at is None:
        undo |= {"day": timezone.localtime(before.due).date().isoformat()}
    return {"message": _("%(what)s: %(when)s") % {"what": moved, "when": when}, "warnings": speaks, "undo": undo}


@require_http_methods(["GET", "POST"])
def occurrence(request: Request, series: int, stamp: str) -> HttpResponse:
    """One occurrence that is no activity yet. A POST makes it one, takes it out, or ends the series before it."""
    start = forms.occurrence_start(stamp)
    if start is None:
        raise Http404
    if request.method == "POST":
        return _act_on(request, get_object_or_404(Series.objects.editable_by(request.user), pk=series), start)
    found = get_object_or_404(Series.objects.visible_to(request.user).select_related("partner", "owner"), pk=series)
    row = Activity.objects.visible_to(request.user).filter(series=found, original_start=start).first()
    if row is not None:
        return redirect(row)
    context = {
        "title": str(found), "series": found, "start": start, "end": found.end_of(start), "repeats": occurrences.repeat_words(found),
        "may_edit": Series.objects.allows(request.user, "edit", found),
    }  # fmt: skip
    return render(request, "activities/occurrence.html", context)


def _act_on(request: Request, series: Series, start: datetime) -> HttpResponse:
    try:
        match request.POST.get("act"):
            case "skip":
                kernel.delete(schedule.occurrence(series, start), by=request.user)
                messages.success(request, _("It does not take place that day."))
            case "stop":
                schedule.stop(series, start, by=request.user)
                messages.success(request, _("The series has ended."))
            case _made:
                return redirect("activities:edit", pk=schedule.occurrence(series, start).pk)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("activities:calendar")


@require_POST
def end_series(request: Request, pk: int) -> HttpResponse:
    """This occurrence and the following ones do not take place."""
    found = get_object_or_404(Activity.objects.editable_by(request.user).select_related("series"), pk=pk)
    if found.series is None or found.original_start is None:
        raise Http404
    gone = schedule.stop(found.series, found.original_start, by=request.user)
    words = ngettext("The series has ended: %(count)s activity is in the recycle bin.", "The series has ended: %(count)s activities are in the recycle bin.", gone)  # fmt: skip
    messages.success(request, words % {"count": gone})
    return redirect("activities:calendar")


@require_GET
def warnings(request: Request) -> HttpResponse:
    """What speaks against the time in the form, while it is being filled in."""
    form = WhenForm(request.GET, user=request.user)
    plan = form.plan() if form.is_valid() else None
    sentences: list[str] = []
    if plan is not None and plan.starts_at and plan.ends_at:
        sentences = calendar.warnings(
            form.people(), plan.starts_at, plan.ends_at, user=request.user, without=form.own()
        )
    elif plan is not None:
        sentences = calendar.warnings(
            form.people(), plan.due, plan.due + timedelta(seconds=1), user=request.user, without=form.own()
        )
    return render(request, "activities/_warnings.html", {"sentences": sentences[:12]})


@require_GET
def absences(request: Request) -> HttpResponse:
    """Who is away and will be, and who was within a year."""
    since = timezone.localdate() - timedelta(days=365)
    rows = list(Absence.objects.visible_to(request.user).filter(last_on__gte=since).select_related("owner")[:300])
    listed = [(one, Absence.objects.allows(request.user, "edit", one)) for one in rows]
    context = {
        "title": _("Absences"),
        "absences": listed,
        "today": timezone.localdate(),
        "may_write": _may_write(request.user),
    }
    return render(request, "activities/absences.html", context)


class AbsenceFormPage(FormPage):
    """Say that somebody is away, or change it."""

    model = Absence
    form = forms.AbsenceForm
    title_new = gettext_lazy("New absence")
    template = "activities/absence_form.html"
    back = "activities:absences"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and not _may_write(request.user):
            raise PermissionDenied

    def initial(self) -> dict[str, Any]:
        return (
            {}
            if self.object
            else {"owner": self.request.user.pk, "first_on": timezone.localdate(), "last_on": timezone.localdate()}
        )

    def save(self, form: Any) -> Absence:
        return schedule.save_absence(form.save(commit=False), seen_version=self.seen_version(), by=self.request.user)

    def address(self, saved: Any) -> str:
        return reverse(self.back)


@require_POST
def absence_delete(request: Request, absence: int) -> HttpResponse:
    kernel.delete(get_object_or_404(Absence.objects.editable_by(request.user), pk=absence), by=request.user)
    messages.success(request, _("It is in the recycle bin."))
    return redirect("activities:absences")


@permission_required("core.configure", raise_exception=True)
def holidays(request: Request) -> HttpResponse:
    """The company's free days of a year; a POST adds one, removes one, or takes over those of the country."""
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and len(text) == 4 else timezone.localdate().year
    form = forms.HolidayForm(request.POST if "add" in request.POST else None)
    if request.method == "POST" and _change_holidays(request, form, year):
        return redirect(f"{request.path}?{urlencode({'year': year})}")
    rows = Holiday.objects.visible_to(request.user).filter(day__year=year)
    context = {"title": _("Holidays"), "form": form, "holidays": rows, "year": year, "years": range(year - 1, year + 3)}
    return render(request, "activities/holidays.html", context, status=422 if form.errors else 200)


def _change_holidays(request: Request, form: forms.HolidayForm, year: int) -> bool:
    """Do what the page asks; False where its form has errors to show."""
    wanted = request.POST
    try:
        if "fill" in wanted:
            count = schedule.fill_holidays(year, by=request.user)
            messages.success(
                request, ngettext("%(count)s day added.", "%(count)s days added.", count) % {"count": count}
            )
        elif key := wanted.get("remove", ""):
            rows = Holiday.objects.editable_by(request.user)
            schedule.remove_holiday(get_object_or_404(rows, pk=number_of(key)), by=request.user)
        elif not form.is_valid():
            return False
        else:
            schedule.save_holiday(form.save(commit=False), by=request.user)
    except RuleBroken as broken:
        if broken.field:
            form.add_error(broken.field, str(broken))
            return False
        messages.error(request, str(broken))
    return True


def feed_settings(request: Request) -> HttpResponse:
    """The address of one's calendar for a phone or a mail program. A new one is shown once, on the answer to the POST."""
    address = ""
    if request.method == "POST" and "close" in request.POST:
        schedule.close_feed(by=request.user)
        messages.success(request, _("The address no longer works."))
        return redirect("activities:feed_settings")
    if request.method == "POST":
        address = mail.address(reverse("activities:feed", args=[schedule.open_feed(by=request.user)]))
    found = CalendarFeed.objects.visible_to(request.user).first()
    context = {"title": _("My calendar in other programs"), "address": address, "feed": found}
    answer = render(request, "activities/feed.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
def feed(request: Request, secret: str) -> HttpResponse:
    """A calendar by its secret address, for programs that don't sign in. Asked too often it says when to come again; a wrong address is told nothing."""
    if (wait := _too_often(f"calendar-tries-{request.META.get('REMOTE_ADDR', '')}", TRIES_A_MINUTE, 60)) is not None:
        return wait
    found = schedule.feed_of(secret)
    if found is None:
        raise Http404
    if (wait := _too_often(f"calendar-feed-{found.pk}", READS_AN_HOUR, 3600)) is not None:
        return wait
    user = found.user
    with translation.override(user.language_or_default()), timezone.override(user.zone):
        content = ics.feed(user, f"{Company.lately().name}: {user.name}", timezone.now())
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="voronka.ics"'
    answer["Cache-Control"] = "private, max-age=300"
    answer["Referrer-Policy"], answer["X-Robots-Tag"] = "no-referrer", "noindex"
    return answer


def _too_often(key: str, most: int, seconds: int) -> HttpResponse | None:
    """The refusal when a key was seen more often than `most` times within the present span of seconds, counted across all processes."""
    place = f"{hashlib.sha256(key.encode()).hexdigest()}-{int(timezone.now().timestamp()) // seconds}"
    cache.add(place, 0, timeout=seconds)
    try:
        count = cache.incr(place)
    except ValueError:
        return None
    if count <= most:
        return None
    return HttpResponse(
        _("Asked too often. Come back later."),
        status=429,
        headers={"Retry-After": str(seconds)},
        content_type="text/plain; charset=utf-8",
    )
