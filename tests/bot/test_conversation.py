"""The door when things go wrong behind it: an engine that is slow, broken or silent, and senders without end."""

import contextlib
import dataclasses
import time
import uuid
from typing import Any

import pytest

from bot.caller_ids import sender_id
from bot.content import Content
from bot.conversation import Conversation
from bot.flow_engine.heard import Heard
from bot.flow_engine.state import DialogueState
from bot.messages import SILENCE, IncomingMessage, Reply
from bot.session_state import SAME_TEXT_LIMIT, Memory
from bot.settings import Settings
from bot.understanding.emergency import read_patterns
from tests.bench.processes import free_port
from tests.bot.conftest import refusing
from tests.conftest import SECRET, RedisServer

SETTINGS = Settings(secret_keys=(SECRET,), deadline=0.5, rate_limit=5)


class Engine:
    """Stands in for Rasa; `behave` is what happens when it is asked."""

    def __init__(self, behave: Any = lambda: "An answer.") -> None:
        self.behave = behave
        self.asked = 0

    def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> tuple[str, DialogueState]:
        self.asked += 1
        return self.behave(), DialogueState(language="en")

    def ask_forgetful(
        self, text: str, metadata: dict[str, Any], state: dict[str, Any] | None = None
    ) -> tuple[str, DialogueState]:
        known = DialogueState.from_json(state)
        return self.behave(), DialogueState(language=known.language or "en", erased=text == "delete")

    def understand(self, text: str) -> Heard:
        from bot.settings import NLU_DATA

        return Heard(text, emergency=read_patterns(NLU_DATA / "emergency.yml").find(text))


def message(text: str = "hello", sender: str | None = None, message_id: str | None = None) -> IncomingMessage:
    return IncomingMessage(message_id or uuid.uuid4().hex, sender or uuid.uuid4().hex, text)


def sleep_long() -> str:
    time.sleep(20)
    return "too late"


def spin() -> str:
    while True:
        pass


def swallow() -> str:
    while True:
        try:
            time.sleep(20)
        except Exception:  # what library code does on the way
            continue


def fail() -> str:
    raise ValueError("hello my number is +15005550006")


@pytest.mark.parametrize("behave", [sleep_long, spin, swallow, fail, lambda: ""])
def test_a_hanging_broken_or_silent_engine_is_an_apology_in_time(content: Content, memory: Memory, behave: Any) -> None:
    engine = Engine(behave)
    door = Conversation(engine, memory, content, SETTINGS)
    started = time.monotonic()
    reply = door.reply_to(message())
    assert time.monotonic() - started < 5
    assert "something went wrong" in reply.text
    assert "800-354-0365" in reply.text
    engine.behave = lambda: "Back again."
    assert door.reply_to(message()).text == "Back again."


def test_the_apology_is_in_the_language_we_know(content: Content, memory: Memory) -> None:
    door = Conversation(Engine(fail), memory, content, SETTINGS)
    someone = message()
    memory.save(sender_id("sms", someone.sender, memory.hash_key), {"language": "ht", "language_sure": True})
    assert door.reply_to(someone).language == "ht"
    assert door.reply_to(message("我想问")).language == "zh-Hans"


