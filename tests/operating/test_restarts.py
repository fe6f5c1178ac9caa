"""Restarts under load: signed messages go on while processes come and go; none is lost, none is answered twice.

The sender does as Twilio does: what the first address does not answer goes to the fallback of the other server, as the
same delivery.
"""

from __future__ import annotations

import contextlib
import http.client
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.scheduling.contact import new_private_key
from bot.settings import PROJECT
from tests.conftest import RedisServer, WebServer, process_environment, serve
from tests.until import until
from tests.webhooks.test_server import new_number, post

pytestmark = pytest.mark.engine

# Each answer depends on all before it: a message that is lost or counts twice shows in every answer after it.
WALK = ["menu", "3", "1", "back", "2", "repeat", "menu", "1", "more", "español", "menu", "2", "atrás", "1", "repetir"]
SENDERS = 4


class Servers:
    """Two servers on one Redis; the first is Twilio's address, the other its fallback."""

    def __init__(self, redis_url: str, folder: Path) -> None:
        self._environment = process_environment(redis_url)
        self._folder = folder
        self._running: dict[str, ExitStack] = {}
        self.at: dict[str, WebServer] = {}

    def start(self, name: str) -> None:
        stack = ExitStack()
        log = self._folder / f"{name}-{uuid.uuid4().hex[:6]}"
        self.at[name] = stack.enter_context(serve(self._environment, PROJECT, log))
        self._running[name] = stack

    def stop(self, name: str) -> None:
        """By SIGTERM, as every platform does."""
        self._running.pop(name).close()

    def close(self) -> None:
        for name in list(self._running):
            self.stop(name)


@pytest.fixture(scope="module")
def servers(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    servers = Servers(redis_server.url, tmp_path_factory.mktemp("restarts"))
    for name in ("first", "fallback"):
        servers.start(name)
    yield servers
    servers.close()


class Senders(threading.Thread):
    """Residents who walk the same way, one after the other, until they are told to stop."""

    def __init__(self, servers: Servers) -> None:
        super().__init__()
        self.servers = servers
        self.walks: list[list[str | None]] = []
        self.fallbacks = 0
        self.odd_repeats: list[tuple[str | None, str | None]] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            number = new_number()
            self.walks.append([self.send(text, number) for text in WALK])

    def send(self, text: str, number: str) -> str | None:
        message_id = "SM" + uuid.uuid4().hex
        reply = self.deliver(text, number, message_id)
        # Now and then a delivery comes twice, the second time at the other server.
        if message_id[-1] in "0123":
            with contextlib.suppress(OSError, http.client.HTTPException):
                again = post(self.servers.at["fallback"], text, number, message_id, "/fallback/sms").text
                self.odd_repeats += [(reply, again)] if again != reply else []
        return reply

    def deliver(self, text: str, number: str, message_id: str) -> str | None:
        try:
            answer = post(self.servers.at["first"], text, number, message_id)
            if answer.status == 200:
                return answer.text
        except (OSError, http.client.HTTPException):
            pass
        self.fallbacks += 1
        return post(self.servers.at["fallback"], text, number, message_id, "/fallback/sms").text


class Crowd:
    """All senders, and what became of their walks."""

    def __init__(self, servers: Servers) -> None:
        self.senders = [Senders(servers) for _ in range(SENDERS)]

    def __enter__(self) -> Crowd:
        for sender in self.senders:
            sender.start()
        return self

    def __exit__(self, *error: object) -> None:
        for sender in self.senders:
            sender.enough.set()
        for sender in self.senders:
            sender.join()

    @property
    def walks(self) -> list[list[str | None]]:
        return [walk for sender in self.senders for walk in sender.walks]

    @property
    def odd_repeats(self) -> list[tuple[str | None, str | None]]:
        return [pair for sender in self.senders for pair in sender.odd_repeats]

    @property
    def fallbacks(self) -> int:
        return sum(sender.fallbacks for sender in self.senders)

    def go_on(self, walks: int = 2 * SENDERS) -> None:
        """Let so many more walks be finished."""
        enough = len(self.walks) + walks
        until(lambda: len(self.walks) >= enough, "the senders have stopped")


@pytest.fixture(scope="module")
def undisturbed(servers: Servers) -> list[str | None]:
    number = new_number()
    walk = [post(servers.at["first"], text, number).text for text in WALK]
    assert len(set(walk)) > len(WALK) / 2, "the answers differ from step to step"
    return walk


def test_reloading_loses_nothing_and_needs_no_fallback(servers: Servers, undisturbed: list[str | None]) -> None:
    server = servers.at["first"]
    with Crowd(servers) as crowd:
        for _ in range(3):
            before = workers(server)
            server.process.send_signal(signal.SIGHUP)
            until(lambda before=before: len(workers(server) - before) == 2 and not workers(server) & before)  # type: ignore[misc]
            crowd.go_on()
    assert [walk for walk in crowd.walks if walk != undisturbed] == []
    assert crowd.odd_repeats == []
    assert crowd.fallbacks == 0


def workers(server: WebServer) -> set[str]:
    pid = server.process.pid
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def test_one_of_two_servers_is_stopped_and_started(servers: Servers, undisturbed: list[str | None]) -> None:
    with Crowd(servers) as crowd:
        for name in ("first", "fallback"):
            crowd.go_on(SENDERS)
            servers.stop(name)
            crowd.go_on(SENDERS)
            servers.start(name)
        crowd.go_on(SENDERS)
    assert [walk for walk in crowd.walks if walk != undisturbed] == []
    assert crowd.odd_repeats == []
    assert crowd.fallbacks > 0


def test_the_worker_stops_when_it_is_told_to(redis_server: RedisServer, tmp_path: Path) -> None:
    log = tmp_path / "log"
    own = {
        "CONTACT_PRIVATE_KEY": new_private_key(),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'appointments.db'}",
    }
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "-c", "from bot.staff.cli import main; main(['work'])"],
            cwd=PROJECT, env=process_environment(redis_server.url, **own), stdout=output, stderr=output,
        )  # fmt: skip
    try:
        until(lambda: '"state": "ready"' in log.read_text(), "the worker did not start")
        worker.terminate()
        assert worker.wait(timeout=30) == 0
        assert '"state": "stopped"' in log.read_text()
    finally:
        worker.kill()
