"""Sending a text on our own account: what the edge has to offer for it, and what became of it."""

from __future__ import annotations

from typing import Protocol

SENT, BLOCKED, FAILED = "sent", "blocked", "failed"


class Texting(Protocol):
    """Who can send texts; Twilio's is webhooks.twilio_rest."""

    def send(self, to: str, body: str) -> str:
        """SENT, BLOCKED (the number opted out, or is no mobile phone) or FAILED. Never raises, never takes long."""
        ...
