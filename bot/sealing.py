"""Values sealed for storage: AES-256-GCM, bound to the place where they are kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MARK = 32  # bytes
_NONCE = 12  # bytes; random, which is safe for the first 2^32 values of a key (NIST SP 800-38D, 8.3)


class Seals:
    """Seals with the first of its secrets, opens with any: so a key is replaced without losing what it sealed.

    `place` is the key under which a value is stored. A value moved to another place does not open there.
    """

    def __init__(self, secrets: Sequence[str], purpose: bytes) -> None:
        self._ciphers = [AESGCM(derived_key(secret, purpose)) for secret in secrets]

    def seal(self, value: object, place: str) -> bytes:
        """Nonce and ciphertext of a JSON value."""
        nonce = os.urandom(_NONCE)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return nonce + self._ciphers[0].encrypt(nonce, text, place.encode())

    def open(self, sealed: bytes, place: str) -> object:
        """The value, or None when it is damaged, of another place or of a key we no longer have: never an error."""
        for cipher in self._ciphers:
            try:
                return json.loads(cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode()))
            except (InvalidTag, ValueError):
                continue
        return None


def derived_key(secret: str, purpose: bytes) -> bytes:
    """A 32-byte key for one purpose (at most 16 bytes of name)."""
    return hashlib.blake2b(secret.encode(), digest_size=32, person=purpose).digest()


class Marks:
    """Marks what is no secret as ours: what somebody else put in its place is not taken for it.

    The first of the secrets marks, all are known; `place` is the key under which a value is stored.
    """

    def __init__(self, secrets: Sequence[str], purpose: bytes) -> None:
        self._keys = [derived_key(secret, purpose) for secret in secrets]

    def marked(self, data: bytes, place: str) -> bytes:
        """Mark and data."""
        return _mark(self._keys[0], data, place) + data

    def unmarked(self, stored: bytes, place: str) -> bytes | None:
        """The data, or None when it is damaged, of another place or marked by nobody we know."""
        mark, data = stored[:_MARK], stored[_MARK:]
        if any(hmac.compare_digest(mark, _mark(key, data, place)) for key in self._keys):
            return data
        return None


def _mark(key: bytes, data: bytes, place: str) -> bytes:
    return hashlib.blake2b(place.encode() + b"\0" + data, key=key, digest_size=_MARK).digest()
