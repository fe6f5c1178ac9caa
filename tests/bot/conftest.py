"""The hotline as one resident meets it, without a model: by text, by telephone, and with a desk."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import redis

from bot.caller_ids import sender_id
from bot.calls import Calls
from bot.content import Content
from bot.conversation import Conversation
from bot.messages import CallTurn, IncomingMessage
from bot.scheduling.desk import BookingDesk
from bot.scheduling.tables import Database
from bot.session_state import Memory
from bot.settings import NLU_DATA, Settings
from bot.stand_in import StandIn
from bot.texting import SENT
from bot.understanding.emergency import read_patterns
from tests.bench.processes import free_port
from tests.conftest import SECRET, RedisServer

SETTINGS = Settings(secret_keys=(SECRET,))


@dataclass
class Outbox:
    """Takes every text that would be sent."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    def send(self, to: str, body: str) -> str:
        self.sent.append((to, body))
        return SENT


@dataclass
class Line:
    """The hotline as one resident meets it, by text and by telephone."""

    memory: Memory
    content: Content
    desk: BookingDesk
    calls: Calls
    texts: Conversation
    outbox: Outbox
    number: str = field(default_factory=lambda: f"+1212555{uuid.uuid4().int % 10_000:04}")
    call: str = field(default_factory=lambda: f"CA{uuid.uuid4().hex}")
    turn: int = 0

    @property
    def person(self) -> str:
        return sender_id("sms", self.number, self.memory.hash_key)

    def text(self, words: str, opt_out: str | None = None) -> str:
        return self.texts.reply_to(IncomingMessage(uuid.uuid4().hex, self.number, words, opt_out=opt_out)).text

    def say(self, words: str = "", event: str = "") -> str:
        self.turn += 1
        return self.calls.answer(CallTurn(self.call, self.turn, self.number, words, event)).transcript


@contextlib.contextmanager
def refusing(server: RedisServer) -> Iterator[None]:
    """For as long as the block lasts, Redis takes no writes."""
    client = redis.Redis.from_url(server.url)
    # People take longer than the grain of Redis's clock between two texts.
    time.sleep(0.01)
    client.config_set("min-replicas-to-write", 1)
    try:
        yield
    finally:
        client.config_set("min-replicas-to-write", 0)


@pytest.fixture
def line(content: Content, memory: Memory, database: Database) -> Line:
    return line_of(content, memory, database)


@pytest.fixture
def forgetful(content: Content, database: Database) -> Line:
    """The same while Redis is gone."""
    return line_of(content, Memory(f"redis://127.0.0.1:{free_port()}/0", (SECRET,)), database)


def line_of(content: Content, memory: Memory, database: Database) -> Line:
    """A resident who has never been in touch."""
    engine = StandIn(content, memory, read_patterns(NLU_DATA / "emergency.yml"), NLU_DATA)
    desk = BookingDesk(database, lambda: content.places, content.clock)
    outbox = Outbox()
    calls = Calls(engine, memory, content, SETTINGS, None, desk, outbox)
    return Line(memory, content, desk, calls, Conversation(engine, memory, content, SETTINGS, None, desk), outbox)
