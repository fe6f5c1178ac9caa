"""Inputs that once did what none may do: files in `found/`, replayed by the ordinary tests as data."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.target import Fault

FOUND = Path(__file__).parent / "found"
_MOST_OF_A_TARGET = 40


def folder_of(target: str) -> Path:
    """Where a target's inputs are kept."""
    return FOUND / target.replace(" ", "-").lower()


def fault_of(error: BaseException) -> str:
    """What tells two faults apart: the kind of the exception and where it was raised; of a Fault, what it says."""
    if isinstance(error, Fault):
        return f"Fault {str(error)[:90]}"
    stack = traceback.extract_tb(error.__traceback__)
    if not stack:
        return f"{type(error).__name__} {error}"
    last = stack[-1]
    return f"{type(error).__name__} {last.filename.rpartition('/')[2]}:{last.name}:{last.line}"


def keep(target: str, data: bytes, error: BaseException) -> None:
    """Write the input down, once for each fault."""
    folder = folder_of(target)
    name = f"{type(error).__name__}-{hashlib.sha256(fault_of(error).encode()).hexdigest()[:8]}"
    path = folder / name
    if not path.exists() and (not folder.is_dir() or len(list(folder.iterdir())) < _MOST_OF_A_TARGET):
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def inputs() -> Iterator[tuple[str, Path]]:
    """Every kept input: (its target's folder, the file)."""
    for path in sorted(FOUND.glob("*/*")):
        yield path.parent.name, path
