"""Files are kept: bytes in the storage and a row, or neither."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

from voronka.activities import files
from voronka.activities.models import Attachment
from voronka.core import actions as kernel
from voronka.core.errors import RuleBroken

if TYPE_CHECKING:
    from voronka.accounts.models import User
    from voronka.partners.models import Partner

# Files of one record; who needs more has an archive elsewhere.
FILES_MOST: Final = 500


def attach(
    file: File,
    name: str,
    *,
    partner: Partner,
    opportunity: Any = None,
    activity: Any = None,
    remarks: str = "",
    by: User,
) -> Attachment:
    """Keep a file with a partner, or with one of its opportunities or activities (at most one of the two).

    What it is is told from its content, its name is cleaned, and it lies in a folder by its number. Raises RuleBroken for an empty file,
    one larger than FILE_MAX_BYTES, a program, and when the record has FILES_MOST already; then nothing is kept.
    """
    kind, name = _kind_of(file), files.clean_name(name)
    _may_be_kept(file, name, kind)
    made = Attachment(
        partner=partner, opportunity=opportunity, activity=activity, name=name, remarks=remarks.strip()[:500]
    )
    if Attachment.objects.of(partner, opportunity, activity).filter(deleted_at=None).count() >= FILES_MOST:
        raise RuleBroken(
            _("There are %(count)s files here already; no more are taken.") % {"count": FILES_MOST}, "too_many"
        )
    made.size, made.media_type, made.sha256 = file.size, kind, _digest(file)
    return _kept(made, file, by)


def _kept(made: Attachment, file: File, by: User) -> Attachment:
    """Bytes and row, or neither. The place has nothing of the name people gave."""
    key = uuid.uuid4().hex
    made.file.name = made.file.storage.save(f"attachments/{key[:2]}/{key}", file)
    try:
        return kernel.save(made, by=by, verb="attach")
    except BaseException:
        made.file.storage.delete(made.file.name)
        raise


def _kind_of(file: File) -> str:
    file.seek(0)
    head = file.read(files.HEAD)
    file.seek(max(file.size - files.HEAD, 0))
    tail = file.read(files.HEAD)
    file.seek(0)
    return files.media_type(head, tail)


def _may_be_kept(file: File, name: str, kind: str) -> None:
    words = {"name": name, "most": settings.FILE_MAX_BYTES // 2**20}
    if not file.size:
        raise RuleBroken(_("“%(name)s” is empty.") % words, code="empty", field="file")
    if file.size > settings.FILE_MAX_BYTES:
        raise RuleBroken(_("“%(name)s” is larger than %(most)s MB.") % words, code="too_large", field="file")
    if files.is_program(name, kind):
        sentence = _("“%(name)s” is a program; programs are not taken. Pack it into a zip if it must be kept.")
        raise RuleBroken(sentence % words, code="program", field="file")


def _digest(file: File) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
