"""Which language residents were last answered in, and what Redis missed, in the web processes' own memory.

One table that all processes of a server share, because it is made before they are forked. It holds parts of keyed
hashes and a number for the language; it has a fixed size, the older entry gives way, and it ends with the server.
"""

from __future__ import annotations

import hashlib
import mmap

from bot.languages.supported import LANGUAGES

_SLOTS, _WIDTH = 1 << 16, 8  # seven bytes of the hash, one for the language
_UNKEPT, _ASKED = 128, 64  # added to the number
_CODES = tuple(LANGUAGES)


class KnownLanguages:
    """A note for each sender, found without asking anybody."""

    def __init__(self) -> None:
        self._table = mmap.mmap(-1, _SLOTS * _WIDTH)

    def note(self, sender: str, language: str | None) -> None:
        """Remember the language of a sender (a keyed hash), if it is sure; Redis knows all there is to know."""
        if language in _CODES:
            self._write(sender, language, 0)
        elif self.meanwhile(sender):
            self.forget(sender)

    def note_unkept(self, sender: str, language: str | None, asked: bool) -> None:
        """Redis being gone, this stands nowhere else: the language, if it is sure, and whether the sender was `asked`
        something, in this reply or in one before it that Redis missed."""
        before = self.meanwhile(sender)
        asked = asked or bool(before and before[1])
        if language in _CODES or asked:
            self._write(sender, language, _UNKEPT + asked * _ASKED)

    def find(self, sender: str) -> str | None:
        """The language of a sender, as far as it is remembered."""
        number = self._read(sender) % _ASKED
        return _CODES[number - 1] if 0 < number <= len(_CODES) else None

    def meanwhile(self, sender: str) -> tuple[str | None, bool] | None:
        """What Redis missed: the language, if it is sure, and whether something was asked. None: it missed nothing."""
        marks = self._read(sender)
        return (self.find(sender), bool(marks & _ASKED)) if marks & _UNKEPT else None

    def forget(self, sender: str) -> None:
        """Erase what is remembered of a sender."""
        place, name = _slot(sender)
        if self._table[place : place + _WIDTH - 1] == name:
            self._table[place : place + _WIDTH] = bytes(_WIDTH)

    def _write(self, sender: str, language: str | None, marks: int) -> None:
        place, name = _slot(sender)
        number = _CODES.index(language) + 1 if language in _CODES else 0
        self._table[place : place + _WIDTH] = name + bytes([marks + number])

    def _read(self, sender: str) -> int:
        """The last byte of a sender's entry; 0 where there is none."""
        place, name = _slot(sender)
        entry = self._table[place : place + _WIDTH]
        return entry[-1] if entry[:-1] == name else 0


def _slot(sender: str) -> tuple[int, bytes]:
    """Where a sender's entry stands and what it begins with. Behind an @ stands the person (calls)."""
    person = (sender.partition("@")[2] or sender).encode()
    digest = hashlib.blake2b(person, digest_size=10).digest()
    return int.from_bytes(digest[:3], "big") % _SLOTS * _WIDTH, digest[3:]
