"""The way to the tables when the database is not as it should be."""

from __future__ import annotations

import socket
import sqlite3
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.deadline import deadline
from bot.errors import DeadlineExceeded, DeskUnavailable
from bot.scheduling import tables
from bot.scheduling.tables import Database


def test_a_locked_database_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(f"sqlite:///{tmp_path / 'appointments.db'}")
    database.migrate()
    other = sqlite3.connect(tmp_path / "appointments.db", isolation_level=None)
    other.execute("begin exclusive")
    waits = []
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(DeskUnavailable), database.writing():
            pass
        waits.append(time.monotonic() - started)
    assert waits[0] > 1 > waits[1] + waits[2]
    other.execute("rollback")
    monkeypatch.setattr(tables.time, "monotonic", lambda now=time.monotonic: now() + tables.REST_AFTER_FAILURE)
    with database.writing() as connection:
        assert connection.execute(sa.select(tables.appointments)).all() == []


def silent() -> tuple[socket.socket, str]:
    """Something that takes connections and never says a word, and its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"postgresql://someone:secret@127.0.0.1:{listener.getsockname()[1]}/hotline"


def test_a_postgresql_that_hangs_is_not_waited_for_long() -> None:
    listener, url = silent()
    with listener, pytest.raises(DeskUnavailable), Database(url).reading():
        pass


def test_a_deadline_is_kept_while_postgresql_hangs() -> None:
    listener, url = silent()
    started = time.monotonic()
    with listener, pytest.raises(DeadlineExceeded), deadline(0.3), Database(url).reading():
        pass
    assert time.monotonic() - started < 1.5
