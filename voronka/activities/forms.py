"""Forms and filters of activities: the one-line composer, the whole form, small forms of one act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.accounts.models import User
from voronka.activities import recurrence, rules
from voronka.activities.models import (
    Activity,
    ActivitySubject,
    ActivityType,
    Kind,
    Outcome,
    Sequence,
    SequenceStep,
    Series,
    Status,
)
from voronka.activities.rules import Plan
from voronka.activities.schedule import Repeat
from voronka.activities.spoken import length_of, understand
from voronka.core.forms import DateInput, DateRange, FilterBar, PersonalForm, PickerField, PickerFilter, PickersField
from voronka.partners.models import Contact, Partner, PartnerGroup, Tag

if TYPE_CHECKING:
    from collections.abc import Callable

SAID_KINDS: Final = (Kind.NOTE, Kind.CALL, Kind.MEETING, Kind.EMAIL)
REMINDERS: Final = [
    ("", _("no reminder")), ("0", _("when it starts")), ("5", _("5 minutes before")), ("15", _("15 minutes before")),
    ("30", _("half an hour before")), ("60", _("an hour before")), ("1440", _("a day before")),
]  # fmt: skip


class TimeInput(forms.TimeInput):
    """The browser's own time picker."""

    input_type = "time"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)


@dataclass(frozen=True)
class Step:
    """A next step as it was understood from one line: what, by when, and the stamp the page sends back to say that it was shown."""

    kind: str
    title: str
    when: Plan
    is_dated: bool

    @property
    def stamp(self) -> str:
        return f"{self.kind} {self.when.due.isoformat()}"

    @property
    def is_near(self) -> bool:
        """Told as "tomorrow" or by its weekday: the date beside it makes sure."""
        return -1 <= (timezone.localtime(self.when.due).date() - timezone.localdate()).days < 7

    @property
    def kind_words(self) -> str:
        return str(Kind(self.kind).label)

    def activity(self, owner: User) -> Activity:
        return Activity(kind=self.kind, title=self.title, owner=owner)


def step_from(line: str, now: datetime) -> Step | None:
    """Read a next step: "перезвонить завтра в 15". Without a date it is for today; None for an empty line."""
    if not line.strip():
        return None
    found = understand(line, now)
    zone = now.tzinfo or timezone.get_current_timezone()
    kind = found.kind or Kind.TASK
    title = (found.rest or str(Kind(kind).label))[:200]
    title = title[:1].upper() + title[1:]
    if found.day is None:
        return Step(kind, title, rules.plan_on(now.date(), zone), is_dated=False)
    if found.clock is None:
        return Step(kind, title, rules.plan_on(found.day, zone), is_dated=True)
    start = datetime.combine(found.day, found.clock, zone)
    return Step(kind, title, rules.plan_at(start, found.length or rules.DEFAULT_DURATION), is_dated=True)


class NextStepForm(forms.Form):
    """One line for what is to be done next. It is kept only as it was shown: `understood` is the stamp of what the page showed."""

    next = forms.CharField(label=_("Next step"), max_length=300, required=False)
    understood = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step: Step | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.step = step_from(cleaned.get("next") or "", timezone.localtime())
        return cleaned

    @property
    def must_show(self) -> bool:
        """The step was not shown yet as it is understood now: show it before anything is kept."""
        return self.step is not None and self.step.stamp != self.cleaned_data.get("understood")


