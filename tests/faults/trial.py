"""One fault: residents before it, during it and after it; what they got, and how long until all is as ever."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from tests.faults.bookers import Bookers
from tests.faults.catalogue import HELD, LOST, REFUSED, SPEECHLESS, Fault
from tests.faults.crowd import Crowd, Findings
from tests.faults.stage import Stage
from tests.traffic.residents import QUESTION, new_number

_LONGEST_TRAINING, _IN_A_ROW = 400.0, 20


@dataclass(frozen=True)
class Length:
    """How much of everything: residents at a time, sleepers, seconds before, during and after."""

    residents: int
    sleepers: int
    before: float
    during: float
    after: float


FULL, QUICK = Length(12, 24, 3.0, 10.0, 12.0), Length(8, 4, 0.2, 1.0, 2.4)


@dataclass(frozen=True)
class Outcome:
    """What a fault did. `recovered` are the seconds from its end until every reply was the one due."""

    fault: Fault
    found: Findings
    sleepers: int
    kept: int
    recovered: float

    @property
    def faults(self) -> dict[str, int]:
        """How often what must not be was, by its kind and first example."""
        wrong = {
            f"{kind}, such as {example}": self.found.counts[kind]
            for kind, example in self.found.faults.items()
            if not (self.fault.alone and kind == "unanswered")
        }
        if self.kept < self.sleepers and self.fault.memory != LOST:
            wrong[f"of {self.sleepers} sleeping conversations lost"] = self.sleepers - self.kept
        if self.fault.memory == HELD and not self.fault.books and self.found.counts["help"]:
            wrong["got help instead of the reply that was due"] = self.found.counts["help"]
        return wrong


async def put_to_trial(stage: Stage, fault: Fault, length: Length) -> Outcome:
    """Break it, mend it, and watch."""
    crowd = Crowd(
        stage.twilio, stage.expected, stage.judge, fault.memory == LOST, fault.memory in {SPEECHLESS, REFUSED}
    )
    sleepers = await crowd.fall_asleep(length.sleepers)
    bookers = Bookers(stage.twilio, stage.judge, crowd.found)
    texting = asyncio.gather(crowd.text_until_told(length.residents), bookers.text_until_told(3 if fault.books else 0))
    await asyncio.sleep(length.before)
    assert fault.strike
    async with fault.strike(stage):
        await asyncio.sleep(length.during if length is QUICK else max(length.during, fault.least))
    mended = time.monotonic()
    if fault.memory == SPEECHLESS:
        await _understood_again(stage)
    await asyncio.sleep(length.after)
    crowd.stop()
    bookers.stop()
    await texting
    bookers.compare(stage.database)
    kept = await crowd.wake_up(sleepers)
    late = max((asked - mended for asked in crowd.found.late), default=0.0)
    return Outcome(fault, crowd.found, len(sleepers), kept, max(late, 0.0))


async def _understood_again(stage: Stage) -> None:
    """Return when a question in free words is answered in every process."""
    told, asked = 0, stage.expected[0]
    until = time.monotonic() + _LONGEST_TRAINING
    while told < _IN_A_ROW and time.monotonic() < until:
        number = new_number()
        await stage.twilio.deliver(number, asked.texts[0])
        reply = (await stage.twilio.deliver(number, asked.texts[QUESTION])).text
        told = told + 1 if reply == asked.replies[QUESTION] else 0
        await asyncio.sleep(0.2)
