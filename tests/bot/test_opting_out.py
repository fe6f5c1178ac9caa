"""Who wants no more texts gets none of ours, whether they say so by text or in a call, until they want them again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

import pytest

from bot.caller_ids import sender_id
from bot.calls import Calls
from bot.content import Content
from bot.conversation import Conversation
from bot.messages import CallTurn, IncomingMessage
from bot.scheduling.desk import BookingDesk, Wish
from bot.scheduling.tables import Database
from bot.session_state import Memory
from bot.settings import NLU_DATA, Settings
from bot.stand_in import StandIn
from bot.texting import SENT
from bot.understanding.emergency import read_patterns
from tests.conftest import SECRET

SETTINGS = Settings(secret_keys=(SECRET,))
# The words of the hotline; wishes in other words are in tests/conversations/opting_out.yml.
WISHES = ["stop texting me", "no me escriban", "pa voye mesaj ankò", "别给我发短信", "не пишите мне", "لا ترسلوا لي"]


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


@pytest.fixture
def line(content: Content, memory: Memory, database: Database) -> Line:
    engine = StandIn(content, memory, read_patterns(NLU_DATA / "emergency.yml"), NLU_DATA)
    desk = BookingDesk(database, lambda: content.places, content.clock)
    outbox = Outbox()
    calls = Calls(engine, memory, content, SETTINGS, None, desk, outbox)
    return Line(memory, content, desk, calls, Conversation(engine, memory, content, SETTINGS, None, desk), outbox)


@pytest.mark.parametrize("wish", WISHES)
def test_a_wish_by_text_is_noted_and_the_networks_word_told(line: Line, wish: str) -> None:
    line.text("menu")
    assert "STOP" in line.text(wish)
    assert line.desk.opted_out(line.person)


def test_a_wish_in_a_call_is_noted(line: Line) -> None:
    line.say(event="begin")
    line.say("1")
    line.say("stop texting me")
    assert line.desk.opted_out(line.person)


@pytest.mark.parametrize("how", ["by text", "to the network"])
def test_nothing_is_texted_out_of_a_call_to_who_opted_out(line: Line, how: str) -> None:
    line.text("stop texting me") if how == "by text" else line.text("STOP", opt_out="STOP")
    for words, event in (("", "begin"), ("1", ""), ("1", "")):
        line.say(words, event)
    assert "cannot send a text" in line.say(event="text_me")
    assert line.outbox.sent == []


def test_who_did_not_gets_the_text(line: Line) -> None:
    for words, event in (("", "begin"), ("1", ""), ("1", ""), ("", "text_me")):
        line.say(words, event)
    assert [to for to, _ in line.outbox.sent] == [line.number]


@pytest.mark.parametrize("how", ["START", "a yes to a reminder"])
def test_in_again(line: Line, how: str) -> None:
    line.text("stop texting me")
    if how == "START":
        line.text("START", opt_out="START")
    else:
        assert line.desk.hold(line.person, line.desk.open_times(Wish()).visits[0], Wish())
        assert line.desk.book(line.person, lambda ident: b"sealed")
    assert not line.desk.opted_out(line.person)


def test_a_booking_without_a_reminder_changes_nothing(line: Line) -> None:
    line.text("stop texting me")
    assert line.desk.hold(line.person, line.desk.open_times(Wish()).visits[0], Wish())
    assert line.desk.book(line.person, None)
    assert line.desk.opted_out(line.person)
