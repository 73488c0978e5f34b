"""Segments of partners and contacts; consents and objections of persons; exports and erasures of their data."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.campaigns.querysets import (
    ConsentQuerySet,
    ConsentTextQuerySet,
    ErasureQuerySet,
    ExportQuerySet,
    FillingQuerySet,
    ObjectionQuerySet,
    SegmentQuerySet,
)
from voronka.core.audit import tracked
from voronka.core.models import Owned
from voronka.partners.models import ALIVE, Contact, Partner

HAS_PARTNER, HAS_CONTACT = Q(partner__isnull=False), Q(contact__isnull=False)


class Channel(models.TextChoices):
    """How a person is reached."""

    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    SMS = "sms", _("SMS")
    MESSENGER = "messenger", _("Messenger")
    POST = "post", _("Post")


def new_token() -> str:
    """192 random bits: nobody guesses the address a consent is withdrawn at."""
    return secrets.token_urlsafe(24)


@tracked
class Segment(Owned):
    """Partners or contacts chosen for work: by a kept question (dynamic) or one by one (static)."""

    class About(models.TextChoices):
        PARTNERS = "partners", _("Partners")
        CONTACTS = "contacts", _("Contacts")

    class Kind(models.TextChoices):
        DYNAMIC = "dynamic", pgettext_lazy("segment", "Dynamic")
        STATIC = "static", pgettext_lazy("segment", "Fixed list")

    name = models.CharField(_("name"), max_length=120)
    about = models.CharField(_("consists of"), max_length=8, choices=About.choices, default=About.PARTNERS)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices, default=Kind.STATIC)
    # The filters of the list of partners as its address holds them; asked anew, within the reader's access, each time.
    query = models.TextField(blank=True, editable=False)
    is_shared = models.BooleanField(_("shared with everyone"), default=False)
    remarks = models.CharField(_("remarks"), max_length=500, blank=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        indexes: ClassVar = [
            models.Index(fields=["name", "id"], condition=ALIVE, name="segment_by_name"),
            models.Index(fields=["created_at", "id"], condition=ALIVE, name="segment_by_created"),
            models.Index(fields=["updated_at", "id"], condition=ALIVE, name="segment_by_updated"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:detail", args=[self.pk])

    def touch(self) -> None:
        """Its members changed, and so it did."""
        type(self).objects.filter(pk=self.pk).update(updated_at=timezone.now())

    @property
    def is_static(self) -> bool:
        return self.kind == self.Kind.STATIC

    @property
    def is_of_contacts(self) -> bool:
        return self.about == self.About.CONTACTS


class SegmentMember(models.Model):
    """One partner or contact in a static segment."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="members", db_index=False)
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", null=True, db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+", null=True, db_index=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField(_("added"), db_default=models.functions.Now())

    class Meta:
        verbose_name = _("member of a segment")
        # Partial: a hundred thousand members write two indexes, not four.
        indexes: ClassVar = [
            models.Index(fields=["partner"], condition=HAS_PARTNER, name="segmentmember_by_partner"),
            models.Index(fields=["contact"], condition=HAS_CONTACT, name="segmentmember_by_contact"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["segment", "partner"], condition=HAS_PARTNER, name="segmentmember_partner_once"
            ),
            models.UniqueConstraint(
                fields=["segment", "contact"], condition=HAS_CONTACT, name="segmentmember_contact_once"
            ),
            models.CheckConstraint(
                condition=Q(partner__isnull=True) ^ Q(contact__isnull=True), name="segmentmember_one_of_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.partner_id or self.contact_id}"


class Filling(models.Model):
    """Many members on their way into a fixed list: from where, how far it is. What is in stays in, also when the rest is called off."""

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("filling", "Waits for the worker")
        RUNNING = "running", pgettext_lazy("filling", "Running")
        DONE = "done", pgettext_lazy("filling", "Done")
        CANCELLED = "cancelled", pgettext_lazy("filling", "Called off")

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="fillings", db_index=False)
    # Filled with what the list of partners finds by these filters, or with another segment's members; within the access of `by`.
    query = models.TextField(blank=True)
    other = models.ForeignKey(Segment, models.CASCADE, related_name="+", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.WAITING)
    rows = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    count = models.PositiveIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    # One that said nothing for long was killed with its worker.
    seen_at = models.DateTimeField(auto_now_add=True)

    objects = FillingQuerySet.as_manager()

    class Meta:
        verbose_name = _("filling of a segment")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["segment"], condition=Q(status__in=["waiting", "running"]), name="filling_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.rows}/{self.total}"


class ConsentText(models.Model):
    """The wording a person agreed to, word for word. A change is a new version; the database refuses to change an old one."""

    title = models.CharField(_("title"), max_length=120)
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"))
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = ConsentTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("text of a consent")
        verbose_name_plural = _("texts of consents")
        ordering: ClassVar = ["title", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["title", "version"], name="consenttext_version_once"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="words_stay", fields=["title", "version", "text"]),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {_('version')} {self.version}"


class OfPerson(models.Model):
    """What a person (a contact, or the partner itself where it is a person) decided about one channel."""

    partner: Any
    contact: Any
    channel = models.CharField(pgettext_lazy("of contact", "channel"), max_length=9, choices=Channel.choices)

    class Meta:
        abstract = True

    @property
    def subject(self) -> Partner | Contact:
        return self.contact or self.partner


class Consent(OfPerson):
    """A person agreed to be reached by a channel for a purpose. It is withdrawn, never changed or taken out."""

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("News and offers")
        PROCESSING = "processing", _("Processing of personal data")
        TRANSFER = "transfer", _("Passing data on to third parties")

    class How(models.TextChoices):
        PAPER = "paper", _("On paper, signed")
        SITE = "site", _("On the website")
        MAIL = "mail", _("By e-mail")
        CALL = "call", _("By phone")
        MEETING = "meeting", _("At a meeting")
        IMPORTED = "imported", _("From another system")

    class Withdrawn(models.TextChoices):
        LINK = "link", _("By the link in a message")
        REQUEST = "request", _("At the person's request")
        OTHER = "other", pgettext_lazy("withdrawn", "In another way")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="consents", verbose_name=_("partner"))
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="consents", verbose_name=_("contact"), null=True, blank=True
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices, default=Purpose.MARKETING)
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="+", verbose_name=_("text shown"))
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    how = models.CharField(_("how"), max_length=8, choices=How.choices, default=How.PAPER)
    source = models.CharField(
        _("where it can be seen"), max_length=200, blank=True, help_text=_("A form's address, a folder, a file number.")
    )
    until = models.DateField(_("valid until"), null=True, blank=True)
    given_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by"), null=True
    )
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_how = models.CharField(max_length=7, choices=Withdrawn.choices, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes: ClassVar = [
            models.Index(
                fields=["contact", "channel"], condition=Q(withdrawn_at__isnull=True), name="consent_of_contact"
            ),
            models.Index(
                fields=["partner", "channel"], condition=Q(withdrawn_at__isnull=True), name="consent_of_partner"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("given_at")),
                name="consent_withdrawn_after",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="proof_stays", fields=["channel", "purpose", "text", "given_at", "how", "until", "recorded_at"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, {self.get_purpose_display()}"

    @property
    def holds(self) -> bool:
        return self.withdrawn_at is None and (self.until is None or self.until >= timezone.localdate())


class Objection(OfPerson):
    """A person does not want to be reached by a channel. Lifted, never taken out."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="objections", verbose_name=_("partner"))
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="objections", verbose_name=_("contact"), null=True, blank=True
    )
    reason = models.CharField(_("reason"), max_length=300)
    since = models.DateTimeField(_("since"), default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by"), null=True
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner", "contact", "channel"],
                condition=Q(lifted_at__isnull=True),
                nulls_distinct=False,
                name="objection_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["contact", "channel"], condition=Q(lifted_at__isnull=True), name="objection_of_contact"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.reason}"


class AboutPerson(models.Model):
    """Work on everything that is kept about one person, done in the background. No foreign key: the entry outlives the person."""

    class Subject(models.TextChoices):
        CONTACT = "contact", _("Contact")
        PARTNER = "partner", _("Partner")

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("personal data", "Under way")
        DONE = "done", pgettext_lazy("personal data", "Done")
        FAILED = "failed", pgettext_lazy("personal data", "Not possible")

    subject = models.CharField(_("about"), max_length=7, choices=Subject.choices)
    subject_id = models.BigIntegerField(_("number"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    status = models.CharField(_("status"), max_length=7, choices=Status.choices, default=Status.WAITING)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        abstract = True

    @property
    def is_busy(self) -> bool:
        return self.status == self.Status.WAITING


class PersonExport(AboutPerson):
    """Everything about one person as a file, for DAYS days; the entry stays as a record of who asked."""

    DAYS: ClassVar[int] = 7

    file = models.FileField(upload_to="persons/", max_length=200, blank=True)
    size = models.BigIntegerField(default=0)
    records = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(_("can be fetched until"), null=True)
    fetched_at = models.DateTimeField(_("fetched"), null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export of a person's data")
        indexes: ClassVar = [models.Index(fields=["by", "-id"], name="personexport_by_asker")]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} № {self.subject_id}"


class Erasure(AboutPerson):
    """An entry of the register of erasures: who, when, why; what was emptied is counted, what it was is known by its hash only.

    `digest` is a keyed hash (HMAC-SHA-256) of the person's names, e-mails and phones: with them and the installation's key it proves that it was
    this person, alone it tells nothing. `changed` counts rows by table; `files` names what lay on disk.
    """

    reason = models.CharField(_("reason"), max_length=300)
    digest = models.CharField(max_length=64, blank=True)
    changed = models.JSONField(default=dict)
    files = models.JSONField(default=list)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("register of erasures")

    def __str__(self) -> str:
        return f"{self.get_subject_display()} № {self.subject_id}"

    @property
    def rows(self) -> int:
        """How many rows were changed."""
        return sum(self.changed.values())
