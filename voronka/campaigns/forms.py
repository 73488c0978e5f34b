"""Forms and filters of segments, consents and requests about personal data."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voronka.accounts.models import User
from voronka.campaigns.models import Channel, Consent, ConsentText, Segment
from voronka.campaigns.querysets import within_reach
from voronka.core.forms import DateInput, FilterBar, PersonalForm, PickerFilter
from voronka.partners.forms import PartnerFilters
from voronka.partners.models import Contact, Partner


class SegmentForm(PersonalForm):
    """What a segment is called and who sees it; the members are chosen elsewhere."""

    groups: ClassVar = [(_("Segment"), ["name", "about", "is_shared", "remarks"])]

    class Meta:
        model = Segment
        fields = ["name", "about", "is_shared", "remarks"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:  # what it consists of was chosen with it
            self.fields["about"].disabled = True
        if not self.user.has_perm("core.share_views") and not self.instance.is_shared:
            self.fields["is_shared"].disabled = True
            self.fields["is_shared"].help_text = _("Your role can't share with everyone.")


class CollectForm(forms.Form):
    """Where the rows of a list go: into a new segment or a static one that exists."""

    HOW: ClassVar = [
        ("dynamic", _("New segment that keeps the filters: whoever fits later is in it")),
        ("static", _("New fixed list of exactly these")),
        ("add", _("Add to a fixed list")),
    ]
    how = forms.ChoiceField(label=_("What to make"), choices=HOW, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name of the new segment"), max_length=120, required=False)
    about = forms.ChoiceField(label=_("Consists of"), choices=Segment.About.choices)
    is_shared = forms.BooleanField(label=_("Shared with everyone"), required=False)
    segment = forms.ModelChoiceField(Segment.objects.none(), label=_("Fixed list"), required=False, empty_label="—")

    def __init__(self, *args: Any, user: User, chosen: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].queryset = Segment.objects.editable_by(user).static()  # type: ignore[attr-defined]
        if chosen:  # selected rows have no filters to keep
            self.fields["how"].choices = self.HOW[1:]  # type: ignore[attr-defined]
        if not user.has_perm("core.share_views"):
            del self.fields["is_shared"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("how") in ("dynamic", "static") and not cleaned.get("name", "").strip():
            self.add_error("name", _("Give the segment a name."))
        if cleaned.get("how") == "add" and "segment" not in self.errors and cleaned.get("segment") is None:
            self.add_error("segment", _("Choose the list to add to."))
        return cleaned


class CombineForm(forms.Form):
    """Set algebra with another segment."""

    HOW: ClassVar = [
        ("add", _("Add the members of")),
        ("common", _("Keep only those also in")),
        ("subtract", _("Take out the members of")),
    ]
    how = forms.ChoiceField(label=_("What to do"), choices=HOW)
    other = forms.ModelChoiceField(Segment.objects.none(), label=_("Another segment"), empty_label=None)

    def __init__(self, *args: Any, segment: Segment, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Segment.objects.visible_to(user).exclude(pk=segment.pk).order_by("name", "pk")
        self.fields["other"].queryset = others  # type: ignore[attr-defined]


class SegmentFilters(FilterBar):
    kind = filters.ChoiceFilter(choices=Segment.Kind.choices, label=_("Kind"))
    about = filters.ChoiceFilter(choices=Segment.About.choices, label=_("Consists of"))
    owner = PickerFilter(User, "accounts:people", label=_("Owner"))
    is_shared = filters.BooleanFilter(label=_("Shared with everyone"))

    class Meta:
        model = Segment
        fields: ClassVar[list[str]] = []


class MemberFilters(PartnerFilters):
    """Filters of the partners in a segment: those of the list of partners, and who may be reached."""

    reach = filters.ChoiceFilter(choices=Channel.choices, method="by_channel", label=_("May be contacted by"))

    class Meta:
        model = Partner
        fields: ClassVar[list[str]] = []

    def by_channel(self, rows: QuerySet[Any], _name: str, channel: str) -> QuerySet[Any]:
        return within_reach(rows, channel)


class ContactMemberFilters(FilterBar):
    """Filters of the contacts in a segment."""

    reach = filters.ChoiceFilter(choices=Channel.choices, method="by_channel", label=_("May be contacted by"))
    owner = PickerFilter(User, "accounts:people", field_name="partner__owner", label=_("Owner"))
    kind = filters.ChoiceFilter(field_name="partner__kind", choices=Partner.Kind.choices, label=_("Kind"))
    is_default = filters.BooleanFilter(label=_("Main contact"))

    class Meta:
        model = Contact
        fields: ClassVar[list[str]] = []

    def by_channel(self, rows: QuerySet[Any], _name: str, channel: str) -> QuerySet[Any]:
        return within_reach(rows, channel)

    def find(self, rows: Any, _name: str, text: str) -> Any:
        for word in text.replace("\x00", "").lower().replace("ё", "е").split():
            rows = rows.filter(search__contains=word)
        return rows


class ChannelsForm(forms.Form):
    """The person a consent or objection is of, and its channels."""

    contact = forms.ModelChoiceField(Contact.objects.none(), label=_("Person"), required=False)
    channels = forms.MultipleChoiceField(
        label=_("Channels"), choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, partner: Partner, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["contact"]
        field.queryset = Contact.objects.visible_to(user).filter(partner=partner)
        field.empty_label = partner.name


class ConsentForm(ChannelsForm):
    """What a person agreed to, how and when."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=Consent.Purpose.choices)
    text = forms.ModelChoiceField(ConsentText.objects.none(), label=_("Text shown"), empty_label=None)
    how = forms.ChoiceField(label=_("How"), choices=Consent.How.choices)
    given_on = forms.DateField(label=_("Given"), widget=DateInput())
    until = forms.DateField(label=_("Valid until"), widget=DateInput(), required=False)
    source = forms.CharField(
        label=_("Where it can be seen"),
        max_length=200,
        required=False,
        help_text=_("A form's address, a folder, a file number."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].queryset = ConsentText.objects.visible_to(kwargs["user"]).current()  # type: ignore[attr-defined]
        self.fields["given_on"].initial = timezone.localdate()

    def clean_given_on(self) -> Any:
        day = self.cleaned_data["given_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("A consent can't be given in the future."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given, until = cleaned.get("given_on"), cleaned.get("until")
        if given and until and until < given:
            self.add_error("until", _("The consent ends before it was given."))
        return cleaned


class ObjectionForm(ChannelsForm):
    """By what a person does not want to be reached, and why."""

    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Who said so and when: it is asked later."))


class ConsentTextForm(forms.Form):
    """A wording, word for word; under a title that exists it becomes the next version."""

    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(label=_("Text, word for word"), widget=forms.Textarea(attrs={"rows": 8}), max_length=20000)


class ErasureForm(forms.Form):
    """The last question before a person's data are gone."""

    reason = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("For instance: the person's request of 12 March, No. 14.")
    )
    confirmation = forms.CharField(label=_("The person's name, typed once more"), max_length=200)
