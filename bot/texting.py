"""Sending a text on our own account: what the edge has to offer for it, and what became of it."""

from __future__ import annotations

from typing import Protocol

SENT, BLOCKED, FAILED = "sent", "blocked", "failed"


class Texting(Protocol):
    """Who can send texts; Twilio's is webhooks.twilio_rest."""

    def send(self, to: str, body: str) -> str:
        """SENT, BLOCKED (the number opted out, or is no mobile phone) or FAILED. Never raises, never takes long."""
        ...


class TracedTexting(Texting, Protocol):
    """Who can also tell what was sent: for texts that must go out once, though their sender may be killed; and have
    copies forgotten."""

    def forget(self, name: str, how: str) -> bool:
        """Redact or delete the copy of a text or call; whether it is done for good. Never raises."""
        ...

    def sent_since(self, to: str, since: int) -> list[str]:
        """The texts that went out to `to` on our own account since `since` (seconds of the epoch). Raises
        TextingUnknown."""
        ...
