"""What is broken: each fault is a block that lasts as long as it does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.stage import CLOCK, COPY, SECOND, Stage, full, set_clock
from tests.faults.web_server import WebServer

Strike = Callable[[Stage], AbstractAsyncContextManager[None]]
HELD, REFUSED, LOST, SPEECHLESS = "held", "refused", "lost", "speechless"


@dataclass(frozen=True)
class Fault:
    """One thing that breaks.

    `memory` is what Redis does meanwhile: `held`, so that every reply has to be the one due; `refused`, so that help in
    the resident's language will do, and conversations go on afterwards; `lost`, so that they begin anew;
    `speechless`, so that questions in free words are not understood and everything else is answered as ever.
    """

    name: str
    what: str
    strike: Strike | None
    memory: str = HELD
    alone: bool = False  # while it lasts nobody can answer: what is not answered is counted, and no fault
    needs: str = ""  # of tests.faults.stage.set_up
    books: bool = False  # appointments are made meanwhile
    least: float = 0.0  # seconds that it has to last to show anything, in the long run


# --- processes ------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def _worker_killed(stage: Stage) -> AsyncIterator[None]:
    """Several times, in the middle of a turn: with Redis far away, turns take most of the time."""
    stage.wire.delay = 0.05
    try:
        for _ in range(4):
            if processes := stage.server.processes():
                os.kill(random.choice(processes), signal.SIGKILL)
            # Time for the fallback's answer: who is hit by two deaths at once has nobody left to ask.
            await asyncio.sleep(2.0)
        yield
    finally:
        stage.wire.let_through()


@contextlib.asynccontextmanager
async def _worker_frozen(stage: Stage) -> AsyncIterator[None]:
    """As by a machine that is out of memory: nothing of it moves, then it goes on."""
    stage.wire.delay = 0.05
    await asyncio.sleep(0.3)
    process = random.choice(stage.server.processes())
    os.kill(process, signal.SIGSTOP)
    stage.wire.let_through()
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


@contextlib.asynccontextmanager
async def _master_killed(stage: Stage) -> AsyncIterator[None]:
    await _start_anew(stage.server)
    yield


async def _start_anew(server: WebServer) -> None:
    """Killed, started again by whoever keeps it running; returns when it answers."""
    starts = server.starts
    server.end(signal.SIGKILL)
    while server.starts == starts or not await server.answers():
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def _workers_renewed(stage: Stage) -> AsyncIterator[None]:
    """As at a new release: every process is asked to end."""
    for process in stage.server.processes():
        os.kill(process, signal.SIGTERM)
        await asyncio.sleep(0.5)
    yield


def _model(breaking: Callable[[Path], None], spare_too: bool) -> Strike:
    """The file is broken, then one server after the other starts anew, as at a release. A training that nobody has to
    begin mends it."""

    @contextlib.asynccontextmanager
    async def strike(stage: Stage) -> AsyncIterator[None]:
        folders = ("models", ".hotline/models") if spare_too else ("models",)
        for folder in folders:
            for model in (stage.server.folder / folder).glob("*.tar.gz"):
                breaking(model)
        for server in stage.servers:
            await _start_anew(server)
        yield

    return strike


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100_000])


# --- Redis ----------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def _redis_killed(stage: Stage) -> AsyncIterator[None]:
    await asyncio.to_thread(stage.redis.kill)
    try:
        yield
    finally:
        await asyncio.to_thread(stage.redis.start)


@contextlib.asynccontextmanager
async def _redis_lost(stage: Stage) -> AsyncIterator[None]:
    await asyncio.to_thread(stage.redis.kill)
    stage.redis.forget_everything()
    stage.redis.keeps = False
    try:
        yield
    finally:
        await asyncio.to_thread(stage.redis.start)


def _slow(seconds: float) -> Strike:
    @contextlib.asynccontextmanager
    async def strike(stage: Stage) -> AsyncIterator[None]:
        stage.wire.delay = seconds / 2
        try:
            yield
        finally:
            stage.wire.let_through()

    return strike


@contextlib.asynccontextmanager
async def _redis_hangs(stage: Stage) -> AsyncIterator[None]:
    stage.wire.hang()
    try:
        yield
    finally:
        stage.wire.let_through()


def _set(**values: str) -> Strike:
    """Settings of Redis for as long as it lasts."""

    @contextlib.asynccontextmanager
    async def strike(stage: Stage) -> AsyncIterator[None]:
        client = stage.redis.client
        named = {name.replace("_", "-"): value for name, value in values.items()}
        before = {name: client.config_get(name)[name] for name in named}
        for name, value in named.items():
            client.config_set(name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                client.config_set(name, value)

    return strike


@contextlib.asynccontextmanager
async def _redis_read_only(stage: Stage) -> AsyncIterator[None]:
    """As after a failover, when the address still leads to what has become a replica."""
    client = stage.redis.client
    # Of nobody: it keeps what it has and waits.
    client.config_set("replica-serve-stale-data", "yes")
    client.replicaof("127.0.0.1", 9)
    try:
        yield
    finally:
        client.replicaof("NO", "ONE")


# --- disk, database, clock, content -----------------------------------------------------------------


@contextlib.asynccontextmanager
async def _disk_full(stage: Stage) -> AsyncIterator[None]:
    processes = [stage.server.master, *stage.server.processes(), *stage.redis.processes()]
    with full(stage.disk, processes):
        yield


@contextlib.asynccontextmanager
async def _database_locked(stage: Stage) -> AsyncIterator[None]:
    connection = sqlite3.connect(stage.database, isolation_level=None)
    connection.execute("begin exclusive")
    try:
        yield
    finally:
        connection.execute("rollback")
        connection.close()


def _clock_off(seconds: int) -> Strike:
    @contextlib.asynccontextmanager
    async def strike(stage: Stage) -> AsyncIterator[None]:
        assert stage.clock
        set_clock(stage.clock, seconds)
        try:
            yield
        finally:
            set_clock(stage.clock, 0)

    return strike


@contextlib.asynccontextmanager
async def _broken_release(stage: Stage) -> AsyncIterator[None]:
    """What a release must never be, put past the command that refuses it, in one way after the other."""
    client = stage.redis.client
    good = '{"number": 7, "id": "x", "by": "nobody", "at": "now"}'
    for active, off, bundle in (
        (good, None, b"not a bundle"),
        ("{", None, None),
        ('{"number": "seven"}', None, None),
        (None, "not a table", None),
        (good, None, _empty_bundle()),
        (good, None, _torn_flow()),
    ):
        client.delete("hotline:active", "hotline:off", "hotline:release:x")
        if active:
            client.set("hotline:active", active)
        if off:
            client.set("hotline:off", off)
        if bundle:
            client.set("hotline:release:x", bundle)
        client.incr("hotline:content")
        await asyncio.sleep(0.5)
    try:
        yield
    finally:
        client.delete("hotline:active", "hotline:off", "hotline:release:x")
        client.incr("hotline:content")


def _empty_bundle() -> bytes:
    from bot.releases import Bundle

    return Bundle({}, {"en": []}, "").to_bytes()


def _torn_flow() -> bytes:
    from bot.releases import Bundle

    flows = {"flows/phrases.yml": "phrases: {apology: {say: [}", "flows/x.yml": ": : :"}
    return Bundle(flows, {"en": []}, "x").to_bytes()


TEXTING = Fault("texting-fails", "Twilio's REST interface fails, in five ways", None, SPEECHLESS)
FAULTS = (
    Fault("worker-killed", "a web process killed (SIGKILL), four times", _worker_killed),
    Fault("worker-renewed", "every web process asked to end", _workers_renewed),
    Fault("worker-frozen", "a web process stopped, then going on", _worker_frozen, least=17),
    Fault("master-killed", "the only web server killed and started again", _master_killed, alone=True),
    Fault("server-killed", "one of two web servers killed and started again", _master_killed, needs=SECOND),
    Fault(
        "model-corrupt",
        "the model's file cut off, as two servers start anew",
        _model(_truncate, False),
        needs=COPY,
    ),
    Fault(
        "model-missing",
        "the model gone, and its spare, as two servers start anew",
        _model(Path.unlink, True),
        SPEECHLESS,
        needs=COPY,
    ),
    Fault("redis-killed", "Redis killed and started again, with its append-only file", _redis_killed, REFUSED),
    Fault("redis-lost", "Redis killed and started again without anything", _redis_lost, LOST),
    Fault("redis-slow", "Redis 50 ms away", _slow(0.05)),
    Fault("redis-slower", "Redis 400 ms away", _slow(0.4), REFUSED),
    Fault("redis-slowest", "Redis 900 ms away", _slow(0.9), REFUSED),
    Fault("redis-hangs", "Redis takes connections and says nothing", _redis_hangs, REFUSED),
    Fault("redis-full", "Redis full (maxmemory, noeviction)", _set(maxmemory="1000000"), REFUSED),
    Fault("redis-no-replica", "Redis refuses writes (min-replicas-to-write)", _set(min_replicas_to_write="1"), REFUSED),
    Fault("redis-read-only", "Redis has become a replica (read only)", _redis_read_only, REFUSED),
    Fault("disk-full", "the disk full: log, appointments, Redis", _disk_full, REFUSED, books=True),
    Fault("database-locked", "the appointments locked by another program", _database_locked, books=True),
    Fault("release-broken", "a broken release, in six ways", _broken_release),
    Fault("clock-day-ahead", "the clock jumps a day ahead and back", _clock_off(86400), needs=CLOCK),
    Fault("clock-day-back", "the clock jumps a day back and ahead", _clock_off(-86400), needs=CLOCK),
    Fault("clock-hour-ahead", "the clock jumps an hour ahead and back", _clock_off(3600), needs=CLOCK),
    Fault("clock-hour-back", "the clock jumps an hour back and ahead", _clock_off(-3600), needs=CLOCK),
    TEXTING,
)
