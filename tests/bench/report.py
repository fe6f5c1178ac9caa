"""The result as Markdown: two tables and the conditions, printed and put into BENCHMARKS.md."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bot import local_redis
from bot.settings import PROJECT
from tests.bench import load
from tests.bench.processes import MemoryUse
from tests.bench.sentences import training_example_count

_FILE = PROJECT / "BENCHMARKS.md"
_NEW_FILE = """# Benchmarks

`make bench` measures the hotline beside stock Rasa in one run on one machine and writes the figures here. The first run
trains the stock model, which takes many minutes; later runs use it again. For our side alone, which writes nothing
here: `.venv/bin/python -m tests.bench.compare --ours-only`.

<!-- bench:begin -->
<!-- bench:end -->
"""
_NAMES = {
    load.MENU_FRESH: "Menu turn, fresh conversation",
    load.TEXT_FRESH: "Free text, fresh conversation",
    load.MENU_LATER: "Menu turn at turn 50",
    load.TEXT_LATER: "Free text at turn 50",
}


@dataclass(frozen=True)
class Findings:
    """What was measured of one side."""

    seconds_to_first_answer: float
    costs: dict[str, load.Cost]
    memory: MemoryUse
    failures: int

    @property
    def messages(self) -> int:
        return sum(cost.messages for cost in self.costs.values()) * load.ROUNDS

    @property
    def unanswered(self) -> int:
        return sum(cost.unanswered for cost in self.costs.values())


@dataclass(frozen=True)
class Growth:
    """What was measured of our side only: long conversations, and web processes → memory."""

    costs: dict[str, load.Cost]
    memory: dict[int, MemoryUse]


def markdown(ours: Findings, growth: Growth, stock: Findings | None, epochs: int) -> str:
    """The whole result."""
    parts = [_comparison(ours, stock), _growth_table(growth), _conditions(ours, stock, epochs)]
    return "\n\n".join("\n".join(part) for part in parts)


def write(text: str, name: str = "bench") -> str:
    """Put the result between the marks of that name in BENCHMARKS.md; returns the sentence that says what was done."""
    begin_mark, end_mark = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    whole = _FILE.read_text() if _FILE.exists() else _NEW_FILE
    head, begin, rest = whole.partition(begin_mark)
    _, end, tail = rest.partition(end_mark)
    if not begin or not end:
        return f"{_FILE.name} lacks the marks {begin_mark} and {end_mark}: nothing was written."
    _FILE.write_text(f"{head}{begin_mark}\n{text}\n{end_mark}{tail}")
    return f"Written to {_FILE.name}."


# --- tables -------------------------------------------------------------------------------------------


def _comparison(ours: Findings, stock: Findings | None) -> list[str]:
    lines = ["| | ours | stock Rasa | ratio |", "|---|---:|---:|---:|"]

    def row(name: str, figure: Callable[[Findings], float], form: str, more_is_better: bool = False) -> None:
        mine, theirs = figure(ours), figure(stock) if stock else None
        lines.append(f"| {name} | {mine:{form}} | {_figure(theirs, form)} | {_ratio(mine, theirs, more_is_better)} |")

    row("Start to first answer, s", lambda side: side.seconds_to_first_answer, ".1f")
    for measure, name in _NAMES.items():
        row(f"{name}: CPU ms a message", _cpu_of(measure), ".1f")
        row("… messages per CPU second", _rate_of(measure), ".0f", more_is_better=True)
        for percent in (50, 95, 99):
            row(f"… wait p{percent}, ms", _wait_of(measure, percent), ".1f")
    row("Memory, PSS, MB", lambda side: side.memory.pss, ".0f")
    row("Memory, RSS, MB", lambda side: side.memory.rss, ".0f")
    return lines


def _cpu_of(measure: str) -> Callable[[Findings], float]:
    return lambda side: side.costs[measure].cpu_ms


def _rate_of(measure: str) -> Callable[[Findings], float]:
    return lambda side: side.costs[measure].messages_per_cpu_second


def _wait_of(measure: str, percent: int) -> Callable[[Findings], float]:
    return lambda side: side.costs[measure].wait_ms(percent)


def _growth_table(growth: Growth) -> list[str]:
    lines = ["| ours only | |", "|---|---:|"]
    lines += [f"| {name.capitalize()}: CPU ms a message | {cost.cpu_ms:.1f} |" for name, cost in growth.costs.items()]
    for processes, memory in growth.memory.items():
        words = "one web process" if processes == 1 else f"{processes} web processes"
        lines.append(f"| Memory of {words}, PSS, MB | {memory.pss:.0f} |")
    return lines


def _figure(value: float | None, form: str) -> str:
    return "–" if value is None else f"{value:{form}}"


def _ratio(ours: float, stock: float | None, more_is_better: bool) -> str:
    """How many times better we are."""
    if stock is None:
        return "–"
    return f"{ours / stock if more_is_better else stock / ours:.1f}×"


# --- conditions ---------------------------------------------------------------------------------------


def _conditions(ours: Findings, stock: Findings | None, epochs: int) -> list[str]:
    lines = [
        f"- Machine: {_processor()}, {os.cpu_count()} cores, {platform.system()}; client, servers and Redis share it.",
        f"- Python {platform.python_version()}, Rasa {version('rasa')}, Redis {_redis_version()}, one server for"
        " each side; its CPU and memory are not counted.",
        f"- {training_example_count():,} training examples in twelve languages. Stock: Rasa's default pipeline and"
        f" policies, DIET and TED trained for {epochs} epochs (100 by default; their number does not change what a"
        " message costs), the menu's digits as intents of their own, REST channel, Redis stores, one worker.",
        "- Ours: one gunicorn worker, signed requests on a new connection each, rate limit off. Stock: one connection,"
        " no signatures.",
        "- CPU: user and system time of the server's process and its children, the least of"
        f" {load.ROUNDS} rounds; messages per CPU second is 1000 divided by it. Waits: all rounds, one message at a"
        " time. Memory: after the load of the fresh conversations, each page counted once in PSS.",
        '- A menu turn is the digit after "menu"; free texts are held-out sentences in twelve languages; "at turn 50"'
        " are the turns 51 to 71 of conversations that mix both. The ratio says how many times better ours is.",
        f"- Counted for ours: {_counted(ours)}.",
    ]
    if stock:
        lines.append(f"- Counted for stock: {_counted(stock)}.")
    return lines


def _counted(side: Findings) -> str:
    return f"{side.messages:,} messages; {side.unanswered} had no answer, {side.failures} failed"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _redis_version() -> str:
    """`Redis server v=6.2.14 sha=…` → 6.2.14."""
    told = subprocess.run([local_redis.server_binary(), "--version"], capture_output=True, text=True, check=True).stdout
    return told.partition("v=")[2].split()[0]
