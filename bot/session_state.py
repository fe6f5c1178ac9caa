"""What is remembered between two texts, in Redis: key names, expiry and encryption are said here and only here.

| key                        | holds                                              | for        |
|----------------------------|----------------------------------------------------|------------|
| hotline:talk:<sender>      | position of the conversation, encrypted            | TALK_TTL   |
| hotline:language:<sender>  | language code, encrypted                           | LANGUAGE_TTL |
| hotline:message:<id>       | claim of a delivery, then its reply, encrypted     | REPLY_TTL  |
| hotline:lock:<sender>      | token of the process that answers this sender      | LOCK_TTL   |
| hotline:freed:<sender>     | wakes one that waits for the lock                  | seconds    |
| hotline:rate:<sender>      | messages in this minute                            | 60 s       |
| hotline:same:<sender>:<h>  | repeats of one text (keyed hash)                   | 300 s      |

<sender> and <id> are keyed hashes.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import redis
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.caller_ids import keyed_hash
from bot.errors import MemoryUnavailable

TALK_TTL = 24 * 3600
LANGUAGE_TTL = 90 * 24 * 3600
REPLY_TTL = 24 * 3600
# Longer than any answer takes, short enough that a killed process does not keep a resident waiting.
LOCK_TTL = 8.0
CLAIM_TTL = 8.0
SOCKET_TIMEOUT = 1.0
# After a failure Redis is left alone for so long: a dead server must not cost every message its time-out.
REST_AFTER_FAILURE = 2.0
SAME_TEXT_LIMIT = 8

_RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then
  redis.call('del', KEYS[1])
  redis.call('lpush', KEYS[2], '1')
  redis.call('ltrim', KEYS[2], 0, 0)
  redis.call('expire', KEYS[2], 2)
end
"""
_COUNT = """
local n = redis.call('incr', KEYS[1])
if n == 1 then redis.call('expire', KEYS[1], 60) end
local m = redis.call('incr', KEYS[2])
if m == 1 then redis.call('expire', KEYS[2], 300) end
return {n, m}
"""