class Composer(NextStepForm):
    """What was said, and what follows. `text` with the kind is what has happened; `next` alone plans."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in (*SAID_KINDS, Kind.TASK)], required=False)
    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    outcome = forms.ModelChoiceField(Outcome.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["outcome"]
        field.queryset = Outcome.objects.active()

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or Kind.NOTE

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, text = cleaned.get("kind"), (cleaned.get("text") or "").strip()
        if kind == Kind.TASK and self.step is None:
            self.add_error("next", _("Say what is to be done, and when."))
        elif not text and not cleaned.get("outcome") and self.step is None:
            self.add_error("text", _("Write something first."))
        return cleaned

    def said(self, owner: User) -> Activity | None:
        """What has happened, or None where only a step is planned."""
        kind: str = self.cleaned_data["kind"]
        text, outcome = self.cleaned_data.get("text"), self.cleaned_data.get("outcome")
        if kind == Kind.TASK or not (text or outcome):
            return None
        outcome = outcome if kind in (Kind.CALL, Kind.MEETING) else None
        direction = Activity.Direction.OUT if kind in (Kind.CALL, Kind.EMAIL) else ""
        return Activity(kind=kind, text=text or "", outcome=outcome, direction=direction, owner=owner)

    def planned(self, owner: User) -> Activity | None:
        if self.step is None:
            return None
        activity = self.step.activity(owner)
        if self.cleaned_data.get("kind") == Kind.TASK:
            activity.text = self.cleaned_data.get("text") or ""
        return activity


class CompleteForm(NextStepForm):
    """What came of it, and the next step at once."""

    outcome = forms.ModelChoiceField(Outcome.objects.none(), label=_("Outcome"), required=False, empty_label="—")
    result = forms.CharField(
        label=_("What came of it"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=20000
    )

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["outcome"]
        field.queryset = Outcome.objects.active()
        if activity.kind not in (Kind.CALL, Kind.MEETING):
            del self.fields["outcome"]


class MomentForm(forms.Form):
    """Another day, and perhaps another time; `shift` moves by days from today."""

    day = forms.DateField(label=_("Day"), widget=DateInput(), required=False)
    clock = forms.TimeField(label=_("Time"), widget=TimeInput(), required=False)
    shift = forms.IntegerField(min_value=0, max_value=365, required=False, widget=forms.HiddenInput())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("day") is None and cleaned.get("shift") is None and "day" not in self.errors:
            self.add_error("day", _("Choose a day."))
        return cleaned

    def plan(self, now_planned: Plan) -> Plan:
        """The new plan: the same time of day where only the day was chosen."""
        zone, shift = timezone.get_current_timezone(), self.cleaned_data.get("shift")
        if shift is not None:
            return rules.moved(now_planned, timezone.localdate() + timedelta(days=shift), zone)
        day, clock = self.cleaned_data["day"], self.cleaned_data.get("clock")
        return rules.moved(now_planned, datetime.combine(day, clock, zone) if clock else day, zone)


class AssignForm(forms.Form):
    """Who does it from now on."""

    owner = PickerField(User, "accounts:people", label=_("Who does it"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["owner"]
        field.queryset = User.objects.assignable_by(user)
        field.keys_to_show = [self.data.get("owner") or self.initial.get("owner")]


class NoteForm(forms.ModelForm):
    """The text of a note; everything else stays as it was written."""

    class Meta:
        model = Activity
        fields = ["text"]
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = True


class SubjectSelect(forms.Select):
    """Each subject names its type, so that the list can show those of the chosen one."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if subject := getattr(value, "instance", None):
            option["attrs"]["data-of"] = str(subject.type_id)
        return option


class SubjectField(forms.ModelChoiceField):
    widget = SubjectSelect

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.type}: {obj}"


