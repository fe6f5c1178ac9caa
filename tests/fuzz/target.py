"""What a target of the fuzzer is: where its inputs begin, how they are spoiled, and what must hold for each."""

from __future__ import annotations

import contextlib
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType

# Seconds of computing for one input. The slowest honest one takes a twentieth of it.
LIMIT = 4.0


class Fault(AssertionError):
    """An input did what none may do. The text says what."""


class Hang(BaseException):
    """An input computes without end. Not an Exception, so that no `except Exception` on the way swallows it."""


@dataclass(frozen=True)
class Target:
    """`check` takes one input and raises for a fault: anything but a return is one.

    `share` says how much of a run this target gets; `files` are the modules whose lines are counted as reached.
    """

    name: str
    about: str
    share: int
    seeds: Callable[[], Sequence[bytes]]
    spoil: Callable[[bytes, random.Random], bytes]
    check: Callable[[bytes], None]
    files: tuple[str, ...]


@contextlib.contextmanager
def limited(seconds: float = LIMIT) -> Iterator[None]:
    """Raise Hang in the block after so much computing. The clock of the processor: a busy machine fails nothing, and
    the alarm of `bot.deadline` stays its own."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hang(f"computed for more than {seconds:g} s")

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
