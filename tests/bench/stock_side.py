"""The other side: `rasa run` with its own REST channel, Redis tracker store and Redis lock store, one worker."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.bench.processes import free_port, own_redis, running
from tests.bench.side import Message, Request, Side
from tests.bench.stock_project import stock_environment


class StockSide(Side):
    """Rasa's own Sanic server; it keeps connections open, so ours to it is one."""

    title = "stock Rasa"
    path = "/webhooks/rest/webhook"
    keeps_connection = True

    def request(self, message: Message) -> Request:
        """The message as the REST channel takes it."""
        body = json.dumps({"sender": message.sender, "message": message.text}).encode()
        return Request(body, {"Content-Type": "application/json"})

    def is_answer(self, body: bytes) -> bool:
        """A list of texts with something in it."""
        return any(reply.get("text") for reply in json.loads(body))


@contextlib.contextmanager
def serve(model: Path) -> Iterator[StockSide]:
    """Stock Rasa, answering, for as long as the block lasts."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis_port = stack.enter_context(own_redis(folder / "redis"))
        port, log = free_port(), folder / "log"
        _write_settings(folder, redis_port)
        started = time.monotonic()
        process = stack.enter_context(running(_command(model, port), folder, stock_environment(), log))
        side = StockSide(process, port, log)
        side.wait_for_first_answer(started)
        yield side


def _command(model: Path, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(port)),
        *("--model", str(model), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"),
    ]


def _write_settings(folder: Path, redis_port: int) -> None:
    redis = {"type": "redis", "url": "127.0.0.1", "port": redis_port}
    endpoints = {"tracker_store": {**redis, "db": 0}, "lock_store": {**redis, "db": 1}}
    (folder / "endpoints.yml").write_text(yaml.safe_dump(endpoints))
    (folder / "credentials.yml").write_text("rest:\n")
