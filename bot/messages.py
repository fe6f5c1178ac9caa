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
class CallTurn:
    """One turn of a call. `call` names it (Twilio's CallSid), `turn` counts from 0: both together are one delivery.

    `caller` is the number, "" when it is withheld. `event` is "begin", "silence", a command by key ("repeat", "back",
    "human", "language", "text_me", "more") or how a transfer ended; "" when `text` was said or keyed. `confidence` is
    the hearing's, from 0 to 1. `language`, `question` ("flow/step") and `started` (seconds of the epoch) travel with
    the call, so that it goes on even when nothing is remembered.
    """

    call: str
    turn: int
    caller: str = ""
    text: str = ""
    event: str = ""
    confidence: float | None = None
    language: str = ""
    question: str = ""
    started: int = 0


@dataclass(frozen=True)
class Reply:
    """What the resident gets; an empty text means silence. `erases`: it says that all is deleted."""

    text: str
    language: str = "en"
    erases: bool = False


SILENCE = Reply("")
