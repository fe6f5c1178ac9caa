"""Where one conversation stands: small, JSON-able, and without a word of what was said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Frame = list[str]  # [flow id, step id]
Utterance = list[str]  # ["step", flow, step], ["ask", flow, step], ["phrase", id, ...], ["topics"], ...

MAX_FRAMES = 5
MAX_PAST = 8


@dataclass
class DialogueState:
    """The position of a conversation.

    `frames` are the flows under way, the last one on top, each with the step it waits at. `said` is what the last
    reply consisted of (references, not words), `page` which part of it was sent. `past` are earlier `frames`, for BACK.
    `offer` are the topics of an open "do you mean". `language_sure` is False while English is only a guess.
    `fading` are slots of a flow that is over: they go when something else is said, so that its last words have them.
    By telephone: `confirm` is what was perhaps heard (["choice", index] or ["topic", flow]), `prefix` the first of two
    keys, `silences` how often nothing came, `deeds` what this turn has the bot do (["text", ...],
    ["call_back", when], ["opt_out"]), `ended` that the bot hangs up.
    `counted` are the statistics that this conversation is in already (bot.counting.turns).
    """

    language: str | None = None
    language_sure: bool = False
    introduced: bool = False
    frames: list[Frame] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    offer: list[str] = field(default_factory=list)
    said: list[Utterance] = field(default_factory=list)
    page: int = 0
    misses: int = 0
    past: list[list[Frame]] = field(default_factory=list)
    erased: bool = False
    confirm: list[str] = field(default_factory=list)
    prefix: str = ""
    silences: int = 0
    deeds: list[list[Any]] = field(default_factory=list)
    ended: bool = False
    fading: list[str] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Only what differs from a fresh state, so that it stays small."""
        return {name: value for name in _FRESH if (value := getattr(self, name)) != _FRESH[name]}

    @classmethod
    def from_json(cls, data: object) -> DialogueState:
        """The inverse; anything unknown or of another shape is dropped, never an error."""
        state = cls()
        if isinstance(data, dict):
            for name, value in data.items():
                if name == "language":
                    state.language = value if isinstance(value, str) else None
                elif name in _FRESH and type(value) is type(_FRESH[name]) and _SHAPES.get(name, _any)(value):
                    setattr(state, name, value)
        return state

    def remember(self) -> None:
        """Note for BACK where the conversation stands."""
        frames = [list(frame) for frame in self.frames]
        if not self.past or self.past[-1] != frames:
            self.past = [*self.past, frames][-MAX_PAST:]

    def leave_question(self) -> None:
        """Nothing is open any more; BACK leads to what was."""
        if self.frames:
            self.remember()
        self.frames, self.offer, self.confirm, self.prefix = [], [], [], ""
        self.said, self.page, self.misses = [], 0, 0

    def copy(self) -> DialogueState:
        """An independent copy: a turn never changes the state it was given."""
        return dataclasses.replace(
            self,
            frames=[list(frame) for frame in self.frames],
            slots=dict(self.slots),
            offer=list(self.offer),
            fading=list(self.fading),
            counted=list(self.counted),
            said=[list(utterance) for utterance in self.said],
            confirm=list(self.confirm),
            deeds=[list(deed) for deed in self.deeds],
            past=[[list(frame) for frame in frames] for frames in self.past],
        )


def _any(value: Any) -> bool:
    return True


def _count(value: Any) -> bool:
    return bool(0 <= value <= _MOST)


def _texts(value: Any) -> bool:
    return all(type(item) is str for item in value)


def _frames(value: Any) -> bool:
    return all(type(item) is list and len(item) == 2 and _texts(item) for item in value)


def _utterances(value: Any) -> bool:
    return all(
        type(item) is list and _texts(item) and len(item) >= _LENGTHS.get(next(iter(item), ""), 1) for item in value
    )


def _deed(value: Any) -> bool:
    """A word, then words or what is to be texted."""
    if type(value) is not list or not value or type(value[0]) is not str:
        return False
    return all(type(item) is str or _utterances([item]) for item in value[1:])


def _slots(value: Any) -> bool:
    """Values of slots are what JSON calls plain, or lists of texts (the times on offer)."""
    return all(
        held is None or type(held) in {str, bool, int, float} or (type(held) is list and _texts(held))
        for held in value.values()
    )


_MOST = 1_000_000
# The least that an utterance of a kind consists of.
_LENGTHS = {"phrase": 2, "ask": 3, "step": 3, "rejected": 4, "offer": 2}
# Field → whether a value of the right type has the right shape. A release in which it had another one may have kept it.
_SHAPES: dict[str, Callable[[Any], bool]] = {
    "frames": _frames,
    "past": lambda value: all(type(item) is list and _frames(item) for item in value),
    "said": _utterances,
    "offer": _texts,
    "fading": _texts,
    "confirm": _texts,
    "deeds": lambda value: all(_deed(item) for item in value),
    "slots": _slots,
    "page": _count,
    "misses": _count,
    "silences": _count,
}
_FRESH: dict[str, Any] = dataclasses.asdict(DialogueState())
