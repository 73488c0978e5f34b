"""Pipelines and stages, targets and their periods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.core.access import Scope
from voronka.core.forms import DateInput, PickerField
from voronka.opportunities.models import REQUIRABLE, Pipeline, Stage, Target

if TYPE_CHECKING:
    pass


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
