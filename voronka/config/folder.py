"""The data folder: where it lies, its secrets and its locks."""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voronka.config.language import gettext as _
from voronka.core.errors import RuleBroken


def data_dir() -> Path:
    """The data folder, absolute: VORONKA_DATA, else `var` in the current folder."""
    return Path(os.environ.get("VORONKA_DATA") or "var").expanduser().absolute()


def ensure_folder(folder: Path, mode: int = 0o700) -> Path:
    """The folder, created with this mode if it is not there. Raises RuleBroken where that is not allowed."""
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)
        os.listdir(folder)
    except OSError as fault:
        message = _("The folder %(folder)s cannot be used: %(reason)s. Name another one in VORONKA_DATA.")
        raise RuleBroken(message % {"folder": folder, "reason": fault.strerror}, "data-folder") from fault
    return folder


def secret(name: str) -> str:
    """A random secret of this installation, generated once into <data>/secrets/<name> (readable by its owner only)."""
    file = ensure_data_folder() / "secrets" / name
    ensure_folder(file.parent)
    if not file.exists():
        draft = file.with_name(f".{name}.{secrets.token_hex(8)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            target.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, file)  # atomic, and the first of two starting processes wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        return file.read_text().strip()
    except OSError as fault:
        message = _("The secret %(file)s cannot be read: start as the user who owns the data folder.")
        raise RuleBroken(message % {"file": file}, "data-folder") from fault


def secret_key() -> str:
    """Django's SECRET_KEY of this installation."""
    return secret("django")


def ensure_data_folder() -> Path:
    """The data folder. Started by root others may pass through it, because its database runs as another user.

    Raises RuleBroken for root in a folder that a user works in: what root writes there that user could not change.
    """
    if os.geteuid() != 0:
        return ensure_folder(data_dir())
    folder = ensure_folder(data_dir(), 0o711)
    if (folder / "secrets").exists() and (uid := (folder / "secrets").stat().st_uid):
        sentence = _("The data folder %(folder)s belongs to the user %(owner)s: start Voronka as that user.")
        raise RuleBroken(sentence % {"folder": folder, "owner": user_name(uid)}, "data-folder")
    return folder


def user_name(uid: int) -> str:
    """The name of a system user, or the number where the machine knows none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


class Lock:
    """A lock file of the data folder; the kernel drops the lock when its process dies in whatever way."""

    def __init__(self, name: str) -> None:
        folder = ensure_folder(ensure_data_folder() / "locks")
        self.file = folder / name
        self.handle = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        fcntl.flock(self.handle, fcntl.LOCK_SH)

    def take(self) -> None:
        fcntl.flock(self.handle, fcntl.LOCK_EX)

    def try_take(self) -> bool:
        """Take the lock alone, unless somebody else holds it in any way."""
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        os.close(self.handle)

    def note(self, text: str) -> None:
        """Write down who holds the lock, for the sentence shown to others."""
        os.ftruncate(self.handle, 0)
        os.pwrite(self.handle, text.encode(), 0)

    def noted(self) -> str:
        return self.file.read_text()


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold a lock of the data folder, waiting for it."""
    lock = Lock(name)
    try:
        lock.take()
        yield
    finally:
        lock.release()
