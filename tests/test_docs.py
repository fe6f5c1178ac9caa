"""Documents say what is true: settings, commands and their examples."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot.settings import PROJECT, VARIABLES
from bot.staff.cli import main

README = (PROJECT / "README.md").read_text()


def test_every_setting_is_in_the_readme_and_no_other() -> None:
    table = README[README.index("## Settings") :].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*) \|$", table, re.MULTILINE))
    assert rows == {name: f"{default} | {meaning}" for name, (default, meaning) in VARIABLES.items()}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
        else:
            found.append((*path, name))
    return found


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_every_command_has_help_with_an_example_and_is_in_the_readme(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    assert "Example:" in result.output
    assert f"hotline {' '.join(path)}" in README


@pytest.mark.parametrize("target", ["run", "test", "check", "bench", "fuzz", "audit"])
def test_every_target_of_the_readme_exists(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:", (PROJECT / "Makefile").read_text(), re.MULTILINE)


def test_a_wrong_setting_is_one_sentence_without_a_stack() -> None:
    result = subprocess.run(
        [Path(sys.executable).with_name("hotline"), "chat"],
        env={"PORT": "never", "PATH": "/usr/bin:/bin"},
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr.strip() == 'Error: PORT is "never"; it must be a number from 1 to 65535.'


def test_the_lock_names_no_package_registry() -> None:
    lock = (PROJECT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", lock)


def test_links_between_documents_lead_somewhere() -> None:
    for document in PROJECT.glob("*.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (PROJECT / target).exists(), f"{document.name} links to {target}"


THREATS = (PROJECT / "docs" / "threat-model.md").read_text()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", THREATS))))
def test_every_test_that_the_threat_model_names_exists(name: str) -> None:
    file, _, test = name.partition("::")
    assert re.search(rf"^def {test}\(", (PROJECT / file).read_text(), re.MULTILINE)


def test_every_threat_has_an_answer_and_a_test() -> None:
    rows = [row.split(" | ") for row in re.findall(r"^\| (?!threat|---)(.*) \|$", THREATS, re.MULTILINE) if "::" in row]
    assert len(rows) > 30
    for row in rows:
        threat, who, answer, shown, *_ = row
        assert threat
        assert who
        assert answer
        assert shown.startswith("`tests/"), threat
