"""Business partners and what hangs on them; one record from the first contact on."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from tree_queries.models import TreeNode
from tree_queries.query import TreeQuerySet

from voronka.core.audit import tracked
from voronka.core.models import Customised, Kept, Lookup, Owned
from voronka.partners import rules
from voronka.partners.querysets import (
    AccessRequestQuerySet,
    ContactQuerySet,
    DuplicatePairQuerySet,
    DuplicateScanQuerySet,
    LookupQuerySet,
    MergeQuerySet,
    PartnerPartQuerySet,
    PartnerQuerySet,
)

ALIVE = Q(deleted_at__isnull=True)
# Records with no custom values have no place in the indexes of these; see `core.forms`.
CUSTOMISED = ~Q(custom={})


def amount(label: Any) -> models.DecimalField[Any, Any]:
    """An amount in the company's currency, or none."""
    return models.DecimalField(
        label, max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )


def percent(label: Any) -> models.DecimalField[Any, Any]:
    """A percentage between 0 and 100, or none."""
    checks = [MinValueValidator(0), MaxValueValidator(100)]
    return models.DecimalField(label, max_digits=5, decimal_places=2, null=True, blank=True, validators=checks)


class Searchable(Func):
    """Text columns joined, lower-cased, ё as е: what the trigram index holds."""

    template = "translate(lower(%(expressions)s), 'ё', 'е')"
    arg_joiner = " || ' ' || "


class NameKey(Func):
    """The name without legal form, quotes and case, so that «Ромашка», ООО equals ООО "Ромашка"."""

    template = (
        r"btrim(regexp_replace(regexp_replace(translate(lower(%(expressions)s), 'ё', 'е'), "
        r"'\m(ооо|оао|зао|пао|ао|ип|нко|ано|фгуп|гуп|муп|тоо|чп|llc|ltd|inc|gmbh|plc|corp|co|ag|sa|srl|oy|ab|bv)\M\.?', ' ', 'g'), "
        r"'[^[:alnum:]]+', ' ', 'g'))"
    )


# Cyrillic letters as they are most often written in Latin; what sounds alike is written alike on both sides.
_LETTERS = ("абвгдезийклмнопрстуфхцыэ", "abvgdeziiklmnoprstufhcye")
_SOUNDS = (
    ("щ", "sh"), ("ш", "sh"), ("ч", "ch"), ("ж", "zh"), ("ю", "yu"), ("я", "ya"), ("ъ", ""), ("ь", ""), ("sch", "sh"), ("kh", "h"), ("ts", "c"), ("ck", "k"),
    ("ph", "f"), ("x", "ks"), ("w", "v"), ("iy", "i"), ("y", "i"), ("j", "i"), ("ii", "i"),
)  # fmt: skip


def _latin(text: str) -> str:
    """SQL: a name key in Latin letters."""
    text = f"translate({text}, '{_LETTERS[0]}', '{_LETTERS[1]}')"
    for sound, written in _SOUNDS:
        text = f"replace({text}, '{sound}', '{written}')"
    return text


class TwinName(Func):
    """A name key in Latin letters: what names are compared by, however they are written."""

    template = _latin("%(expressions)s")


class TwinSite(Func):
    """The host of a website without "www."."""

    template = r"split_part(regexp_replace(lower(%(expressions)s), '^ *(https?://)?(www\.)?', ''), '/', 1)"


class TwinPlace(Func):
    """City and street without the words around the names: "г. Москва", "ул. Тверская, д. 12" is "москва тверская 12"."""

    template = (
        r"btrim(regexp_replace(regexp_replace(translate(lower(%(expressions)s), 'ё', 'е'), "
        r"'\m(г|гор|город|ул|улица|пр|пр-т|просп|проспект|пер|переулок|наб|набережная|б-р|бул|бульвар|ш|шоссе|пл|площадь|д|дом|оф|офис|пом|помещение|"
        r"стр|строение|к|корп|корпус|кв|ком|комната|этаж|эт|st|street|ave|avenue|road|rd|office|suite)\M\.?', ' ', 'g'), '[^[:alnum:]]+', ' ', 'g'))"
    )
    arg_joiner = " || ' ' || "


