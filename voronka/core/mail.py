"""Letters of the program: a template in the reader's language, as text and as HTML."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.template.loader import render_to_string
from django.utils import translation

# Failures of a mail server that may pass: the letter is tried again later. smtplib's exceptions are OSErrors.
MAIL_FAULTS = (OSError,)


def is_set_up() -> bool:
    """Whether a mail server is named (VORONKA_SMTP_HOST): without one nothing goes by mail."""
    return bool(settings.EMAIL_HOST)


def address(path: str) -> str:
    """The full address of a page, for letters: the public address of this installation (VORONKA_URL) and the path."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def send(
    to: str,
    template: str,
    context: dict[str, Any],
    *,
    language: str,
    key: str = "",
    attachments: Sequence[tuple[str, bytes, str]] = (),
    calendar: tuple[str, bytes] | None = None,
    reply_to: str = "",
) -> None:
    """Send one letter now. `template` names two files: `.txt`, whose first line is the subject, and `.html`; `attachments` are (name,
    content, MIME type).

    `key` makes the Message-ID: a letter sent again after a crash bears the same one, so that mailboxes keep one of the two. `calendar` is
    an iTIP method and its iCalendar, which mail programs offer to accept. Raises one of MAIL_FAULTS when the mail server can't be reached or
    refuses.
    """
    with translation.override(language):
        subject, _line, text = render_to_string(f"{template}.txt", context).lstrip().partition("\n")
        html = render_to_string(f"{template}.html", context | {"subject": subject})
    headers = {"Auto-Submitted": "auto-generated"}
    if key:
        headers["Message-ID"] = f"<{key}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].strip('>')}>"
    letter = EmailMultiAlternatives(
        " ".join(subject.split()),
        text.strip() + "\n",
        to=[to],
        headers=headers,
        reply_to=[reply_to] if reply_to else None,
    )
    letter.attach_alternative(html, "text/html")
    for name, content, kind in attachments:
        letter.attach(name, content, kind)
    if calendar is not None:
        method, content = calendar
        letter.attach_alternative(content.decode(), f"text/calendar; method={method}; charset=utf-8")
    letter.send()


def post(letter: EmailMessage, connection: BaseEmailBackend) -> dict[str, str]:
    """Send a letter now and return {address: what the server said} of recipients it refused while it took the letter for the others.

    Django's own sending is silent about those. Raises one of MAIL_FAULTS where nobody got it.
    """
    if not isinstance(connection, EmailBackend):
        letter.connection = connection
        letter.send()
        return {}
    connection.open()
    server: Any = connection.connection
    message: Any = letter.message()
    try:
        sender = parseaddr(letter.from_email)[1]
        refused = server.sendmail(sender, letter.recipients(), message.as_bytes(linesep="\r\n"))
    finally:
        connection.close()
    return {address: reason(said) for address, said in refused.items()}


def reason(said: tuple[int, bytes] | OSError) -> str:
    """What a mail server said, as text."""
    if isinstance(said, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{address}: {reason(one)}" for address, one in said.recipients.items())[:400]
    if isinstance(said, smtplib.SMTPResponseException):
        said = (
            said.smtp_code,
            said.smtp_error if isinstance(said.smtp_error, bytes) else str(said.smtp_error).encode(),
        )
    if isinstance(said, tuple):
        return f"{said[0]} {said[1].decode('utf-8', 'replace')}"[:300]
    return (said.strerror or str(said) or type(said).__name__)[:300]


def is_for_good(fault: OSError) -> bool:
    """Whether trying again is of no use: the server refused for good, a password among others."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in fault.recipients.values())
    return isinstance(fault, smtplib.SMTPResponseException) and fault.smtp_code >= 500
