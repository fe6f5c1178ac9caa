"""Rasa lock store on one Redis key a sender: taken atomically, waited for without polling, expiring by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockStore
from rasa.utils.endpoints import EndpointConfig

from bot.rasa_engine.tracker_store import memory_of_settings
from bot.session_state import Memory


class RedisLocks(LockStore):
    """Replaces Rasa's tickets, which poll once a second and are not atomic between processes."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, memory: Memory | None = None) -> None:
        self.memory = memory or memory_of_settings()

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AsyncIterator[TicketLock]:
        """Hold the lock of one conversation. Raises MemoryUnavailable."""
        with self.memory.lock(conversation_id):
            yield TicketLock(conversation_id)

    def get_lock(self, conversation_id: str) -> TicketLock | None:
        return None

    def save_lock(self, lock: TicketLock) -> None:
        """There is nothing to save."""

    def delete_lock(self, conversation_id: str) -> None:
        """Locks go when they are released or expire."""
