"""Waiting for PostgreSQL: not for ever, and so that an alarm is heard meanwhile.

Its driver waits inside C, where the deadline of an answer cannot reach: a server that hangs would hold a web process
until that is killed. With a callback it waits here.
"""

from __future__ import annotations

import select
import time
from typing import Any

import psycopg2
from psycopg2 import extensions


def wait_no_longer_than(seconds: float) -> None:
    """From now on every wait of the driver ends after `seconds`, with an OperationalError and a closed connection."""

    def wait(connection: Any) -> None:
        until = time.monotonic() + seconds
        while (state := connection.poll()) != extensions.POLL_OK:
            left = until - time.monotonic()
            read = [connection.fileno()] if state == extensions.POLL_READ else []
            write = [connection.fileno()] if state == extensions.POLL_WRITE else []
            if left <= 0 or not any(select.select(read, write, [], left)):
                # Else what it answers later would be taken for the answer to something else.
                connection.close()
                raise psycopg2.OperationalError("PostgreSQL does not answer")

    extensions.set_wait_callback(wait)
