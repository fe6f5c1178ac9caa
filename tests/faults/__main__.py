"""`make faults`: each fault once, a table of what residents got.

python -m tests.faults [NAME ...] [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from tests.bench import report
from tests.bench.processes import free_port
from tests.faults.callers import call_while_texting_fails
from tests.faults.catalogue import FAULTS, TEXTING, Fault
from tests.faults.stage import CLOCK, COPY, SECOND, Stage, faketime, set_up
from tests.faults.texting_server import PORT_VARIABLE, TextingServer
from tests.faults.trial import FULL, QUICK, Length, Outcome, put_to_trial
from tests.traffic.residents import TEXTS
from tests.traffic.twilio_side import ACCOUNT


def main() -> int:
    """Break, watch, print, write. Returns the exit code."""
    options = _options()
    faults = [fault for fault in FAULTS if fault.name in options.names or not options.names]
    outcomes = asyncio.run(_all(faults, QUICK if options.quick else FULL))
    text = _markdown(outcomes, [fault for fault in faults if fault.needs == CLOCK and not faketime()])
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
    """One after the other, on one stage; those that need one of their own on another."""
    outcomes: list[Outcome] = []
    shared = [fault for fault in faults if fault.strike and not fault.needs]
    clocks = [fault for fault in faults if fault.needs == CLOCK and faketime()]
    for chosen in (shared, clocks, *([fault] for fault in faults if fault.needs in {COPY, SECOND})):
        if chosen:
            async with set_up(len(TEXTS), chosen[0].needs) as stage:
                outcomes += [await _one(stage, fault, length) for fault in chosen]
    if any(fault.name == TEXTING.name for fault in faults):
        outcomes.append(await _calls(length))
    return outcomes


async def _calls(length: Length) -> Outcome:
    """Calls in which a text is asked for, on a hotline whose texts go to a server of ours."""
    print(f"{TEXTING.name}: {TEXTING.what} ...", flush=True)
    texting = TextingServer(free_port())
    settings = {
        PORT_VARIABLE: str(texting.port),
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_PHONE_NUMBER": "+15005550010",
    }
    async with set_up(0, more=settings, application="tests.faults.wsgi_texting:app") as stage:
        await texting.start()
        found = await call_while_texting_fails(stage.server.port, texting, stage.content, length.residents // 2)
        texting.stop()
    outcome = Outcome(TEXTING, found, 0, 0, 0.0)
    _tell(outcome)
    return outcome


async def _one(stage: Stage, fault: Fault, length: Length) -> Outcome:
    print(f"{fault.name}: {fault.what} ...", flush=True)
    outcome = await put_to_trial(stage, fault, length)
    _tell(outcome)
    return outcome


def _tell(outcome: Outcome) -> None:
    print(
        f"  {_row(outcome)}", *(f"{often} {wrong}" for wrong, often in outcome.faults.items()), sep="\n    ", flush=True
    )


def _row(outcome: Outcome) -> str:
    found, counts = outcome.found, outcome.found.counts
    wrong = sum(outcome.faults.values())
    return (
        f"| {outcome.fault.what} | {counts['texts'] + counts['emergencies']} | {counts['help'] + counts['anew']} | "
        f"{counts['through the fallback']} | {counts['unanswered']} | "
        f"{counts['emergencies alike']} of {counts['emergencies']} | "
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
