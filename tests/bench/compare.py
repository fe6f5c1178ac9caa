"""`make bench`: our hotline and stock Rasa on the same data, measured one after the other in one run.

python -m tests.bench.compare [--ours-only] [--stock-epochs N]
"""

from __future__ import annotations

import argparse
import functools
import signal
import sys
import time
from pathlib import Path

from bot.errors import HotlineError
from tests.bench import hotline_side, load, report, stock_side
from tests.bench.processes import BenchmarkFailed, MemoryUse, memory_use
from tests.bench.side import Side
from tests.bench.stock_project import train_stock

OUR_MESSAGES = 400
STOCK_MESSAGES = 60
# turns of the conversation → (conversations, choices counted in each)
LONG_CONVERSATIONS = {10: (80, 5), 100: (16, 25), 1000: (4, 100)}
WEB_PROCESSES = (1, 2)


def main() -> int:
    """Measure, print, write. Returns the exit code."""
    options = _options()
    # A polite end, so that every process started here is ended too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    if not Path("/proc/self/smaps_rollup").exists():
        print("The benchmark reads /proc and runs on Linux only.")
        return 0
    started = time.monotonic()
    try:
        stock = None if options.ours_only else _measure_stock(options.stock_epochs)
        ours, growth = _measure_ours()
    except (BenchmarkFailed, HotlineError) as fault:
        print(f"The benchmark failed: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; every server is stopped.", file=sys.stderr)
        return 130
    result = report.markdown(ours, growth, stock, options.stock_epochs)
    print(f"\n{result}\n\nTook {(time.monotonic() - started) / 60:.1f} minutes.")
    print(report.write(result) if stock else "Nothing was written: stock Rasa was not measured.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.compare", description="Measure us beside stock Rasa.")
    parser.add_argument("--ours-only", action="store_true", help="leave stock Rasa out; write nothing")
    parser.add_argument(
        "--stock-epochs", type=int, default=30, metavar="N", help="epochs of DIET and TED (default: %(default)s)"
    )
    return parser.parse_args()


def _measure_stock(epochs: int) -> report.Findings:
    print("Stock Rasa", flush=True)
    model = train_stock(epochs)
    with stock_side.serve(model) as side:
        return _measure(side, STOCK_MESSAGES)


def _measure_ours() -> tuple[report.Findings, report.Growth]:
    print("Ours", flush=True)
    with hotline_side.serve() as side:
        findings = _measure(side, OUR_MESSAGES)
        costs: dict[str, load.Cost] = {}
        for turns, (conversations, choices) in LONG_CONVERSATIONS.items():
            print(f"  after {turns:,} turns", flush=True)
            costs |= load.run(side, functools.partial(load.menus_after, turns, conversations, choices))
    memory = {processes: _memory_of(processes) for processes in WEB_PROCESSES}
    return findings, report.Growth(costs, memory)


def _measure(side: Side, count: int) -> report.Findings:
    """Everything that both sides are asked."""
    print(f"  first answer after {side.seconds_to_first_answer:.1f} s", flush=True)
    load.warm_up(side, count // 4)
    print("  fresh conversations", flush=True)
    costs = load.run(side, lambda: load.fresh_menus(count))
    costs |= load.run(side, lambda: load.fresh_texts(count))
    memory = memory_use(side.process.pid)
    print(f"    memory: {memory.pss:.0f} MB PSS", flush=True)
    print(f"  after {load.TURNS_BEFORE} turns", flush=True)
    costs |= load.run(side, lambda: load.later_turns(count))
    return report.Findings(side.seconds_to_first_answer, costs, memory, side.failures())


def _memory_of(web_processes: int) -> MemoryUse:
    """What the hotline holds with so many web processes, each of which has answered its share."""
    with hotline_side.serve(web_processes) as side:
        load.warm_up(side, OUR_MESSAGES)
        memory = memory_use(side.process.pid)
    print(f"  web processes: {web_processes}, memory: {memory.pss:.0f} MB PSS", flush=True)
    return memory


if __name__ == "__main__":
    sys.exit(main())
