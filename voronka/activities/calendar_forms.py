"""What the calendar is asked, moves in it, absences and holidays."""

from __future__ import annotations

import datetime as dates
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.activities import rules
from voronka.activities.calendar import KINDS, MOST_PEOPLE, Wanted
from voronka.activities.models import Absence, Activity, Holiday
from voronka.activities.rules import Plan
from voronka.core.forms import DateInput, PersonalForm, PickerField

if TYPE_CHECKING:
    from voronka.core.frame import Request

VIEWS: Final = {
    "day": _("Day"), "workweek": _("Work week"), "week": _("Week"), "month": _("Month"), "agenda": _("Agenda"), "team": _("Team"),
}  # fmt: skip
AGENDA_DAYS: Final = 14
# A month is shown with the weeks it begins and ends in.
MOST_DAYS: Final = 45


class CalendarQuery(forms.Form):
    """What the address of the calendar says; what is not understood counts as not said."""

    view = forms.ChoiceField(choices=list(VIEWS.items()), required=False)
    date = forms.DateField(required=False)
    people = forms.ModelMultipleChoiceField(User.objects.none(), required=False)
    kinds = forms.MultipleChoiceField(choices=[(kind.value, kind.label) for kind in KINDS], required=False)
    q = forms.CharField(max_length=100, required=False, label=_("Words"))
    open_only = forms.BooleanField(required=False, label=_("only what is open"))
    colour = forms.ChoiceField(choices=[("kind", _("by kind")), ("person", _("by person"))], required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        people: Any = self.fields["people"]
        people.queryset = User.objects.visible_to(user).active().order_by("name", "pk")
        self.is_valid()

    @property
    def shown_view(self) -> str:
        return self.cleaned_data.get("view") or "week"

    @property
    def day(self) -> dates.date:
        found: dates.date | None = self.cleaned_data.get("date")
        return found if found is not None and 1970 < found.year < 2200 else timezone.localdate()

    @property
    def shown_colour(self) -> str:
        return self.cleaned_data.get("colour") or ("person" if self.shown_view == "team" else "kind")

    @property
    def shown_people(self) -> list[User]:
        """Whose days are shown: in the team's view one's own and the team's where nobody was chosen, else one's own."""
        if not hasattr(self, "_people"):
            self._people = list(self.cleaned_data.get("people") or ())[:MOST_PEOPLE] or self._usual()
        return self._people

    def _usual(self) -> list[User]:
        if self.shown_view != "team" or self.user.team_id is None:
            return [self.user]
        mates = User.objects.visible_to(self.user).active().filter(team=self.user.team_id).exclude(pk=self.user.pk)
        return [self.user, *mates.order_by("name", "pk")[:7]]

    def days(self) -> tuple[dates.date, dates.date]:
        """The first and the last day of the view."""
        day = self.day
        monday = day - timedelta(days=day.weekday())
        match self.shown_view:
            case "day" | "team":
                return day, day
            case "workweek":
                return monday, monday + timedelta(days=4)
            case "month":
                first = day.replace(day=1)
                last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
                return first, last
            case "agenda":
                return day, day + timedelta(days=AGENDA_DAYS - 1)
        return monday, monday + timedelta(days=6)

    def neighbours(self) -> tuple[dates.date, dates.date]:
        """A day of the view before and of the one after."""
        first, last = self.days()
        if self.shown_view in ("week", "workweek"):
            return self.day - timedelta(days=7), self.day + timedelta(days=7)
        return first - (
            timedelta(days=1) if self.shown_view != "agenda" else last - first + timedelta(days=1)
        ), last + timedelta(days=1)

    def wanted(self, first: datetime, last: datetime) -> Wanted:
        given = self.cleaned_data
        return Wanted(
            first, last, tuple(person.pk for person in self.shown_people), tuple(given.get("kinds") or ()), (given.get("q") or "").replace("\x00", "").strip(),
            not given.get("open_only"),
        )  # fmt: skip


class WindowForm(forms.Form):
    """The window a calendar page asks for: moments of the reader's wall clock, at most MOST_DAYS apart."""

    start = forms.DateTimeField()
    end = forms.DateTimeField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("start"), cleaned.get("end")
        if first and last and not timedelta(0) < last - first <= timedelta(days=MOST_DAYS):
            raise forms.ValidationError(_("The calendar shows at most %(days)s days at once.") % {"days": MOST_DAYS})
        return cleaned


class MoveForm(forms.Form):
    """Where something was dragged to, on the reader's wall clock: from start to end, or a day. `owner` is the column of the team's view."""

    start = forms.DateTimeField(required=False)
    end = forms.DateTimeField(required=False)
    day = forms.DateField(required=False)
    last_day = forms.DateField(required=False)
    scope = forms.ChoiceField(choices=[("one", ""), ("following", ""), ("all", "")], required=False)
    owner = forms.ModelChoiceField(User.objects.none(), required=False)
    version = forms.IntegerField(required=False, min_value=1)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = User.objects.assignable_by(user)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (cleaned.get("start") or cleaned.get("day")):
            raise forms.ValidationError(_("Say when it is to be done."))
        start, end = cleaned.get("start"), cleaned.get("end")
        if (start and end and end < start) or (
            cleaned.get("day") and (cleaned.get("last_day") or date.max) < cleaned["day"]
        ):
            raise forms.ValidationError(_("The end lies before the start."))
        return cleaned

    def plan(self, found: Activity) -> Plan:
        """The new plan. Work without a time that is dropped on a day keeps being without one."""
        given, zone = self.cleaned_data, timezone.get_current_timezone()
        if given.get("start"):
            return rules.plan_at(given["start"], end=given.get("end") or given["start"] + _usual_length(found))
        if found.starts_at is None:
            return rules.plan_on(given["day"], found.owner.zone)
        return rules.plan_all_day(given["day"], given.get("last_day") or given["day"], zone)


def _usual_length(found: Activity) -> timedelta:
    if found.starts_at and found.ends_at and not found.all_day:
        return found.ends_at - found.starts_at
    return timedelta(minutes=30)


class AbsenceForm(PersonalForm):
    """Days somebody is away."""

    owner = PickerField(User, "accounts:people", label=_("Who"))

    groups: ClassVar = [(_("Absence"), ["owner", "kind", "first_on", "last_on", "remarks"])]

    class Meta:
        model = Absence
        fields = ["owner", "kind", "first_on", "last_on", "remarks"]
        widgets: ClassVar = {"first_on": DateInput(), "last_on": DateInput()}


class HolidayForm(forms.ModelForm):
    class Meta:
        model = Holiday
        fields = ["day", "name", "works"]
        widgets: ClassVar = {"day": DateInput()}


def midnight(day: date) -> datetime:
    """The beginning of a day in the reader's zone."""
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def wall(moment: datetime, zone: dates.tzinfo | None = None) -> str:
    """A moment as the reader's clock shows it, without a zone; who asks for hundreds looks the reader's `zone` up once."""
    local = moment.astimezone(zone or timezone.get_current_timezone())
    return local.replace(tzinfo=None).isoformat(timespec="seconds")


def occurrence_start(stamp: str) -> datetime | None:
    """The moment an address names ("20261125T070000Z")."""
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def chosen(request: Request) -> CalendarQuery:
    return CalendarQuery(request.GET, user=request.user)


def zone_name(user: User) -> str:
    zone: ZoneInfo = user.zone
    return str(zone)
