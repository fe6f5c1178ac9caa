"""Where one conversation stands: small, JSON-able, and without a word of what was said."""

from __future__ import annotations

import dataclasses
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
        """The inverse; anything unknown or of the wrong type is dropped, never an error."""
        state = cls()
        if isinstance(data, dict):
            for name, value in data.items():
                if name == "language":
                    state.language = value if isinstance(value, str) else None
                elif name in _FRESH and type(value) is type(_FRESH[name]):
                    setattr(state, name, value)
        return state

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


_FRESH: dict[str, Any] = dataclasses.asdict(DialogueState())
