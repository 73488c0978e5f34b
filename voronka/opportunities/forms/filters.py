"""What lists and the board are narrowed by."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

import django_filters as filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.accounts.models import User
from voronka.core.forms import DateRange, FilterBar, NumberRange, PickerFilter
from voronka.opportunities.forms.fields import FilterStageField, stages
from voronka.opportunities.models import Opportunity, Pipeline, Status
from voronka.partners.models import Industry, Partner, Source, Territory

if TYPE_CHECKING:
    from django.db.models import QuerySet

STATUSES: Final = [
    *Status.choices,
    ("closed", pgettext_lazy("opportunity status", "Closed")),
    ("all", pgettext_lazy("opportunity status", "All")),
]


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
