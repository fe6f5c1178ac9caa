"""Redis goes and comes back in the middle of a conversation: no answer is read against a question that is over."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from bot.errors import MemoryUnavailable
from bot.messages import CallTurn
from bot.session_state import Memory
from bot.speech import Speech
from bot.wording import phrase_text
from tests.bot.conftest import Line, refusing
from tests.conftest import SECRET, RedisServer


@contextlib.contextmanager
def gone_at_the_end(line: Line, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Redis takes no writes from the moment that a turn is to be kept."""
    end = line.memory.end
    with monkeypatch.context() as patch, contextlib.ExitStack() as outage:
        patch.setattr(line.memory, "end", lambda reply: (outage.enter_context(refusing(redis_server)), end(reply)))
        yield


@pytest.fixture
def in_places(line: Line) -> str:
    """The second menu, where Redis knows the resident to be."""
    line.text("english")
    line.text("menu")
    return line.text("2")


def test_a_number_after_a_menu_that_redis_never_saw_is_not_read_against_the_one_before(
    line: Line, in_places: str, redis_server: RedisServer
) -> None:
    with refusing(redis_server):
        assert "ICE in other places" in line.text("menu")
    assert phrase_text(line.content, "not_understood", "en") in line.text("2")
    assert line.text("menu")
    assert line.text("2") == in_places


def test_back_leads_to_what_was_asked_before_it_was_gone(line: Line, in_places: str, redis_server: RedisServer) -> None:
    with refusing(redis_server):
        line.text("ice is at my door")
    assert line.text("back") == in_places


def test_what_was_not_understood_meanwhile_changes_nothing(
    line: Line, in_places: str, redis_server: RedisServer
) -> None:
    due = line.text("1")
    line.text("back")
    with refusing(redis_server):
        assert phrase_text(line.content, "not_understood", "en") in line.text("1")
    assert line.text("1") == due


def test_a_language_chosen_meanwhile_stays(line: Line, in_places: str, redis_server: RedisServer) -> None:
    with refusing(redis_server):
        line.text("español")
    assert "En qué puedo ayudar" in line.text("menu")


