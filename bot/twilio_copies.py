"""Twilio keeps its own copy of every text and every call; by setting it is told to forget them.

The door notes ids, which are no numbers; an hour later, when nothing needs to be looked up any more, the worker has
each one redacted or deleted. What Twilio refuses is tried again.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from bot.counting.counters import count
from bot.errors import MemoryUnavailable
from bot.session_state import Memory

log = structlog.get_logger()

FORGOTTEN_AFTER = 3600  # seconds; by then a killed worker has asked what it had sent
TRY_AGAIN_AFTER = 600
_AT_ONCE = 50
# Source: Twilio, "What is a String Identifier (SID)?". SM and MM are messages, CA calls.
_ID = re.compile(r"(?:SM|MM|CA)[0-9a-f]{32}")


class Forgetting(Protocol):
    """Who can have Twilio forget; Twilio's side is webhooks.twilio_rest."""

    def forget(self, name: str, how: str) -> bool:
        """Redact or delete a text or call; whether it is done for good. Never raises."""
        ...


def note(memory: Memory, how: str, name: str) -> None:
    """The text or call `name` is over: have it forgotten in an hour, if the setting says so. Never raises."""
    if how == "keep" or not _ID.fullmatch(name) or (how == "redact" and name.startswith("CA")):
        return
    try:
        memory.note_copy(name, int(time.time()) + FORGOTTEN_AFTER)
    except MemoryUnavailable:
        count("hotline_copies", outcome="not_noted")


class TwilioCopies:
    """The worker's part."""

    def __init__(self, memory: Memory, texting: Forgetting, how: str, stopping: Callable[[], bool]) -> None:
        self._memory = memory
        self._texting = texting
        self._how = how
        self._stopping = stopping

    def forget_due(self) -> int:
        """Have what is due forgotten; how many were."""
        done = 0
        now = int(time.time())
        with contextlib.suppress(MemoryUnavailable):
            for name in self._memory.copies_due(now, _AT_ONCE):
                if self._stopping():
                    break
                if self._texting.forget(name, self._how):
                    self._memory.strike_copy(name)
                    count("hotline_copies", outcome="forgotten")
                    done += 1
                else:
                    self._memory.put_off_copy(name, now + TRY_AGAIN_AFTER)
                    count("hotline_copies", outcome="refused")
        return done