class NextCode(Func):
    """A new partner code from its sequence: readable, never given twice."""

    template = "partners_next_code()"


class PartnerGroup(Lookup):
    """A commercial group of partners (wholesale, retail, budget), for those who buy, for vendors, or for both."""

    class Side(models.TextChoices):
        BOTH = "", pgettext_lazy("group of partners", "for all")
        BUYERS = "buyers", pgettext_lazy("group of partners", "for leads and customers")
        VENDORS = "vendors", pgettext_lazy("group of partners", "for vendors")

    MORE: ClassVar = ("side",)

    side = models.CharField(_("for whom"), max_length=7, choices=Side.choices, default="", db_default="", blank=True)

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("partner group")
        verbose_name_plural = _("partner groups")


class Industry(Lookup):
    """What a partner does for a living."""

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("industry")
        verbose_name_plural = _("industries")


class Source(Lookup):
    """Where we learned of a lead or an opportunity (information source)."""

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("information source")
        verbose_name_plural = _("information sources")


class Tag(Lookup):
    """A word people stick on partners."""

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")


class Priority(Lookup):
    """How soon a partner is served before others."""

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")


class ContactRole(Lookup):
    """What a person does in a purchase: decides, influences, uses, pays."""

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("role of a contact")
        verbose_name_plural = _("roles of contacts")


