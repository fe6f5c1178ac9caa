"""All targets, in the order in which they run."""

from __future__ import annotations

from tests.fuzz.file_targets import FILE_TARGETS
from tests.fuzz.memory_targets import MEMORY_TARGETS
from tests.fuzz.target import Target
from tests.fuzz.web_targets import WEB_TARGETS

TARGETS: tuple[Target, ...] = (*WEB_TARGETS, *MEMORY_TARGETS, *FILE_TARGETS)


def target_named(name: str) -> Target:
    """The target of that name."""
    return next(target for target in TARGETS if target.name == name)
