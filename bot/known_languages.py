"""Which language residents were last answered in, for the time that Redis cannot say: in the web processes' own memory.

One table that all processes of a server share, because it is made before they are forked. It holds parts of keyed
hashes and a number for the language; it has a fixed size, the older entry gives way, and it ends with the server.
"""

from __future__ import annotations

import hashlib
import mmap

from bot.languages.supported import LANGUAGES

_SLOTS, _WIDTH = 1 << 16, 8  # seven bytes of the hash, one for the language
_UNKEPT = 128  # added to the number
_CODES = tuple(LANGUAGES)


class KnownLanguages:
    """A note for each sender, found without asking anybody."""

    def __init__(self) -> None:
        self._table = mmap.mmap(-1, _SLOTS * _WIDTH)

    def note(self, sender: str, language: str | None, unkept: bool = False) -> None:
        """Remember the language of a sender (a keyed hash). `unkept`: it stands nowhere else, Redis being gone."""
        if language in _CODES:
            place, name = _slot(sender)
            self._table[place : place + _WIDTH] = name + bytes([_CODES.index(language) + 1 + unkept * _UNKEPT])

    def find(self, sender: str, unkept: bool = False) -> str | None:
        """The language of a sender, as far as it is remembered; with `unkept`, only one that stands nowhere else."""
        place, name = _slot(sender)
        entry = self._table[place : place + _WIDTH]
        number = entry[-1] % _UNKEPT
        if entry[:-1] != name or not 0 < number <= len(_CODES) or (unkept and entry[-1] < _UNKEPT):
            return None
        return _CODES[number - 1]

    def forget(self, sender: str) -> None:
        """Erase what is remembered of a sender."""
        place, name = _slot(sender)
        if self._table[place : place + _WIDTH - 1] == name:
            self._table[place : place + _WIDTH] = bytes(_WIDTH)


def _slot(sender: str) -> tuple[int, bytes]:
    """Where a sender's entry stands and what it begins with. Behind an @ stands the person (calls)."""
    person = (sender.partition("@")[2] or sender).encode()
    digest = hashlib.blake2b(person, digest_size=10).digest()
    return int.from_bytes(digest[:3], "big") % _SLOTS * _WIDTH, digest[3:]