class RepeatFields(forms.Form):
    """Whether work repeats and how; of a series, how much of it the form changes."""

    scope = forms.ChoiceField(
        label=_("Change"), required=False, widget=forms.RadioSelect,
        choices=[("one", _("only this one")), ("following", _("this and the following")), ("all", _("all from today on"))],
    )  # fmt: skip
    repeats = forms.ChoiceField(
        label=_("Repeats"), required=False,
        choices=[
            ("", pgettext_lazy("repeats", "no")), ("DAILY", _("every day")), ("WORKDAYS", _("every working day, Monday to Friday")), ("WEEKLY", _("every week")),
            ("MONTHLY", _("every month on the same day")), ("NTH", _("every month on the same weekday")), ("YEARLY", _("every year")),
        ],
    )  # fmt: skip
    every = forms.IntegerField(
        label=_("Every"), min_value=1, max_value=recurrence.MOST_INTERVAL, required=False,
        help_text=_("2: every second day, week, month or year."),
    )  # fmt: skip
    on_days = forms.MultipleChoiceField(
        label=_("On"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=lambda: list(zip(recurrence.WEEKDAYS, (WEEKDAYS_ABBR[number] for number in range(7)), strict=True)),
        help_text=_("For weeks. None: the weekday of the day above."),
    )  # fmt: skip
    repeat_until = forms.DateField(label=_("Last on"), widget=DateInput(), required=False)
    repeat_times = forms.IntegerField(
        label=_("Times"), min_value=1, max_value=recurrence.MOST_TIMES, required=False,
        help_text=_("Empty, and no last day: without an end."),
    )  # fmt: skip

    def how(self) -> Repeat | None:
        """The rule the form describes; None where nothing repeats."""
        given = self.cleaned_data
        day: date | None = given.get("day")
        if not given.get("repeats") or day is None:
            return None
        frequency, days, nth = given["repeats"], tuple(given.get("on_days") or ()), 0
        if frequency == "WORKDAYS":
            frequency, days = "WEEKLY", recurrence.WEEKDAYS[:5]
        elif frequency == "NTH":
            frequency, days, nth = "MONTHLY", (recurrence.WEEKDAYS[day.weekday()],), recurrence.nth_of(day)
        every, count = given.get("every") or 1, given.get("repeat_times")
        return Repeat(recurrence.rule_of(frequency, every, days, nth, count), given.get("repeat_until"))

    def repeats_initial(self, series: Series) -> dict[str, Any]:
        """The rule of a series as the form asks for it."""
        asked = recurrence.asked(series.rule)
        chosen = "NTH" if asked.nth else asked.frequency
        if asked.frequency == "WEEKLY" and asked.days == recurrence.WEEKDAYS[:5]:
            chosen = "WORKDAYS"
        return {
            "scope": "one", "repeats": chosen, "every": asked.interval if asked.interval > 1 else None, "on_days": list(asked.days) if chosen == "WEEKLY" else [],
            "repeat_until": series.last_on, "repeat_times": asked.count,
        }  # fmt: skip


class ActivityForm(RepeatFields, PersonalForm):
    """Everything about an activity. A day with a time is an appointment, a day alone is due when it is over, `all_day` takes whole days."""

    partner = PickerField(Partner, "partners:options", label=_("Partner"), required=False)
    contact = PickerField(Contact, "partners:contacts", with_fields="partner", label=_("Contact"), required=False)
    owner = PickerField(User, "accounts:people", label=_("Who does it"), required=False)
    participants = PickersField(User, "accounts:people", label=_("Who takes part"), required=False)
    type = forms.ModelChoiceField(ActivityType.objects.none(), label=_("Type"), required=False, empty_label="—")
    subject = SubjectField(ActivitySubject.objects.none(), label=_("Subject"), required=False, empty_label="—")
    outcome = forms.ModelChoiceField(Outcome.objects.none(), label=_("Outcome"), required=False, empty_label="—")
    is_done = forms.BooleanField(label=_("It has happened already"), required=False)
    day = forms.DateField(label=_("Day"), widget=DateInput(), required=False)
    clock = forms.TimeField(
        label=_("Time"), widget=TimeInput(), required=False, help_text=_("Empty: any time of the day.")
    )
    lasts = forms.CharField(
        label=_("Takes"), max_length=20, required=False, help_text=_("Minutes, or as 90m, 2h, 1d. Empty: 15 minutes.")
    )
    last_day = forms.DateField(
        label=_("Until day"), widget=DateInput(), required=False, help_text=_("For whole days: the last of them.")
    )
    remind_before = forms.TypedChoiceField(
        label=_("Remind me"), choices=REMINDERS, coerce=int, empty_value=None, required=False
    )

    groups: ClassVar = [
        (_("What"), ["kind", "title", "text", "priority"]),
        (_("With whom"), ["partner", "contact", "opportunity"]),
        (_("When"), ["day", "clock", "lasts", "remind_before", "is_done", "outcome"]),
        (_("Who"), ["owner", "participants", "invites"]),
        (_("Repeats"), ["scope", "repeats", "every", "on_days", "repeat_until", "repeat_times"]),
        (_("More"), [
            "type", "subject", "direction", "phone", "location", "all_day", "last_day", "is_private", "is_tentative",
        ]),
    ]  # fmt: skip
    folded: ClassVar = (_("Repeats"), _("More"))

    class Meta:
        model = Activity
        fields = [
            "kind", "title", "text", "type", "subject", "priority", "direction", "partner", "contact", "opportunity", "phone", "location", "all_day",
            "remind_before", "outcome", "owner", "is_private", "is_tentative", "invites",
        ]  # fmt: skip
        help_texts: ClassVar = {
            "invites": _(
                "Participants and the contact get a letter that fits into their calendar, and another at each change."
            )
        }
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deal: Any = Activity._meta.get_field("opportunity").related_model
        self.fields["opportunity"] = PickerField(
            deal, "opportunities:options", with_fields="partner", label=_("Opportunity"), required=False
        )
        self._narrow_again("opportunity", deal)
        if self.instance.pk:
            self._fill()
            for name in ("is_done", "outcome"):
                del self.fields[name]
        if self.instance.pk and self.instance.series_id:
            self.initial = dict(self.initial) | self.repeats_initial(self.instance.series)
        else:
            del self.fields["scope"]
        kinds: Any = self.fields["kind"]
        directions: Any = self.fields["direction"]
        directions.choices = [("", "—"), *Activity.Direction.choices]
        if not self.instance.pk or self.instance.kind != Kind.NOTE:
            kinds.choices = [(kind.value, kind.label) for kind in Kind if kind != Kind.NOTE]

    def _narrow_again(self, name: str, model: Any) -> None:
        """The opportunity's model is known by its column only: its app lies above this one."""
        field: Any = self.fields[name]
        field.queryset = model._default_manager.visible_to(self.user)
        value = self.data.get(name) if self.is_bound else self.get_initial_for_field(field, name)
        field.keys_to_show = [value] if str(value or "").isdecimal() else []

    def _fill(self) -> None:
        """The moments of the record as the form asks for them, in the reader's zone."""
        one = self.instance
        start = timezone.localtime(one.starts_at) if one.starts_at else None
        self.initial = dict(self.initial) | {
            "day": start.date() if start else one.due_on,
            "clock": start.time() if start and one.is_timed else None,
            "lasts": _short_length(one.minutes) if one.is_timed else "",
            "last_day": timezone.localtime(one.ends_at - timedelta(seconds=1)).date() if one.all_day and one.ends_at else None,
            "participants": list(one.participants.values_list("pk", flat=True)),
        }  # fmt: skip
        participants: Any = self.fields["participants"]
        if not self.is_bound:
            participants.keys_to_show = self.initial["participants"]

    def clean_lasts(self) -> timedelta | None:
        text = self.cleaned_data["lasts"]
        length = length_of(text)
        if text.strip() and length is None:
            raise ValidationError(_("Write a length as 45, 90m, 2h or 1d."))
        return length

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["owner"] = cleaned.get("owner") or (self.instance.owner if self.instance.owner_id else self.user)
        cleaned["text"] = (cleaned.get("text") or "").strip()
        if not cleaned.get("is_done") and cleaned.get("day") is None and not {"day"} & set(self.errors):
            self.add_error("day", _("Say when it is to be done."))
        if cleaned.get("repeats") and cleaned.get("is_done"):
            self.add_error("repeats", _("What has happened does not repeat. Plan the next one."))
        if (
            cleaned.get("repeats")
            and cleaned.get("clock") is None
            and not cleaned.get("all_day")
            and "clock" not in self.errors
        ):
            self.add_error("clock", _("What repeats needs a time, or whole days."))
        if cleaned.get("all_day") and (cleaned.get("last_day") or date.max) < (cleaned.get("day") or date.min):
            self.add_error("last_day", _("The last day lies before the first."))
        return cleaned

    def when(self) -> Plan | None:
        """The plan the form describes, None for something past without a day."""
        day, zone = self.cleaned_data.get("day"), timezone.get_current_timezone()
        if day is None:
            return None
        if self.cleaned_data.get("all_day"):
            return rules.plan_all_day(day, self.cleaned_data.get("last_day") or day, zone)
        clock: time | None = self.cleaned_data.get("clock")
        if clock is None:
            return rules.plan_on(day, zone)
        return rules.plan_at(datetime.combine(day, clock, zone), self.cleaned_data["lasts"] or rules.DEFAULT_DURATION)


class WhenForm(forms.Form):
    """The part of the whole form that says when and who: what it means is told before it is kept."""

    owner = PickerField(User, "accounts:people", required=False)
    participants = PickersField(User, "accounts:people", required=False)
    day = forms.DateField(required=False)
    clock = forms.TimeField(required=False)
    lasts = forms.CharField(max_length=20, required=False)
    all_day = forms.BooleanField(required=False)
    last_day = forms.DateField(required=False)
    pk = forms.IntegerField(required=False, min_value=1)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name in ("owner", "participants"):
            field: Any = self.fields[name]
            field.queryset = User.objects.visible_to(user).active()

    def people(self) -> list[User]:
        return [self.cleaned_data.get("owner") or self.user, *self.cleaned_data["participants"]]

    def own(self) -> int:
        """The activity being changed is no reason against itself."""
        return self.cleaned_data.get("pk") or 0

    def plan(self) -> Plan | None:
        """What was filled in as a plan; None while it is none yet."""
        given, zone = self.cleaned_data, timezone.get_current_timezone()
        day: date | None = given.get("day")
        if day is None:
            return None
        if given.get("all_day"):
            last = given.get("last_day") or day
            return rules.plan_all_day(day, last, zone) if last >= day else None
        clock: time | None = given.get("clock")
        if clock is None:
            return rules.plan_on(day, zone)
        length = length_of(given.get("lasts") or "") or rules.DEFAULT_DURATION
        return rules.plan_at(datetime.combine(day, clock, zone), length)


def _short_length(minutes: int | None) -> str:
    """A length as people type it."""
    if not minutes:
        return ""
    return f"{minutes // 1440}d" if minutes % 1440 == 0 else f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


DUE: Final[dict[str, Callable[[Any, datetime], Any]]] = {
    "overdue": lambda rows, now: rows.overdue(now),
    "today": lambda rows, now: rows.open().filter(happened_at__lt=_midnight(now, 1)),
    "tomorrow": lambda rows, now: rows.open().filter(
        happened_at__gte=_midnight(now, 1), happened_at__lt=_midnight(now, 2)
    ),
    "week": lambda rows, now: rows.open().filter(happened_at__lt=_midnight(now, 7)),
}


def _midnight(now: datetime, days: int) -> datetime:
    day = timezone.localtime(now).date() + timedelta(days=days)
    return datetime.combine(day, time.min, timezone.get_current_timezone())


STATUSES: Final = [*Status.choices, ("all", pgettext_lazy("activity status", "All"))]


class ActivityFilters(FilterBar):
    """Filters of the table. `whose` is me or my team, `due` what is open and how urgent."""

    kind = filters.MultipleChoiceFilter(label=_("Kind"), choices=Kind.choices)
    status = filters.ChoiceFilter(label=_("Status"), choices=STATUSES, method="in_status")
    due = filters.ChoiceFilter(
        label=_("To do"), method="due_by",
        choices=[("overdue", _("overdue")), ("today", _("today and before")), ("tomorrow", _("tomorrow")), ("week", _("within a week"))],
    )  # fmt: skip
    whose = filters.ChoiceFilter(
        label=_("Whose"), method="of",
        choices=[("me", pgettext_lazy("whose activities", "Mine")), ("team", _("My team's")), ("given", _("Given by me"))],
    )  # fmt: skip
    owner = PickerFilter(User, "accounts:people", label=_("Who does it"))
    partner = PickerFilter(Partner, "partners:options", label=_("Partner"))
    group = filters.ModelChoiceFilter(
        queryset=PartnerGroup.objects.all(), label=_("Partner's group"), method="at_partners"
    )
    tags = filters.ModelChoiceFilter(queryset=Tag.objects.all(), label=_("Partner's tag"), method="at_partners")
    contact = PickerFilter(Contact, "partners:contacts", label=_("Contact"))
    type = filters.ModelChoiceFilter(queryset=ActivityType.objects.all(), label=_("Type"))
    subject = filters.ModelChoiceFilter(queryset=ActivitySubject.objects.all(), label=_("Subject"))
    outcome = filters.ModelChoiceFilter(queryset=Outcome.objects.all(), label=_("Outcome"))
    priority = filters.ChoiceFilter(label=_("Priority"), choices=Activity.Priority.choices)
    direction = filters.ChoiceFilter(label=_("Direction"), choices=Activity.Direction.choices)
    happened_at = filters.DateFromToRangeFilter(label=_("When"), widget=DateRange())
    created_at = filters.DateFromToRangeFilter(label=_("Written"), widget=DateRange())
    with_deal = filters.BooleanFilter(label=_("With an opportunity"), method="has_deal")
    opportunity = filters.NumberFilter(widget=forms.HiddenInput())

    class Meta:
        model = Activity
        fields: ClassVar[list[str]] = []

    def find(self, rows: Any, _name: str, text: str) -> Any:
        return rows.search(text.replace("\x00", ""), self.request.user)

    def at_partners(self, rows: Any, name: str, value: Any) -> Any:
        """At partners of a group or with a tag, of those the person may see: of others it tells nothing."""
        return rows.filter(partner__in=Partner.objects.visible_to(self.request.user).filter(**{name: value}))

    def in_status(self, rows: Any, _name: str, value: str) -> Any:
        return rows if value == "all" else rows.filter(status=value)

    def due_by(self, rows: Any, _name: str, value: str) -> Any:
        return DUE[value](rows, timezone.now())

    def of(self, rows: Any, _name: str, value: str) -> Any:
        user = self.request.user
        if value == "given":
            return rows.filter(assigned_by=user)
        return rows.filter(owner=user) if value == "me" else rows.filter(owner__in=user.team_member_ids)

    def has_deal(self, rows: Any, _name: str, value: bool) -> Any:
        return rows.filter(opportunity__isnull=not value)


class SequenceForm(forms.ModelForm):
    """A template with its steps on one page."""

    class Meta:
        model = Sequence
        fields = ["name", "position", "is_active"]

    def __init__(self, data: Any = None, *, instance: Sequence) -> None:
        super().__init__(data, instance=instance)
        self.steps = StepForms(data, instance=instance)

    def is_valid(self) -> bool:
        return super().is_valid() and self.steps.is_valid()


StepForms: Any = forms.inlineformset_factory(
    Sequence, SequenceStep, fields=["after_days", "kind", "title"], extra=3, can_delete=True, can_delete_extra=False
)


class StartForm(forms.Form):
    """Which sequence to start."""

    sequence = forms.ModelChoiceField(Sequence.objects.none(), label=_("Sequence"), empty_label=None)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sequence"].queryset = Sequence.objects.visible_to(user).active()  # type: ignore[attr-defined]
