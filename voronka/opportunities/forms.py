"""Forms and filters of opportunities, their pipelines and stages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.models import ModelChoiceIterator
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.accounts.models import User
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.forms import DateInput, DateRange, FilterBar, NumberRange, PersonalForm, PickerField, PickerFilter
from voronka.core.models import Company
from voronka.opportunities import rules
from voronka.opportunities.models import (
    REQUIRABLE,
    Competitor,
    DealCompetitor,
    DealContact,
    DealItem,
    DealPartner,
    Interest,
    InterestLevel,
    Opportunity,
    OpportunityState,
    Pipeline,
    Reason,
    Relationship,
    Stage,
    Status,
    Target,
)
from voronka.opportunities.querysets import PARTS
from voronka.partners.models import Contact, Industry, Partner, Source, Territory
from voronka.products.models import Currency

if TYPE_CHECKING:
    from django.db.models import QuerySet

HUNDRED: Final = Decimal(100)
STATUSES: Final = [
    *Status.choices,
    ("closed", pgettext_lazy("opportunity status", "Closed")),
    ("all", pgettext_lazy("opportunity status", "All")),
]


class _ByPipeline(ModelChoiceIterator):
    """Stages under the names of their pipelines, one statement; a single pipeline needs no heading."""

    def __iter__(self) -> Any:
        groups: dict[str, list[Any]] = {}
        for stage in self.queryset:
            groups.setdefault(stage.pipeline.name, []).append(self.choice(stage))
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        yield from groups.items() if len(groups) > 1 else next(iter(groups.values()), [])


class StageSelect(forms.Select):
    """Each stage carries its usual percentage, so that choosing a stage can propose it."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if stage := getattr(value, "instance", None):
            option["attrs"]["data-percentage"] = f"{stage.percentage.normalize():f}"
        return option


class StageField(forms.ModelChoiceField):
    """A stage of any pipeline; the pipeline follows from it."""

    iterator = _ByPipeline
    widget = StageSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Stage.objects.none(), **kwargs)


class FilterStageField(filters.fields.ModelChoiceField):
    """A stage under the name of its pipeline, in a filter bar."""

    iterator = _ByPipeline


def stages() -> QuerySet[Stage]:
    """Stages in the order of their pipelines."""
    return Stage.objects.select_related("pipeline").order_by("pipeline__position", "pipeline__name", "position", "pk")


def currencies(present: str = "") -> list[tuple[str, str]]:
    """The company's currency, those in use beside it, and the record's present one."""
    used = Currency.objects.active().values_list("code", flat=True)
    return [(code, code) for code in dict.fromkeys([Company.current().currency, *used, present]) if code]


