"""Slow and half-open connections against gunicorn with the project's own settings: others are answered meanwhile."""

from __future__ import annotations

import contextlib
import socket
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tests.conftest import WebServer
from tests.webhooks.test_server import new_number, post
from webhooks import buffering_worker
from webhooks.buffering_worker import has_arrived

pytestmark = pytest.mark.engine

# More than there are processes, by far.
MANY = 60
HEAD = b"POST /sms HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n"
SLOW = [
    ("says nothing", b""),
    ("sends half a line", b"POST /sm"),
    ("never ends its headers", HEAD),
    ("sends less than it has promised", HEAD + b"\r\nBody=1"),
    ("never ends its chunks", b"POST /sms HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nBody=\r\n"),
    ("does not hang up after its answer", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("does not hang up after a refusal", b"\x16\x03\x01\x02\x00\r\n\r\n"),
]


@contextlib.contextmanager
def connections(server: WebServer, sent: bytes) -> Iterator[list[socket.socket]]:
    opened = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(MANY)]
    try:
        for one in opened:
            one.sendall(sent)
        yield opened
    finally:
        for one in opened:
            one.close()


@pytest.mark.parametrize("sent", [row[1] for row in SLOW], ids=[row[0] for row in SLOW])
def test_others_are_answered_while_many(web_server: WebServer, sent: bytes) -> None:
    """Each of these held a whole process before, for two to twenty seconds."""
    with connections(web_server, sent) as slow:
        time.sleep(0.2)
        for _ in range(5):
            assert post(web_server, "menu", new_number()).text
        # Nobody was cut off for it: they were only not waited for.
        slow[0].setblocking(False)
        with contextlib.suppress(BlockingIOError):
            slow[0].recv(1)


def test_one_byte_at_a_time_is_sent_away_with_a_word(web_server: WebServer) -> None:
    """A request has one limit for all of it: a byte now and then does not renew it."""
    with socket.create_connection(("127.0.0.1", web_server.port), timeout=40) as slow:
        answer = b""
        slow.settimeout(1.0)
        while not answer:
            with contextlib.suppress(OSError):
                slow.sendall(b"P")
            with contextlib.suppress(TimeoutError, socket.timeout):
                answer = slow.recv(100)
                break
    assert answer.startswith(b"HTTP/1.1 408 "), answer


def test_a_request_in_pieces_is_put_together(web_server: WebServer) -> None:
    with socket.create_connection(("127.0.0.1", web_server.port), timeout=30) as one:
        for piece in (b"GET /hea", b"lthz HTTP/1.1\r\nHo", b"st: x\r\n\r", b"\n"):
            one.sendall(piece)
            time.sleep(0.05)
        assert b"200 OK" in one.recv(200)


def test_more_connections_than_there_are_places(web_server: WebServer) -> None:
    """Whoever waits longest makes room; who comes with a whole request is answered."""
    opened = []
    try:
        for _ in range(2 * buffering_worker.PLACES + 50):
            opened.append(socket.create_connection(("127.0.0.1", web_server.port), timeout=30))
            opened[-1].sendall(b"P")
        with urllib.request.urlopen(f"{web_server.url}/healthz", timeout=30) as response:
            assert response.status == 200
    finally:
        for one in opened:
            one.close()


ARRIVED = [
    ("nothing", b"", False),
    ("half of a head", HEAD, False),
    ("a head that is enough", b"GET / HTTP/1.1\r\n\r\n", True),
    ("less than promised", HEAD + b"\r\n" + b"a" * 39, False),
    ("all that was promised", HEAD + b"\r\n" + b"a" * 40, True),
    ("too much was promised", b"POST / HTTP/1.1\r\ncontent-LENGTH:  99999999\r\n\r\n", True),
    ("a length that is none", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", True),
    ("chunks", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", False),
    ("the last chunk", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", True),
    ("a length and chunks", HEAD + b"Transfer-Encoding: chunked\r\n\r\n", True),
    ("a head without end", b"a" * (buffering_worker.MAX_HEAD + 1), True),
    ("chunks without end", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"a" * 70_000, True),
]


@pytest.mark.parametrize(("data", "whole"), [row[1:] for row in ARRIVED], ids=[row[0] for row in ARRIVED])
def test_when_a_request_has_arrived(data: bytes, whole: bool) -> None:
    assert has_arrived(data) is whole
