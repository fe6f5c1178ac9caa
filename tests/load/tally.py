"""What is counted while messages go out: answers, waits, and every reply that is not the one due."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field

from tests.traffic.twilio_side import Delivery

LIMIT = 5.0  # seconds nobody may wait longer than
_SHOWN = 10  # faults printed in full


@dataclass
class Tally:
    """The counts of a run, or of a part of it."""

    waits: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def note(self, delivery: Delivery, due: str, where: str) -> None:
        """One message and the reply that was due to it."""
        self.waits.append(delivery.seconds)
        self.counts["messages"] += 1
        if not delivery.answered or delivery.text is None:
            self.fault("unanswered", f"{where}: {delivery.faults}")
        elif delivery.text != due:
            self.fault("wrong", f"{where}: due {due[:60]!r}, came {delivery.text[:60]!r}")
        if delivery.faults:
            self.fault("through the fallback", f"{where}: {delivery.faults}")
        if delivery.seconds > LIMIT:
            self.fault("slow", f"{where}: {delivery.seconds:.1f} s")

    def fault(self, kind: str, example: str) -> None:
        """Something that must not be."""
        self.counts[kind] += 1
        if len(self.examples) < _SHOWN:
            self.examples.append(f"{kind}: {example}")

    def wait_ms(self, percent: int) -> float:
        """The wait that `percent` of the messages stay within."""
        return statistics.quantiles(self.waits, n=100, method="inclusive")[percent - 1] * 1000

    @property
    def clean(self) -> bool:
        """Whether nothing happened that must not."""
        return not self.examples