def test_the_log_of_a_failure_has_no_text(content: Content, memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    Conversation(Engine(fail), memory, content, SETTINGS).reply_to(message("my name is Filiberto"))
    logged = capsys.readouterr()
    assert "ValueError" in logged.out + logged.err
    assert "Filiberto" not in logged.out + logged.err
    assert "5005550006" not in logged.out + logged.err


def test_a_repeat_asks_the_engine_once(content: Content, memory: Memory) -> None:
    engine = Engine()
    door = Conversation(engine, memory, content, SETTINGS)
    once = message()
    assert door.reply_to(once) == door.reply_to(once) == Reply("An answer.", "en")
    assert engine.asked == 1


def test_an_apology_is_repeated_too(content: Content, memory: Memory) -> None:
    engine = Engine(fail)
    door = Conversation(engine, memory, content, SETTINGS)
    once = message()
    assert door.reply_to(once).text == door.reply_to(once).text != ""
    assert engine.asked == 1


def test_too_many_texts_get_one_sentence_then_silence_but_never_an_emergency(content: Content, memory: Memory) -> None:
    # On a busy machine half a second may be over before anything is wrong.
    door = Conversation(Engine(), memory, content, dataclasses.replace(SETTINGS, deadline=5))
    sender = uuid.uuid4().hex
    replies = [door.reply_to(message(f"text {number}", sender)).text for number in range(8)]
    assert replies[:5] == ["An answer."] * 5
    assert "wait a minute" in replies[5]
    assert replies[6:] == ["", ""]
    assert door.reply_to(message("ICE is at my door", sender)).text == "An answer."


def test_two_bots_do_not_talk_to_each_other_for_ever(content: Content, memory: Memory) -> None:
    door = Conversation(Engine(), memory, content, dataclasses.replace(SETTINGS, rate_limit=1000))
    sender = uuid.uuid4().hex
    replies = [door.reply_to(message("I am out of office", sender)) for _ in range(SAME_TEXT_LIMIT + 2)]
    assert replies[-1] == SILENCE
    assert replies[0].text == "An answer."


def test_no_limit_when_it_is_turned_off(content: Content, memory: Memory) -> None:
    door = Conversation(Engine(), memory, content, dataclasses.replace(SETTINGS, rate_limit=0))
    sender = uuid.uuid4().hex
    assert all(door.reply_to(message("same", sender)).text for _ in range(30))


def test_without_redis_topics_are_answered_with_a_persons_number(content: Content) -> None:
    nowhere = Memory(f"redis://127.0.0.1:{free_port()}/0", (SECRET,))
    reply = Conversation(Engine(), nowhere, content, SETTINGS).reply_to(message())
    assert reply.text.startswith("An answer.")
    assert "800-354-0365" in reply.text


def test_redis_that_hangs_costs_one_time_out(content: Content, redis_server: RedisServer) -> None:
    import signal

    stuck = Memory(redis_server.url, (SECRET,))
    redis_server.process.send_signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        reply = Conversation(Engine(), stuck, content, dataclasses.replace(SETTINGS, deadline=5)).reply_to(message())
        assert reply.text.startswith("An answer.")
        assert time.monotonic() - started < 4
    finally:
        redis_server.process.send_signal(signal.SIGCONT)


def test_without_redis_the_reply_is_in_the_language_that_was_spoken(
    content: Content, memory: Memory, redis_server: RedisServer
) -> None:
    door = Conversation(Engine(), memory, content, dataclasses.replace(SETTINGS, deadline=5))
    someone = message()
    memory.save(sender_id("sms", someone.sender, memory.hash_key), {"language": "ht", "language_sure": True})
    with refusing(redis_server):
        assert door.reply_to(message("2", someone.sender)).language == "ht"
        # Somebody whom this server has not met: what Redis holds can still be read.
        stranger = message("2")
        assert door.reply_to(stranger).language == "en"
    memory.save(sender_id("sms", stranger.sender, memory.hash_key), {"language": "es", "language_sure": True})
    with refusing(redis_server):
        assert door.reply_to(message("2", stranger.sender)).language == "es"


def test_nothing_is_said_to_be_deleted_that_is_not(content: Content, memory: Memory, redis_server: RedisServer) -> None:
    door = Conversation(Engine(), memory, content, dataclasses.replace(SETTINGS, deadline=5))
    with refusing(redis_server):
        assert "something went wrong" in door.reply_to(message("delete")).text


def test_a_reply_that_could_not_be_kept_is_the_reply_all_the_same(
    content: Content, memory: Memory, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what was asked of the engine is not asked again: it may have booked something."""
    engine, someone = Engine(), message()
    door = Conversation(engine, memory, content, dataclasses.replace(SETTINGS, deadline=5))
    with contextlib.ExitStack() as stack:
        engine.behave = lambda: stack.enter_context(refusing(redis_server)) or "An answer."
        reply = door.reply_to(someone)
    assert reply.text.startswith("An answer.")
    assert "cannot remember" in reply.text
    assert engine.asked == 1
    # The turn that could not be ended keeps nobody waiting.
    engine.behave = lambda: "Another."
    started = time.monotonic()
    assert door.reply_to(message("next", someone.sender)).text == "Another."
    assert time.monotonic() - started < 2


def test_help_is_twilios_when_it_is_told_so(content: Content, memory: Memory) -> None:
    settings = dataclasses.replace(SETTINGS, twilio_answers_help=True)
    assert Conversation(Engine(), memory, content, settings).reply_to(message("HELP")) == SILENCE
    assert Conversation(Engine(), memory, content, SETTINGS).reply_to(message("HELP")).text == "An answer."


# The channel, numbers, a text; whether the third sender of a minute is answered where two are allowed, and why.
MANY_SENDERS = [
    ("sms", "+44770090{at:04}", "hello", False, "abroad"),
    ("sms", "+1876555{at:04}", "hello", False, "under +1, but not here"),
    ("sms", "+1900555{at:04}", "hello", False, "a premium number"),
    ("sms", "+1212555{at:04}", "hello", True, "from here"),
    ("sms", "+1787555{at:04}", "hello", True, "Puerto Rico is at home"),
    ("sms", "8{at:05}", "hello", True, "a short code costs what all do"),
    ("whatsapp", "+44770090{at:04}", "hello", True, "nobody earns by WhatsApp"),
    ("sms", "+44770190{at:04}", "ICE is knocking at my door", True, "an emergency"),
]


@pytest.mark.parametrize(
    ("channel", "number", "text", "answered", "why"), MANY_SENDERS, ids=[row[4] for row in MANY_SENDERS]
)
def test_many_senders_from_abroad_have_one_budget(
    memory: Memory, content: Content, channel: str, number: str, text: str, answered: bool, why: str
) -> None:
    memory._answer(lambda server: server.client.delete("hotline:abroad"))
    door = Conversation(Engine(), memory, content, dataclasses.replace(SETTINGS, abroad_limit=2))
    senders = [number.format(at=uuid.uuid4().int % 10000) for _ in range(3)]
    replies = [door.reply_to(IncomingMessage(uuid.uuid4().hex, sender, text, channel)).text for sender in senders]
    assert [bool(reply) for reply in replies] == [True, True, answered], why


def test_without_limits_there_is_no_budget_either(memory: Memory, content: Content) -> None:
    settings = dataclasses.replace(SETTINGS, abroad_limit=0, rate_limit=0)
    door = Conversation(Engine(), memory, content, settings)
    assert door.reply_to(message(sender="+447700900000")).text


def test_a_position_that_cannot_be_gone_on_from_is_left(memory: Memory, content: Content) -> None:
    class BreaksInside(Engine):
        def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> tuple[str, DialogueState]:
            raise ValueError("of this position alone")

        def ask_forgetful(
            self, text: str, metadata: dict[str, Any], state: dict[str, Any] | None = None
        ) -> tuple[str, DialogueState]:
            assert state == {"language": "es", "language_sure": True, "introduced": True}
            return "An answer.", DialogueState(language="es", language_sure=True, introduced=True)

    door = Conversation(BreaksInside(), memory, content, SETTINGS)
    sender = "+1212555" + str(uuid.uuid4().int)[:4]
    key = sender_id("sms", sender, memory.hash_key)
    memory.save(key, {"language": "es", "language_sure": True, "frames": [["menu", "ask"]]})
    assert door.reply_to(message(sender=sender)).text == "An answer."
    left = memory.load(key) or {}
    assert (left["language"], left["introduced"], left.get("frames")) == ("es", True, None)
