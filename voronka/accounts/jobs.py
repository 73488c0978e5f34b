"""Notices on their way by mail, and old ones out of the way."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from voronka.accounts.models import Notice
from voronka.core import mail

MOST_TRIES: Final = 10
KEPT_DAYS: Final = 180
log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="accounts.mail_notices", queueing_lock="accounts.mail_notices")
def mail_notices(timestamp: int = 0) -> None:
    """Mail every notice whose turn has come. Each is locked while it is sent, so that two workers never send one."""
    while mail_next():
        pass


@transaction.atomic
def mail_next() -> bool:
    """Mail one waiting notice and say whether there was one.

    What the mail server took but a crash kept from being noted goes out again under the same Message-ID; a failure is tried again after
    1, 2, 4 ... minutes, MOST_TRIES times.
    """
    now = timezone.now()
    rows = Notice.objects.to_mail(now).select_related("user").select_for_update(of=("self",), skip_locked=True)
    if (notice := rows.first()) is None:
        return False
    notice.mail_tries += 1
    try:
        _send(notice)
    except mail.MAIL_FAULTS as fault:
        notice.mail_error = f"{type(fault).__name__}: {fault}"[:300]
        wait = timedelta(minutes=2 ** (notice.mail_tries - 1))
        notice.mail_after = now + wait if notice.mail_tries < MOST_TRIES else None
        log.warning("notice %s could not be mailed (try %s): %s", notice.pk, notice.mail_tries, type(fault).__name__)
    else:
        notice.mailed_at, notice.mail_after, notice.mail_error = now, None, ""
    notice.save(update_fields=["mail_tries", "mail_error", "mail_after", "mailed_at"])
    return True


def _send(notice: Notice) -> None:
    context = {"notice": notice, "address": mail.address(notice.url) if notice.url else ""}
    mail.send(
        notice.user.email,
        "accounts/mail/notice",
        context,
        language=notice.user.language_or_default(),
        key=f"notice-{notice.pk}",
    )


@app.periodic(cron="40 3 * * *")
@app.task(name="accounts.forget_notices", queueing_lock="accounts.forget_notices")
def forget_notices(timestamp: int) -> None:
    """Delete, every night, read notices older than KEPT_DAYS."""
    Notice.objects.filter(read_at__isnull=False, created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()
