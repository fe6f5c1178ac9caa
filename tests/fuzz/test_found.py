"""What the fuzzer once found stays mended: every kept input is tried again, as data."""

import contextlib
import functools
from pathlib import Path

import pytest

from tests.fuzz import found
from tests.fuzz.target import Target, limited
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.engine

_BY_FOLDER = {found.folder_of(target.name).name: target for target in TARGETS}


@functools.lru_cache
def ready(folder: str) -> Target:
    """The target, with all loaded that it needs: an input's limit is not for that."""
    target = _BY_FOLDER[folder]
    target.check(target.seeds()[0])
    return target


@pytest.mark.parametrize(("folder", "path"), found.inputs(), ids=lambda part: getattr(part, "name", part))
def test_a_kept_input_is_borne(folder: str, path: Path) -> None:
    target = ready(folder)
    with limited():
        target.check(path.read_bytes())


def test_every_folder_is_of_a_target() -> None:
    with contextlib.suppress(FileNotFoundError):
        assert {path.name for path in found.FOUND.iterdir()} <= set(_BY_FOLDER)
