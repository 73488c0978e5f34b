"""Letters and the mailboxes they come from and go out by."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.activities import letters
from voronka.activities.models.work import Activity
from voronka.activities.querysets import LetterQuerySet, MailboxQuerySet
from voronka.core.models import Lookup
from voronka.partners.querysets import LookupQuerySet

# A mailbox nobody looked into for this long is late: the worker stands still.
LATE = timedelta(minutes=20)
PORT = (MinValueValidator(1), MaxValueValidator(65535))


class Letter(models.Model):
    """What an e-mail has besides the activity it is: its envelope, its thread, its HTML, and how far it got on its way.

    `key` is its Message-ID, so the copies of two colleagues are one row. `thread` is the key of the letter it all began with.
    """

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("state of a letter", "Received")
        WAITING = "waiting", pgettext_lazy("state of a letter", "Waiting to be sent")
        SENT = "sent", pgettext_lazy("state of a letter", "Sent")
        FAILED = "failed", pgettext_lazy("state of a letter", "Not sent")

    activity = models.OneToOneField(Activity, models.CASCADE, primary_key=True, related_name="letter")
    key = models.CharField(max_length=250, unique=True)
    thread = models.CharField(max_length=250, db_index=True)
    answers = ArrayField(models.CharField(max_length=250), default=list, blank=True)
    sender = models.CharField(_("from"), max_length=254, blank=True)
    sender_name = models.CharField(_("name of the sender"), max_length=200, blank=True)
    to = ArrayField(models.CharField(max_length=254), verbose_name=_("to"), default=list)
    cc = ArrayField(models.CharField(max_length=254), verbose_name=_("copy"), default=list, blank=True)
    dated = models.DateTimeField(_("date of the letter"), null=True)
    html = models.TextField(blank=True)
    enclosed = models.PositiveSmallIntegerField(_("files"), default=0)
    # Names of enclosed files that were not kept, with the reason in the company's language.
    left_out = ArrayField(models.CharField(max_length=400), default=list, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.RECEIVED)
    send_after = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes: ClassVar = [
            models.Index(fields=["send_after"], condition=Q(state="waiting"), name="letter_to_send"),
        ]

    def __str__(self) -> str:
        return str(self.activity)

    @property
    def own_words(self) -> str:
        """What was written, without what was answered."""
        return letters.own_words(self.activity.text)


class LetterTemplate(Lookup):
    """Words for letters, written once: {contact}, {partner}, {deal} and {sender} are filled in."""

    title = models.CharField(_("subject of the letter"), max_length=200, blank=True)
    text = models.TextField(_("text"))

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("letter template")
        verbose_name_plural = _("letter templates")


class Mailbox(models.Model):
    """A person's own mailbox: letters with known partners come from it to their timelines, and what the person writes goes out under its address.

    The password is sealed and shown to nobody, the person included.
    """

    class Security(models.TextChoices):
        SSL = "ssl", _("TLS from the start (usual)")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("none: only inside one's own network")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mailbox")
    address = models.EmailField(_("my address"))
    host = models.CharField(_("IMAP server"), max_length=253)
    port = models.PositiveIntegerField(_("port"), default=993, validators=PORT)
    security = models.CharField(_("encryption"), max_length=8, choices=Security.choices, default=Security.SSL)
    login = models.CharField(_("login"), max_length=254)
    sealed = models.TextField(editable=False)
    sent_folder = models.CharField(_("folder of sent letters"), max_length=200, blank=True)
    since = models.DateField(_("bring letters since"))
    is_private = models.BooleanField(_("show my letters to those who took part only"), default=False)
    is_active = models.BooleanField(_("bring letters"), default=True)
    # Where letters go out; empty: through the company's server.
    smtp_host = models.CharField(_("SMTP server"), max_length=253, blank=True)
    smtp_port = models.PositiveIntegerField(_("SMTP port"), default=465, validators=PORT)
    smtp_security = models.CharField(_("SMTP encryption"), max_length=8, choices=Security.choices, default=Security.SSL)
    look_after = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(_("last looked into without trouble"), null=True)
    last_letter_at = models.DateTimeField(_("last letter"), null=True)
    trouble = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    broken_since = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        indexes: ClassVar = [models.Index(fields=["look_after"], condition=Q(is_active=True), name="mailbox_to_look")]

    def __str__(self) -> str:
        return self.address

    def get_absolute_url(self) -> str:
        return reverse("activities:mailbox")

    @property
    def health(self) -> str:
        """ "broken", "paused", "new" (never looked into), "late" (nobody looked for LATE) or "well"."""
        if not self.is_active:
            return "paused"
        if self.trouble:
            return "broken"
        if self.looked_at is None:
            return "new"
        return "late" if timezone.now() - self.looked_at > LATE else "well"

    @property
    def reason(self) -> str:
        """Why it can't be read, as a sentence that says what to do."""
        sentence = TROUBLES.get(self.trouble)
        return str(sentence) % {"detail": self.detail} if sentence else ""


TROUBLES = {
    "login": _("The mail server refused the login or the password. It said: %(detail)s"),
    "tls": _("The server's certificate can't be trusted, or it speaks no TLS on this port: %(detail)s"),
    "host": _("There is no server named %(detail)s."),
    "timeout": _("%(detail)s did not answer in time."),
    "connection": _("The mail server can't be reached: %(detail)s"),
    "folder": _("A folder can't be opened: %(detail)s"),
    "protocol": _("The mail server answered in a way nobody understands: %(detail)s"),
    "sealed": _("The password can't be read any more, because the installation's secret changed. Type it again."),
}


class MailFolder(models.Model):
    """How far a folder of a mailbox was read: up to which number, as long as the server keeps its numbering."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="folders")
    name = models.CharField(max_length=200)
    numbering = models.BigIntegerField(default=0)
    last_number = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["mailbox", "name"], name="mailfolder_once")]

    def __str__(self) -> str:
        return self.name