def _short(value: Decimal) -> Decimal:
    """The number without its zero cents, for reading in an input."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


class OpportunityForm(PersonalForm):
    """Header and potential of an opportunity. Closing may be typed as a day or as days, weeks or months from opening; gross
    profit as percent or as total. What was typed last wins; where both were, the day and the percent do.
    """

    partner = PickerField(Partner, "partners:options", "opportunities:new_partner", label=_("Partner"))
    contact = PickerField(Contact, "partners:contacts", with_fields="partner", label=_("Contact"), required=False)
    owner = PickerField(User, "accounts:people", label=_("Owner"), required=False)
    stage = StageField(label=pgettext_lazy("of a pipeline", "Stage"), empty_label=None)
    percentage = forms.DecimalField(
        label=_("Closing percentage"), min_value=0, max_value=100, decimal_places=2, max_digits=5, required=False,
        help_text=_("Empty: as the stage says."),
    )  # fmt: skip
    currency = forms.ChoiceField(label=_("Currency"))
    closes_in = forms.IntegerField(label=_("Closing in"), min_value=0, max_value=3650, required=False)
    predicted_close_on = forms.DateField(label=_("Predicted closing"), widget=DateInput(), required=False)
    gross_profit_percent = forms.DecimalField(
        label=_("Gross profit, %"), min_value=0, max_value=100, decimal_places=2, max_digits=5, required=False
    )
    gross_profit_total = forms.DecimalField(
        label=_("Gross profit, total"), min_value=0, decimal_places=2, max_digits=18, required=False
    )
    primary_interest = forms.ModelChoiceField(
        Interest.objects.none(), label=_("Main interest"), required=False, empty_label="—"
    )
    other_interests = forms.ModelMultipleChoiceField(
        Interest.objects.none(), label=_("Further interests"), required=False, widget=forms.CheckboxSelectMultiple
    )
    interest_level = forms.ModelChoiceField(
        InterestLevel.objects.none(), label=_("Level of interest"), required=False, empty_label="—"
    )
    channel = PickerField(Partner, "partners:options", label=_("Channel"), required=False)
    territory = PickerField(Territory, "partners:territories", label=_("Territory"), required=False)
    source = PickerField(Source, "partners:sources", "partners:sources", label=_("Information source"), required=False)
    industry = PickerField(Industry, "partners:industries", "partners:industries", label=_("Industry"), required=False)
    comment = forms.CharField(label=_("Comment for the history"), max_length=500, required=False)

    groups: ClassVar = [
        (_("Main"), ["partner", "contact", "name", "owner", "stage", "percentage", "forecast_category"]),
        (_("Potential"), [
            "potential", "currency", "gross_profit_percent", "gross_profit_total", "opened_on", "closes_in", "closes_unit", "predicted_close_on",
        ]),
        (_("Interest"), ["interest_level", "primary_interest", "other_interests", "product"]),
        (_("Classification"), ["territory", "source", "industry", "channel", "project"]),
        (_("Next step"), ["next_step", "next_step_on"]),
        (_("Remarks"), ["remarks", "comment"]),
    ]  # fmt: skip

    class Meta:
        model = Opportunity
        fields = [
            "partner", "contact", "name", "owner", "stage", "percentage", "forecast_category", "potential", "currency", "gross_profit_percent", "opened_on",
            "closes_unit", "predicted_close_on", "interest_level", "product", "territory", "source", "industry", "channel", "project", "next_step", "next_step_on",
            "remarks",
        ]  # fmt: skip
        widgets: ClassVar = {
            "remarks": forms.Textarea(attrs={"rows": 4}), "opened_on": DateInput(), "next_step_on": DateInput()
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_on"].required = False
        stage: Any = self.fields["stage"]
        stage.queryset = stages().filter(Q(is_active=True) | Q(pk=self.instance.stage_id))
        currency: Any = self.fields["currency"]
        currency.choices = currencies(self.instance.currency if self.instance.pk else "")
        if self.instance.pk:
            self._fill()

    def _fill(self) -> None:
        """What the columns hold in another form: the interests, the days until closing, the total of the gross profit."""
        rows = list(self.instance.opportunityinterest_set.values_list("interest_id", "is_primary"))
        self.initial = dict(self.initial) | {
            "primary_interest": next((key for key, primary in rows if primary), None),
            "other_interests": [key for key, primary in rows if not primary],
            "closes_in": rules.closes_in(
                self.instance.opened_on, self.instance.predicted_close_on, self.instance.closes_unit
            ),
            "gross_profit_total": self.instance.gross_profit,
        }
        for name in ("potential", "percentage", "gross_profit_percent", "gross_profit_total"):
            self.initial[name] = _short(self.initial[name])

    @property
    def interests(self) -> list[Interest]:
        """The chosen interests, the main one first."""
        primary = self.cleaned_data.get("primary_interest")
        others = [one for one in self.cleaned_data.get("other_interests", ()) if one != primary]
        return [primary, *others] if primary else others

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if stage := cleaned.get("stage"):
            self.instance.pipeline = stage.pipeline
            if cleaned.get("percentage") is None and "percentage" not in self.errors:
                cleaned["percentage"] = stage.percentage
        cleaned["owner"] = cleaned.get("owner") or self._usual_owner(cleaned.get("partner"))
        cleaned["opened_on"] = cleaned.get("opened_on") or timezone.localdate()
        self._closing(cleaned)
        self._gross_profit(cleaned)
        if (contact := cleaned.get("contact")) and contact.partner_id != getattr(cleaned.get("partner"), "pk", None):
            self.add_error("contact", _("This contact belongs to another partner."))
        return cleaned

    def _usual_owner(self, partner: Partner | None) -> User:
        """Nobody named: the owner stays; a new one is the partner's owner's, if this person may give it to them, else their own."""
        if self.instance.pk:
            return Opportunity.objects.visible_to(self.user).get(pk=self.instance.pk).owner
        usual = User.objects.assignable_by(self.user).filter(pk=partner.owner_id).first() if partner else None
        return usual or self.user

    def _closing(self, cleaned: dict[str, Any]) -> None:
        """The day, or the number of days, weeks or months typed instead of it."""
        number, unit = cleaned.get("closes_in"), cleaned.get("closes_unit") or Opportunity.Unit.DAYS
        day: date | None = cleaned.get("predicted_close_on")
        if number is not None and (day is None or self._only("closes_in", unlike="predicted_close_on")):
            cleaned["predicted_close_on"] = rules.predicted_close(cleaned["opened_on"], number, unit)
        elif day is None and "predicted_close_on" not in self.errors:
            self.add_error("predicted_close_on", _("Say when it should close: a day, or how far away."))

    def _gross_profit(self, cleaned: dict[str, Any]) -> None:
        """The percent, or the total typed instead of it."""
        percent, total, potential = (
            cleaned.get(name) for name in ("gross_profit_percent", "gross_profit_total", "potential")
        )
        if (
            total is not None
            and potential
            and (percent is None or self._only("gross_profit_total", unlike="gross_profit_percent"))
        ):
            if total > potential:
                self.add_error("gross_profit_total", _("The gross profit can't exceed the amount."))
                return
            percent = (total * HUNDRED / potential).quantize(Decimal("0.01"))
        cleaned["gross_profit_percent"] = percent or Decimal(0)

    def _only(self, changed: str, unlike: str) -> bool:
        """Whether somebody typed into the one field since the page was shown, and not into the other."""
        return changed in self.changed_data and unlike not in self.changed_data


class DateTimeInput(forms.DateTimeInput):
    """The browser's own picker of a moment, to the second."""

    input_type = "datetime-local"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M:%S", attrs={"step": 1}, **kwargs)


