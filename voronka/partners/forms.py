"""Forms and filters of partners; requisites are checked by the rules of their country."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.core.forms import (
    DateInput,
    DateRange,
    FilterBar,
    NumberRange,
    PersonalForm,
    PickerField,
    PickerFilter,
    PickersField,
    narrow,
)
from voronka.partners import rules
from voronka.partners.models import (
    Address,
    AssignmentRule,
    BankAccount,
    Contact,
    ContactRole,
    Industry,
    Partner,
    PartnerGroup,
    PaymentTerms,
    Priority,
    Source,
    Tag,
    Territory,
)


class PhoneCleaning:
    """A phone is kept in E.164; what is no phone at all is refused with an example."""

    cleaned_data: dict[str, Any]
    instance: Any

    def _phone(self, name: str) -> str:
        typed = self.cleaned_data[name].strip()
        if not typed:
            return ""
        country = self.cleaned_data.get("country") or getattr(self.instance, "country", "RU")
        if not (phone := rules.phone_e164(typed, country)):
            raise ValidationError(_("This can't be a phone. Write it like +7 495 123-45-67."))
        return phone

    def clean_phone(self) -> str:
        return self._phone("phone")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class PartnerForm(PhoneCleaning, PersonalForm):
    """A partner's own fields, or with `only` a single one of them, changed in place."""

    owner = PickerField(User, "accounts:people", label=_("Owner"), empty_label=None)
    group = PickerField(
        PartnerGroup, "partners:groups", "partners:groups", with_fields="kind", label=_("Group"), required=False
    )
    industry = PickerField(Industry, "partners:industries", "partners:industries", label=_("Industry"), required=False)
    source = PickerField(Source, "partners:sources", "partners:sources", label=_("Information source"), required=False)
    territory = PickerField(
        Territory, "partners:territories", "partners:territories", label=_("Territory"), required=False
    )
    tags = PickersField(Tag, "partners:tags", "partners:tags", label=_("Tags"), required=False)
    channel = PickerField(Partner, "partners:options", label=_("Channel"), required=False)
    connected = PickerField(Partner, "partners:options", label=_("Connected vendor or customer"), required=False)
    technician = PickerField(User, "accounts:people", label=_("Technician"), required=False)
    priority = PickerField(Priority, "partners:priorities", "partners:priorities", label=_("Priority"), required=False)
    payment_terms = PickerField(
        PaymentTerms, "partners:payment_terms_options", label=_("Payment terms"), required=False
    )

    groups: ClassVar = [
        (_("Main"), ["name", "kind", "legal_status", "owner", "phone", "phone2", "email", "website", "tags"]),
        (_("Requisites"), ["country", "tax_id", "kpp", "ogrn", "full_name"]),
        (_("Classification"), ["group", "industry", "source", "territory", "priority", "employees", "annual_revenue", "project", "technician"]),
        (_("Connections"), ["channel", "connected", "is_channel"]),
        (_("Payment terms"), [
            "payment_terms", "price_list", "discount_percent", "credit_limit", "commitment_limit", "interest_percent",
        ]),
        (_("Names and language"), ["alias", "foreign_name", "language"]),
        (_("Freezing"), ["is_frozen", "frozen_from", "frozen_until", "frozen_remark"]),
        (_("Remarks"), ["remarks"]),
    ]  # fmt: skip
    folded: ClassVar = (
        _("Classification"), _("Connections"), _("Payment terms"), _("Names and language"), _("Freezing"), _("Remarks"),
    )  # fmt: skip

    class Meta:
        model = Partner
        fields = [
            "name", "kind", "legal_status", "owner", "country", "phone", "phone2", "email", "website", "tags", "tax_id", "kpp", "ogrn", "full_name",
            "group", "industry", "source", "territory", "priority", "channel", "connected", "is_channel", "employees", "annual_revenue", "project",
            "technician", "payment_terms", "price_list", "discount_percent", "credit_limit", "commitment_limit", "interest_percent", "alias",
            "foreign_name", "language", "is_frozen", "frozen_from", "frozen_until", "frozen_remark", "remarks",
        ]  # fmt: skip
        widgets: ClassVar = {
            "remarks": forms.Textarea(attrs={"rows": 4}), "frozen_from": DateInput(), "frozen_until": DateInput(),
        }  # fmt: skip

    def __init__(self, *args: Any, only: str = "", **kwargs: Any) -> None:
        if only:
            kwargs["among"] = (only,)
        super().__init__(*args, **kwargs)
        for name in [name for name in self.fields if only and name != only]:  # custom ones
            del self.fields[name]
        self.only = only

    @property
    def bound(self) -> forms.BoundField:
        """The single input of a form that has only one."""
        return self[self.only]

    def _given(self, name: str) -> Any:
        """The value as it will be: typed here, or the record's own where this form does not ask."""
        return self.cleaned_data[name] if name in self.cleaned_data else getattr(self.instance, name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        group, since, until = (self._given(name) for name in ("group", "frozen_from", "frozen_until"))
        if group and not self.errors and not rules.group_fits(group.side, self._given("kind")):
            self.add_error("group" if "group" in self.fields else None, _("This group is for other kinds of partners."))
        if since and until and until < since:
            self.add_error(
                "frozen_until" if "frozen_until" in self.fields else None, _("This day lies before the first one.")
            )
        for name in ("channel", "connected"):
            if cleaned.get(name) == self.instance and self.instance.pk:
                self.add_error(name, _("A partner can't be linked to itself."))
        return cleaned

    def clean_country(self) -> str:
        return self.cleaned_data["country"].upper()

    def clean_phone2(self) -> str:
        return self._phone("phone2")

    def clean_tax_id(self) -> str:
        value = self.cleaned_data["tax_id"].replace(" ", "")
        if value and self._given("country") == "RU" and not rules.is_inn(value):
            raise ValidationError(_("The check digits of this INN are wrong."))
        return value

    def clean_kpp(self) -> str:
        value = self.cleaned_data["kpp"].strip().upper()
        if value and not rules.is_kpp(value):
            raise ValidationError(_("A KPP has nine characters, like 770701001."))
        return value

    def clean_ogrn(self) -> str:
        value = self.cleaned_data["ogrn"].replace(" ", "")
        if value and not rules.is_ogrn(value):
            raise ValidationError(_("The check digit of this OGRN is wrong."))
        return value


class ContactForm(PhoneCleaning, PersonalForm):
    """A person. Where only the parts of the name are given, the name is put together as the reader's language does it."""

    roles = PickersField(
        ContactRole, "partners:contact_roles", "partners:contact_roles", label=_("Roles in a purchase"), required=False
    )

    groups: ClassVar = [
        (_("Main"), ["name", "position", "roles", "phone", "mobile", "email", "is_default"]),
        (_("Person"), ["title", "last_name", "first_name", "middle_name", "birth_date", "gender", "language", "is_active", "remarks"]),
    ]  # fmt: skip

    class Meta:
        model = Contact
        fields = [
            "name", "position", "phone", "mobile", "email", "is_default", "title", "last_name", "first_name", "middle_name", "birth_date", "gender",
            "language", "is_active", "remarks", "roles",
        ]  # fmt: skip
        widgets: ClassVar = {"birth_date": DateInput(), "remarks": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["name"].help_text = _("Empty: put together from its parts.")

    def clean_mobile(self) -> str:
        return self._phone("mobile")

    def clean_birth_date(self) -> Any:
        born = self.cleaned_data["birth_date"]
        if born and born > timezone.localdate():
            raise ValidationError(_("Nobody is born in the future."))
        return born

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("name"):
            parts = (cleaned.get(name, "") for name in ("first_name", "middle_name", "last_name"))
            cleaned["name"] = rules.full_name(*parts, family_first=get_language() == "ru")
        if not cleaned["name"]:
            self.add_error("name", _("Write a name."))
        return cleaned


class AddressForm(PersonalForm):
    """A place of a partner."""

    groups: ClassVar = [
        ("", ["kind", "name", "country", "postcode", "region", "county", "city", "street", "building", "is_default", "is_active"]),
    ]  # fmt: skip

    class Meta:
        model = Address
        fields = [
            "kind",
            "name",
            "country",
            "postcode",
            "region",
            "county",
            "city",
            "street",
            "building",
            "is_default",
            "is_active",
        ]

    def clean_country(self) -> str:
        return self.cleaned_data["country"].upper()


class BankAccountForm(PersonalForm):
    """A bank account; with a Russian BIC the control key of the account is checked, an IBAN by its own check digits."""

    groups: ClassVar = [
        ("", ["bank_name", "branch", "bic", "account", "correspondent_account", "iban", "swift", "account_name", "currency", "is_default"]),
    ]  # fmt: skip

    class Meta:
        model = BankAccount
        fields = [
            "bank_name",
            "branch",
            "bic",
            "account",
            "correspondent_account",
            "iban",
            "swift",
            "account_name",
            "currency",
            "is_default",
        ]

    def clean_iban(self) -> str:
        typed = self.cleaned_data["iban"]
        if typed and not rules.iban(typed):
            raise ValidationError(_("The check digits or the length of this IBAN are wrong."))
        return rules.iban(typed)

    def clean_swift(self) -> str:
        typed = self.cleaned_data["swift"].replace(" ", "").upper()
        if typed and not rules.is_swift(typed):
            raise ValidationError(_("A SWIFT code has 8 or 11 signs, like DEUTDEFF."))
        return typed

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("account") and not cleaned.get("iban"):
            self.add_error("account", _("Write the account or the IBAN."))
        bic, account, correspondent = (
            cleaned.get(name, "").replace(" ", "") for name in ("bic", "account", "correspondent_account")
        )
        cleaned |= {"bic": bic, "account": account, "correspondent_account": correspondent}
        if not (bic.isdigit() and len(bic) == 9):
            return cleaned
        if not rules.account_key_is_right(account, bic):
            self.add_error(
                "account", _("This account does not belong to the bank with this BIC: its control key is wrong.")
            )
        if correspondent and not rules.account_key_is_right(correspondent, bic, correspondent=True):
            self.add_error("correspondent_account", _("The control key of the correspondent account is wrong."))
        return cleaned


class AssignmentRuleForm(PersonalForm):
    """Which leads, and who take turns."""

    territory = PickerField(Territory, "partners:territories", label=_("Territory"), required=False)
    source = PickerField(Source, "partners:sources", label=_("Information source"), required=False)
    industry = PickerField(Industry, "partners:industries", label=_("Industry"), required=False)
    people = PickersField(User, "accounts:people", label=_("Take turns"))

    groups: ClassVar = [
        (_("Which leads"), ["name", "territory", "source", "industry"]),
        (_("Who gets them"), ["people", "daily_limit", "position", "is_active"]),
    ]

    class Meta:
        model = AssignmentRule
        fields = ["name", "territory", "source", "industry", "people", "daily_limit", "position", "is_active"]


class PaymentTermsForm(PersonalForm):
    """Payment terms: when is paid, and what partners that get them are proposed."""

    groups: ClassVar = [
        (_("When is paid"), ["name", "counted_from", "months", "days", "tolerance_days", "instalments", "position", "is_active"]),
        (_("Proposed to a partner"), ["credit_limit", "commitment_limit", "discount_percent", "interest_percent", "price_list"]),
    ]  # fmt: skip

    class Meta:
        model = PaymentTerms
        fields = [
            "name", "counted_from", "months", "days", "tolerance_days", "instalments", "position", "is_active", "credit_limit", "commitment_limit",
            "discount_percent", "interest_percent", "price_list",
        ]  # fmt: skip


class InactiveForm(forms.Form):
    """Which partners count as inactive."""

    since = forms.DateField(label=_("No contact and no sale since"), widget=DateInput())
    kind = forms.ChoiceField(label=_("Kind"), choices=[("lead", _("Leads")), ("", _("All partners"))], required=False)
    owner = PickerField(User, "accounts:people", label=_("Owner"), required=False)
    source = PickerField(Source, "partners:sources", label=_("Source"), required=False)
    territory = PickerField(Territory, "partners:territories", label=_("Territory"), required=False)
    created_before = forms.DateField(label=_("Known since before"), widget=DateInput(), required=False)
    never = forms.BooleanField(label=_("Never contacted at all"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        narrow(self, user)

    def narrowed(self, rows: Any) -> Any:
        """The partners the criteria are about; that they are silent is asked by `inactive`."""
        wanted = self.cleaned_data
        same = {name: wanted[name] for name in ("kind", "owner", "source", "territory") if wanted[name]}
        rows = rows.filter(**same)
        if day := wanted["created_before"]:
            rows = rows.filter(created_at__lt=start_of(day))
        return rows.never_contacted() if wanted["never"] else rows


class PartnerFilters(FilterBar):
    kind = filters.ChoiceFilter(choices=Partner.Kind.choices, label=_("Kind"))
    owner = PickerFilter(User, "accounts:people", label=_("Owner"))
    territory = PickerFilter(Territory, "partners:territories", label=_("Territory"))
    industry = PickerFilter(Industry, "partners:industries", label=_("Industry"))
    source = PickerFilter(Source, "partners:sources", label=_("Source"))
    group = PickerFilter(PartnerGroup, "partners:groups", label=_("Group"))
    tags = PickerFilter(Tag, "partners:tags", label=_("Tag"))
    priority = PickerFilter(Priority, "partners:priorities", label=_("Priority"))
    payment_terms = PickerFilter(PaymentTerms, "partners:payment_terms_options", label=_("Payment terms"))
    channel = PickerFilter(Partner, "partners:options", label=_("Channel"))
    is_channel = filters.BooleanFilter(label=_("Resells for us"))
    is_frozen = filters.BooleanFilter(label=_("Frozen"))
    created_at = filters.DateFromToRangeFilter(label=_("Created"), widget=DateRange())
    updated_at = filters.DateFromToRangeFilter(label=_("Changed"), widget=DateRange())
    silent_since = filters.DateFilter(method="since", label=_("No contact since"), widget=DateInput())
    silent_for = filters.NumberFilter(
        method="silent", min_value=1, max_value=3650, decimal_places=0, label=_("No word for days")
    )
    never_contacted = filters.BooleanFilter(method="contacted", label=_("Without any activity"))
    has_plans = filters.BooleanFilter(method="with_plans", label=_("Has something planned"))
    has_phone = filters.BooleanFilter(method="filled", label=_("Has a phone"))
    has_email = filters.BooleanFilter(method="filled", label=_("Has an e-mail"))
    place = filters.CharFilter(method="at_place", label=_("City or region"))
    employees = filters.RangeFilter(label=_("Employees"), widget=NumberRange())
    annual_revenue = filters.RangeFilter(label=_("Annual revenue"), widget=NumberRange())
    has_open = filters.BooleanFilter(method="with_open", label=_("Has an open opportunity"))

    class Meta:
        model = Partner
        fields: ClassVar[list[str]] = []

    def since(self, rows: Any, _name: str, day: date) -> Any:
        return rows.silent_since(start_of(day))

    def silent(self, rows: Any, _name: str, days: Any) -> Any:
        return rows.unspoken_since(timezone.now() - timedelta(days=int(days)))

    def with_plans(self, rows: Any, _name: str, wanted: bool) -> Any:
        return rows.with_plans(wanted)

    def contacted(self, rows: Any, _name: str, never: bool) -> Any:
        never_contacted = rows.never_contacted()
        return never_contacted if never else rows.exclude(pk__in=never_contacted.order_by().values("pk"))

    def filled(self, rows: Any, name: str, wanted: bool) -> Any:
        """An own phone or e-mail, or one of a contact."""
        return rows.reached_by(name.removeprefix("has_"), wanted)

    def at_place(self, rows: Any, _name: str, text: str) -> Any:
        return rows.at_address(text.replace("\x00", "").strip())

    def with_open(self, rows: Any, _name: str, wanted: bool) -> Any:
        return rows.with_open_opportunity() if wanted else rows.without_open_opportunity()


class ContactFilters(FilterBar):
    partner = PickerFilter(Partner, "partners:options", label=_("Partner"))
    kind = filters.ChoiceFilter("partner__kind", choices=Partner.Kind.choices, label=_("Kind of partner"))
    owner = PickerFilter(User, "accounts:people", field_name="partner__owner", label=_("Owner"))
    roles = PickerFilter(ContactRole, "partners:contact_roles", label=_("Role in a purchase"))
    position = filters.CharFilter(method="at_work_as", label=_("Job title"))
    is_active = filters.BooleanFilter(label=_("Active"))
    is_default = filters.BooleanFilter(label=_("Main contact"))
    has_phone = filters.BooleanFilter(method="filled", label=_("Has a phone"))
    has_email = filters.BooleanFilter(method="filled", label=_("Has an e-mail"))
    created_at = filters.DateFromToRangeFilter(label=_("Created"), widget=DateRange())

    class Meta:
        model = Contact
        fields: ClassVar[list[str]] = []

    def at_work_as(self, rows: Any, _name: str, text: str) -> Any:
        return rows.filter(position__icontains=text.replace("\x00", "").strip())

    def filled(self, rows: Any, name: str, wanted: bool) -> Any:
        return rows.reached_by(name.removeprefix("has_"), wanted)


def start_of(day: date) -> datetime:
    """The moment the day begins, in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
