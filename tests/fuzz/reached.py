"""Which lines of a target's modules its corpus reaches, counted in a process of its own: started by `campaign`."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from bot.settings import PROJECT


def files_of(patterns: tuple[str, ...]) -> list[str]:
    """The files that a target's patterns name."""
    return sorted({str(path) for pattern in patterns for path in PROJECT.glob(pattern)})


def lines_of(file: str) -> set[int]:
    """The lines of a file's functions: those of the module itself are reached by importing it."""
    source = Path(file).read_text(encoding="utf-8")
    return set(_function_lines(compile(source, file, "exec")))


def _function_lines(code: CodeType) -> Iterator[int]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & 0x2:  # of a function, not of a class's body
                first = inner.co_firstlineno
                yield from (line for _, _, line in inner.co_lines() if line is not None and line != first)
            yield from _function_lines(inner)


def reached(name: str, corpus: Path, most: int = 4000) -> dict[str, tuple[int, int]]:
    """File → (lines reached, lines there are)."""
    from tests.fuzz.target import limited
    from tests.fuzz.targets import target_named

    target = target_named(name)
    files = files_of(target.files)
    seen: dict[str, set[int]] = {file: set() for file in files}

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        lines = seen.get(frame.f_code.co_filename)
        if lines is None:
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return trace

    for path in sorted(corpus.iterdir())[:most]:
        with contextlib.suppress(Exception), limited(60):
            sys.settrace(trace)
            try:
                target.check(path.read_bytes())
            finally:
                sys.settrace(None)
    return {
        str(Path(file).relative_to(PROJECT)): (len(seen[file] & there), len(there))
        for file in files
        for there in [lines_of(file)]
        if there
    }


if __name__ == "__main__":
    print(json.dumps(reached(sys.argv[1], Path(sys.argv[2]))))
