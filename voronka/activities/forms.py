"""Forms and filters of activities."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.activities.models import Activity
from voronka.core.forms import DateRange, FilterBar, PickerFilter
from voronka.partners.models import Partner


class NoteForm(forms.ModelForm):
    """The text of a note; everything else stays as it was written."""

    class Meta:
        model = Activity
        fields = ["text"]
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = True


class ActivityFilters(FilterBar):
    partner = PickerFilter(Partner, "partners:options", label=_("Partner"))
    owner = PickerFilter(User, "accounts:people", label=_("Author"))
    happened_at = filters.DateFromToRangeFilter(label=_("When"), widget=DateRange())

    class Meta:
        model = Activity
        fields: ClassVar[list[str]] = []
