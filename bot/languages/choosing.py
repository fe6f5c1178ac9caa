"""Which language to answer in: asked for > clearly written > remembered > English."""

from __future__ import annotations

from dataclasses import dataclass

from bot.languages.supported import SOURCE

SURE, LIKELY, UNSURE = "sure", "likely", "unsure"


@dataclass(frozen=True)
class Evidence:
    """What a text says of its language: a code or None, how certain that is (sure, likely, unsure), and which other
    languages it may as well be in: 你好 is Simplified and Traditional."""

    language: str | None = None
    certainty: str = UNSURE
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The language to answer in, whether it is more than a guess, and one to offer beside it."""

    language: str
    sure: bool
    offer: str | None = None


def choose(known: str | None, known_sure: bool, evidence: Evidence) -> Decision:
    """Decide. On weak evidence a known language stays; on fair evidence the other one is offered."""
    found, certainty = evidence.language, evidence.certainty
    if known in evidence.also:
        found = known
    if known is None or not known_sure:
        if found and certainty != UNSURE:
            return Decision(found, certainty == SURE or found == known or known is None)
        return Decision(known or SOURCE, False)
    if found is None or found == known or certainty == UNSURE:
        return Decision(known, True)
    if certainty == SURE:
        return Decision(found, True)
    return Decision(known, True, offer=found)