def test_a_reply_that_could_not_be_kept_is_the_last_one_all_the_same(
    line: Line, in_places: str, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis goes while the turn is under way."""
    with gone_at_the_end(line, redis_server, monkeypatch):
        assert "ICE in other places" in line.text("menu")
    assert phrase_text(line.content, "not_understood", "en") in line.text("2")


def test_an_answer_that_closed_a_question_and_was_not_kept_closed_it(
    line: Line, in_places: str, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gone_at_the_end(line, redis_server, monkeypatch):
        line.text("thanks")
    assert phrase_text(line.content, "not_understood", "en") in line.text("2")


def test_a_wish_to_erase_that_failed_leaves_no_question_open(
    line: Line, in_places: str, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gone_at_the_end(line, redis_server, monkeypatch):
        assert line.text("delete") == phrase_text(line.content, "apology", "en")
    assert phrase_text(line.content, "not_understood", "en") in line.text("2")


def test_what_was_kept_although_no_answer_came_is_kept(
    line: Line, in_places: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a Redis that is slow: it does all, and says so too late."""
    due = line.text("1")
    line.text("back")
    answer = line.memory._answer

    def late(command: Any, holds: Any = None) -> Any:
        answer(command, holds)
        raise MemoryUnavailable("too late")

    end = line.memory.end
    with monkeypatch.context() as patch:
        patch.setattr(line.memory, "end", lambda reply: (patch.setattr(line.memory, "_answer", late), end(reply)))
        assert line.text("menu")
    line.text("2")
    assert line.text("1") == due


def test_a_younger_position_counts_as_of_another_server_or_a_reminder(
    line: Line, in_places: str, redis_server: RedisServer
) -> None:
    with refusing(redis_server):
        line.text("menu")
    time.sleep(0.01)
    other = Memory(redis_server.url, (SECRET,))
    other.save(line.person, {**(other.load(line.person) or {}), "frames": [["appointment_reminder", "coming"]]})
    assert phrase_text(line.content, "not_understood", "en") not in line.text("1")


def test_a_call_leaves_the_texts_as_they_are(line: Line, in_places: str, redis_server: RedisServer) -> None:
    with refusing(redis_server):
        line.text("menu")
    call = Call(line)
    call.say("", "begin")
    call.say("1")
    assert phrase_text(line.content, "not_understood", "en") in line.text("2")


class Call:
    """A call as Twilio carries it on: what is open travels with it."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._turn = -1
        self._last = Speech("en")

    def say(self, words: str = "", event: str = "", confidence: float | None = None) -> str:
        self._turn += 1
        language, question = (self._last.language, self._last.question) if self._turn else ("", "")
        turn = CallTurn(self._line.call, self._turn, self._line.number, words, event, confidence, language, question)
        self._last = self._line.calls.answer(turn)
        return self._last.transcript


def test_a_call_goes_on_from_what_the_caller_heard_last(line: Line, redis_server: RedisServer) -> None:
    undisturbed = Call(line)
    heard = [undisturbed.say(*act) for act in (("", "begin"), ("1",), ("1",), ("2",), ("1",))]
    line.call = f"CA{uuid.uuid4().hex}"
    call = Call(line)
    call.say("", "begin")
    assert call.say(event="repeat")
    with refusing(redis_server):
        assert call.say("1") == heard[2]
    assert call.say("2") == heard[3]
    assert call.say("1") == heard[4]


def test_a_call_goes_on_when_redis_lost_all_of_it(line: Line, redis_server: RedisServer) -> None:
    call = Call(line)
    call.say("", "begin")
    call.say("1")
    due = call.say("1")
    call.say("#", "back")
    store = redis.Redis.from_url(redis_server.url)
    for key in (*store.scan_iter("hotline:message:*"), *store.scan_iter("hotline:talk:*")):
        store.delete(key)
    assert call.say("1") == due


def test_a_guess_of_the_language_stays_a_guess(line: Line, redis_server: RedisServer) -> None:
    call = Call(line)
    with refusing(redis_server):
        call.say("", "begin")
    call.say(event="silence")
    state = line.memory.load(line.calls.sender_of(line.call, line.number)) or {}
    assert not state.get("language_sure")


def test_a_known_language_is_not_overwritten_by_the_language_menus_guess(line: Line, redis_server: RedisServer) -> None:
    line.text("español")
    key = f"hotline:talk:{line.person}"
    redis.Redis.from_url(redis_server.url).delete(key)
    call = Call(line)
    with refusing(redis_server):
        line.memory.languages.forget(line.person)
        call.say("", "begin")
    call.say(event="silence")
    assert (line.memory.load(line.person) or {}).get("language") == "es"


def test_a_doubt_that_was_kept_is_not_answered_by_the_menu_below_it(line: Line, redis_server: RedisServer) -> None:
    call = Call(line)
    call.say("", "begin")
    call.say("1")
    assert "Did you say" in call.say("free immigration lawyer", confidence=0.2)
    with refusing(redis_server):
        assert "Keep the door closed" not in call.say("1")


@pytest.mark.parametrize("redis_is", ["back", "gone still"])
def test_a_doubt_that_was_asked_meanwhile_is_not_answered_by_the_menu_below_it(
    line: Line, redis_server: RedisServer, redis_is: str
) -> None:
    call = Call(line)
    call.say("", "begin")
    call.say("1")
    with refusing(redis_server):
        assert "Did you say" in call.say("free immigration lawyer", confidence=0.2)
        if redis_is == "gone still":
            assert "Keep the door closed" not in call.say("1")
    if redis_is == "back":
        assert "Keep the door closed" not in call.say("1")
