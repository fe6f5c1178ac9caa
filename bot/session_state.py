"""What is remembered between two texts, in Redis: key names, expiry and encryption are said here and only here.

| key                        | holds                                              | for        |
|----------------------------|----------------------------------------------------|------------|
| hotline:talk:<sender>      | position of the conversation, encrypted            | TALK_TTL   |
| hotline:language:<sender>  | language code, encrypted                           | LANGUAGE_TTL |
| hotline:message:<id>       | claim of a delivery, then its reply, encrypted     | REPLY_TTL  |
| hotline:lock:<sender>      | token of the process that answers this sender      | LOCK_TTL   |
| hotline:freed:<sender>     | wakes one that waits for the lock                  | seconds    |
| hotline:rate:<sender>      | messages in this minute                            | 60 s       |
| hotline:same:<sender>      | repeats of each text (keyed hash)                  | 300 s      |
| hotline:abroad             | texts to numbers from elsewhere in this minute     | 60 s       |
| hotline:probe              | nothing: whether anything can be written           | 60 s       |
| hotline:copies             | ids of texts and calls that Twilio is to forget    | until then |
| hotline:callback:<person>  | number to call back, language, topic; encrypted    | CALL_BACK_TTL |

<sender>, <person> and <id> are keyed hashes. The sender of a call is "call@person".
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.caller_ids import keyed_hash
from bot.errors import MemoryUnavailable
from bot.known_languages import KnownLanguages, Missed
from bot.redis_link import SOCKET_TIMEOUT, Connection, RedisLink
from bot.releases import VERSION_KEY
from bot.sealing import Seals, derived_key
from bot.turn_tokens import TOKEN_LENGTH, is_orphaned, new_token

TALK_TTL = 24 * 3600
LANGUAGE_TTL = 90 * 24 * 3600
CALL_BACK_TTL = 3 * 24 * 3600
REPLY_TTL = 24 * 3600
CLOCK_GRAIN = 0.002  # seconds: Redis tells what a key has left in whole milliseconds
# Longer than any answer takes, short enough that a killed process does not keep a resident waiting.
LOCK_TTL = 3.0
CLAIM_TTL = 8.0
# So long a delivery waits for whoever has it in hand; then it is answered here.
TAKE_OVER_AFTER = 2.0
SAME_TEXT_LIMIT = 8
# Of Twilio's that are to be forgotten; if there are more, the oldest stay there.
MAX_COPIES = 200_000
_COPIES = "hotline:copies"


@dataclass
class Turn:
    """One message of one sender, from the trip that reads to the trip that writes."""

    sender: str
    message_key: str
    token: str
    locked: bool
    talk: bytes | None
    language: bytes | None
    # Seconds since `talk` was written; None where there is none.
    talk_age: float | None = None
    # Messages of the sender in this minute, and repeats of this text in five; 0 where they are not counted.
    in_minute: int = 0
    repeats: int = 0
    # Grows whenever staff publish something (bot.releases).
    content_version: str = ""
    # Who has the lock while we have not.
    holder: bytes = b""
    # The language that is stored already, if it is the conversation's own.
    known_language: str | None = None
    # Where the conversation stands if Redis missed something; else it stands at `talk`.
    position: dict[str, Any] | None = None
    # What is to be written: a position, or that all is to be erased, or nothing.
    state: dict[str, Any] | None = None
    erase: bool = False


class Memory(RedisLink):
    """What is kept in Redis. Every method raises MemoryUnavailable when Redis does not answer in time.

    `secret_keys` are one or more: the first seals, all open; sender ids are made with the last, so that conversations
    go on while a key is being replaced.
    """

    def __init__(self, url: str, secret_keys: tuple[str, ...]) -> None:
        super().__init__(url)
        self._seals = Seals(secret_keys, b"encrypt")
        self.hash_key = derived_key(secret_keys[-1], b"hash")
        self._turn: Turn | None = None
        self.languages = KnownLanguages()

    # --- a turn -----------------------------------------------------------------------------------

    def begin(self, message_id: str, sender: str, counted_text: str | None = None) -> Turn | dict[str, Any] | None:
        """Take a delivery: a turn if it is ours now, the stored reply if it was answered, None while another works.

        With `counted_text` the message counts towards the limits. The turn has the sender's lock if it was free; `lock`
        waits for it otherwise. `end` must follow.
        """
        found = self._take(message_id, sender, counted_text)
        return None if isinstance(found, bytes) else found

    def begin_when_free(self, message_id: str, sender: str, counted_text: str | None) -> Turn | dict[str, Any]:
        """`begin`, waiting while another process answers the same delivery; if that one is dead or does not come to an
        end, the delivery is taken over."""
        until = time.monotonic() + TAKE_OVER_AFTER
        gone = b""
        while True:
            found = self._take(message_id, sender, counted_text, gone)
            if not isinstance(found, bytes):
                return found
            if is_orphaned(found) or time.monotonic() >= until:
                gone = found
            else:
                time.sleep(0.02)

    def end(self, reply: dict[str, Any], moved: bool = True) -> None:
        """Keep the reply for repeats of the delivery and, if it `moved`, the conversation; then free the sender.

        Without an open turn there is nothing to end.
        """
        turn, self._turn = self._turn, None
        if turn is None:
            return
        if not moved:
            turn.state, turn.erase = None, False
        self._end_turn(turn, self._seals.seal(reply, turn.message_key))

    # --- conversations ----------------------------------------------------------------------------

    def load(self, sender: str) -> dict[str, Any] | None:
        """The position of a conversation; after it has expired, the language that is left of it; else None."""
        turn = self._turn if self._turn and self._turn.sender == sender and self._turn.locked else None
        if turn and turn.position is not None:
            return turn.position
        if turn:
            talk, language = turn.talk, turn.language
        else:
            talk, language = self._answer(lambda server: server.client.mget(_talk_keys(sender)))
        talk_key, language_key = _talk_keys(sender)
        state = self._seals.open(talk, talk_key) if talk else None
        if isinstance(state, dict):
            if turn and language and state.get("language_sure"):
                turn.known_language = state.get("language")
            return state
        code = self._seals.open(language, language_key) if language else self._language_of_meanwhile(sender)
        return {"language": code, "language_sure": True, "introduced": True} if isinstance(code, str) else None

    def _language_of_meanwhile(self, sender: str) -> str | None:
        """What was chosen while Redis was gone. Anything else that is noted here was erased elsewhere."""
        missed = self.languages.missed(sender)
        if missed is None:
            self.languages.forget(sender)
        return missed.language if missed else None

    def missed(self, sender: str) -> Missed | None:
        """In the open turn of `sender`: what Redis missed since it was last told where the conversation stands."""
        missed, turn = self.languages.missed(sender), self._turn
        if missed is None or turn is None:
            return missed
        if turn.talk_age is None:  # nothing is held but the language, which may have been chosen since
            return dataclasses.replace(missed, language=None)
        if turn.talk_age > missed.ago + CLOCK_GRAIN:
            return missed
        return None  # another server has gone on meanwhile, or the last turn was kept and its answer lost

    def kept(self, message_id: str) -> bool:
        """Whether a delivery was answered, and the move with it kept."""
        key = self._message_key(message_id)
        return self._answer(lambda server: server.client.strlen(key)) not in {0, TOKEN_LENGTH}

    def go_on_from(self, sender: str, state: dict[str, Any]) -> None:
        """In the open turn of `sender`: the conversation stands here, as Redis was gone meanwhile."""
        turn = self._turn
        assert turn is not None
        assert (turn.sender, turn.locked) == (sender, True), "nobody else may move it meanwhile"
        turn.position = state

    def note_missed(self, sender: str, state: dict[str, Any], asked: bool, at: float | None = None) -> None:
        """Redis does not know that the conversation stands at `state`, nor, with `asked`, that what it holds is over.
        What is open in a call travels with it."""
        language = state.get("language") if state.get("language_sure") else None
        at = time.monotonic() if at is None else at
        self.languages.note_missed(sender, language, asked and "@" not in sender, at)

    def save(self, sender: str, state: dict[str, Any]) -> None:
        """Store the position of a conversation, and the language for longer; in a turn, when it ends."""
        self._write(sender, state)

    def forget(self, sender: str) -> None:
        """Erase what is kept of a sender, the counter included; in a turn, when it ends."""
        self._write(sender, None)

    def count_abroad(self) -> int:
        """Count a text to a number from elsewhere; how many there were in this minute."""
        return int(self._answer(lambda server: server.count_abroad(["hotline:abroad"])))

    # --- call-backs -------------------------------------------------------------------------------

    def keep_call_back(self, sender: str, wish: dict[str, Any]) -> None:
        """Note that a caller wants to be called back; a second wish replaces the first."""
        key = _call_back_key(sender)
        self._answer(lambda server: server.client.set(key, self._seals.seal(wish, key), ex=CALL_BACK_TTL))

    def call_backs(self) -> dict[str, dict[str, Any]]:
        """The callers who wait for a call: id → wish."""
        found: dict[str, dict[str, Any]] = {}
        for key in self._answer(lambda server: sorted(server.client.scan_iter("hotline:callback:*", count=500))):
            name = key.decode()
            wish = self._seals.open(self._read(name), name)
            if isinstance(wish, dict):
                found[name.rpartition(":")[2]] = wish
        return found

    def _read(self, key: str) -> bytes:
        return self._answer(lambda server: server.client.get(key)) or b""

    def forget_call_back(self, wish_id: str) -> bool:
        """Strike a caller off the list; False when there was none of that id."""
        return bool(self._answer(lambda server: server.client.delete(f"hotline:callback:{wish_id}")))

    # --- what Twilio is to forget ------------------------------------------------------------------

    def note_copy(self, name: str, due: int) -> None:
        """Note that the text or call `name` (Twilio's id) is to be forgotten there at `due`, seconds of the epoch."""
        self._answer(
            lambda server: (
                server.client.pipeline()
                .zadd(_COPIES, {name: due}, nx=True)
                .zremrangebyrank(_COPIES, 0, -MAX_COPIES - 1)
                .execute()
            )
        )

    def copies_due(self, now: int, limit: int) -> list[str]:
        """The first `limit` that are due."""
        found = self._answer(lambda server: server.client.zrangebyscore(_COPIES, 0, now, start=0, num=limit))
        return [name.decode("ascii", "replace") for name in found]

    def put_off_copy(self, name: str, due: int) -> None:
        """Try again at `due`."""
        self._answer(lambda server: server.client.zadd(_COPIES, {name: due}, xx=True))

    def strike_copy(self, name: str) -> None:
        """It is forgotten."""
        self._answer(lambda server: server.client.zrem(_COPIES, name))

    # --- order ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def lock(self, sender: str) -> Iterator[None]:
        """One message of a sender at a time. A waiter sleeps until the holder is done; a dead holder's lock expires.

        Within a turn the lock is the turn's, and `end` gives it back; otherwise the block is a turn of its own.
        """
        turn = self._turn
        if turn and turn.sender == sender:
            self._wait_for_lock(turn)
            yield
            return
        begun = self._begin_turn("", sender, None)
        assert isinstance(begun, Turn), "without a delivery there is nothing to wait for but the lock"
        self._turn = begun
        try:
            self._wait_for_lock(begun)
            yield
        finally:
            self._turn = None
            with contextlib.suppress(MemoryUnavailable):
                self._end_turn(begun, b"")

    # --- inside -----------------------------------------------------------------------------------

    def _take(
        self, message_id: str, sender: str, counted_text: str | None, gone: bytes = b""
    ) -> Turn | dict[str, Any] | bytes:
        """A turn if the delivery is ours now, the stored reply, or the token of whoever has it."""
        found = self._begin_turn(self._message_key(message_id), sender, counted_text, gone)
        if isinstance(found, Turn):
            self._turn = found
            return found
        if len(found) == TOKEN_LENGTH:
            return found
        reply = self._seals.open(found, self._message_key(message_id))
        return reply if isinstance(reply, dict) else {"text": "", "language": "en"}

    def _begin_turn(self, message_key: str, sender: str, counted_text: str | None, gone: bytes = b"") -> Turn | bytes:
        same = ""
        if counted_text is not None:
            same = keyed_hash(f"{sender}:{counted_text}", self.hash_key)[:16]
        self._give_back_what_is_left_over()
        token = new_token()
        keys = [message_key, _lock_key(sender), *_talk_keys(sender), _rate_key(sender), _same_key(sender)]
        keys.append(VERSION_KEY)
        values = [token, int(CLAIM_TTL * 1000), int(LOCK_TTL * 1000), int(bool(same)), gone, same]
        answer = self._answer(lambda server: server.begin(keys, values), ([message_key, _lock_key(sender)], token))
        if not answer[0]:
            return bytes(answer[1])
        _, locked, minute, repeats, talk, language, version, holder, left = answer
        version = version.decode("utf-8", "replace") if version else ""
        turn = Turn(sender, message_key, token, bool(locked), talk, language, _age(left), minute, repeats, version)
        turn.holder = holder or b""
        return turn

    def _wait_for_lock(self, turn: Turn) -> None:
        until = time.monotonic() + LOCK_TTL + SOCKET_TIMEOUT
        keys = [_lock_key(turn.sender), *_talk_keys(turn.sender)]
        while not turn.locked:
            if time.monotonic() > until:
                raise MemoryUnavailable("the lock of a conversation was not released")
            gone = turn.holder if is_orphaned(turn.holder) else b""
            if not gone:
                # Much shorter than the socket's time-out; the holder's release ends it at once.
                self._answer(lambda server: server.client.blpop([_freed_key(turn.sender)], timeout=0.1))
            take = functools.partial(_take_lock, keys, [turn.token, int(LOCK_TTL * 1000), gone])
            locked, turn.talk, turn.language, holder, left = self._answer(take)
            turn.locked, turn.holder, turn.talk_age = bool(locked), holder or b"", _age(left)

    def _write(self, sender: str, state: dict[str, Any] | None) -> None:
        turn = self._turn
        own = turn if turn and turn.sender == sender else None
        written = own or Turn(sender, "", "", False, None, None)
        written.state, written.erase = state, state is None
        if own is None:
            self._end_turn(written, b"")

    def _end_turn(self, turn: Turn, sealed_reply: bytes) -> None:
        talk = language = b""
        if turn.erase:
            self.languages.forget(turn.sender)
        if turn.state is not None:
            talk = self._seals.seal(turn.state, _talk_keys(turn.sender)[0])
            language = self._language_to_keep(turn)
        move = "erase" if turn.erase else "keep" if talk else ""
        sender = turn.sender
        keys = [turn.message_key, _lock_key(sender), _freed_key(sender), *_talk_keys(sender), _rate_key(sender)]
        keys += [_call_back_key(sender), _same_key(sender)]
        values = [turn.token, move, talk, language, sealed_reply, TALK_TTL, LANGUAGE_TTL, REPLY_TTL, turn.talk or b""]
        # If it was kept and only the answer is lost, what is kept is younger than this.
        before = time.monotonic()
        try:
            self._answer(lambda server: server.end(keys, values), ([turn.message_key, _lock_key(sender)], turn.token))
        except MemoryUnavailable:
            if move:
                self.note_missed(sender, turn.state or {}, asked=True, at=before)
            raise
        missed = self.languages.missed(sender)
        # A question by text that Redis missed is not known to it by a call.
        if turn.state is not None and not ("@" in sender and missed and missed.asked):
            self.languages.note(sender, turn.state.get("language") if turn.state.get("language_sure") else None)

    def _language_to_keep(self, turn: Turn) -> bytes:
        """The sealed language code, or nothing where it is not sure or is stored already."""
        state = turn.state or {}
        if not state.get("language_sure"):
            return b""
        code = state.get("language")
        return b"" if code == turn.known_language else self._seals.seal(code, _talk_keys(turn.sender)[1])

    def _message_key(self, message_id: str) -> str:
        return f"hotline:message:{keyed_hash(message_id, self.hash_key)}"


def _age(left: int) -> float | None:
    """Seconds since a position was written, by the milliseconds that it has left."""
    age = TALK_TTL - left / 1000
    return age if left >= 0 <= age else None  # of no age: it was written before a clock was set back


def _take_lock(keys: list[str], values: list[object], server: Connection) -> Any:
    return server.take_lock(keys, values)


def _lock_key(sender: str) -> str:
    return f"hotline:lock:{sender}"


def _freed_key(sender: str) -> str:
    return f"hotline:freed:{sender}"


def _rate_key(sender: str) -> str:
    return f"hotline:rate:{sender}"


def _same_key(sender: str) -> str:
    return f"hotline:same:{sender}"


def _call_back_key(sender: str) -> str:
    conversation, _, person = sender.partition("@")
    return f"hotline:callback:{person or conversation}"


def _talk_keys(sender: str) -> tuple[str, str]:
    """A call is a conversation of its own, "call@person", in the language that is kept for the person."""
    conversation, _, person = sender.partition("@")
    return f"hotline:talk:{conversation}", f"hotline:language:{person or conversation}"
