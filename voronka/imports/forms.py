"""The forms of an import: the files, and how they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from voronka.core.registry import import_targets
from voronka.imports.models import ImportRun

if TYPE_CHECKING:
    from voronka.accounts.models import User


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several that belong together, as a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


class FileForm(forms.Form):
    """The files themselves."""

    file = FilesField(label=_("CSV or Excel files"), allow_empty_file=True)


class OptionsForm(forms.Form):
    """What to do with what a file does not say; questions a file does not raise are not asked."""

    repair = forms.ChoiceField(
        label=_("Garbled text"),
        choices=[("yes", _("repair it")), ("no", _("leave it as it is"))],
        widget=forms.RadioSelect,
        required=False,
    )
    kind = forms.ChoiceField(
        label=_("Kind of data"), choices=lambda: [(target.slug, target.title) for target in import_targets]
    )
    on_duplicate = forms.ChoiceField(
        label=_("If a record exists already"),
        choices=[
            ("skip", _("skip the row")),
            ("update", _("fill it in from the row")),
            ("create", _("create another one")),
        ],
    )
    without_partner = forms.ChoiceField(
        label=_("Opportunities without a partner"),
        choices=[("refuse", _("refuse the row")), ("placeholder", _("keep them under “Without a company”"))],
        required=False,
    )
    dates = forms.ChoiceField(
        label=_("Dates"),
        choices=[
            ("", _("as the file shows")),
            ("dmy", _("day first: 31/12/2025")),
            ("mdy", _("month first: 12/31/2025")),
        ],
        required=False,
    )
    decimal = forms.ChoiceField(
        label=_("Amounts"),
        choices=[
            ("", _("as the file shows")),
            (",", _("comma before kopecks: 1 234,50")),
            (".", _("point before cents: 1,234.50")),
        ],
        required=False,
    )
    create_missing = forms.BooleanField(
        label=_("Create stages, sources, industries and people the file names"), required=False
    )
    keep_unmapped = forms.BooleanField(label=_("Keep unmapped columns in the remarks"), required=False)
    share_mapping = forms.BooleanField(label=_("Offer this mapping to everybody"), required=False)
    left_out = forms.BooleanField(label=_("Leave this file out"), required=False)

    def __init__(self, data: Any = None, *, run: ImportRun, user: User) -> None:
        super().__init__(data, initial=run.options | {"kind": run.kind})
        for name in self._needless(run, user):
            del self.fields[name]

    def _needless(self, run: ImportRun, user: User) -> list[str]:
        target: Any = import_targets.get(run.kind)
        types = set(target.with_own().types.values()) if target else set()
        needed = {
            "repair": bool(run.facts.get("mojibake")),
            "kind": not run.is_bundle,
            "without_partner": run.kind == "opportunities" or run.is_bundle,
            "dates": run.is_bundle or bool(types & {"date", "moment"}),
            "decimal": run.is_bundle or bool(types & {"amount", "percent", "decimal"}),
            "share_mapping": not run.is_bundle and user.has_perm("core.share_views"),
            "left_out": run.bundle_id is not None,
        }
        return [name for name, is_needed in needed.items() if not is_needed]
