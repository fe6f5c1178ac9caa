"""Standard output for the log: a full disk or a reader that has gone costs a line, never a resident's answer."""

from __future__ import annotations

import contextlib
import sys


class SteadyOutput:
    """What the log is printed to. Looks up `sys.stdout` at each line, as print does."""

    def write(self, text: str) -> None:
        """Write, or lose the line."""
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.write(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
