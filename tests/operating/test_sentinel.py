"""Redis behind real sentinels: the master is killed, and the hotline finds the next one by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import redis_client
from bot.errors import MemoryUnavailable
from bot.releases import Releases
from bot.session_state import Memory, Turn
from bot.settings import PROJECT
from tests.conftest import SECRET, process_environment, serve
from tests.operating.sentinels import Watched, watched
from tests.until import until
from tests.webhooks.test_server import new_number, post


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path) as pair:
        yield pair


def answers(memory: Memory) -> bool:
    try:
        memory.probe()
    except MemoryUnavailable:
        return False
    return True


def test_memory_and_releases_outlive_the_master(pair: Watched) -> None:
    memory, releases = Memory(pair.url, (SECRET,)), Releases(pair.url, (SECRET,))
    assert isinstance(memory.begin("SM-before", "someone"), Turn)
    memory.save("someone", {"page": 3})
    memory.end({"text": "Hello", "language": "en"})
    releases.switch_off("thanks", "Jane", "a test")
    raw = redis_client.client(pair.url, 1.0)
    assert raw.wait(1, 5000) == 1, "the replica has it all"
    gone = pair.kill_master()
    until(lambda: answers(memory), "the memory did not come back")
    assert pair.master != gone
    assert memory.load("someone") == {"page": 3}
    assert memory.begin("SM-before", "someone") == {"text": "Hello", "language": "en"}
    assert "thanks" in releases.switched_off()


@pytest.mark.engine
def test_the_server_answers_meanwhile_and_goes_on_afterwards(pair: Watched, tmp_path: Path) -> None:
    with serve(process_environment(pair.url, WEB_CONCURRENCY="1"), PROJECT, tmp_path / "log") as server:
        number = new_number()
        post(server, "menu", number)
        third = post(server, "3", number).text
        assert redis_client.client(pair.url, 1.0).wait(1, 5000) == 1
        pair.kill_master()
        meanwhile = post(server, "ice is at my door", new_number()).text
        assert "Keep the door closed" in (meanwhile or "")
        memory = Memory(pair.url, (SECRET,))
        until(lambda: answers(memory))
        # The conversation stands where it stood: "repeat" says its last words.
        until(lambda: post(server, "repeat", number).text == third, "the conversation did not go on")
