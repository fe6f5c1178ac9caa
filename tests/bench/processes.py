"""Processes of the benchmark: started so that they always end, and what they use as the Linux kernel counts it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot import local_redis

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")


class BenchmarkFailed(RuntimeError):
    """Something to measure did not come up or did not answer. The text is for whoever runs the benchmark."""


@dataclass(frozen=True)
class MemoryUse:
    """Megabytes of a process and its children.

    `rss` counts a page shared by several of them several times, `pss` once: it is their proportional set size, but as
    if no process beside them mapped the same libraries, or another Rasa on the machine would make ours look smaller.
    """

    pss: float
    rss: float


@contextlib.contextmanager
def running(
    command: list[str], folder: Path, environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process for as long as the block lasts, in a session of its own so that it ends with all its children."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end, wait a little, then kill whatever is left of its session."""
    try:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def last_lines(log: Path, count: int) -> list[str]:
    """The end of a log; a progress bar's every state is a line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    return [line for line in lines if line][-count:]


@contextlib.contextmanager
def own_redis(folder: Path) -> Iterator[int]:
    """A Redis server of our own for as long as the block lasts; gives its port."""
    port = free_port()
    process = local_redis.start(port, folder)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(root: int) -> float:
    """User and system time so far of a process and its children, those that have ended included."""
    return sum(sum(map(int, _stat(pid)[11:15])) for pid in _tree(root)) / _TICKS


def memory_use(root: int) -> MemoryUse:
    """What a process and its children hold now."""
    parts = [_memory_parts(pid) for pid in _tree(root)]
    # The children are forks: the files they map are among those of the process that maps most.
    files = max(part["Rss"] - part["Anonymous"] for part in parts)
    held = sum(part["Pss_Anon"] for part in parts) + files
    return MemoryUse(held / 1024, sum(part["Rss"] for part in parts) / 1024)


def _memory_parts(pid: int) -> dict[str, int]:
    """The kernel's sums over all mappings of one process, in kB: Rss, Anonymous, Pss_Anon and others."""
    lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}


def _tree(root: int) -> list[int]:
    """The process ids of `root`, its children, theirs, and so on."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it ended while we looked
                children.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the third on: the second is a name and may hold anything."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
