"""What comes in and what goes out: plain values every part may import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class IncomingMessage:
    """A text from a resident. `sender` is the address as the network gave it; it goes no further than the door.

    `id` names the delivery (Twilio's MessageSid): the same id is the same message. `opt_out` is "STOP", "START" or
    "HELP" when the network has answered such a word already. `unreadable` marks a picture, voice note or place.
    """

    id: str
    sender: str
    text: str
    channel: str = "sms"
    opt_out: str | None = None
    unreadable: bool = False


@dataclass(frozen=True)
class Reply:
    """What the resident gets; an empty text means silence."""

    text: str
    language: str = "en"


SILENCE = Reply("")
