"""`make faults`: each fault once, a table of what residents got.

python -m tests.faults [NAME ...] [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from tests.bench import report
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.stage import faketime, set_up
from tests.faults.trial import FULL, QUICK, Length, Outcome, put_to_trial
from tests.traffic.residents import TEXTS


def main() -> int:
    """Break, watch, print, write. Returns the exit code."""
    options = _options()
    faults = [fault for fault in FAULTS if fault.name in options.names or not options.names]
    outcomes = asyncio.run(_all(faults, QUICK if options.quick else FULL))
    text = _markdown(outcomes, [fault for fault in faults if fault.clock and not faketime()])
    print(f"\n{text}")
    if not options.names and not options.quick:
        print(report.write(text, "faults"))
    return 1 if any(outcome.faults for outcome in outcomes) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Break one thing after the other.")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(fault.name for fault in FAULTS)}; all without")
    parser.add_argument("--quick", action="store_true", help="as short as in the test suite; write nothing")
    return parser.parse_args()


async def _all(faults: Sequence[Fault], length: Length) -> list[Outcome]:
    """One after the other, on one stage; the clock's faults on one of their own."""
    outcomes = []
    for clock in (False, True):
        chosen = [fault for fault in faults if fault.clock is clock]
        if not chosen or (clock and not faketime()):
            continue
        async with set_up(len(TEXTS), clock=clock) as stage:
            for fault in chosen:
                print(f"{fault.name}: {fault.what} ...", flush=True)
                outcomes.append(outcome := await put_to_trial(stage, fault, length))
                print(f"  {_row(outcome)}", flush=True)
                for wrong in outcome.faults:
                    print(f"    {wrong}", flush=True)
    return outcomes


def _row(outcome: Outcome) -> str:
    found, counts = outcome.found, outcome.found.counts
    wrong = len(outcome.faults)
    return (
        f"| {outcome.fault.what} | {counts['texts'] + counts['emergencies']} | {counts['help'] + counts['anew']} | "
        f"{counts['through the fallback']} | {counts['unanswered']} | "
        f"{counts['emergencies'] - counts['emergency not answered as one']} of {counts['emergencies']} | "
        f"{counts['repeats alike']} of {counts['repeats']} | {outcome.kept} of {outcome.sleepers} | "
        f"{found.longest:.1f} | {outcome.recovered:.1f} | {wrong} |"
    )


def _markdown(outcomes: Sequence[Outcome], left_out: Sequence[Fault]) -> str:
    lines = [
        "| what breaks | texts | help instead of the answer | through the fallback | not answered"
        " | emergencies answered as such | repeats with the same reply | conversations that went on | longest wait, s"
        " | as ever after, s"
        " | faults |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *map(_row, outcomes),
    ]
    if left_out:
        lines += ["", f"Left out, as libfaketime is not installed: {', '.join(fault.name for fault in left_out)}."]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