class PaymentTerms(Lookup):
    """When a partner pays: so many months and days after the day the counting starts. Its limits and discount are proposed to partners that get it."""

    class Start(models.TextChoices):
        DOCUMENT = "document", pgettext_lazy("payment terms", "day of the document")
        HALF_MONTH = "half_month", pgettext_lazy("payment terms", "next half of the month")
        MONTH_END = "month_end", pgettext_lazy("payment terms", "end of the month")
        MONTH_START = "month_start", pgettext_lazy("payment terms", "start of the next month")

    counted_from = models.CharField(_("counted from"), max_length=11, choices=Start.choices, default=Start.DOCUMENT)
    months = models.PositiveSmallIntegerField(_("months"), default=0, validators=[MaxValueValidator(60)])
    days = models.PositiveSmallIntegerField(_("days"), default=0, validators=[MaxValueValidator(366)])
    tolerance_days = models.PositiveSmallIntegerField(
        _("days of grace"), default=0, validators=[MaxValueValidator(366)]
    )
    instalments = models.PositiveSmallIntegerField(
        _("instalments"), default=1, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    credit_limit = amount(_("credit limit"))
    commitment_limit = amount(_("commitment limit"))
    discount_percent = percent(_("discount, %"))
    interest_percent = percent(_("interest on arrears, % a year"))
    price_list = models.CharField(_("price list"), max_length=100, blank=True)

    # What a partner with these terms gets where nothing else was said.
    PROPOSED: ClassVar = ("credit_limit", "commitment_limit", "discount_percent", "interest_percent", "price_list")

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("payment terms")
        verbose_name_plural = _("payment terms")


class TerritoryQuerySet(LookupQuerySet, TreeQuerySet):
    """Territories with both vocabularies: of lists and of trees."""


class Territory(TreeNode):
    """A part of the map, inside another one or at the top."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    position = models.PositiveIntegerField(_("order in lists"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("territory")
        verbose_name_plural = _("territories")
        ordering: ClassVar = ["position", "name"]

    def __str__(self) -> str:
        return self.name


@partial(tracked, without=("answered_at",))
class Partner(Customised, Owned):
    """A lead, customer or vendor. A channel is any partner that resells for us."""

    class Kind(models.TextChoices):
        LEAD = "lead", pgettext_lazy("partner kind", "Lead")
        CUSTOMER = "customer", _("Customer")
        VENDOR = "vendor", _("Vendor")

    class Person(models.TextChoices):
        COMPANY = "company", pgettext_lazy("legal status", "Company")
        SOLE = "sole", _("Sole proprietor")
        PERSON = "person", _("Natural person")
        GOVERNMENT = "government", _("Government")

    code = models.CharField(_("code"), max_length=20, db_default=NextCode(), editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.LEAD)
    is_channel = models.BooleanField(_("sales channel (reseller)"), default=False)
    name = models.CharField(_("name"), max_length=200)
    full_name = models.CharField(_("full legal name"), max_length=300, blank=True)
    alias = models.CharField(_("also called"), max_length=100, default="", db_default="", blank=True)
    foreign_name = models.CharField(
        _("name in another language"), max_length=200, default="", db_default="", blank=True
    )
    legal_status = models.CharField(_("legal status"), max_length=10, choices=Person.choices, default=Person.COMPANY)
    country = models.CharField(_("country"), max_length=2, default="RU")
    tax_id = models.CharField(_("tax ID (INN)"), max_length=32, blank=True)
    kpp = models.CharField(_("KPP"), max_length=9, blank=True)
    ogrn = models.CharField(_("OGRN"), max_length=15, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    phone2 = models.CharField(_("second phone"), max_length=32, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    language = models.CharField(
        _("language of documents"), max_length=2, choices=settings.LANGUAGES, default="", db_default="", blank=True
    )
    group = models.ForeignKey(PartnerGroup, models.PROTECT, verbose_name=_("group"), null=True, blank=True)
    industry = models.ForeignKey(Industry, models.PROTECT, verbose_name=_("industry"), null=True, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, verbose_name=_("information source"), null=True, blank=True)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name=_("territory"), null=True, blank=True)
    channel = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("channel"),
        null=True,
        blank=True,
        related_name="sells_to",
        db_index=False,
    )
    connected = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("connected vendor or customer"),
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    annual_revenue = models.DecimalField(
        _("annual revenue"), max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    project = models.CharField(_("project"), max_length=100, default="", db_default="", blank=True)
    technician = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("technician"),
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    payment_terms = models.ForeignKey(
        PaymentTerms, models.PROTECT, verbose_name=_("payment terms"), null=True, blank=True, db_index=False
    )
    price_list = models.CharField(_("price list"), max_length=100, default="", db_default="", blank=True)
    discount_percent = percent(_("discount, %"))
    interest_percent = percent(_("interest on arrears, % a year"))
    credit_limit = amount(_("credit limit"))
    commitment_limit = amount(_("commitment limit"))
    priority = models.ForeignKey(
        Priority, models.PROTECT, verbose_name=_("priority"), null=True, blank=True, db_index=False
    )
    is_frozen = models.BooleanField(_("frozen"), default=False, db_default=False)
    frozen_from = models.DateField(_("frozen from"), null=True, blank=True)
    frozen_until = models.DateField(_("frozen until"), null=True, blank=True)
    frozen_remark = models.CharField(_("why frozen"), max_length=200, default="", db_default="", blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="partners")
    external_id = models.CharField(_("number in another system"), max_length=100, blank=True)
    # The first word from us, told by the activities: with the moment it came in, how long a new lead waited.
    answered_at = models.DateTimeField(_("first answered"), null=True, editable=False)
    # Merged into another: its code still leads there, and it can be taken apart again.
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("merged into"),
        null=True,
        editable=False,
        related_name="merged",
        db_index=False,
    )
    became_customer_at = models.DateTimeField(_("customer since"), null=True, editable=False)
    name_key = models.GeneratedField(expression=NameKey(F("name")), output_field=models.TextField(), db_persist=True)
    search = models.GeneratedField(
        expression=Searchable(
            F("name"),
            F("full_name"),
            F("alias"),
            F("foreign_name"),
            F("code"),
            F("tax_id"),
            F("phone"),
            F("phone2"),
            F("email"),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        indexes: ClassVar = [
            models.Index(fields=["name_key", "id"], condition=ALIVE, name="partner_by_name"),
            models.Index(fields=["created_at", "id"], condition=ALIVE, name="partner_by_created"),
            models.Index(fields=["updated_at", "id"], condition=ALIVE, name="partner_by_updated"),
            models.Index(fields=["owner", "name_key", "id"], condition=ALIVE, name="partner_by_owner"),
            # What hangs on partners asks which of them are gone.
            models.Index(fields=["id"], condition=~ALIVE, name="partner_in_bin"),
            models.Index(
                fields=["created_at", "id"],
                condition=ALIVE & Q(kind="lead", answered_at__isnull=True),
                name="partner_waiting",
            ),
            models.Index(fields=["tax_id"], condition=~Q(tax_id=""), name="partner_by_tax_id"),
            models.Index(fields=["email"], condition=~Q(email=""), name="partner_by_email"),
            models.Index(Lower("email"), condition=~Q(email=""), name="partner_by_small_email"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="partner_by_phone"),
            models.Index(fields=["phone2"], condition=~Q(phone2=""), name="partner_by_phone2"),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="partner_by_external_id"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="partner_by_merged_into"),
            models.Index(fields=["channel"], condition=Q(channel__isnull=False), name="partner_by_channel"),
            models.Index(fields=["connected"], condition=Q(connected__isnull=False), name="partner_by_connected"),
            GinIndex(OpClass(F("search"), "gin_trgm_ops"), name="partner_search"),
            GinIndex(OpClass(F("custom"), "jsonb_path_ops"), condition=CUSTOMISED, name="partner_custom"),
            GinIndex(OpClass(TwinName(F("name_key")), "gin_trgm_ops"), condition=ALIVE, name="partner_by_twin_name"),
            models.Index(TwinSite(F("website")), condition=~Q(website=""), name="partner_by_twin_site"),
        ]
        # Not unique=True, which would make a second index for LIKE.
        constraints: ClassVar = [models.UniqueConstraint(fields=["code"], name="partner_unique_code")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partners:detail", args=[self.pk])

    def is_frozen_on(self, day: date) -> bool:
        return rules.is_frozen(self.is_frozen, self.frozen_from, self.frozen_until, day)


class Part(Kept):
    """What belongs to one partner and goes with it."""

    partner: Any

    class Meta:
        abstract = True


@tracked
class Contact(Customised, Part):
    """A person at a partner. `name` is how they are called here; where it is left out it is put together from its parts."""

    class Gender(models.TextChoices):
        FEMALE = "f", pgettext_lazy("gender", "female")
        MALE = "m", pgettext_lazy("gender", "male")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="contacts", verbose_name=_("partner"))
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=150)
    title = models.CharField(
        pgettext_lazy("of a person", "title"), max_length=30, default="", db_default="", blank=True
    )
    first_name = models.CharField(_("first name"), max_length=50, default="", db_default="", blank=True)
    middle_name = models.CharField(_("middle name"), max_length=50, default="", db_default="", blank=True)
    last_name = models.CharField(_("last name"), max_length=50, default="", db_default="", blank=True)
    position = models.CharField(_("job title"), max_length=150, blank=True)
    roles = models.ManyToManyField(
        ContactRole, verbose_name=_("roles in a purchase"), blank=True, related_name="contacts"
    )
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    mobile = models.CharField(_("mobile phone"), max_length=32, default="", db_default="", blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    gender = models.CharField(_("gender"), max_length=1, choices=Gender.choices, default="", db_default="", blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default="", db_default="", blank=True
    )
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    remarks = models.CharField(_("remarks"), max_length=500, blank=True)
    is_default = models.BooleanField(_("main contact"), default=False)
    name_key = models.GeneratedField(expression=Searchable(F("name")), output_field=models.TextField(), db_persist=True)
    search = models.GeneratedField(
        expression=Searchable(F("name"), F("phone"), F("mobile"), F("email")),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering: ClassVar = ["-is_active", "-is_default", "name"]
        indexes: ClassVar = [
            models.Index(fields=["name_key", "id"], condition=ALIVE, name="contact_by_name"),
            models.Index(fields=["created_at", "id"], condition=ALIVE, name="contact_by_created"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="contact_by_phone"),
            models.Index(fields=["email"], condition=~Q(email=""), name="contact_by_email"),
            models.Index(Lower("email"), condition=~Q(email=""), name="contact_by_small_email"),
            models.Index(fields=["mobile"], condition=~Q(mobile=""), name="contact_by_mobile"),
            GinIndex(OpClass(F("custom"), "jsonb_path_ops"), condition=CUSTOMISED, name="contact_custom"),
            GinIndex(OpClass(F("search"), "gin_trgm_ops"), name="contact_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partners:contact", args=[self.pk])


@tracked
class Address(Part):
    """A place of a partner."""

    class Kind(models.TextChoices):
        LEGAL = "legal", _("Legal address")
        ACTUAL = "actual", _("Actual address")
        BILLING = "billing", _("Bill to")
        SHIPPING = "shipping", _("Ship to")
        POSTAL = "postal", _("Postal address")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="addresses", verbose_name=_("partner"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.ACTUAL)
    name = models.CharField(pgettext_lazy("of a place", "name"), max_length=100, default="", db_default="", blank=True)
    country = models.CharField(_("country"), max_length=2, default="RU")
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    county = models.CharField(_("district"), max_length=100, default="", db_default="", blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    street = models.CharField(_("street, house, office"), max_length=300, blank=True)
    building = models.CharField(_("building, floor, entrance"), max_length=100, default="", db_default="", blank=True)
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    is_default = models.BooleanField(_("default of its kind"), default=False)

    objects = PartnerPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering: ClassVar = ["-is_active", "kind", "-is_default", "id"]
        indexes: ClassVar = [
            models.Index(TwinPlace(F("city"), F("street")), condition=~Q(street=""), name="address_by_twin_place")
        ]

    def __str__(self) -> str:
        parts = (self.postcode, self.region, self.county, self.city, self.street, self.building)
        return ", ".join(part for part in parts if part)


@tracked
class BankAccount(Part):
    """Where a partner's money is kept."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="bank_accounts", verbose_name=_("partner"))
    bank_name = models.CharField(_("bank"), max_length=200)
    branch = models.CharField(_("branch"), max_length=100, default="", db_default="", blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    account = models.CharField(_("account"), max_length=34, blank=True)
    iban = models.CharField("IBAN", max_length=34, default="", db_default="", blank=True)
    swift = models.CharField("SWIFT", max_length=11, default="", db_default="", blank=True)
    account_name = models.CharField(_("name of the account"), max_length=100, default="", db_default="", blank=True)
    correspondent_account = models.CharField(_("correspondent account"), max_length=20, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="RUB")
    is_default = models.BooleanField(_("main account"), default=False)

    objects = PartnerPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        ordering: ClassVar = ["-is_default", "id"]

    def __str__(self) -> str:
        return f"{self.account or self.iban}, {self.bank_name}"


class AssignmentRule(models.Model):
    """Whom new leads of a territory (with those below), source or industry go to: these people take turns. Smaller `position` is asked first."""

    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveIntegerField(_("order in lists"), default=100)
    is_active = models.BooleanField(_("active"), default=True)
    territory = models.ForeignKey(
        Territory, models.PROTECT, verbose_name=_("territory"), null=True, blank=True, related_name="+", db_index=False
    )
    source = models.ForeignKey(
        Source, models.PROTECT, verbose_name=_("information source"), null=True, blank=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    industry = models.ForeignKey(
        Industry, models.PROTECT, verbose_name=_("industry"), null=True, blank=True, related_name="+", db_index=False
    )
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, verbose_name=_("take turns"), related_name="+")
    daily_limit = models.PositiveSmallIntegerField(
        _("leads a day for each"), null=True, blank=True, validators=[MinValueValidator(1)]
    )

    objects = LookupQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment rule")
        verbose_name_plural = _("assignment rules")
        ordering: ClassVar = ["position", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """A lead given to a person by a rule: whose turn is next is told from these."""

    rule = models.ForeignKey(AssignmentRule, models.CASCADE, related_name="assignments", db_index=False)
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="assignments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("when"), db_default=models.functions.Now())

    class Meta:
        verbose_name = _("assignment of a lead")
        indexes: ClassVar = [models.Index(fields=["rule", "person", "-at"], name="assignment_turns")]

    def __str__(self) -> str:
        return f"{self.partner_id} → {self.person_id}"


class DuplicatePair(models.Model):
    """Two partners that may be one, with what speaks for it. What a person decided about a pair is not asked again."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("duplicates", "To decide")
        DISMISSED = "dismissed", pgettext_lazy("duplicates", "Different partners")
        MERGED = "merged", pgettext_lazy("duplicates", "Merged")

    # Found anew by each scan: the database need not look here for every partner that goes.
    first = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_constraint=False)
    second = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_constraint=False)
    score = models.DecimalField(max_digits=4, decimal_places=2)
    reasons = models.JSONField(default=list)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        verbose_name = _("pair of duplicates")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicatepair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicatepair_ordered"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-score", "id"], condition=Q(status="open"), name="duplicatepair_queue")
        ]

    def __str__(self) -> str:
        return f"{self.first} = {self.second}"


class DuplicateScan(models.Model):
    """One comparison of the whole base: how far it is, and what it found."""

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("comparison", "Waits for the worker")
        RUNNING = "running", pgettext_lazy("comparison", "Running")
        DONE = "done", pgettext_lazy("comparison", "Done")
        CANCELLED = "cancelled", pgettext_lazy("comparison", "Cancelled")

    status = models.CharField(max_length=9, choices=Status.choices, default=Status.WAITING)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    found = models.PositiveIntegerField(null=True)
    seconds = models.FloatField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    # A scan that said nothing for long was killed with its worker.
    seen_at = models.DateTimeField(auto_now_add=True)

    objects = DuplicateScanQuerySet.as_manager()

    class Meta:
        verbose_name = _("comparison of the whole base")

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING)


class AccessRequest(models.Model):
    """Somebody met a partner of somebody else's while typing, and asks its owner for it. Who asks knows of the partner only what they typed."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("request", "Waits for an answer")
        GRANTED = "granted", pgettext_lazy("request", "Handed over")
        ANSWERED = "answered", pgettext_lazy("request", "Answered")
        REFUSED = "refused", pgettext_lazy("request", "Refused")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="access_requests", verbose_name=_("partner"))
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_of = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("asked of"))
    typed = models.JSONField(default=dict)
    message = models.CharField(_("message"), max_length=1000, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a partner")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner", "asked_by"], condition=Q(status="open"), name="accessrequest_one_open"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_by", "-id"], name="accessrequest_by_asker"),
            models.Index(fields=["-id"], condition=Q(status="open"), name="accessrequest_open"),
        ]

    def __str__(self) -> str:
        return f"{self.asked_by}: {self.created_at:%Y-%m-%d}"


class Merge(models.Model):
    """One partner merged into another: what moved and which fields changed, so that both can be had back.

    `moved` is table.column -> keys of the rows that pointed to the loser; `fields` is column -> [before, after] of the winner.
    """

    winner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    loser = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    moved = models.JSONField(default=dict)
    fields = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"), auto_now_add=True)
    undone_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", null=True)
    undone_at = models.DateTimeField(null=True)
    conflicts = models.JSONField(default=list)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge")

    def __str__(self) -> str:
        return f"{self.loser} → {self.winner}"
