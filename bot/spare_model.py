"""A copy of the last model that loaded, out of the way of whatever breaks the one in use."""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog

log = structlog.get_logger()


def keep_spare(model: Path, folder: Path) -> None:
    """Copy `model` into `folder`, in place of an earlier one. A full disk costs the copy and nothing else."""
    spare = folder / model.name
    if model.parent == folder or (spare.is_file() and spare.stat().st_size == model.stat().st_size):
        return
    unfinished = folder / f"{model.name}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(model, unfinished)
        unfinished.replace(spare)
        for other in folder.glob("*.tar.gz"):
            if other != spare:
                other.unlink()
    except OSError as error:
        log.warning("no_spare_model", why=type(error).__name__)
