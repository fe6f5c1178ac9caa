"""`make fuzz`: all targets, one after the other, each in a process of its own; a table at the end.

    python -m tests.fuzz.campaign                      a million inputs, and the table into BENCHMARKS.md
    python -m tests.fuzz.campaign --inputs 20000       a short run, nothing written
    python -m tests.fuzz.campaign --only texts calls   some targets alone

Every failing input is kept in tests/fuzz/found/, where the ordinary tests replay it. Exit code 1 when there was one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import PROJECT
from tests.fuzz import child, found
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

WHOLE_RUN = 1_000_000
# A process that does not come to its next input in this time is taken for lost. On a machine that does other work too.
_STUCK = 180.0
_LOOK_EVERY = 2.0
_BEGIN, _END = "<!-- fuzz:begin -->", "<!-- fuzz:end -->"


@dataclass
class Outcome:
    """What became of one target."""

    target: Target
    work: Path
    wanted: int
    begun: float = 0.0
    log: str = ""
    inputs: int = 0
    seconds: float = 0.0
    faults: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    edges: int = 0
    corpus: int = 0
    lines: tuple[int, int] = (0, 0)
    lost: bool = False


def main() -> int:
    """Run, show, write. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=WHOLE_RUN)
    parser.add_argument("--jobs", type=int, default=1, help="targets at the same time")
    parser.add_argument("--only", nargs="*", default=[], metavar="TARGET")
    arguments = parser.parse_args()
    targets = [target for target in TARGETS if not arguments.only or target.name in arguments.only]
    shares = sum(target.share for target in targets)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:
        outcomes = [
            Outcome(target, Path(folder) / found.folder_of(target.name).name, _wanted(arguments.inputs, target, shares))
            for target in targets
        ]
        running = {pool.submit(_run, outcome): outcome for outcome in outcomes}
        while running:
            done, _ = wait(running, _LOOK_EVERY, FIRST_COMPLETED)
            for future in done:
                _show_end(running.pop(future))
                future.result()
            _show_progress([outcome for outcome in running.values() if outcome.begun])
    table = report(outcomes)
    print(f"\n{table}")
    if arguments.inputs >= WHOLE_RUN and not arguments.only:
        _write(table)
    return 1 if any(outcome.faults or outcome.lost for outcome in outcomes) else 0


def _wanted(inputs: int, target: Target, shares: int) -> int:
    return max(200, round(inputs * target.share / shares))


def _run(outcome: Outcome) -> None:
    work = outcome.work
    work.mkdir()
    (work / "state").write_bytes(bytes(child.STATE_BYTES))
    outcome.begun = started = time.monotonic()
    environment = {**os.environ, "PYTHONHASHSEED": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", "tests.fuzz.child", outcome.target.name, str(outcome.wanted), str(work)]
    with (work / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
        _watch(process, outcome)
    outcome.seconds = time.monotonic() - started
    result = work / "result.json"
    if result.is_file():
        outcome.kinds = json.loads(result.read_text())["kinds"]
    outcome.log = (work / "log").read_text(errors="replace")
    if progress := re.findall(r"cov: (\d+) ft: \d+ corp: (\d+)", outcome.log):
        outcome.edges, outcome.corpus = map(int, progress[-1])
    outcome.lines = _lines(outcome.target, work / "corpus")


def _watch(process: subprocess.Popen[bytes], outcome: Outcome) -> None:
    """Follow it; end it, and keep its input, when it does not move."""
    moved, last, state = time.monotonic(), -1, outcome.work / "state"
    while process.poll() is None:
        time.sleep(_LOOK_EVERY / 2)
        outcome.inputs, outcome.faults, at_work = child.read_state(state)
        if outcome.inputs != last:
            moved, last = time.monotonic(), outcome.inputs
        if time.monotonic() - moved > _STUCK:
            process.kill()
            found.keep(outcome.target.name, at_work, TimeoutError("no end"))
    outcome.inputs, outcome.faults, at_work = child.read_state(state)
    outcome.lost = outcome.inputs < outcome.wanted
    if outcome.lost and at_work:
        found.keep(outcome.target.name, at_work, RuntimeError("the process ended"))


def _show_progress(outcomes: list[Outcome]) -> None:
    now = "; ".join(f"{one.target.name} {one.inputs:,} of {one.wanted:,}, {one.faults} faults" for one in outcomes)
    print(f"\r{now:<110}", end="", flush=True)


def _show_end(outcome: Outcome) -> None:
    line = f"{outcome.target.name}: {outcome.inputs:,} inputs, {outcome.faults} faults, {outcome.seconds:.0f} s"
    print(f"\r{line:<110}", flush=True)
    for kind, times in outcome.kinds.items():
        print(f"    {times} x {kind}", flush=True)
    if outcome.lost:
        print(outcome.log[-2000:], flush=True)


def _lines(target: Target, corpus: Path) -> tuple[int, int]:
    command = [sys.executable, "-m", "tests.fuzz.reached", target.name, str(corpus)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    try:
        files = json.loads(done.stdout.strip().split("\n")[-1])
    except ValueError:
        return 0, 0
    return sum(reached for reached, _ in files.values()), sum(there for _, there in files.values())


def report(outcomes: list[Outcome]) -> str:
    """The table, in Markdown."""
    lines = [
        "| target | inputs | a second | edges | lines reached | faults |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for outcome in outcomes:
        reached, there = outcome.lines
        share = f"{reached} of {there} ({100 * reached / there:.0f} %)" if there else ""
        pace = outcome.inputs / outcome.seconds if outcome.seconds else 0
        lines.append(
            f"| {outcome.target.name}: {outcome.target.about} | {outcome.inputs:,} | {pace:,.0f} | {outcome.edges:,} "
            f"| {share} | {len(outcome.kinds)} |"
        )
    inputs, seconds = sum(outcome.inputs for outcome in outcomes), sum(outcome.seconds for outcome in outcomes)
    faults = sum(len(outcome.kinds) for outcome in outcomes)
    lines.append(f"| **all** | **{inputs:,}** | {inputs / max(seconds, 1):,.0f} | | | **{faults}** |")
    return "\n".join(lines)


def _write(table: str) -> None:
    path = PROJECT / "BENCHMARKS.md"
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(_BEGIN)
    path.write_text(f"{before}{begin}\n{table}\n{_END}{rest.partition(_END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
