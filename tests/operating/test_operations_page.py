"""docs/operations.md names nothing that does not exist, and leaves out nothing that can be watched; its units hold."""

from __future__ import annotations

import ctypes
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bot.counting.counters import COUNTERS, SECONDS
from bot.redis_client import _WHY
from bot.scheduling.backlog import levels_of
from bot.scheduling.tables import Database
from bot.settings import PROJECT, VARIABLES
from bot.staff.cli import main
from tests.webhooks.test_metrics import FIELDS

PAGE = (PROJECT / "docs" / "operations.md").read_text()
UNITS = sorted((PROJECT / "docs" / "systemd").glob("*.service"))
# Code in the page: blocks, and pieces in a line, which may be broken like other words.
BLOCKS = re.findall(r"^```\w*\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
PIECES = re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", PAGE, flags=re.DOTALL | re.MULTILINE))
CODE = [*BLOCKS, *(re.sub(r"\s+", " ", piece) for piece in PIECES)]
ALL_CODE = "\n".join(CODE)


def test_every_setting_named_exists() -> None:
    named = set(re.findall(r"\b(?:[A-Z]+_[A-Z_]+|PORT)\b", ALL_CODE))
    assert named
    assert named <= {*VARIABLES}


def command_of(words: list[str]) -> click.Command | None:
    found: click.Command | None = main
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.commands.get(word)
    return found


def test_every_command_named_exists_with_its_options() -> None:
    named = re.findall(r"(?:^|bin/)hotline ([a-z-]+(?: [a-z-]+)*)(.*)$", ALL_CODE, re.MULTILINE)
    assert len(named) > 20
    for words, rest in named:
        command = command_of(words.split())
        assert command is not None, f"hotline {words}"
        options = {option for parameter in command.params for option in parameter.opts}
        assert {*re.findall(r"--\w+", rest)} <= options, f"hotline {words}{rest}"


def test_every_metric_is_on_the_page_and_no_other(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'appointments.db'}")
    database.migrate()
    known = {f"{name}_total" for name in COUNTERS} | {SECONDS} | {name for name, _, _ in levels_of(database, 0)}
    table = PAGE[PAGE.index("| metric | labels |") :].split("\n\n")[0]
    assert set(re.findall(r"`(hotline_\w+)`", table)) == known
    assert {name.removesuffix("_bucket") for name in re.findall(r"\bhotline_\w+", ALL_CODE)} <= known
    for name, (_, labels) in COUNTERS.items():
        row = next(line for line in table.splitlines() if f"`{name}_total`" in line)
        assert re.findall(r"`(\w+)`", row.split("|")[2]) == list(labels), name


def test_every_finding_is_on_the_page() -> None:
    table = PAGE[PAGE.index("| finding | 503 |") :].split("\n\n")[0]
    names = ["redis", "redis_room", "appointments", "model", "release", "texts_up_to_date", "disk"]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == names


def test_a_line_of_the_log_looks_as_the_page_says() -> None:
    line = next(code for code in BLOCKS if '"event": "request"' in code)
    assert {*json.loads(line)} <= FIELDS


def test_every_reason_of_redis_has_words() -> None:
    from bot.readiness import _REDIS

    assert {word for _, word in _WHY} <= {*_REDIS}


def test_links_and_headings() -> None:
    headings = {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in re.findall(r"^#+ (.*)$", PAGE, re.M)}
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", PAGE):
        file, _, heading = target.partition("#")
        if file:
            assert (PROJECT / "docs" / file).exists(), target
        else:
            assert heading in headings, target


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit(unit: Path, tmp_path: Path) -> None:
    """As systemd reads it: no unknown line, a program that is there, little that it may do."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    copy = tmp_path / unit.name
    # Everything but the place, which is that of this checkout and its environment.
    text = unit.read_text().replace("/srv/hotline/.venv/bin", str(Path(sys.executable).parent))
    copy.write_text(text.replace("/srv/hotline", str(PROJECT)))
    verified = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=15", str(copy)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert rated.returncode == 0, rated.stdout
    assert "exposure level for" in rated.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_keep_memory_off_the_disk(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    assert {"LimitCORE=0", "MemorySwapMax=0", "NoNewPrivileges=yes", "ProtectSystem=strict", "UMask=0077"} <= {*lines}


# What MemoryDenyWriteExecute does, for this process and all after it.
DENIED = """
import ctypes, mmap, os, sys
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)
try:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
except PermissionError:
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
sys.exit("not denied")
"""


def denied(*arguments: str, text: str) -> subprocess.CompletedProcess[str]:
    if ctypes.CDLL(None).prctl(66, 0, 0, 0, 0) < 0:
        pytest.skip("this kernel cannot deny it")
    command = [sys.executable, "-c", DENIED, *arguments]
    return subprocess.run(command, input=text, cwd=PROJECT, capture_output=True, text=True, check=False)


@pytest.mark.engine
def test_the_libraries_need_no_memory_that_is_written_and_run() -> None:
    result = denied("-c", "from bot.staff.cli import main; main(['understand'])", text="ice is at my door\n")
    assert json.loads(result.stdout)["flow"] == "ice_at_door", result.stderr


def test_neither_does_the_synthesizer(tmp_path: Path) -> None:
    from bot.audio import _library

    result = denied("bot/espeak.py", _library(), "ht", "8000", str(tmp_path / "sound.wav"), text="bonjou")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "sound.wav").stat().st_size > 1000
