"""The one connection to Redis that a process speaks on: what fails is told in one way, and nothing is left hanging."""

from __future__ import annotations

import collections
import functools
import os
import time
import weakref
from collections.abc import Callable
from typing import Any

import redis

from bot import redis_client
from bot.counting.counters import count
from bot.errors import MemoryUnavailable
from bot.turn_scripts import BEGIN, COUNT_ABROAD, END, GIVE_BACK, TAKE_LOCK

# A turn asks Redis two or three times, and others wait for the process meanwhile.
SOCKET_TIMEOUT = 0.6
# After a failure Redis is left alone for so long: a dead server must not cost every message its time-out.
REST_AFTER_FAILURE = 2.0

Held = tuple[list[str], str]  # keys and the token that stands there


class Connection:
    """One connection to the server, and the scripts it runs. Not for two threads at once."""

    def __init__(self, url: str) -> None:
        self.client = redis_client.client(url, SOCKET_TIMEOUT, one_connection=True)
        self.begin = self.client.register_script(BEGIN)
        self.take_lock = self.client.register_script(TAKE_LOCK)
        self.end = self.client.register_script(END)
        self.give_back = self.client.register_script(GIVE_BACK)
        self.count_abroad = self.client.register_script(COUNT_ABROAD)


class RedisLink:
    """Asks Redis. Every method raises MemoryUnavailable when Redis does not answer in time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._rest_until = 0.0
        # Of turns that could not be begun or ended.
        self._left_over: collections.deque[Held] = collections.deque(maxlen=16)
        # A forked child must not speak on its parent's connection.
        forget = weakref.WeakMethod(self._forget_connection)
        os.register_at_fork(after_in_child=lambda: (method := forget()) and method())

    def probe(self) -> None:
        """Return if Redis keeps what it is given; raise MemoryUnavailable otherwise, even while it is left alone."""
        self._rest_until = 0.0
        self._answer(lambda server: server.client.set("hotline:probe", 1, ex=60))

    def room(self) -> tuple[int, int, str]:
        """Bytes used, bytes allowed (0: no limit), and what Redis throws away when they are used up."""
        found = self._answer(lambda server: server.client.info("memory"))
        return int(found["used_memory"]), int(found.get("maxmemory", 0)), str(found.get("maxmemory_policy", ""))

    def disconnect(self) -> None:
        """Drop the connection: an answer was broken off in the middle of a command."""
        connection, self._connection = self._connection, None
        if connection:
            connection.client.connection_pool.disconnect()

    def _give_back_what_is_left_over(self) -> None:
        """Or the sender would wait for a turn that is over."""
        while self._left_over:
            keys, token = self._left_over[-1]
            self._answer(functools.partial(_give_back, keys, token))
            self._left_over.pop()

    def _answer(self, command: Callable[[Connection], Any], holds: Held | None = None) -> Any:
        """What Redis answers. A connection that it closed meanwhile is replaced and `command` sent again: every command
        here may be sent twice. `holds` is what Redis may go on holding for us where no answer comes: a server that hung
        does everything when it goes on."""
        if time.monotonic() < self._rest_until:
            raise MemoryUnavailable("Redis did not answer a moment ago")
        try:
            try:
                return command(self._connect())
            except redis.ConnectionError:
                self.disconnect()
                return command(self._connect())
        except redis.ResponseError as refusal:
            # It answers, and refuses: full, read-only, or without a disk. What it holds can still be read; a new
            # connection may lead to a server that takes it again.
            self._drop_connection(holds)
            why = redis_client.why(refusal)
            count("hotline_redis_failures", why=why)
            raise MemoryUnavailable(f"Redis refuses: {why}", why) from refusal
        except (redis.RedisError, OSError) as error:
            self._drop_connection(holds)
            self._rest_until = time.monotonic() + REST_AFTER_FAILURE
            why = redis_client.why(error)
            count("hotline_redis_failures", why=why)
            raise MemoryUnavailable(f"Redis does not answer: {why}", why) from error

    def _drop_connection(self, holds: Held | None) -> None:
        self.disconnect()
        if holds:
            self._left_over.append(holds)

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(self._url)
        return self._connection

    def _forget_connection(self) -> None:
        self._connection = None


def _give_back(keys: list[str], token: str, server: Connection) -> Any:
    return server.give_back(keys, [token])
