"""Where the processes of one machine keep their counts, so that any of them can tell the sum.

Each process writes files of its own, named by its id. The web server and the worker that share a PORT share a folder.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from bot.settings import STATE_FOLDER

# The variable by which prometheus_client is told to add up processes; it looks when it is imported.
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_KINDS = ("counter", "histogram")
# More than all series of a process take (a test fills them).
RESERVED = 256 * 1024


def share(port: int, afresh: bool = False, state: Path = STATE_FOLDER) -> Path | None:
    """Count together with the other processes from now on. Call it before anything is counted.

    None when the folder cannot be made: then each process counts for itself. `afresh` is for the server, with which
    the numbers begin: files of processes that are gone are deleted.
    """
    folder = state / "metrics" / f"{port}-{_processes()}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in _left_behind(folder, "*") if afresh else ():
            path.unlink(missing_ok=True)
    except OSError:
        forget()
        return None
    os.environ[_VARIABLE] = str(folder)
    return folder


def shared() -> Path | None:
    """The folder that is shared; None when this process counts for itself."""
    return Path(os.environ[_VARIABLE]) if os.environ.get(_VARIABLE) else None


def reserve(folder: Path) -> bool:
    """Take the disk space for this process's counts; False when there is none.

    The files are mapped into memory: a page that the disk has no room for would kill the process when it is written.
    Files of a process that is gone are taken over with what stands in them: the sum stays, and files do not pile up.
    """
    unfinished = folder / f"{os.getpid()}.new"
    try:
        for kind in _KINDS:
            own = folder / f"{kind}_{os.getpid()}.db"
            if not own.exists() and not _take_over(folder, kind, own):
                with unfinished.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, RESERVED)
                unfinished.rename(own)
    except OSError:
        unfinished.unlink(missing_ok=True)
        return False
    return True


def _take_over(folder: Path, kind: str, own: Path) -> bool:
    for path in _left_behind(folder, kind):
        with contextlib.suppress(FileNotFoundError):  # another process was quicker
            path.rename(own)
            return True
    return False


def forget() -> None:
    """Count for ourselves: there is no room to share."""
    os.environ.pop(_VARIABLE, None)


def _left_behind(folder: Path, kind: str) -> Iterator[Path]:
    """Files of processes that are gone."""
    for path in sorted(folder.glob(f"{kind}_*.db")):
        if not _lives(path.stem.rpartition("_")[2]):
            yield path


def _processes() -> str:
    """A name for the set in which process ids mean something: containers may share a disk, machines too."""
    try:
        space = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        space = 0
    return f"{socket.gethostname()}-{space}"


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