class StateForm(forms.ModelForm):
    """One state. A new one needs its start and stage; the percentage is then the stage's, the rest as in the state before it."""

    class Meta:
        model = OpportunityState
        fields = [
            "since",
            "status",
            "stage",
            "percentage",
            "potential",
            "currency",
            "predicted_close_on",
            "owner",
            "comment",
        ]
        widgets: ClassVar = {"since": DateTimeInput(), "predicted_close_on": DateInput()}

    # What a new state takes from the one before it.
    CARRIED: ClassVar = ("status", "potential", "currency", "predicted_close_on", "owner")

    def __init__(self, *args: Any, stage_choices: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("percentage", *self.CARRIED):
            self.fields[name].required = False
        # Fixed lists: a row asks the database for none of them.
        self.fields["stage"].choices = stage_choices  # type: ignore[attr-defined]
        self.fields["owner"].choices = people  # type: ignore[attr-defined]
        self.fields["owner"].widget.attrs["data-picker"] = reverse_lazy("accounts:people")
        self.fields["status"].choices = [("", "—"), *Status.choices] if not self.instance.pk else Status.choices  # type: ignore[attr-defined]
        for name in ("potential", "percentage"):
            if self.initial.get(name) is not None:
                self.initial[name] = _short(self.initial[name])

    def clean_since(self) -> datetime:
        """A start that was not touched keeps its fraction of a second."""
        return self.cleaned_data["since"] if "since" in self.changed_data else self.instance.since

    def clean_currency(self) -> str:
        value = self.cleaned_data["currency"].strip().upper()
        if value and not (len(value) == 3 and value.isascii() and value.isalpha()):
            raise ValidationError(_("A currency has three letters, like RUB or USD."))
        return value


StateForms: Any = forms.modelformset_factory(OpportunityState, form=StateForm, extra=1, can_delete=True)


class CorrectionForm(forms.Form):
    """All states of an opportunity, and why they are corrected."""

    reason = forms.CharField(label=_("Why the history is corrected"), max_length=500)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, opportunity: Opportunity, states: QuerySet[OpportunityState], user: User, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = opportunity.version
        self.opportunity, self.user = opportunity, user
        known = list(states)
        used = stages().filter(Q(pipeline=opportunity.pipeline_id) | Q(pk__in=[state.stage_id for state in known]))
        people = {state.owner_id: state.owner.name for state in known}
        if self.is_bound:
            typed = [int(key) for name, key in self.data.items() if name.endswith("-owner") and key.isdigit()]
            people |= dict(User.objects.visible_to(user).filter(pk__in=typed).values_list("pk", "name"))
        lists = {
            "stage_choices": [("", "—"), *((one.pk, one.name) for one in used)],
            "people": [("", "—"), *people.items()],
        }
        self.rows = StateForms(self.data if self.is_bound else None, queryset=states, prefix="state", form_kwargs=lists)

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.rows.is_valid()]) and self._complete()

    def _complete(self) -> bool:
        """Sort the states and fill in what new ones don't say; nobody hands the deal to somebody they could not name as its owner."""
        gone = set(self.rows.deleted_forms)
        kept = [form for form in self.rows.forms if form not in gone and (form.instance.pk or form.has_changed())]
        kept.sort(key=lambda form: form.cleaned_data["since"])
        self.corrected: list[OpportunityState] = []
        for form in kept:
            self._carry(form, self.corrected[-1] if self.corrected else self.opportunity)
            self.corrected.append(form.instance)
        owner = self.corrected[-1].owner if self.corrected else self.opportunity.owner
        if owner != self.opportunity.owner and not User.objects.assignable_by(self.user).filter(pk=owner.pk).exists():
            self.add_error(None, _("%(person)s can't be made the owner by you.") % {"person": owner})
        return not self.errors

    def _carry(self, form: StateForm, before: Any) -> None:
        for name in form.CARRIED:
            if form.cleaned_data.get(name) in (None, ""):
                setattr(form.instance, name, getattr(before, name))
        if form.cleaned_data.get("percentage") is None:
            form.instance.percentage = form.instance.stage.percentage


