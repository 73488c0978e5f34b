"""Forms of currencies and their rates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.core.forms import DateInput
from voronka.products.models import Currency, Rate

BIGGEST_FILE = 2 * 2**20


class CurrencyForm(forms.ModelForm):
    class Meta:
        model = Currency
        fields = ["code", "name", "position", "is_active"]

    def clean_code(self) -> str:
        return self.cleaned_data["code"].upper()


class RateForm(forms.ModelForm):
    """One day's rate; a rate that day has already is overwritten."""

    class Meta:
        model = Rate
        fields = ["day", "rate"]
        widgets = {"day": DateInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = timezone.localdate


class RatesFileForm(forms.Form):
    """A CSV file of rates."""

    file = forms.FileField(
        label=_("File of rates"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt"}),
        help_text=_("CSV with a header: date, currency, rate; a column “nominal” says how many units the rate is for."),
    )

    def clean_file(self) -> str:
        """The file's text."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > BIGGEST_FILE:
            raise ValidationError(_("The file is larger than 2 MB. Split it."))
        data = file.read()
        for encoding in ("utf-8-sig", "cp1251"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise ValidationError(_("The file's letters can't be read: save it as CSV in UTF-8."))
