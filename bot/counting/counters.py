"""The counters: their names, labels and meaning, said once. Counting never fails and never costs a reply."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.counting import folder

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

# name → (meaning, labels). The values of a label are few and ours: never a number, an id or a text.
COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "hotline_requests": ("Requests, by route and status.", ("route", "status")),
    "hotline_signature_refusals": ("Requests that Twilio has not signed, by route.", ("route",)),
    "hotline_turns": (
        "Texts and turns of calls, by what came of them; failed and too_slow got the apology.",
        ("channel", "outcome"),
    ),
    "hotline_rate_limited": ("Texts over the limits; said: one was told so, silent: the others.", ("how",)),
    "hotline_deliveries": ("Delivery reports of our texts, by state.", ("state",)),
    "hotline_copies": ("Twilio's copies that were to be forgotten: forgotten, refused, not_noted.", ("outcome",)),
    "hotline_redis_failures": ("Commands that Redis did not carry out, by why.", ("why",)),
    "hotline_database_failures": ("Times that the database of appointments did not answer.", ()),
    "hotline_handoffs": ("Tries to hand an appointment to the partner, by outcome.", ("outcome",)),
    "hotline_reminders": ("Reminders that were due, by outcome.", ("outcome",)),
    "hotline_releases_refused": ("Releases that could not be served; the one before went on.", ()),
    "hotline_conversations": ("Conversations, by channel and language.", ("channel", "language")),
    "hotline_understanding": (
        "Conversations in which a text was understood, and in which one was not.",
        ("language", "understood"),
    ),
    "hotline_emergencies": ("Conversations in which an emergency was answered, by topic.", ("topic",)),
}
# These are split by what a person is or lives through. A conversation counts once in each of their series, and they
# are shown in full tens: behind every number stand ten conversations or more.
FLOORED = frozenset({"hotline_conversations", "hotline_understanding", "hotline_emergencies"})
FLOOR = 10

SECONDS = "hotline_request_seconds"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass
class Counts:
    """The counters of this process, or of all that share a folder."""

    registry: CollectorRegistry
    counters: dict[str, Counter]
    seconds: Histogram
    # False when there was no room for this process's numbers.
    kept: bool = True


@functools.cache
def counts() -> Counts:
    """The counters; made when the first is needed, after it is known whether processes share a folder."""
    where = folder.shared()
    if where is not None and not folder.reserve(where):
        folder.forget()
    from prometheus_client import CollectorRegistry, Counter, Histogram

    registry = CollectorRegistry()
    counters = {name: Counter(name, meaning, labels, registry=registry) for name, (meaning, labels) in COUNTERS.items()}
    seconds = Histogram(SECONDS, "How long requests took, by route.", ("route",), buckets=_BUCKETS, registry=registry)
    return Counts(registry, counters, seconds)


def begin_in_child() -> None:
    """In a process that was forked: take files of our own before the first request."""
    where = folder.shared()
    found = counts()
    found.kept = where is None or folder.reserve(where)
    if found.kept:
        found.counters["hotline_database_failures"].inc(0)  # the library lets go of the parent's files here


def count(name: str, **labels: str) -> None:
    """Add one to a counter."""
    with contextlib.suppress(Exception):
        found = counts()
        if found.kept:
            counter = found.counters[name]
            (counter.labels(**labels) if labels else counter).inc()


def count_seconds(route: str, seconds: float) -> None:
    """Note how long a request took."""
    with contextlib.suppress(Exception):
        found = counts()
        if found.kept:
            found.seconds.labels(route).observe(seconds)
