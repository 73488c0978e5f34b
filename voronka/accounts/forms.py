"""Forms of accounts; the adapter that closes public sign-up and the backend that signs in."""

from __future__ import annotations

import zoneinfo
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import LoginForm as StandardLoginForm
from allauth.account.forms import ReauthenticateForm as StandardReauthenticateForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from stdnum.ru import inn, ogrn

from voronka.accounts import actions
from voronka.accounts.models import ApiToken, Role, Team, User
from voronka.accounts.rules import PERMISSIONS, SCOPED
from voronka.core.access import Scope
from voronka.core.models import Company

CURRENCIES = [
    (code, code) for code in ("RUB", "USD", "EUR", "KZT", "BYN", "CNY", "GBP", "AMD", "GEL", "KGS", "UZS", "TRY")
]


def time_zones() -> list[tuple[str, str]]:
    """Zones of places people live in, those of Russia first."""
    names = sorted(
        name
        for name in zoneinfo.available_timezones()
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
    )
    return [(name, name.replace("_", " ")) for name in names]


class WithRole(AuthenticationBackend):
    """Signs in by e-mail; whoever is signed in comes with the role, which every page asks for, in one statement."""

    def get_user(self, user_id: int) -> User | None:
        return actions.user_of_session(user_id)


class Adapter(DefaultAccountAdapter):
    """Accounts are made by those who manage users, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class _WithoutLetters(forms.Form):
    """Says how a forgotten password is replaced: by a letter where letters are sent, else by an administrator."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.EMAIL_HOST:
            self.fields["password"].help_text = _("Forgot the password? An administrator gives you a new one.")


class LoginForm(_WithoutLetters, StandardLoginForm):
    """E-mail and password."""


class ReauthenticateForm(_WithoutLetters, StandardReauthenticateForm):
    """The password once more, before what protects the account is changed."""


class PasswordField(forms.CharField):
    """A password twice as long as a habit, checked by the validators of the settings."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Password"))
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(widget=widget, strip=False, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value:
            validate_password(value)


class FirstRunForm(forms.Form):
    """What a new installation must know: the company and who administers it."""

    company = forms.CharField(label=_("Company"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=[("ru", "Русский"), ("en", "English")])
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, initial="Europe/Moscow")
    name = forms.CharField(label=_("Your name"), max_length=150)
    email = forms.EmailField(label=_("Your e-mail"), help_text=_("You sign in with it."))
    password = PasswordField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("language", (get_language() or "ru")[:2])


class ProfileForm(forms.ModelForm):
    """One's own settings."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=lambda: [("", _("as the company's")), *time_zones()], required=False
    )

    class Meta:
        model = User
        fields = ["name", "job_title", "phone", "language", "time_zone", "theme", "notices_by_mail"]


class UserForm(forms.ModelForm):
    """An account as seen by those who manage users."""

    password = PasswordField(required=False, help_text=_("Leave empty to keep the present one."))

    class Meta:
        model = User
        fields = ["name", "email", "job_title", "phone", "role", "team", "language", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.fields["password"].required = True
            self.fields["password"].help_text = ""

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class TeamForm(forms.ModelForm):
    class Meta:
        model = Team
        fields = ["name", "parent"]
        labels = {"parent": _("Above it")}


class RoleForm(forms.ModelForm):
    """A role's name, its scopes (two selectors for each kind of record) and its permissions."""

    permissions = forms.MultipleChoiceField(
        label=_("Permissions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: list(permission_names().items()),
    )

    class Meta:
        model = Role
        fields = ["name", "permissions"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for label, name in scoped_names().items():
            for verb, words in (("see", _("%(records)s: sees")), ("edit", _("%(records)s: changes"))):
                initial = self.instance.scopes.get(label, {}).get(verb, Scope.NONE)
                self.fields[f"{label}:{verb}"] = forms.ChoiceField(
                    label=words % {"records": name}, choices=list(scope_names().items()), initial=initial
                )

    def scopes(self) -> dict[str, dict[str, str]]:
        """The chosen scopes in the shape the role stores."""
        return {label: {verb: self.cleaned_data[f"{label}:{verb}"] for verb in ("see", "edit")} for label in SCOPED}


class TokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ["name"]
        help_texts = {"name": _("What will use it, so that you know which one to revoke.")}


class CompanyForm(forms.ModelForm):
    """The company's settings; Russian requisites are checked by their digits."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)

    class Meta:
        model = Company
        fields = [
            "name", "full_name", "tax_id", "kpp", "ogrn", "address", "phone", "email", "country", "currency", "language", "time_zone",
            "fiscal_year_start", "work_starts", "work_ends", "loss_reason_required", "silent_days", "next_step_required",
        ]  # fmt: skip
        widgets = {
            "work_starts": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "work_ends": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def clean_tax_id(self) -> str:
        value = self.cleaned_data["tax_id"].strip()
        if value and self.data.get("country", "RU") == "RU" and not inn.is_valid(value):
            raise forms.ValidationError(_("The check digits of this INN are wrong."))
        return value

    def clean_ogrn(self) -> str:
        value = self.cleaned_data["ogrn"].strip()
        if value and not ogrn.is_valid(value):
            raise forms.ValidationError(_("The check digit of this OGRN is wrong."))
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("work_starts"), cleaned.get("work_ends")
        if starts and ends and starts >= ends:
            self.add_error("work_ends", _("The working day ends after it starts."))
        return cleaned


def scope_names() -> dict[str, Any]:
    return {Scope.NONE: _("nothing"), Scope.OWN: _("own"), Scope.TEAM: _("the team's"), Scope.ALL: _("all")}


def scoped_names() -> dict[str, Any]:
    names = (_("Partners"), _("Opportunities"), _("Activities"), _("Imports"), _("Segments"))
    return dict(zip(SCOPED, names, strict=True))


def permission_names() -> dict[str, Any]:
    names = (
        _("change the company's settings and lists"),
        _("export lists and reports"),
        _("manage users, teams and roles"),
        _("import files"),
        _("open reports"),
        _("correct the history of opportunities"),
        _("share saved views and segments with everyone"),
        _("export everything kept about one person"),
        _("erase a person's data for good"),
        _("hand over the work of others"),
    )
    return dict(zip(PERMISSIONS, names, strict=True))