class Memory:
    """The one connection to Redis. Every method raises MemoryUnavailable when Redis does not answer in time.

    `secrets` are one or more keys: the first encrypts, all decrypt; sender ids are made with the last, so that
    conversations go on while a key is being replaced.
    """

    def __init__(self, url: str, secret_keys: tuple[str, ...]) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=SOCKET_TIMEOUT, socket_connect_timeout=SOCKET_TIMEOUT)
        self._fernet = MultiFernet([Fernet(_derive(key, b"encrypt")) for key in secret_keys])
        self.hash_key = _derive(secret_keys[-1], b"hash")
        self._held: tuple[str, str, str] | None = None
        self._read_with_lock: tuple[str, list[bytes | None]] | None = None
        self._language_kept: str | None = None
        self._count = self._redis.register_script(_COUNT)
        self._rest_until = 0.0

    # --- deliveries -------------------------------------------------------------------------------

    def claim(self, message_id: str) -> str | dict[str, Any] | None:
        """Take a delivery: a token if it is ours now, the stored reply if it was answered, None while another works."""
        key, token = self._message_key(message_id), secrets.token_hex(8)
        with self._guarded():
            if self._redis.set(key, token, nx=True, px=int(CLAIM_TTL * 1000)):
                return token
            stored = self._redis.get(key)
        if stored is None or len(stored) == len(token):
            return None
        reply = self._open(stored)
        return reply if isinstance(reply, dict) else {"text": "", "language": "en"}

    def claimed_reply(self, message_id: str, wait: float) -> str | dict[str, Any] | None:
        """`claim`, waiting up to `wait` seconds while another process answers the same delivery."""
        until = time.monotonic() + wait
        while True:
            found = self.claim(message_id)
            if found is not None or time.monotonic() >= until:
                return found
            time.sleep(0.02)

    def keep_reply(self, message_id: str, reply: dict[str, Any]) -> None:
        """Store the reply of a delivery for repeats of it."""
        with self._guarded():
            self._redis.set(self._message_key(message_id), self._seal(reply), ex=REPLY_TTL)

    # --- conversations ----------------------------------------------------------------------------

    def load(self, sender: str) -> dict[str, Any] | None:
        """The position of a conversation; after it has expired, the language that is left of it; else None."""
        if self._read_with_lock and self._read_with_lock[0] == sender:
            talk, language = self._read_with_lock[1]
        else:
            with self._guarded():
                talk, language = self._redis.mget(_talk_keys(sender))
        state = self._open(talk) if talk else None
        if isinstance(state, dict):
            self._language_kept = state.get("language") if language and state.get("language_sure") else None
            return state
        self._language_kept = None
        code = self._open(language) if language else None
        return {"language": code, "language_sure": True, "introduced": True} if isinstance(code, str) else None

    def save(self, sender: str, state: dict[str, Any]) -> None:
        """Store the position of a conversation, and the language for longer; a lock that is held goes with it."""
        talk_key, language_key = _talk_keys(sender)
        with self._guarded():
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.set(talk_key, self._seal(state), ex=TALK_TTL)
            if state.get("language_sure") and self._held and state.get("language") == self._language_kept:
                pipeline.expire(language_key, LANGUAGE_TTL)
            elif state.get("language_sure"):
                pipeline.set(language_key, self._seal(state.get("language")), ex=LANGUAGE_TTL)
            if self._held:
                pipeline.eval(_RELEASE, 2, *self._held)
            pipeline.execute()
        self._held = None

    def forget(self, sender: str) -> None:
        """Erase what is kept of a sender, the counters included."""
        with self._guarded():
            self._redis.delete(*(f"hotline:{kind}:{sender}" for kind in ("talk", "language", "rate")))

    # --- order ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def lock(self, sender: str) -> Iterator[None]:
        """One message of a sender at a time. A waiter sleeps until the holder is done; a dead holder's lock expires.

        What is stored of the sender is read in the same trip, and `save` gives the lock back in its own.
        """
        key, freed, token = f"hotline:lock:{sender}", f"hotline:freed:{sender}", secrets.token_hex(8)
        until = time.monotonic() + LOCK_TTL + SOCKET_TIMEOUT
        while True:
            with self._guarded():
                pipeline = self._redis.pipeline(transaction=False)
                pipeline.set(key, token, nx=True, px=int(LOCK_TTL * 1000))
                pipeline.mget(_talk_keys(sender))
                taken, stored = pipeline.execute()
                if taken:
                    break
                # Shorter than the socket's time-out; the holder's release ends it at once.
                self._redis.blpop([freed], timeout=0.5)
            if time.monotonic() > until:
                raise MemoryUnavailable("the lock of a conversation was not released")
        self._held, self._read_with_lock = (key, freed, token), (sender, stored)
        try:
            yield
        finally:
            held, self._held, self._read_with_lock = self._held, None, None
            if held:
                with contextlib.suppress(MemoryUnavailable), self._guarded():
                    self._redis.eval(_RELEASE, 2, *held)

    # --- limits -----------------------------------------------------------------------------------

    def counts(self, sender: str, text: str) -> tuple[int, int]:
        """Count this message: (messages of the sender in this minute, repeats of the same text in five)."""
        same = keyed_hash(f"{sender}:{text}", self.hash_key)[:16]
        with self._guarded():
            minute, repeats = self._count(keys=[f"hotline:rate:{sender}", f"hotline:same:{sender}:{same}"])
        return int(minute), int(repeats)

    def ping(self) -> None:
        """Return if Redis answers; raise MemoryUnavailable otherwise, even while it is left alone."""
        self._rest_until = 0.0
        with self._guarded():
            self._redis.ping()

    def disconnect(self) -> None:
        """Drop all connections: after a fork, or when an answer was broken off in the middle of a command."""
        self._redis.connection_pool.disconnect()

    # --- inside -----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        if time.monotonic() < self._rest_until:
            raise MemoryUnavailable("Redis did not answer a moment ago")
        try:
            yield
        except (redis.RedisError, OSError) as error:
            self._rest_until = time.monotonic() + REST_AFTER_FAILURE
            raise MemoryUnavailable(f"Redis does not answer: {type(error).__name__}") from error

    def _message_key(self, message_id: str) -> str:
        return f"hotline:message:{keyed_hash(message_id, self.hash_key)}"

    def _seal(self, value: object) -> bytes:
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def _open(self, sealed: bytes) -> object:
        """The stored value, or None when it is damaged or of a key we no longer have: a fresh start, not an error."""
        try:
            return json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, ValueError):
            return None


def _talk_keys(sender: str) -> tuple[str, str]:
    return f"hotline:talk:{sender}", f"hotline:language:{sender}"


def _derive(secret: str, purpose: bytes) -> bytes:
    """A 32-byte key for one purpose, in the form Fernet takes."""
    digest = hashlib.blake2b(secret.encode(), digest_size=32, person=purpose).digest()
    return base64.urlsafe_b64encode(digest)
