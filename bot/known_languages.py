"""Which language residents were last answered in, and what Redis missed, in the web processes' own memory.

One table that all processes of a server share, because it is made before they are forked. It holds parts of keyed
hashes and a number for the language; it has a fixed size, the older entry gives way, and it ends with the server.
"""

from __future__ import annotations

import hashlib
import mmap
import struct
import time
from dataclasses import dataclass

from bot.languages.supported import LANGUAGES

_SLOTS, _WIDTH = 1 << 16, 16  # seven bytes of the hash, eight for the time, one for the language
_UNKEPT, _ASKED = 128, 64  # added to the number
_CODES = tuple(LANGUAGES)


@dataclass(frozen=True)
class Missed:
    """What Redis missed: the language, if it is sure, whether something was asked, and how many seconds ago."""

    language: str | None
    asked: bool
    ago: float


class KnownLanguages:
    """A note for each sender, found without asking anybody."""

    def __init__(self) -> None:
        self._table = mmap.mmap(-1, _SLOTS * _WIDTH)

    def note(self, sender: str, language: str | None) -> None:
        """Remember the language of a sender (a keyed hash), if it is sure; Redis knows all there is to know."""
        if language in _CODES:
            self._write(sender, language, 0, 0.0)
        elif self.missed(sender):
            self.forget(sender)

    def note_missed(self, sender: str, language: str | None, asked: bool, at: float) -> None:
        """Redis being gone, this stands nowhere else: the language, if it is sure, and whether the sender was `asked`
        something, in this reply or in one before it that Redis missed. `at` by `time.monotonic`."""
        before = self.missed(sender)
        asked = asked or bool(before and before.asked)
        if language in _CODES or asked:
            self._write(sender, language, _UNKEPT + asked * _ASKED, at)

    def find(self, sender: str) -> str | None:
        """The language of a sender, as far as it is remembered."""
        number = self._read(sender)[1] % _ASKED
        return _CODES[number - 1] if 0 < number <= len(_CODES) else None

    def missed(self, sender: str) -> Missed | None:
        """What Redis missed of a sender; None: nothing."""
        at, marks = self._read(sender)
        return Missed(self.find(sender), bool(marks & _ASKED), time.monotonic() - at) if marks & _UNKEPT else None

    def forget(self, sender: str) -> None:
        """Erase what is remembered of a sender."""
        place, name = _slot(sender)
        if self._table[place : place + len(name)] == name:
            self._table[place : place + _WIDTH] = bytes(_WIDTH)

    def _write(self, sender: str, language: str | None, marks: int, at: float) -> None:
        place, name = _slot(sender)
        number = _CODES.index(language) + 1 if language in _CODES else 0
        self._table[place : place + _WIDTH] = name + struct.pack("<dB", at, marks + number)

    def _read(self, sender: str) -> tuple[float, int]:
        """The time and the last byte of a sender's entry; zeros where there is none."""
        place, name = _slot(sender)
        entry = self._table[place : place + _WIDTH]
        return struct.unpack("<dB", entry[len(name) :]) if entry[: len(name)] == name else (0.0, 0)


def _slot(sender: str) -> tuple[int, bytes]:
    """Where a sender's entry stands and what it begins with. Behind an @ stands the person (calls)."""
    person = (sender.partition("@")[2] or sender).encode()
    digest = hashlib.blake2b(person, digest_size=10).digest()
    return int.from_bytes(digest[:3], "big") % _SLOTS * _WIDTH, digest[3:]
