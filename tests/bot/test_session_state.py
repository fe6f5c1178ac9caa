"""What is remembered, in a real Redis."""

import json
import os
import threading
import time

import pytest
import redis

from bot.caller_ids import sender_id
from bot.errors import MemoryUnavailable
from bot.session_state import LANGUAGE_TTL, TALK_TTL, Memory, Turn
from tests.bench.processes import free_port
from tests.conftest import SECRET, RedisServer


def test_a_conversation_is_stored_encrypted_and_expires(memory: Memory, redis_server: RedisServer) -> None:
    memory.save("someone", {"language": "es", "language_sure": True, "frames": [["menu", "topics"]]})
    assert memory.load("someone") == {"language": "es", "language_sure": True, "frames": [["menu", "topics"]]}
    raw = redis.Redis.from_url(redis_server.url)
    stored = raw.get("hotline:talk:someone")
    assert stored is not None
    assert b"menu" not in stored
    assert 0 < raw.ttl("hotline:talk:someone") <= TALK_TTL
    assert TALK_TTL < raw.ttl("hotline:language:someone") <= LANGUAGE_TTL


def test_the_language_outlives_the_conversation(memory: Memory, redis_server: RedisServer) -> None:
    memory.save("short", {"language": "ht", "language_sure": True, "frames": [["menu", "topics"]]})
    redis.Redis.from_url(redis_server.url).delete("hotline:talk:short")
    assert memory.load("short") == {"language": "ht", "language_sure": True, "introduced": True}


def test_forgetting_leaves_nothing(memory: Memory, redis_server: RedisServer) -> None:
    memory.save("gone", {"language": "es", "language_sure": True})
    memory.begin("SM-gone", "gone", "hola")
    memory.end({"text": "Hello", "language": "en"})
    memory.forget("gone")
    keys = [key.decode() for key in redis.Redis.from_url(redis_server.url).keys("hotline:*:gone*")]
    assert memory.load("gone") is None
    # Left for seconds: that a turn is over; for minutes: keyed hashes of texts that nobody can link.
    assert [key for key in keys if not key.startswith(("hotline:same:", "hotline:freed:"))] == []


def test_a_key_is_replaced_without_losing_conversations(redis_server: RedisServer) -> None:
    old, both = Memory(redis_server.url, (SECRET,)), Memory(redis_server.url, ("another secret", SECRET))
    old.save("kept", {"page": 1})
    assert both.load("kept") == {"page": 1}
    assert both.hash_key == old.hash_key
    assert Memory(redis_server.url, ("a third secret",)).load("kept") is None, "an unknown key is a fresh start"


def test_one_claim_of_twenty_at_once(redis_server: RedisServer) -> None:
    barrier, turns = threading.Barrier(20), []

    def claim() -> None:
        memory = Memory(redis_server.url, (SECRET,))
        barrier.wait()
        turns.append(memory.begin("SM-twenty", "twenty"))

    threads = [threading.Thread(target=claim) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(turn, Turn) for turn in turns) == 1


def test_a_repeat_gets_the_stored_reply(memory: Memory) -> None:
    assert isinstance(memory.begin("SM-repeat", "someone"), Turn)
    assert memory.begin("SM-repeat", "someone") is None
    memory.end({"text": "Hello", "language": "en"})
    assert memory.begin("SM-repeat", "someone") == {"text": "Hello", "language": "en"}


def test_a_move_and_its_reply_are_kept_together_or_not_at_all(memory: Memory, redis_server: RedisServer) -> None:
    memory.begin("SM-together", "together")
    with memory.lock("together"):
        memory.save("together", {"page": 1})
    other = Memory(redis_server.url, (SECRET,))
    assert other.load("together") is None, "nothing is written before the reply is known"
    memory.end({"text": "Hello", "language": "en"})
    assert other.load("together") == {"page": 1}
    assert redis.Redis.from_url(redis_server.url).get("hotline:lock:together") is None


def test_a_turn_that_was_given_up_moves_nothing(memory: Memory) -> None:
    memory.save("given-up", {"page": 1})
    memory.begin("SM-given-up", "given-up")
    memory.save("given-up", {"page": 2})
    memory.end({"text": "Sorry", "language": "en"}, moved=False)
    assert memory.load("given-up") == {"page": 1}
    assert memory.begin("SM-given-up", "given-up") == {"text": "Sorry", "language": "en"}


