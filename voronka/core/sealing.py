"""Secrets of others that must be used again (the password of a mailbox): kept sealed with the installation's own secret."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):
    """It was sealed with another secret: a copy of the database was brought to an installation of its own."""


@lru_cache(maxsize=4)
def _key(secret: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"voronka.core.sealing").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def seal(text: str) -> str:
    """A text nobody reads without the installation's secret (AES-128-CBC with HMAC-SHA256, as Fernet defines); never the same twice."""
    return _key(settings.SECRET_KEY).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again. Raises Unreadable when another secret sealed it, or when it was changed."""
    try:
        return _key(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken as broken:
        raise Unreadable("sealed with another secret") from broken
