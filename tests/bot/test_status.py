"""hotline status tells what needs a person, and nothing when nothing does."""

import datetime
import shutil
from pathlib import Path

import pytest

from bot.flow_checks.project import read_project
from bot.settings import FLOWS
from bot.staff import review
from bot.staff.status import state_of_content

TODAY = datetime.date(2026, 11, 24)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FLOWS, tmp_path / "flows"))


def lines(folder: Path, section: str, today: datetime.date = TODAY) -> str:
    return "\n".join(state_of_content(read_project(folder, None), today)[section])


def test_unsigned_emergencies_until_they_are_signed(folder: Path) -> None:
    assert "ice_at_door (English)" in lines(folder, "unsigned_emergencies")
    assert "ice_at_door (es): " in lines(folder, "unsigned_emergencies")
    review.run("ice_at_door", "Jane", None, folder)
    review.run("ice_at_door", "Ana", "es", folder)
    assert "ice_at_door (English)" not in lines(folder, "unsigned_emergencies")
    assert "ice_at_door (es)" not in lines(folder, "unsigned_emergencies")
    assert "ice_at_door (ht): " in lines(folder, "unsigned_emergencies")


def test_a_changed_text_is_void(folder: Path) -> None:
    review.run("menu", "Jane", None, folder)
    file = folder / "menu.yml"
    file.write_text(file.read_text().replace("How can I help?", "What can I do?"))
    assert lines(folder, "void") == "menu (English), signed by Jane"


DATES = [
    ("long before", datetime.date(2026, 9, 1), "", ""),
    ("a month before", datetime.date(2026, 12, 15), "ice_at_door: 2026-12-31", ""),
    ("on the day", datetime.date(2026, 12, 31), "ice_at_door: 2026-12-31", ""),
    ("the day after", datetime.date(2027, 1, 1), "", "ice_at_door: since 2026-12-31"),
]


@pytest.mark.parametrize(("today", "due", "overdue"), [row[1:] for row in DATES], ids=[row[0] for row in DATES])
def test_dates(folder: Path, today: datetime.date, due: str, overdue: str) -> None:
    assert due in lines(folder, "due", today)
    assert overdue in lines(folder, "overdue", today)
    assert ("ice_at_door" in lines(folder, "due", today)) == bool(due)
    assert ("ice_at_door" in lines(folder, "overdue", today)) == bool(overdue)
    assert ("fact policy.home_entry_memo" in lines(folder, "due", today)) == bool(due)


def test_texts_on_hold(folder: Path) -> None:
    file = folder / "ice_at_door.yml"
    file.write_text(
        file.read_text().replace("      - id: inside\n", "      - id: inside\n        hold: asked a lawyer\n")
    )
    assert "ice_at_door/inside: asked a lawyer" in lines(folder, "hold")
