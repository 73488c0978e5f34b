"""The past put right: the states of an opportunity, edited by those who may."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.core.forms import DateInput
from voronka.opportunities.forms.fields import DateTimeInput, short, stages
from voronka.opportunities.models import Opportunity, OpportunityState, Status

if TYPE_CHECKING:
    from django.db.models import QuerySet


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
                self.initial[name] = short(self.initial[name])

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
            typed = [int(key) for name, key in self.data.items() if name.endswith("-owner") and key.isdecimal()]
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
