"""Forms whose choices go through access, with selectors that search on the server."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import django_filters as filters
from django import forms
from django.apps import apps
from django.db.models import Model, QuerySet
from django.forms.models import ModelChoiceIterator
from django.urls import reverse_lazy
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from voronka.core import custom
from voronka.core.models import CustomField, Customised

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

    `groups` lists the sections: (title, field names); those in `folded` are closed as long as nothing is in them. A field with a
    `data-picker` renders only what is chosen. Fields the company added stand behind the others. With `among` the form has these of
    its own fields alone: a program that gives three values pays for three.
    """

    groups: ClassVar[list[tuple[str | Promise, list[str]]]] = []
    folded: ClassVar[tuple[str | Promise, ...]] = ()

    def __init__(self, *args: Any, user: User, among: Collection[str] | None = None, **kwargs: Any) -> None:
        self.user = user
        if among is not None:
            self.base_fields = {name: field for name, field in self.base_fields.items() if name in among}  # type: ignore[misc]
        super().__init__(*args, **kwargs)
        self.custom = custom.lately(self._meta.model) if issubclass(self._meta.model, Customised) else ()
        for one in self.custom:
            self.fields[one.input] = custom_input(one, self.instance.custom.get(one.key))
            self.initial[one.input] = one.value(self.instance.custom.get(one.key))
        narrow(self, user)

    def _post_clean(self) -> None:
        """Where the form writes its values into the record, the custom ones are written too."""
        super()._post_clean()  # type: ignore[misc]
        if self.custom:
            self.instance.custom = custom_values(self, self.custom, self.instance.custom, self.user)

    @property
    def sections(self) -> list[Section]:
        groups = [(title, names) for title, names in self.groups]
        if self.custom:
            groups.append((_("Custom fields"), [one.input for one in self.custom]))
        return [self._section(title, [name for name in names if name in self.fields]) for title, names in groups]

    def _section(self, title: str | Promise, names: list[str]) -> Section:
        filled = any(self.errors.get(name) or self[name].value() not in (None, "", [], False, 0) for name in names)
        return Section(title, [self[name] for name in names], title in self.folded, filled)


@dataclass(frozen=True)
class Section:
    """A part of a form: its title, its inputs, whether it can be folded, and whether anything is in it."""

    title: str | Promise
    fields: list[forms.BoundField]
    folds: bool
    is_open: bool


def custom_input(one: custom.Definition, kept: Any = None) -> forms.Field:
    """The input of a custom field. A choice no longer offered stays possible where it is `kept`."""
    common: dict[str, Any] = {"label": one.name, "required": one.required}
    match one.kind:
        case CustomField.Kind.NUMBER:
            return forms.DecimalField(max_digits=15, decimal_places=4, localize=True, **common)
        case CustomField.Kind.DATE:
            return forms.DateField(widget=DateInput(), **common)
        case CustomField.Kind.CHOICE:
            offered = dict.fromkeys((*one.choices, *([kept] if kept else [])))
            return forms.ChoiceField(choices=[("", "—"), *((word, word) for word in offered)], **common)
        case CustomField.Kind.YES_NO:
            # Nobody can be made to say yes.
            return forms.BooleanField(label=one.name, required=False)
        case CustomField.Kind.PARTNER:
            return PickerField(apps.get_model(custom.LINKED), "partners:options", **common)
    return forms.CharField(max_length=1000, **common)


def custom_values(
    form: forms.BaseForm, definitions: Iterable[custom.Definition], present: Mapping[str, Any], user: User
) -> dict[str, Any]:
    """The record's custom values with what the form holds written over. A link to a partner this person may not see was not shown to them, and
    is not emptied by them.
    """
    values = {one.key: form.cleaned_data[one.input] for one in definitions if one.input in form.cleaned_data}
    for one in definitions:
        kept = present.get(one.key)
        is_emptied = one.is_link and kept and one.key in values and values[one.key] is None
        if is_emptied and not custom.linkable(user).filter(pk=kept).exists():
            del values[one.key]
    return custom.merged(present, definitions, values)


class CustomForm(forms.Form):
    """The custom fields alone: what a program gave, by the rules of the pages."""

    def __init__(self, data: Any, *, definitions: tuple[custom.Definition, ...], present: Any, user: User) -> None:
        super().__init__(data)
        for one in definitions:
            self.fields[one.input] = custom_input(one, present.get(one.key))
        narrow(self, user)


