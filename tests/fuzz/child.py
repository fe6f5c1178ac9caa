"""One target in a process of its own, its inputs led by coverage (Atheris, libFuzzer): started by `campaign`.

An input that breaks what must hold is written down and the run goes on. The file `state` tells the parent how far it
is, and holds the input at work, in case the process is lost with it.
"""

from __future__ import annotations

import json
import mmap
import random
import signal
import struct
import sys
from pathlib import Path

import atheris

from tests.fuzz import found

STATE_BYTES = 1 << 20
MAX_INPUT = 70_000
_HEAD = struct.Struct("<QQQ")  # inputs done, faults, bytes of the input at work


def read_state(path: Path) -> tuple[int, int, bytes]:
    """(inputs done, faults, the input at work)."""
    data = path.read_bytes()
    done, faults, length = _HEAD.unpack_from(data)
    return done, faults, data[_HEAD.size : _HEAD.size + length]


def run(name: str, inputs: int, work: Path) -> None:
    """Try `inputs` inputs; `work` gets the corpus, the state and what was found of it."""
    with atheris.instrument_imports(include=["bot", "webhooks"]):
        from tests.fuzz.target import limited
        from tests.fuzz.targets import target_named
    target = target_named(name)
    with atheris.instrument_imports(include=["bot", "webhooks"]):
        seeds = list(target.seeds())
        target.check(seeds[0])  # loads everything before anything is counted
    corpus = work / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number:04}").write_bytes(seed[:MAX_INPUT])
    state_file = (work / "state").open("r+b")
    state = mmap.mmap(state_file.fileno(), STATE_BYTES)
    done = faults = 0
    kinds: dict[str, int] = {}

    def one(data: bytes) -> None:
        nonlocal done, faults
        # libFuzzer rings after a second, whatever its options say; how long an input may take is `limited`'s business.
        signal.setitimer(signal.ITIMER_REAL, 0)
        _HEAD.pack_into(state, 0, done, faults, len(data))
        state[_HEAD.size : _HEAD.size + len(data)] = data
        try:
            with limited():
                target.check(data)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            faults += 1
            fault = f"{found.fault_of(error)} {str(error)[:120]}"
            kind = found.fault_of(error)
            if kind not in kinds:
                found.keep(name, data, error)
                print(f"FAULT {fault}", flush=True)
            kinds[kind] = kinds.get(kind, 0) + 1
        done += 1
        if done % 1000 == 0 or done >= inputs:
            (work / "result.json").write_text(json.dumps({"done": done, "faults": faults, "kinds": kinds}))
        _HEAD.pack_into(state, 0, done, faults, 0)

    def other(data: bytes, longest: int, seed: int) -> bytes:
        # A part is left to libFuzzer itself, which splices in what comparisons have shown it.
        if seed % 8 == 0:
            return bytes(atheris.Mutate(data, longest))
        return target.spoil(data, random.Random(seed))[:longest]

    options = ["-seed=1", f"-max_len={MAX_INPUT}", "-len_control=0", "-timeout=0", "-rss_limit_mb=0", "-reload=0"]
    options.append(f"-artifact_prefix={work}/")
    atheris.Setup(["fuzz", f"-atheris_runs={inputs}", *options, str(corpus)], one, custom_mutator=other)
    atheris.Fuzz()


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
