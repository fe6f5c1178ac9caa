"""Files and folders that nobody else may read: keys, the appointments, Redis' memory; and no core files."""

from __future__ import annotations

import contextlib
import resource
from pathlib import Path


def private_folder(path: Path) -> Path:
    """The folder, made if it is not there; open to its owner alone."""
    path.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):  # somebody else's, who has decided
        path.chmod(0o700)
    return path


def private_file(path: Path) -> Path:
    """The file, made empty if it is not there; a new one is its owner's alone."""
    path.touch(mode=0o600, exist_ok=True)
    return path


def no_core_files() -> None:
    """A process that crashes leaves no picture of its memory, with what residents were just writing, on the disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