class ItemForm(forms.ModelForm):
    class Meta:
        model = DealItem
        fields = ["name", "quantity", "unit", "price", "discount"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("price", "discount"):
                self.initial[name] = _short(getattr(self.instance, name))
            self.initial["quantity"] = f"{self.instance.quantity.normalize():f}"


class DealContactForm(PersonalForm):
    contact = PickerField(Contact, "partners:contacts", label=_("Contact"))

    class Meta:
        model = DealContact
        fields = ["contact", "role", "details"]


class DealCompetitorForm(PersonalForm):
    competitor = PickerField(
        Competitor, "opportunities:competitors", "opportunities:competitors", label=_("Competitor")
    )

    class Meta:
        model = DealCompetitor
        fields = ["competitor", "threat", "details"]


class DealPartnerForm(PersonalForm):
    partner = PickerField(Partner, "partners:options", "opportunities:new_partner", label=_("Partner"))
    relationship = PickerField(
        Relationship,
        "opportunities:relationships",
        "opportunities:relationships",
        label=_("Relationship"),
        required=False,
    )

    class Meta:
        model = DealPartner
        fields = ["partner", "relationship", "details"]


def _rows_of(model: Any, form: Any) -> Any:
    return forms.inlineformset_factory(Opportunity, model, form=form, extra=1, can_delete=True)


class PartsForm(forms.Form):
    """Rows of parts of an opportunity; `SETS` names them: (prefix, title, form set)."""

    SETS: ClassVar[tuple[tuple[str, Any, Any], ...]] = ()

    def __init__(self, *args: Any, opportunity: Opportunity, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sets = [
            (
                title,
                rows(
                    self.data if self.is_bound else None,
                    instance=opportunity,
                    prefix=prefix,
                    form_kwargs={"user": user},
                ),
            )
            for prefix, title, rows in self.SETS
        ]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(rows.is_valid() for _title, rows in self.sets)])

    def parts(self) -> tuple[list[Any], list[Any]]:
        """What is new or changed, and what goes."""
        changed = [part for _title, rows in self.sets for part in rows.save(commit=False)]
        return changed, [part for _title, rows in self.sets for part in rows.deleted_objects]

    def options(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.fields}


