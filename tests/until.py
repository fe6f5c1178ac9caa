"""Waiting for what will be so in a moment, on however slow a machine."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0


def until(holds: Callable[[], object], what: str = "it did not come true") -> None:
    """Return when `holds` does; an error in it counts as not yet."""
    end = time.monotonic() + PATIENCE
    fault: Exception | None = None
    while time.monotonic() < end:
        try:
            if holds():
                return
        except Exception as error:
            fault = error
        time.sleep(0.05)
    raise AssertionError(f"{what}: {fault!r}")
