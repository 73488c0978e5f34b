"""An opportunity as a whole, and what is done with it: moved, closed, changed in a few words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.accounts.models import User
from voronka.core.errors import RuleBroken
from voronka.core.forms import DateInput, PersonalForm, PickerField
from voronka.opportunities import rules
from voronka.opportunities.forms.fields import StageField, currencies, short, stages
from voronka.opportunities.models import (
    REQUIRABLE,
    Competitor,
    Interest,
    InterestLevel,
    Opportunity,
    Reason,
    Stage,
    Status,
)
from voronka.opportunities.querysets import PARTS
from voronka.partners.models import Contact, Industry, Partner, Source, Territory

if TYPE_CHECKING:
    pass

HUNDRED: Final = Decimal(100)


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
            self.initial[name] = short(self.initial[name])

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


class QuickForm(forms.ModelForm):
    """What one changes most, on the board."""

    class Meta:
        model = Opportunity
        fields = ["potential", "percentage", "predicted_close_on", "next_step", "next_step_on"]
        widgets: ClassVar = {"predicted_close_on": DateInput(), "next_step_on": DateInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("potential", "percentage"):
            self.initial[name] = short(self.initial[name])


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
            self.initial[field] = short(getattr(self.instance, field))
        if field == "owner":
            people: Any = self.fields["owner"]
            people.queryset = User.objects.assignable_by(user)
            people.keys_to_show = [self.instance.owner_id, self.data.get("owner")]
        self.only = field

    @property
    def bound(self) -> forms.BoundField:
        return self[self.only]