def test_a_turn_waits_for_the_turn_before_it_and_reads_after_it(memory: Memory, redis_server: RedisServer) -> None:
    first, second = memory, Memory(redis_server.url, (SECRET,))
    first.begin("SM-1", "queue")
    turn = second.begin("SM-2", "queue")
    assert isinstance(turn, Turn)
    assert not turn.locked
    first.save("queue", {"page": 7})
    threading.Timer(0.2, first.end, [{"text": "Hello", "language": "en"}]).start()
    with second.lock("queue"):
        assert second.load("queue") == {"page": 7}
    second.end({"text": "Hello", "language": "en"})


def test_a_turn_whose_lock_has_gone_to_another_moves_nothing(memory: Memory, redis_server: RedisServer) -> None:
    raw = redis.Redis.from_url(redis_server.url)
    memory.begin("SM-late", "late")
    memory.save("late", {"page": 1})
    raw.set("hotline:lock:late", "the next one")
    memory.end({"text": "Hello", "language": "en"})
    assert raw.get("hotline:lock:late") == b"the next one"
    assert memory.load("late") is None


def dead_process() -> int:
    """The id of a process that has ended."""
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return child


def test_what_a_killed_sibling_held_is_taken_over_at_once(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twilio comes again at once, through the fallback; and so may the resident, with another text."""
    killed = Memory(memory._url, (SECRET,))
    with monkeypatch.context() as patch:
        gone = dead_process()
        patch.setattr("bot.turn_tokens.os.getpid", lambda: gone)
        assert isinstance(killed.begin_when_free("SM-killed", "killed", None), Turn)
    started = time.monotonic()
    assert isinstance(memory.begin_when_free("SM-next", "killed", None), Turn)
    with memory.lock("killed"):
        memory.save("killed", {"page": 1})
    memory.end({"text": "Next", "language": "en"})
    assert isinstance(memory.begin_when_free("SM-killed", "killed", None), Turn)
    memory.end({"text": "Again", "language": "en"})
    assert time.monotonic() - started < 1
    assert memory.load("killed") == {"page": 1}


def test_a_delivery_that_was_taken_over_moves_nothing_any_more(memory: Memory) -> None:
    """A process that hung and goes on finds that another has answered, and that the conversation is elsewhere."""
    hung = Memory(memory._url, (SECRET,))
    hung.begin("SM-hung", "hung")
    hung.save("hung", {"page": 1})
    taken = memory.begin_when_free("SM-hung", "hung", None)
    assert isinstance(taken, Turn)
    assert taken.locked
    memory.save("hung", {"page": 2})
    memory.end({"text": "Taken over", "language": "en"})
    hung.end({"text": "Late", "language": "en"})
    assert memory.load("hung") == {"page": 2}
    assert memory.begin("SM-hung", "hung") == {"text": "Taken over", "language": "en"}


def test_a_turn_whose_lock_expired_does_not_undo_what_came_after_it(memory: Memory, redis_server: RedisServer) -> None:
    raw, hung = redis.Redis.from_url(redis_server.url), Memory(redis_server.url, (SECRET,))
    memory.save("outrun", {"page": 0})
    hung.begin("SM-outrun", "outrun")
    hung.save("outrun", {"page": 1})
    raw.delete("hotline:lock:outrun")
    memory.save("outrun", {"page": 5})
    hung.end({"text": "Late", "language": "en"})
    assert memory.load("outrun") == {"page": 5}


def test_a_language_chosen_while_redis_was_gone_is_known_when_it_is_back(memory: Memory) -> None:
    memory.languages.note_missed("meanwhile", "ru", asked=False, at=0.0)
    memory.languages.note("erased elsewhere", "ru")
    assert memory.load("meanwhile") == {"language": "ru", "language_sure": True, "introduced": True}
    assert memory.load("erased elsewhere") is None
    assert memory.languages.find("erased elsewhere") is None


def test_a_clock_that_was_set_back_makes_no_lock_and_no_count_last(memory: Memory, redis_server: RedisServer) -> None:
    raw = redis.Redis.from_url(redis_server.url)
    raw.set("hotline:lock:yesterday", "left behind", ex=86400)
    raw.set("hotline:rate:yesterday", 20, ex=86400)
    turn = memory.begin("SM-yesterday", "yesterday", "hola")
    assert isinstance(turn, Turn)
    assert turn.locked
    memory.end({"text": "Hello", "language": "en"})
    assert raw.ttl("hotline:rate:yesterday") <= 60


def test_messages_are_counted_where_limits_hold(memory: Memory) -> None:
    counts = []
    for number, text in enumerate(["hola", "hola", "menu"]):
        turn = memory.begin(f"SM-count-{number}", "counted", text)
        assert isinstance(turn, Turn)
        memory.end({"text": "", "language": "en"})
        counts.append((turn.in_minute, turn.repeats))
    assert counts == [(1, 1), (2, 2), (3, 1)]


def test_the_lock_orders_those_who_wait_and_wakes_them_at_once(redis_server: RedisServer) -> None:
    order: list[str] = []

    def hold(name: str, seconds: float) -> None:
        with Memory(redis_server.url, (SECRET,)).lock("locked"):
            order.append(f"{name} in")
            time.sleep(seconds)
            order.append(f"{name} out")

    first = threading.Thread(target=hold, args=("first", 0.3))
    first.start()
    time.sleep(0.1)
    second = threading.Thread(target=hold, args=("second", 0))
    second.start()
    first.join()
    second.join()
    assert order == ["first in", "first out", "second in", "second out"]


def test_a_lock_does_not_outlive_its_holder(memory: Memory, redis_server: RedisServer) -> None:
    raw = redis.Redis.from_url(redis_server.url)
    raw.set("hotline:lock:dead", "a process that was killed", px=300)
    with memory.lock("dead"):
        assert raw.pttl("hotline:lock:dead") > 0, "every lock expires by itself"
    assert raw.get("hotline:lock:dead") is None


def test_a_slow_holder_does_not_release_the_lock_of_the_next(memory: Memory, redis_server: RedisServer) -> None:
    raw = redis.Redis.from_url(redis_server.url)
    with memory.lock("slow"):
        raw.set("hotline:lock:slow", "the next one")
    assert raw.get("hotline:lock:slow") == b"the next one"
    raw.delete("hotline:lock:slow")


def test_redis_gone_is_one_clear_error_and_soon_tried_again() -> None:
    memory = Memory(f"redis://127.0.0.1:{free_port()}/0", (SECRET,))
    for _ in range(3):
        with pytest.raises(MemoryUnavailable):
            memory.load("nobody")


def test_sender_ids_lead_back_to_nobody() -> None:
    one, other = sender_id("sms", "+15005550006", b"k"), sender_id("sms", "+15005550006", b"l")
    assert one != other
    assert one != sender_id("whatsapp", "+15005550006", b"k")
    assert len(one) == 32
    assert "5005550006" not in json.dumps([one, other])


def test_a_connection_that_the_server_closed_while_idle_is_replaced(memory: Memory, redis_server: RedisServer) -> None:
    raw = redis.Redis.from_url(redis_server.url)
    memory.save("idle", {"page": 1})
    raw.client_kill_filter(_type="normal", skipme=True)
    assert memory.load("idle") == {"page": 1}
    raw.client_kill_filter(_type="normal", skipme=True)
    assert isinstance(memory.begin("SM-idle", "idle"), Turn)
    raw.client_kill_filter(_type="normal", skipme=True)
    memory.save("idle", {"page": 2})
    memory.end({"text": "Hello", "language": "en"})
    assert memory.load("idle") == {"page": 2}


def test_a_delivery_taken_twice_by_the_same_turn_is_ours(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis took it, but the connection broke before the answer came: the same command is sent again."""
    monkeypatch.setattr("bot.turn_tokens.secrets.token_hex", lambda size: "0" * (2 * size))
    assert isinstance(memory.begin("SM-broken", "broken"), Turn)
    turn = memory.begin("SM-broken", "broken")
    assert isinstance(turn, Turn)
    assert turn.locked
    memory.end({"text": "Hello", "language": "en"})
