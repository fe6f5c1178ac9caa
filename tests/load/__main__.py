"""`make load`: many residents in bursts. `make soak`: few, for long.

python -m tests.load [--senders N] [--burst N] [--processes N]
python -m tests.load --minutes N [--rate N]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator

import redis

from bot.errors import HotlineError
from tests.bench import hotline_side, report
from tests.bench.processes import BenchmarkFailed, cpu_seconds, memory_use
from tests.load.sending import HASTY, REPEATED, converse
from tests.load.tally import Tally
from tests.traffic.residents import TEXTS, Expected, NoReference, conversation, listen
from tests.traffic.twilio_side import TwilioSide

ROWS = 10  # of the table
MAY_GROW = 0.02  # of memory, from the end of the first tenth to the end of the last
_SEED = 20260  # the same residents in each run


def main() -> int:
    """Send, count, print, write. Returns the exit code."""
    options = _options()
    try:
        with hotline_side.serve(options.processes) as side:
            return asyncio.run(_Run(side, options).go())
    except (BenchmarkFailed, HotlineError, NoReference) as fault:
        print(f"The load could not be put on: {fault}", file=sys.stderr)
        return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description="Many residents, or few for long.")
    parser.add_argument("--senders", type=int, default=10_000, help="residents, ten texts each (default: %(default)s)")
    parser.add_argument("--burst", type=int, default=200, help="who begin in one instant (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=0.0, help="instead of bursts: steady traffic for so long")
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second of it (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="web processes (default: %(default)s)")
    parser.add_argument("--note", default="", help="a line for the table, such as what else the machine did")
    return parser.parse_args()


class _Run:
    def __init__(self, side: hotline_side.HotlineSide, options: argparse.Namespace) -> None:
        self._side = side
        self._options = options
        self._twilio = TwilioSide([side.port])
        self._redis = redis.Redis(port=side.redis_port)
        self._chance = random.Random(_SEED)
        self._expected: list[Expected] = []
        self._rows: list[str] = []
        self._memory: list[float] = []
        self._whole = Tally()

    async def go(self) -> int:
        self._expected = [await listen(self._twilio, language) for language in TEXTS]
        started, cpu = time.monotonic(), cpu_seconds(self._side.process.pid)
        async for part in self._steady() if self._options.minutes else self._in_bursts():
            self._note(part, time.monotonic() - started)
        seconds, cpu = time.monotonic() - started, cpu_seconds(self._side.process.pid) - cpu
        grown = self._memory[-1] / self._memory[0] - 1
        text = self._markdown(seconds, cpu, grown)
        print(f"\n{text}")
        print(report.write(text, "soak" if self._options.minutes else "load"))
        for example in self._whole.examples:
            print(f"  {example}")
        return 0 if self._whole.clean and grown < MAY_GROW else 1

    async def _in_bursts(self) -> AsyncIterator[Tally]:
        """Bursts of residents who begin together; the next burst comes when the last of one has ended."""
        left, part, size = self._options.senders, Tally(), -(-self._options.senders // ROWS)
        begun = 0
        while left > 0:
            number = min(left, self._options.burst, size - begun)
            await asyncio.gather(*(converse(self._twilio, self._next(), part, self._chance) for _ in range(number)))
            left, begun = left - number, begun + number
            if begun >= size or left <= 0:
                yield part
                part, begun = Tally(), 0

    async def _steady(self) -> AsyncIterator[Tally]:
        """Residents who begin one after the other, at even distances."""
        gap = len(conversation("en")) / self._options.rate
        whole = self._options.minutes * 60
        for _ in range(ROWS):
            part, until, talks = Tally(), time.monotonic() + whole / ROWS, set[asyncio.Task[None]]()
            while time.monotonic() < until:
                talk = asyncio.create_task(converse(self._twilio, self._next(), part, self._chance))
                talks.add(talk)
                talk.add_done_callback(talks.discard)
                await asyncio.sleep(gap)
            await asyncio.gather(*talks)
            yield part

    def _next(self) -> Expected:
        return self._chance.choice(self._expected)

    def _note(self, part: Tally, seconds: float) -> None:
        memory = memory_use(self._side.process.pid).pss
        self._memory.append(memory)
        held = self._redis.info("memory")["used_memory"] / 2**20
        self._whole.waits += part.waits
        self._whole.counts += part.counts
        self._whole.examples += part.examples
        wrong = sum(part.counts[kind] for kind in ("unanswered", "wrong", "repeat differs", "slow"))
        self._rows.append(
            f"| {self._whole.counts['messages']:,} | {seconds / 60:.1f} | {part.wait_ms(50):.0f} | "
            f"{part.wait_ms(99):.0f} | {max(part.waits) * 1000:.0f} | {wrong} | {memory:.0f} | {held:.0f} |"
        )
        print(self._rows[-1], flush=True)

    def _markdown(self, seconds: float, cpu: float, grown: float) -> str:
        counts, options = self._whole.counts, self._options
        rate, cost = counts["messages"] / seconds, cpu / counts["messages"] * 1000
        how = f"about {options.rate:g} messages a second" if options.minutes else f"bursts of {options.burst} residents"
        lines = [
            "| messages so far | minutes | wait p50, ms | wait p99, ms | longest, ms | faults | web processes, PSS, MB"
            " | Redis, MB |",
            "|---:|---:|---:|---:|---:|---:|---:|---:|",
            *self._rows,
            "",
            f"- {counts['messages']:,} messages in {seconds / 60:.1f} minutes ({how}, {options.processes} processes,"
            f" {rate:.0f} a second, {cost:.1f} ms CPU each), and {counts['repeats']:,} repeats at the same time.",
            f"- Not answered: {counts['unanswered']}. Another reply than the one due at this place of the conversation:"
            f" {counts['wrong']}. Repeats with another reply: {counts['repeat differs']}. Over 5 s: {counts['slow']};"
            f" the longest wait was {max(self._whole.waits):.2f} s. Through the fallback:"
            f" {counts['through the fallback']}.",
            f"- {counts['hasty']:,} messages were sent by residents who did not wait for a reply: three equal texts at"
            " once, answered one after the other.",
            f"- Apologies in the server's log: {self._side.failures()}. Memory of the web processes from the first"
            f" tenth to the last: {grown:+.1%}.",
            f"- {REPEATED} of 100 messages came three times, {HASTY} of 100 residents did not wait. Languages:"
            f" {', '.join(TEXTS)}. Client, server and Redis share the machine's cores.",
        ]
        return "\n".join(lines + ([f"- {options.note}"] if options.note else []))


if __name__ == "__main__":
    sys.exit(main())
