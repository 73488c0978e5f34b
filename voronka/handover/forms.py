"""The form of a hand-over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.core.forms import PickerField
from voronka.handover import actions
from voronka.handover.models import Handover


class HandoverForm(forms.Form):
    """From whom, to whom, and a few words for whoever takes over. What is handed over comes with the address."""

    giver = PickerField(User, "handover:givers", label=_("From whom"))
    taker = PickerField(User, "accounts:people", label=_("To whom"))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands on every brief: why, until when, whom to ask."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = {"giver": actions.givers(user), "taker": User.objects.visible_to(user).active()}
        for name, people in rows.items():
            field: Any = self.fields[name]
            field.queryset = people
            chosen = self.data.get(name) if self.is_bound else self.initial.get(name)
            field.keys_to_show = [chosen] if str(chosen or "").isdecimal() else []

    def handover(self, what: str, query: str, partners: list[int], *, by: User) -> Handover:
        """The hand-over as it was asked for; not kept yet."""
        return Handover(**self.cleaned_data, what=what, query=query, partners=partners, by=by)
