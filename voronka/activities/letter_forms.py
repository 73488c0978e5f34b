"""Forms of letters: one to write, the templates, one's own mailbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.activities import letters
from voronka.activities.models import Activity, LetterTemplate, Mailbox
from voronka.core.forms import DateInput

_CONTROL = {chr(code) for code in range(32)} | {"\x7f"}


class AddressesField(forms.CharField):
    """Addresses in one line, with commas; names beside them are left out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}), **kwargs)

    def clean(self, value: Any) -> list[str]:
        found, wrong = letters.split_addresses(super().clean(value))
        for piece in [*wrong, *(one for one in found if not _is_address(one))]:
            raise forms.ValidationError(_("“%(piece)s” is no e-mail address."), params={"piece": piece})
        return found


def _is_address(text: str) -> bool:
    try:
        forms.EmailField().clean(text)
    except forms.ValidationError:
        return False
    return True


class LetterForm(forms.ModelForm):
    """A letter as it is written. The files come beside it, several at once."""

    template = forms.ModelChoiceField(
        LetterTemplate.objects.none(), label=_("Template"), required=False, empty_label=_("without a template"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    to = AddressesField(label=_("To"), error_messages={"required": _("Say whom it is for.")})
    cc = AddressesField(label=_("Copy"), required=False)

    class Meta:
        model = Activity
        fields = ["title", "text"]
        labels: ClassVar = {"title": _("Subject"), "text": _("Letter")}
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 12})}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = LetterTemplate.objects.active()  # type: ignore[attr-defined]
        for name, words in (("title", _("A letter needs a subject.")), ("text", _("Write something first."))):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = words


class LetterTemplateForm(forms.ModelForm):
    class Meta:
        model = LetterTemplate
        fields = ["name", "title", "text", "position", "is_active"]
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 10})}
        help_texts: ClassVar = {
            "text": _("Filled in by itself: {contact}, {partner}, {deal} and {sender}, in the subject too.")
        }


class MailboxForm(forms.ModelForm):
    """How a mailbox is reached. The password can be typed, never read."""

    password = forms.CharField(
        label=_("Password of the mailbox"), required=False, strip=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    class Meta:
        model = Mailbox
        fields = [
            "address", "host", "port", "security", "login", "password", "since", "sent_folder", "is_private", "is_active",
            "smtp_host", "smtp_port", "smtp_security",
        ]  # fmt: skip
        widgets: ClassVar = {"since": DateInput()}
        help_texts: ClassVar = {
            "host": _("For example imap.yandex.ru, imap.mail.ru, imap.gmail.com or your company's own."),
            "login": _("Usually the whole address."),
            "sent_folder": _("Leave it empty: it is found by itself."),
            "smtp_host": _("Where your letters go out, with the same login and password. Empty: the company's server."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.fields["since"].initial = timezone.localdate() - timedelta(days=30)
            self.fields["password"].help_text = _("Many services want a password made for programs, not your own.")
        else:
            self.fields["password"].help_text = _(
                "Leave it empty to keep the present one. It is sealed and shown to nobody."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("host", "login", "sent_folder", "smtp_host", "password"):
            if _CONTROL & set(cleaned.get(name) or ""):
                self.add_error(name, _("Only letters, digits and signs."))
        return cleaned
