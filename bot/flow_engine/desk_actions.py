"""How a step of a flow reaches the desk of appointments: an action's name goes out, the slots it sets come back.

Rasa stands between the door, which knows who is there, and the flow, which asks: whoever is served is found here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Protocol

from bot.errors import DeskUnavailable

# The slots that the actions set; they end with the flow that asked for them.
RESULTS = frozenset(
    {"visit", "appointment_code", "appointment", "times", "times_found", "times_skip", "time_held", "cancelled"}
)


class Clerk(Protocol):
    """Whoever does the actions for one resident; bot.scheduling.counter.Counter."""

    def act(self, action: str, slots: Mapping[str, Any], language: str) -> dict[str, Any]:
        """What `action` sets. Raises DeskUnavailable."""
        ...


_SERVING: ContextVar[Clerk | None] = ContextVar("serving", default=None)


@contextlib.contextmanager
def served_by(clerk: Clerk) -> Iterator[None]:
    """Within the block actions are done by `clerk`."""
    token = _SERVING.set(clerk)
    try:
        yield
    finally:
        _SERVING.reset(token)


def act(action: str, slots: Mapping[str, Any], language: str) -> dict[str, Any] | None:
    """What `action` sets; None when nothing can be booked at this moment."""
    clerk = _SERVING.get()
    if clerk is None:
        return None
    try:
        return clerk.act(action, slots, language)
    except DeskUnavailable:
        return None
