"""The forms of an import: the file, and how it is read."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from voronka.core.registry import import_targets


class FileForm(forms.Form):
    """The file itself."""

    file = forms.FileField(label=_("CSV or Excel file"), allow_empty_file=True)


class OptionsForm(forms.Form):
    """What to do with what the file does not say."""

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
    )
    create_missing = forms.BooleanField(
        label=_("Create stages, sources, industries and people the file names"), required=False
    )
    keep_unmapped = forms.BooleanField(label=_("Keep unmapped columns in the remarks"), required=False)
