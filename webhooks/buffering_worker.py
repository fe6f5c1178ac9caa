"""A synchronous gunicorn worker that begins with a request when all of it has arrived.

gunicorn's own reads while it works: whoever sends one byte a second has a whole process, and so has whoever does not
hang up after the answer. Here hundreds of connections wait beside each other for the price of a selector, and the
process is only ever busy with answering.
"""

from __future__ import annotations

import collections
import contextlib
import os
import re
import selectors
import socket
import time
from dataclasses import dataclass, field
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.sync import SyncWorker

from webhooks.security_headers import HEADERS

# Seconds: until a request has arrived; until an answer has left; that a connection is kept open after it, so that what
# is still on its way does not cut the answer off (RFC 9112, 9.6).
ARRIVES_IN, LEAVES_IN, LINGERS = 8.0, 5.0, 2.0
# Of one process. Whoever comes when all are taken has the place of the one who waits longest.
PLACES = 400
MAX_HEAD = 32 * 1024
# Larger ones are refused by their Content-Length, unread.
MAX_BODY = 64 * 1024
_READ_AT_ONCE = 16 * 1024
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_ENCODED = re.compile(rb"^transfer-encoding:[ \t]*(.*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_REASONS = {400: "Bad Request", 408: "Request Timeout", 414: "URI Too Long", 431: "Request Header Fields Too Large"}


def has_arrived(data: bytes | bytearray) -> bool:
    """Whether there is nothing to wait for: the request is whole, or can only be refused."""
    head = data.find(b"\r\n\r\n", 0, MAX_HEAD)
    if head < 0:
        return len(data) > MAX_HEAD
    # The line of the last header ends where the gap begins.
    length, encoded = _LENGTH.search(data, 0, head + 2), _ENCODED.search(data, 0, head + 2)
    # A length that makes no sense, another encoding, or both at once are refused by gunicorn's parser.
    if encoded and not length and encoded[1].lower() == b"chunked":
        return data.endswith(b"0\r\n\r\n") or len(data) > head + MAX_BODY
    if encoded:
        return True
    return length is None or int(length[1]) > MAX_BODY or len(data) >= head + 4 + int(length[1])


def plain_answer(status: int) -> bytes:
    """The answer to what is no HTTP; it says nothing of what came."""
    reason = _REASONS.get(status, "Internal Server Error")
    body = f"{status} {reason}\n"
    head = {"Connection": "close", "Content-Type": "text/plain", "Content-Length": str(len(body)), **HEADERS}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"HTTP/1.1 {status} {reason}\r\n{lines}\r\n{body}".encode()


class ArrivedRequest:
    """A connection as gunicorn's parser and response use it: reading never waits, and the worker closes it."""

    def __init__(self, connection: socket.socket, data: bytes) -> None:
        self._connection = connection
        self._data = memoryview(data)

    def recv(self, size: int) -> bytes:
        taken, self._data = self._data[:size], self._data[size:]
        return bytes(taken)

    def gettimeout(self) -> float:
        return LEAVES_IN

    def settimeout(self, seconds: float | None) -> None:
        """The limits are the worker's."""

    def setblocking(self, flag: bool) -> None:
        """The limits are the worker's."""

    def close(self) -> None:
        self._data = memoryview(b"")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@dataclass(eq=False)
class _Guest:
    """One connection: what has come, until when it may stay, and whether it has its answer."""

    connection: socket.socket
    address: Any
    listener: Any
    until: float
    data: bytearray = field(default_factory=bytearray)
    answered: bool = False
    drained: int = 0


class BufferingWorker(SyncWorker):  # type: ignore[misc]
    """One request at a time in the main thread, as the deadline wants it; many connections that are not there yet."""

    def run(self) -> None:
        self._selector = selectors.DefaultSelector()
        # In the order in which they came; those who linger are always younger than those who are overdue.
        self._guests: collections.OrderedDict[_Guest, None] = collections.OrderedDict()
        for listener in self.sockets:
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(self.PIPE[0], selectors.EVENT_READ)
        while self.alive:
            self.notify()
            for key, _ in self._selector.select(1.0):
                if isinstance(key.data, _Guest):
                    self._read(key.data)
                elif key.fileobj == self.PIPE[0]:
                    os.read(self.PIPE[0], 64)
                else:
                    self._let_in(key.fileobj)
                self.notify()
            self._send_away_who_is_overdue()
            if not self.is_parent_alive():
                return

    def handle_error(self, request: Any, client: Any, address: Any, error: BaseException) -> None:
        """As gunicorn, but the log has neither the address nor what was sent, and the answer neither."""
        status = 500
        if isinstance(error, (ParseException, OSError)):
            status = {LimitRequestLine: 414, LimitRequestHeaders: 431}.get(type(error), 400)
            self.log.warning("Invalid request")
        else:
            self.log.exception("Error handling request")
        with contextlib.suppress(OSError):
            client.sendall(plain_answer(status))

    # --- guests -----------------------------------------------------------------------------------

    def _let_in(self, listener: Any) -> None:
        try:
            connection, address = listener.accept()
        except OSError:
            return  # another process was quicker, or the guest has gone
        connection.setblocking(False)
        if len(self._guests) >= PLACES:
            self._leave(next(iter(self._guests)))
        guest = _Guest(connection, address, listener, time.monotonic() + ARRIVES_IN)
        self._guests[guest] = None
        self._selector.register(connection, selectors.EVENT_READ, guest)
        self._read(guest)

    def _read(self, guest: _Guest) -> None:
        if guest.connection.fileno() < 0:
            return  # sent away since the selector spoke
        try:
            data = guest.connection.recv(_READ_AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if guest.answered:
            guest.drained += len(data)
            if not data or guest.drained > MAX_BODY:
                self._leave(guest)
            return
        guest.data += data
        if not data and not guest.data:
            self._leave(guest)
        elif not data or has_arrived(guest.data):
            self._serve(guest)

    def _serve(self, guest: _Guest) -> None:
        self._guests.move_to_end(guest)
        guest.connection.settimeout(LEAVES_IN)
        self.handle(guest.listener, ArrivedRequest(guest.connection, bytes(guest.data)), guest.address)
        self._linger(guest)

    def _linger(self, guest: _Guest) -> None:
        guest.answered, guest.data = True, bytearray()
        guest.until = time.monotonic() + LINGERS
        with contextlib.suppress(OSError):
            guest.connection.shutdown(socket.SHUT_WR)
        try:
            guest.connection.setblocking(False)
        except OSError:
            self._leave(guest)

    def _send_away_who_is_overdue(self) -> None:
        now = time.monotonic()
        for guest in [guest for guest in self._guests if guest.until < now]:
            if guest.data:
                with contextlib.suppress(OSError):
                    guest.connection.send(plain_answer(408))
            self._leave(guest)

    def _leave(self, guest: _Guest) -> None:
        self._guests.pop(guest, None)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(guest.connection)
        guest.connection.close()
