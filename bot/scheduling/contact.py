"""The number that a reminder goes to: sealed so that whoever writes it down cannot read it.

The web process has the public key alone. The private key is for the sender of reminders and for `hotline appointments
show`. The box is libsodium's crypto_box_seal (X25519, XSalsa20, Poly1305), through PyNaCl.
"""

from __future__ import annotations

import json

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox


def seal_contact(number: str, appointment: str, public_key: str) -> bytes:
    """`number` as only the holder of the private key can read it, bound to its appointment."""
    text = json.dumps([appointment, number]).encode()
    return bytes(SealedBox(PublicKey(bytes.fromhex(public_key))).encrypt(text))


def open_contact(sealed: bytes, appointment: str, private_keys: tuple[str, ...]) -> str | None:
    """The number, or None when it is damaged, of another appointment, or of a key we do not have."""
    for key in private_keys:
        try:
            owner, number = json.loads(SealedBox(PrivateKey(bytes.fromhex(key))).decrypt(sealed))
        except (CryptoError, ValueError, TypeError):
            continue
        return str(number) if owner == appointment else None
    return None


def public_key_of(private_key: str) -> str:
    """The public half, as 64 hexadecimal digits."""
    return bytes(PrivateKey(bytes.fromhex(private_key)).public_key).hex()


def new_private_key() -> str:
    """A private key, as 64 hexadecimal digits."""
    return bytes(PrivateKey.generate()).hex()
