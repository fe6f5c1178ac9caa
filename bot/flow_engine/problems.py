"""A fault in the staff's files, as a plain value: where, what, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Place:
    """A spot in a file; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Edit:
    """A safe way to mend a fault: at `place`, `old` (which must stand there, within one line) becomes `new`."""

    place: Place
    old: str
    new: str


@dataclass(frozen=True, order=True)
class Problem:
    """One fault. `level` is "error" (residents would notice) or "warning"; `fix` mends it where that is safe."""

    place: Place
    level: str
    message: str
    rule: str
    fix: Edit | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.place} {self.level} {self.message} ({self.rule})"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """' Did you mean "x"?' when a known word is close, otherwise ''."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else ""
