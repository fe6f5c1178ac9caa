"""Every conversation in tests/conversations, through the real door, engine and Redis."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import PROJECT
from bot.staff.call import call_settings
from bot.staff.test import CONVERSATIONS, Outcome, conversation_files, play_case
from bot.start import Hotline, start_hotline
from tests.conftest import SECRET, RedisServer

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def hotline(redis_server: RedisServer) -> Hotline:
    return start_hotline(dataclasses.replace(call_settings(redis_server.url), secret_keys=(SECRET,), rate_limit=0))


def cases() -> Iterator[Any]:
    for file in conversation_files((CONVERSATIONS,)):
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))["test_cases"]:
            yield pytest.param(file, case["test_case"], id=f"{file.stem}: {case['test_case']}")


@pytest.mark.parametrize(("file", "name"), cases())
def test_conversation(hotline: Hotline, file: Path, name: str) -> None:
    outcome = play_case(hotline, file, name)
    assert outcome.faults == [], "\n".join(outcome.faults)


def test_a_wrong_expectation_fails(hotline: Hotline, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yml"
    file.write_text(
        "test_cases:\n- test_case: wrong\n  steps:\n  - user: menu\n  - utter: privacy/answer\n  - bot: No.\n"
        "  - slot_was_set: [{borough: queens}]\n"
    )
    outcome: Outcome = play_case(hotline, file, "wrong")
    assert len(outcome.faults) == 3
    assert PROJECT not in file.parents
