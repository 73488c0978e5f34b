"""What hangs on an opportunity: items, contacts, competitors, other companies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.core.forms import PersonalForm, PickerField
from voronka.opportunities.forms.fields import short
from voronka.opportunities.models import (
    Competitor,
    DealCompetitor,
    DealContact,
    DealItem,
    DealPartner,
    Opportunity,
    Relationship,
)
from voronka.partners.models import Contact, Partner

if TYPE_CHECKING:
    pass


class ItemForm(forms.ModelForm):
    class Meta:
        model = DealItem
        fields = ["name", "quantity", "unit", "price", "discount"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("price", "discount"):
                self.initial[name] = short(getattr(self.instance, name))
            self.initial["quantity"] = f"{self.instance.quantity.normalize():f}"


class DealContactForm(PersonalForm):
    contact = PickerField(Contact, "partners:contacts", label=_("Contact"))

    class Meta:
        model = DealContact
        fields = ["contact", "role", "details"]


class DealCompetitorForm(PersonalForm):
    competitor = PickerField(
        Competitor, "opportunities:competitors", "opportunities:competitors", label=_("Competitor")
    )

    class Meta:
        model = DealCompetitor
        fields = ["competitor", "threat", "details"]


class DealPartnerForm(PersonalForm):
    partner = PickerField(Partner, "partners:options", "opportunities:new_partner", label=_("Partner"))
    relationship = PickerField(
        Relationship,
        "opportunities:relationships",
        "opportunities:relationships",
        label=_("Relationship"),
        required=False,
    )

    class Meta:
        model = DealPartner
        fields = ["partner", "relationship", "details"]


def _rows_of(model: Any, form: Any) -> Any:
    return forms.inlineformset_factory(Opportunity, model, form=form, extra=1, can_delete=True)


class PartsForm(forms.Form):
    """Rows of parts of an opportunity; `SETS` names them: (prefix, title, form set)."""

    SETS: ClassVar[tuple[tuple[str, Any, Any], ...]] = ()

    def __init__(self, *args: Any, opportunity: Opportunity, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sets = [
            (
                title,
                rows(
                    self.data if self.is_bound else None,
                    instance=opportunity,
                    prefix=prefix,
                    form_kwargs={"user": user},
                ),
            )
            for prefix, title, rows in self.SETS
        ]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(rows.is_valid() for _title, rows in self.sets)])

    def parts(self) -> tuple[list[Any], list[Any]]:
        """What is new or changed, and what goes."""
        changed = [part for _title, rows in self.sets for part in rows.save(commit=False)]
        return changed, [part for _title, rows in self.sets for part in rows.deleted_objects]

    def options(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.fields}


class ItemsForm(PartsForm):
    SETS: ClassVar = (("item", _("Items"), _rows_of(DealItem, ItemForm)),)

    amount_from_items = forms.BooleanField(label=_("The sum becomes the amount of the opportunity"), required=False)


class PeopleForm(PartsForm):
    SETS: ClassVar = (
        ("contact", _("Contacts and their roles"), _rows_of(DealContact, DealContactForm)),
        ("competitor", _("Competitors"), _rows_of(DealCompetitor, DealCompetitorForm)),
        ("partner", _("Partners in the deal"), _rows_of(DealPartner, DealPartnerForm)),
    )