def narrow(form: forms.BaseForm, user: User) -> None:
    """Point every related field of the form at the rows its person may see (owners: may name), and at the chosen ones to show.

    A selector that searches on the server offers nothing where nothing is chosen, and is left so.
    """
    for name, field in form.fields.items():
        if not isinstance(field, forms.ModelChoiceField):
            continue
        if isinstance(field, PickerField | PickersField):
            field.keys_to_show = _keys(form, name)
            if not field.keys_to_show:
                continue
        manager: Any = field.queryset.model._default_manager  # type: ignore[union-attr]
        field.queryset = manager.assignable_by(user) if name == "owner" else seen(manager, user)


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
    return [key for key in keys if str(key or "").isdecimal()]


class CustomFieldForm(forms.ModelForm):
    """The definition of a custom field; its kind is chosen once."""

    choices = forms.CharField(
        label=_("Values to choose from"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line. A value taken away stays in the records that have it."),
    )  # fmt: skip

    class Meta:
        model = CustomField
        fields = ["name", "kind", "choices", "required", "in_lists", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = "\n".join(self.instance.choices)
        if self.instance.pk:
            self.fields["kind"].disabled = True
        else:
            del self.fields["is_active"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_choices(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines()]
        if long := next((line for line in lines if len(line) > 100), ""):
            raise forms.ValidationError(_("“%(value)s…” is longer than 100 characters.") % {"value": long[:30]})
        return list(dict.fromkeys(filter(None, lines)))


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
    _forms: ClassVar[dict[tuple[Any, ...], Any]]

    def __init__(self, data: Any = None, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        used = {key for key, value in data.items() if value} if data is not None else set()
        wanted = [name for name in self.base_filters if whole or self._is_used(name, used)]
        self.base_filters = {name: self.base_filters[name] for name in wanted}
        super().__init__(data, *args, **kwargs)
        model = self._meta.model
        fields = custom.lately(model) if issubclass(model, Customised) else ()
        self.custom = tuple(one for one in fields if whole or self._is_used(one.input, used))
        for one in self.custom:
            self.filters[one.input] = custom_filter(one)
            self.filters[one.input].parent, self.filters[one.input].model = self, model

    def _is_used(self, name: str, used: set[str]) -> bool:
        return any(f"{name}{end}" in used for end in self.ENDS)

    def find(self, rows: Any, _name: str, text: str) -> Any:
        return rows.search(text.replace("\x00", ""))

    def get_form_class(self) -> Any:
        """The class is made once for each set of filters, and anew when the company's own fields change; a form copies its fields anyway."""
        if "_forms" not in type(self).__dict__:
            type(self)._forms = {}
        shape = (*self.filters, self.custom)
        if shape not in self._forms:
            self._forms[shape] = super().get_form_class()
        return self._forms[shape]

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


def custom_filter(one: custom.Definition) -> filters.Filter:
    """The filter of a custom field, in the words its kind is asked by."""
    match one.kind:
        case CustomField.Kind.NUMBER:
            return filters.RangeFilter(method=partial(_between, one), label=one.name, widget=NumberRange())
        case CustomField.Kind.DATE:
            return filters.DateFromToRangeFilter(method=partial(_between, one), label=one.name, widget=DateRange())
        case CustomField.Kind.CHOICE:
            choices = [(word, word) for word in one.choices]
            return filters.ChoiceFilter(choices=choices, method=partial(_equal, one), label=one.name)
        case CustomField.Kind.YES_NO:
            return filters.BooleanFilter(method=partial(_yes, one), label=one.name)
        case CustomField.Kind.PARTNER:
            model = apps.get_model(custom.LINKED)
            return PickerFilter(model, "partners:options", method=partial(_equal, one), label=one.name)
    return filters.CharFilter(method=partial(_says, one), label=one.name)


def _equal(one: custom.Definition, rows: Any, _name: str, value: Any) -> Any:
    # The second condition is the one of the index, which has only rows with any values.
    return rows.filter(custom__contains={one.key: one.kept(value)}).exclude(custom={})


def _yes(one: custom.Definition, rows: Any, _name: str, value: bool) -> Any:
    return _equal(one, rows, _name, True) if value else rows.exclude(custom__contains={one.key: True})


def _says(one: custom.Definition, rows: Any, _name: str, value: str) -> Any:
    return rows.filter(**{f"custom__{one.key}__icontains": value.replace("\x00", "")})


def _between(one: custom.Definition, rows: Any, _name: str, value: slice) -> Any:
    for step, end in (("gte", value.start), ("lte", value.stop)):
        if end is not None:
            kept = one.kept(end.date() if isinstance(end, datetime) else Decimal(end))
            rows = rows.filter(**{f"custom__{one.key}__{step}": kept})
    return rows