class ItemsForm(PartsForm):
    SETS: ClassVar = (("item", _("Items"), _rows_of(DealItem, ItemForm)),)

    amount_from_items = forms.BooleanField(label=_("The sum becomes the amount of the opportunity"), required=False)


class PeopleForm(PartsForm):
    SETS: ClassVar = (
        ("contact", _("Contacts and their roles"), _rows_of(DealContact, DealContactForm)),
        ("competitor", _("Competitors"), _rows_of(DealCompetitor, DealCompetitorForm)),
        ("partner", _("Partners in the deal"), _rows_of(DealPartner, DealPartnerForm)),
    )


class CloseForm(forms.Form):
    """Why an opportunity was won or lost."""

    reasons = forms.ModelMultipleChoiceField(
        Reason.objects.none(), label=_("Reasons"), required=False, widget=forms.CheckboxSelectMultiple
    )
    comment = forms.CharField(
        label=_("Comment"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    winner = forms.ModelChoiceField(Competitor.objects.none(), label=_("Who won it"), required=False, empty_label="—")

    def __init__(self, *args: Any, status: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["reasons"]
        field.queryset = Reason.objects.active().filter(**{f"for_{status}": True})
        if status == Status.WON:
            del self.fields["winner"]
        else:
            winner: Any = self.fields["winner"]
            winner.queryset = Competitor.objects.active()


class MoveForm(PersonalForm):
    """What a stage asks of an opportunity that enters it: the fields still empty, and a comment."""

    contact = PickerField(Contact, "partners:contacts", label=_("Contact"), required=False)
    source = PickerField(Source, "partners:sources", "partners:sources", label=_("Information source"), required=False)
    industry = PickerField(Industry, "partners:industries", "partners:industries", label=_("Industry"), required=False)
    territory = PickerField(Territory, "partners:territories", label=_("Territory"), required=False)
    comment = forms.CharField(
        label=_("Comment"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    class Meta:
        model = Opportunity
        fields = ["potential", "contact", "product", "next_step", "gross_profit_percent", "interest_level", "source", "industry", "territory", "remarks"]  # fmt: skip
        widgets: ClassVar = {"remarks": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, stage: Stage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stage = stage
        missing = self._missing()
        for name in [name for name in self.fields if name not in (*missing, "comment")]:
            del self.fields[name]
        for name in missing & self.fields.keys():
            self.fields[name].required = True
        self.fields["comment"].required = stage.asks_comment
        if contact := self.fields.get("contact"):
            contact.widget.attrs["data-picker"] += f"?partner={self.instance.partner_id}"
        # What no field of this form can hold: rows of their own.
        self.parts_missing = [REQUIRABLE[word] for word in stage.required if word in missing and word in PARTS]

    def _missing(self) -> set[str]:
        if not self.stage.required:
            return set()
        rows = Opportunity.objects.visible_to(self.user).filter(pk=self.instance.pk).lacking(self.stage.required)
        found = rows.values(*(f"lacks_{word}" for word in self.stage.required)).first() or {}
        return {word.removeprefix("lacks_") for word, lacks in found.items() if lacks}

    @property
    def filled(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "comment"}

    def first_fault(self) -> RuleBroken:
        """The first of the errors, as a broken rule: for those who see no form."""
        name, errors = next(iter(self.errors.items()))
        label = self.fields[name].label if name in self.fields else ""
        return RuleBroken(f"{label}: {errors[0]}" if label else str(errors[0]), code="stage_requires", field=name)


class TargetForm(forms.ModelForm):
    """A target of a person, a team or, with neither, the company, for the period shown."""

    person = PickerField(User, "accounts:people", label=_("Person"), required=False)

    class Meta:
        model = Target
        fields = ["person", "team", "amount"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reaches_all = user.scope_for("opportunities.opportunity", "edit") == Scope.ALL
        person, team = self._choices("person"), self._choices("team")
        person.queryset, person.keys_to_show = User.objects.assignable_by(user), [self.data.get("person")]
        team.empty_label = _("the whole company") if self.reaches_all else "—"
        if not self.reaches_all:
            team.queryset = team.queryset.filter(pk=user.team_id)

    def _choices(self, name: str) -> Any:
        return self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("person") and cleaned.get("team"):
            self.add_error("team", _("Name a person or a team, not both."))
        if not (cleaned.get("person") or cleaned.get("team") or self.reaches_all or self.errors):
            self.add_error("person", _("Say whose target it is."))
        return cleaned


class PeriodForm(forms.Form):
    """Which month, quarter or year is shown."""

    kind = forms.ChoiceField(label=_("Period"), choices=Target.Kind.choices, required=False)
    day = forms.DateField(label=_("With the day"), widget=DateInput(), required=False)


class QuickForm(forms.ModelForm):
    """What one changes most, on the board."""

    class Meta:
        model = Opportunity
        fields = ["potential", "percentage", "predicted_close_on", "next_step", "next_step_on"]
        widgets: ClassVar = {"predicted_close_on": DateInput(), "next_step_on": DateInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("potential", "percentage"):
            self.initial[name] = _short(self.initial[name])


class ChangeForm(forms.ModelForm):
    """One value of the card's head, changed in place."""

    owner = PickerField(User, "accounts:people", label=_("Owner"), empty_label=None)

    class Meta:
        model = Opportunity
        fields = [
            "potential",
            "percentage",
            "forecast_category",
            "predicted_close_on",
            "owner",
            "next_step",
            "next_step_on",
        ]
        widgets: ClassVar = {
            "predicted_close_on": DateInput(),
            "next_step_on": DateInput(attrs={"aria-label": _("Next step until")}),
        }

    def __init__(self, *args: Any, field: str, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = ("next_step", "next_step_on") if field == "next_step" else (field,)
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]
        if field in ("potential", "percentage"):
            self.initial[field] = _short(getattr(self.instance, field))
        if field == "owner":
            people: Any = self.fields["owner"]
            people.queryset = User.objects.assignable_by(user)
            people.keys_to_show = [self.instance.owner_id, self.data.get("owner")]
        self.only = field

    @property
    def bound(self) -> forms.BoundField:
        return self[self.only]


class StageForm(forms.ModelForm):
    """A stage with its entry rules."""

    required = forms.MultipleChoiceField(
        choices=list(REQUIRABLE.items()),
        label=_("To be filled in before"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Stage
        fields = [
            "name",
            "position",
            "percentage",
            "usual_days",
            "is_active",
            "activity_days",
            "asks_comment",
            "required",
        ]

    RULES: ClassVar = ("activity_days", "asks_comment", "required")

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.RULES]

    @property
    def rule_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.RULES]

    @property
    def has_rules(self) -> bool:
        return any(self[name].value() for name in self.RULES)


StageForms = forms.inlineformset_factory(Pipeline, Stage, form=StageForm, extra=2, can_delete=False)


class PipelineForm(forms.ModelForm):
    """A pipeline together with the rows of its stages."""

    class Meta:
        model = Pipeline
        fields = ["name", "position", "is_active", "is_default"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stages = StageForms(self.data if self.is_bound else None, instance=self.instance)

    def _get_validation_exclusions(self) -> set[str]:
        # A second default is no mistake: the action takes the first one's place.
        return super()._get_validation_exclusions() | {"is_default"}  # type: ignore[misc]

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.stages.is_valid()])


class StageFilter(filters.ModelChoiceFilter):
    field_class = FilterStageField


class OpportunityFilters(FilterBar):
    """Filters of the list. Nobody who asked for no status means the open ones."""

    status = filters.ChoiceFilter(choices=STATUSES, method="in_status", label=_("Status"), empty_label=None)
    pipeline = filters.ModelChoiceFilter(queryset=Pipeline.objects.all(), label=_("Pipeline"))
    stage = StageFilter(queryset=lambda request: stages(), label=pgettext_lazy("of a pipeline", "Stage"))
    owner = PickerFilter(User, "accounts:people", label=_("Owner"))
    territory = PickerFilter(Territory, "partners:territories", label=_("Territory"))
    source = PickerFilter(Source, "partners:sources", label=_("Information source"))
    industry = PickerFilter(Industry, "partners:industries", label=_("Industry"))
    partner = PickerFilter(Partner, "partners:options", label=_("Partner"))
    predicted_close_on = filters.DateFromToRangeFilter(label=_("Predicted closing"), widget=DateRange())
    closed_on = filters.DateFromToRangeFilter(label=_("Closed"), widget=DateRange())
    potential = filters.RangeFilter(label=_("Amount"), widget=NumberRange())
    silent_for = filters.NumberFilter(
        method="silent", min_value=1, max_value=3650, decimal_places=0, label=_("Silent for days")
    )
    has_plans = filters.BooleanFilter(method="with_plans", label=_("Has a next step planned"))

    class Meta:
        model = Opportunity
        fields: ClassVar[list[str]] = []

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None and not data.get("status"):
            data = data.copy()
            data["status"] = Status.OPEN
        super().__init__(data, *args, **kwargs)

    def in_status(self, rows: QuerySet[Opportunity], _name: str, status: str) -> QuerySet[Opportunity]:
        if status == "all":
            return rows
        return rows.exclude(status=Status.OPEN) if status == "closed" else rows.filter(status=status)

    def silent(self, rows: Any, _name: str, days: Any) -> Any:
        return rows.silent_since(timezone.now() - timedelta(days=int(days)))

    def with_plans(self, rows: Any, _name: str, wanted: bool) -> Any:
        return rows.with_plans(wanted)


class BoardFilters(FilterBar):
    """Filters of the board, which shows one pipeline's open opportunities."""

    pipeline = filters.ModelChoiceFilter(queryset=Pipeline.objects.active(), method="of_pipeline", label=_("Pipeline"))
    owner = PickerFilter(User, "accounts:people", label=_("Owner"))
    territory = PickerFilter(Territory, "partners:territories", label=_("Territory"))
    source = PickerFilter(Source, "partners:sources", label=_("Information source"))
    industry = PickerFilter(Industry, "partners:industries", label=_("Industry"))
    partner = PickerFilter(Partner, "partners:options", label=_("Partner"))
    predicted_close_on = filters.DateFromToRangeFilter(label=_("Predicted closing"), widget=DateRange())
    potential = filters.RangeFilter(label=_("Amount"), widget=NumberRange())

    # What the tally knows too: a board narrowed by these alone needs no scan for its sums.
    TALLIED: ClassVar = ("owner", "territory", "source", "industry")

    class Meta:
        model = Opportunity
        fields: ClassVar[list[str]] = []

    def of_pipeline(self, rows: QuerySet[Opportunity], _name: str, _pipeline: Pipeline) -> QuerySet[Opportunity]:
        """The board itself stands on one pipeline, chosen or usual."""
        return rows

    @property
    def asked(self) -> dict[str, Any]:
        """The filters in use with their values, apart from the pipeline."""
        cleaned = self.form.cleaned_data if self.form.is_valid() else {}
        return {name: value for name, value in cleaned.items() if name != "pipeline" and value not in (None, "", [])}
