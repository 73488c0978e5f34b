"""Mailboxes on IMAP servers, as they are: opened, their folders found, their letters fetched without a trace. Knows no database."""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Final

from imap_tools import BaseMailBox, MailBox, MailboxLoginError, MailBoxStartTls, MailBoxUnencrypted, MailMessage
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError

TIMEOUT: Final = 30.0  # seconds without an answer
AT_ONCE: Final = 50  # headers fetched by one command
INBOX: Final = "INBOX"
# What servers without RFC 6154 call the folder of sent letters.
SENT: Final = (
    "Sent", "Sent Items", "Sent Messages", "Sent Mail", "Отправленные", "INBOX.Sent", "INBOX/Sent", "[Gmail]/Sent Mail", "[Gmail]/Отправленные",
)  # fmt: skip


class Trouble(Exception):
    """A mailbox that can't be read now: `code` says why, `detail` what the server said."""

    def __init__(self, code: str, detail: object = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, str(detail)[:300]


class Raw(MailMessage):
    """A letter with the very bytes the server sent."""

    def __init__(self, fetch_data: list[bytes | tuple[bytes, bytes]]) -> None:
        super().__init__(fetch_data)
        self.raw = b"".join(one[1] for one in fetch_data if isinstance(one, tuple))


@contextmanager
def opened(host: str, port: int, security: str, login: str, password: str) -> Iterator[BaseMailBox]:
    """A signed-in connection. Raises Trouble for everything that keeps letters from being read, also inside the block."""
    try:
        box = _connected(host, port, security)
        try:
            box.email_message_class = Raw
            _sign_in(box, login, password)
            yield box
        finally:
            _leave(box)
    except MailboxFolderSelectError as fault:
        raise Trouble("folder", fault.command_result[1]) from fault
    except ssl.SSLError as fault:
        raise Trouble("tls", getattr(fault, "verify_message", "") or fault.reason or fault) from fault
    except socket.gaierror as fault:
        raise Trouble("host", host) from fault
    except TimeoutError as fault:
        raise Trouble("timeout", host) from fault
    except OSError as fault:
        raise Trouble("connection", fault.strerror or fault) from fault
    except (imaplib.IMAP4.error, ImapToolsError) as fault:
        raise Trouble("protocol", fault) from fault


def _connected(host: str, port: int, security: str) -> BaseMailBox:
    if security == "ssl":
        return MailBox(host, port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    if security == "starttls":
        return MailBoxStartTls(host, port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    return MailBoxUnencrypted(host, port, timeout=TIMEOUT)


def _sign_in(box: BaseMailBox, login: str, password: str) -> None:
    try:
        sign_in = box.login if (login + password).isascii() else box.login_utf8
        sign_in(login, password, initial_folder=None)
    except (MailboxLoginError, imaplib.IMAP4.error) as fault:
        if isinstance(fault, imaplib.IMAP4.abort):  # the line broke; nothing was said of the password
            raise
        said = fault.command_result[1] if isinstance(fault, MailboxLoginError) else fault
        raise Trouble("login", _words(said)) from fault


def _leave(box: BaseMailBox) -> None:
    try:
        box.logout()
    except (OSError, imaplib.IMAP4.error, ImapToolsError):
        box.client.shutdown()


def _words(said: object) -> str:
    """What a server answered, as text."""
    parts = said if isinstance(said, list) else [said]
    return " ".join(one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in parts)


def sent_folder(box: BaseMailBox) -> str:
    """The folder of sent letters: marked so by the server, else by its name; "" where there is none."""
    folders = box.folder.list()
    marked = [one.name for one in folders if "\\sent" in {flag.lower() for flag in one.flags}]
    names = {one.name.lower(): one.name for one in folders}
    return next(iter(marked + [names[name.lower()] for name in SENT if name.lower() in names]), "")


def enter(box: BaseMailBox, folder: str) -> int:
    """Open a folder for reading only; returns its UIDVALIDITY, with which all its numbers hold or fall."""
    box.folder.set(folder, readonly=True)
    _kind, answer = box.client.response("UIDVALIDITY")
    if answer and isinstance(answer[0], bytes) and answer[0].isdigit():
        return int(answer[0])
    return box.folder.status(folder, ["UIDVALIDITY"]).get("UIDVALIDITY", 0)


def numbers_after(box: BaseMailBox, last: int, since: date) -> list[int]:
    """UIDs of the open folder that come after `last`, in their order; letters that arrived before the day are left out."""
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    day = f"{since.day}-{months[since.month - 1]}-{since.year}"
    found = box.uids(f"UID {last + 1}:* SINCE {day}", charset=None)
    # "n:*" names the last letter even where n lies behind it.
    return sorted(number for number in map(int, found) if number > last)


def envelopes(box: BaseMailBox, numbers: list[int]) -> Iterator[tuple[int, bytes]]:
    """(UID, headers as bytes), fetched AT_ONCE by a command; nothing is marked as read."""
    for start in range(0, len(numbers), AT_ONCE):
        wanted = ",".join(map(str, numbers[start : start + AT_ONCE]))
        found = box.fetch(uid_list=wanted, mark_seen=False, headers_only=True, bulk=True)
        yield from sorted((int(one.uid), one.raw) for one in found if isinstance(one, Raw) and one.uid)


def whole(box: BaseMailBox, number: int) -> bytes | None:
    """A letter as bytes, or None where it is gone meanwhile."""
    found = next(iter(box.fetch(uid_list=str(number), mark_seen=False)), None)
    return found.raw if isinstance(found, Raw) else None
