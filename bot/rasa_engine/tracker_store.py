"""Rasa tracker store on Redis: encrypted, expiring, and compact.

Rasa's own stores keep every event, and load, replay and copy them all at each message: the cost of a turn grows with
the conversation. Here only the position is kept, so a message costs the same at turn 1,000 as at turn 1.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.flow_engine.state import DialogueState
from bot.rasa_engine.flow_policy import STATE_SLOT, state_of
from bot.session_state import Memory
from bot.settings import Settings


@functools.lru_cache(maxsize=1)
def memory_of_settings() -> Memory:
    """For Rasa's own commands, which make the stores by themselves: lock and trackers must share one turn."""
    settings = Settings.from_environment()
    return Memory(settings.redis_url, settings.secret_keys)


class RedisTrackers(TrackerStore):
    """Trackers with the dialogue slot and nothing else."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: EndpointConfig | str | None = None,
        event_broker: EventBroker | None = None,
        memory: Memory | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self.memory = memory or memory_of_settings()
        self.last_state = DialogueState()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation of `sender_id`; a new one when there is none. Raises MemoryUnavailable."""
        tracker = self.init_tracker(sender_id)
        # A tracker that has an event is not given a session start, which would cost a turn of its own.
        tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        state = self.memory.load(sender_id)
        if state:
            tracker.update(SlotSet(STATE_SLOT, state))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the position, or nothing when the resident asked to erase it. Raises MemoryUnavailable."""
        self.last_state = state_of(tracker)
        if self.last_state.erased:
            self.memory.forget(tracker.sender_id)
        else:
            self.memory.save(tracker.sender_id, tracker.get_slot(STATE_SLOT) or {})

    async def keys(self) -> Iterable[str]:
        """Conversations are not listed: their ids lead to nobody."""
        return []
