"""Forms whose choices go through access, with selectors that search on the server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import django_filters as filters
from django import forms
from django.db.models import Model, QuerySet
from django.forms.models import ModelChoiceIterator
from django.urls import reverse_lazy
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from voronka.accounts.models import User


class _Chosen(ModelChoiceIterator):
    """Only the options already chosen, and the empty one: the rest comes from the server as one types."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        field: Any = self.field
        keys = [key for key in field.keys_to_show if key not in (None, "")]
        if keys:
            for row in self.queryset.filter(pk__in=keys):
                yield self.choice(row)

    def __bool__(self) -> bool:
        return True


class PickerField(forms.ModelChoiceField):
    """One related record, searched on the server at `options`; `create` names the address that makes a new one."""

    iterator = _Chosen

    def __init__(
        self, model: type[Model], options: str, create: str = "", with_fields: str = "", **kwargs: Any
    ) -> None:
        attributes: dict[str, Any] = {"data-picker": reverse_lazy(options)}
        if create:
            attributes["data-create"] = reverse_lazy(create)
        if with_fields:
            attributes["data-with"] = with_fields
        kwargs.setdefault("empty_label", "—")
        super().__init__(model._default_manager.none(), **kwargs)
        self.widget.attrs.update(attributes)
        self.keys_to_show: Iterable[Any] = ()


class PickersField(forms.ModelMultipleChoiceField):
    """Several related records, searched on the server."""

    iterator = _Chosen

    def __init__(self, model: type[Model], options: str, create: str = "", **kwargs: Any) -> None:
        super().__init__(model._default_manager.none(), **kwargs)
        self.widget.attrs.update(
            {"data-picker": reverse_lazy(options)} | ({"data-create": reverse_lazy(create)} if create else {})
        )
        self.keys_to_show = ()


class PersonalForm(forms.ModelForm):
    """A form of a person: related records are chosen among those `user` may see, owners among those they may name.

    `groups` lists the sections: (title, field names). A field with a `data-picker` renders only what is chosen.
    """

    groups: ClassVar[list[tuple[str | Promise, list[str]]]] = []

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        narrow(self, user)

    @property
    def sections(self) -> list[tuple[str | Promise, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in self.groups]


def narrow(form: forms.BaseForm, user: User) -> None:
    """Point every related field of the form at the rows its person may see (owners: may name), and at the chosen ones to show."""
    for name, field in form.fields.items():
        if not isinstance(field, forms.ModelChoiceField):
            continue
        manager: Any = field.queryset.model._default_manager  # type: ignore[union-attr]
        field.queryset = manager.assignable_by(user) if name == "owner" else seen(manager, user)
        if isinstance(field, PickerField | PickersField):
            field.keys_to_show = _keys(form, name)


def seen(manager: Any, user: User) -> QuerySet[Any]:
    rows = manager.visible_to(user)
    return rows.active() if hasattr(rows, "active") and hasattr(rows.model, "is_active") else rows


def _keys(form: forms.BaseForm, name: str) -> list[Any]:
    if form.is_bound:
        value = (
            form.data.getlist(form.add_prefix(name))
            if hasattr(form.data, "getlist")
            else form.data.get(form.add_prefix(name))
        )
    else:
        value = form.get_initial_for_field(form.fields[name], name)
    values = value if isinstance(value, list | tuple | QuerySet) else [value]
    keys = [getattr(one, "pk", one) for one in values]
    return [key for key in keys if str(key or "").isdigit()]


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class DateRange(filters.widgets.DateRangeWidget):
    """From and to, side by side."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"})
        name_ends(self)


class NumberRange(filters.widgets.RangeWidget):
    """At least and at most, side by side."""

    def __init__(self) -> None:
        super().__init__(attrs={"inputmode": "decimal"})
        name_ends(self)


def name_ends(widget: forms.MultiWidget) -> None:
    """The two inputs of a range have one label; each says which end it is."""
    for one, words in zip(widget.widgets, (_("from"), _("to")), strict=True):
        one.attrs["aria-label"] = words


class FilterBar(filters.FilterSet):
    """The filters of a list; the free text `q` calls the queryset's `search`.

    Of a dozen filters an address uses one or two: `form` and `qs` know only those; `whole_form` has all, to be shown.
    """

    q = filters.CharFilter(method="find", label=_("Text"))
    # What the two ends of a range add to the filter's name.
    ENDS: ClassVar = ("", "_after", "_before", "_min", "_max")
    base_filters: Any
    _forms: ClassVar[dict[tuple[str, ...], Any]]

    def __init__(self, data: Any = None, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        if not whole:
            used = {key for key, value in data.items() if value} if data is not None else set()
            self.base_filters = {
                name: one for name, one in self.base_filters.items() if any(f"{name}{end}" in used for end in self.ENDS)
            }
        super().__init__(data, *args, **kwargs)

    def find(self, rows: Any, _name: str, text: str) -> Any:
        return rows.search(text.replace("\x00", ""))

    def get_form_class(self) -> Any:
        """The class is made once for each set of filters; a form copies its fields anyway."""
        if "_forms" not in type(self).__dict__:
            type(self)._forms = {}
        names = tuple(self.filters)
        if names not in self._forms:
            self._forms[names] = super().get_form_class()
        return self._forms[names]

    @cached_property
    def form(self) -> Any:
        """The form of the filters in use, with selectors that know what this person sees."""
        form = super().form
        for name, field in form.fields.items():
            if isinstance(field, PickerField):
                model: Any = field.queryset.model  # type: ignore[union-attr]
                field.queryset = seen(model._default_manager, self.request.user)
                field.keys_to_show = _keys(form, name)
        return form

    @cached_property
    def whole_form(self) -> Any:
        """The form with every filter, filled with what is in use."""
        return type(self)(self.data, self.queryset, request=self.request, whole=True).form


class PickerFilter(filters.ModelChoiceFilter):
    """A related record chosen by searching."""

    field_class = PickerField

    def __init__(self, model: type[Model], options: str, **kwargs: Any) -> None:
        super().__init__(model=model, options=options, **kwargs)

    @property
    def field(self) -> Any:
        if not hasattr(self, "_field"):
            self._field = PickerField(
                self.extra["model"], self.extra["options"], required=False, label=self.label, empty_label="—"
            )
        return self._field
