"""What is remembered, in a real Redis."""

import json
import threading
import time

import pytest
import redis

from bot.caller_ids import sender_id
from bot.errors import MemoryUnavailable
from bot.session_state import LANGUAGE_TTL, TALK_TTL, Memory
from tests.conftest import SECRET, RedisServer, free_port


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
    memory.counts("gone", "hola")
    memory.forget("gone")
    keys = [key.decode() for key in redis.Redis.from_url(redis_server.url).keys("hotline:*:gone*")]
    assert memory.load("gone") is None
    assert [key for key in keys if not key.startswith("hotline:same:")] == []


def test_a_key_is_replaced_without_losing_conversations(redis_server: RedisServer) -> None:
    old, both = Memory(redis_server.url, (SECRET,)), Memory(redis_server.url, ("another secret", SECRET))
    old.save("kept", {"page": 1})
    assert both.load("kept") == {"page": 1}
    assert both.hash_key == old.hash_key
    assert Memory(redis_server.url, ("a third secret",)).load("kept") is None, "an unknown key is a fresh start"


def test_one_claim_of_twenty_at_once(redis_server: RedisServer) -> None:
    barrier, tokens = threading.Barrier(20), []

    def claim() -> None:
        memory = Memory(redis_server.url, (SECRET,))
        barrier.wait()
        tokens.append(memory.claim("SM-twenty"))

    threads = [threading.Thread(target=claim) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(token, str) for token in tokens) == 1


def test_a_repeat_gets_the_stored_reply(memory: Memory) -> None:
    assert isinstance(memory.claim("SM-repeat"), str)
    assert memory.claim("SM-repeat") is None
    memory.keep_reply("SM-repeat", {"text": "Hello", "language": "en"})
    assert memory.claim("SM-repeat") == {"text": "Hello", "language": "en"}


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
