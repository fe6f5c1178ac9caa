"""One side of the comparison: a server that is up, and how a resident's message reaches it over HTTP."""

from __future__ import annotations

import abc
import http.client
import itertools
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.processes import BenchmarkFailed, last_lines

_START_LIMIT = 300.0
_ANSWER_LIMIT = 60.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Message:
    """What one resident texts; every message has its own number."""

    sender: str
    text: str
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass(frozen=True)
class Request:
    """A message as it goes over the wire, made and signed before the clock runs."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What came back, and the seconds the resident waited."""

    body: bytes
    seconds: float


def new_sender() -> str:
    """The telephone number of someone who has never texted before."""
    return f"+1500{next(_numbers):07d}"


class Side(abc.ABC):
    """A server under measurement."""

    title: str
    path: str
    keeps_connection: bool

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.seconds_to_first_answer = 0.0
        self._log = log
        self._connection: http.client.HTTPConnection | None = None

    @abc.abstractmethod
    def request(self, message: Message) -> Request:
        """The message as this side takes it."""

    @abc.abstractmethod
    def is_answer(self, body: bytes) -> bool:
        """Whether the reply has words for the resident."""

    def failures(self) -> int:
        """Messages of which the server's log says that they failed."""
        return 0

    def send(self, request: Request) -> Answer:
        """Post one message and wait for the whole reply."""
        started = time.perf_counter()
        connection = self._connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=_ANSWER_LIMIT)
        try:
            connection.request("POST", self.path, request.body, request.headers)
            response = connection.getresponse()
            body = response.read()
        except BaseException:
            self._connection = None
            connection.close()
            raise
        if self.keeps_connection:
            self._connection = connection
        else:
            connection.close()
        seconds = time.perf_counter() - started
        if response.status != 200:
            raise BenchmarkFailed(f"{self.title} answered {response.status}: {body[:200]!r}")
        return Answer(body, seconds)

    def wait_for_first_answer(self, started: float) -> None:
        """Ask for the menu until it comes; notes the seconds since `started`."""
        while time.monotonic() - started < _START_LIMIT:
            if self.process.poll() is not None:
                raise BenchmarkFailed(f"{self.title} ended before it answered:\n{self._end_of_log()}")
            try:
                if self.is_answer(self.send(self.request(Message(new_sender(), "menu"))).body):
                    self.seconds_to_first_answer = time.monotonic() - started
                    return
            except (OSError, http.client.HTTPException):
                pass  # it does not listen yet
            time.sleep(0.05)
        raise BenchmarkFailed(f"{self.title} gave no answer in {_START_LIMIT:.0f} seconds:\n{self._end_of_log()}")

    def _end_of_log(self) -> str:
        return "\n".join(last_lines(self._log, 15))
