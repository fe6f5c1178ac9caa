"""What understanding made of a text or of a turn of a call, and how sure one has to be to act on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.content import Content
from bot.flow_engine.model import Flow
from bot.languages.choosing import Evidence

# Below this the bot says that it did not understand: a wrong guess on a legal question is worse.
ANSWER_THRESHOLD = 0.45
# An emergency is answered on less: its answer harms nobody.
EMERGENCY_THRESHOLD = 0.3


@dataclass(frozen=True)
class Heard:
    """What understanding made of a text or a turn of a call. `ranking` are (intent, confidence), best first."""

    text: str
    evidence: Evidence = field(default_factory=Evidence)
    ranking: tuple[tuple[str, float], ...] = ()
    emergency: str | None = None
    unreadable: bool = False
    channel: str = "sms"
    # By telephone: what happened other than words (begin, silence, a command by key, how a transfer ended), whether
    # the words are doubtful, and what conditions may ask (person, reachable).
    event: str = ""
    doubtful: bool = False
    context: Mapping[str, object] = field(default_factory=dict)

    @property
    def intent(self) -> tuple[str | None, float]:
        return self.ranking[0] if self.ranking else (None, 0.0)


def likely_topic(content: Content, heard: Heard) -> Flow | None:
    """The topic that a text is surely enough about, "something else" included; None where the guess is too weak."""
    intent, confidence = heard.intent
    flow, threshold = content.flow_of_intent.get(intent or "", (None, 0.0))
    return flow if confidence >= (threshold or ANSWER_THRESHOLD) else None


def likely_emergency(content: Content, heard: Heard) -> str | None:
    """The emergency topic that a text is more likely about than not; None for any other text."""
    flows = content.flow_of_intent
    urgent = [
        (flows[intent][0], share) for intent, share in heard.ranking if intent in flows and flows[intent][0].emergency
    ]
    return urgent[0][0].id if sum(share for _, share in urgent) >= EMERGENCY_THRESHOLD else None
