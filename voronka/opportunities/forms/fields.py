"""Fields of stages, currencies and moments, and what they offer."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import django_filters as filters
from django import forms
from django.forms.models import ModelChoiceIterator

from voronka.core.models import Company
from voronka.opportunities.models import Stage
from voronka.products.models import Currency

if TYPE_CHECKING:
    from django.db.models import QuerySet


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


def short(value: Decimal) -> Decimal:
    """The number without its zero cents, for reading in an input."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


class DateTimeInput(forms.DateTimeInput):
    """The browser's own picker of a moment, to the second."""

    input_type = "datetime-local"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M:%S", attrs={"step": 1}, **kwargs)
