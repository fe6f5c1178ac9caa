"""Every folder in tests/flow_checks is a flows folder with a fault and what must be found in it."""

import datetime
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.flow_checks import RULES, check_all, pages
from bot.flow_checks.project import read_project
from bot.settings import FLOWS, NLU_DATA, PROJECT

CASES = sorted(path.parent for path in (PROJECT / "tests" / "flow_checks").glob("*/expected.txt"))
# A small folder has none of the bot's own sentences; that is not what it shows.
_BESIDE_THE_POINT = {"missing-phrase"}
# Rules that a small folder breaks by being small; they are looked at where the case shows them.
_ONLY_WHERE_SHOWN = {"missing-schema-line", "review-dates", "unused-slot", "dead-end"}
TODAY = datetime.date(2026, 11, 24)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path) -> None:
    expected = (case / "expected.txt").read_text().splitlines()
    shown_rules = {rule for line in expected for rule in re.findall(r"\(([\w-]+)\)", line)}
    nlu = case / "nlu"
    found = [
        problem
        for problem in check_all(read_project(case / "flows", nlu if nlu.is_dir() else None, TODAY))
        if problem.rule not in _BESIDE_THE_POINT and problem.rule not in _ONLY_WHERE_SHOWN - shown_rules
    ]
    shown = "\n".join(map(str, found))
    assert len(found) == len(expected), shown
    for line in expected:
        match = re.fullmatch(r"(\S+) (\w+) \(([\w-]+)\) (.*)", line)
        assert match, line
        place, level, rule, piece = match.groups()
        assert any(
            (str(problem.place), problem.level, problem.rule) == (place, level, rule) and piece in problem.message
            for problem in found
        ), f"{line}\nwas not found in:\n{shown}"


def test_there_are_forty_broken_folders_and_one_for_every_rule() -> None:
    shown = {match for case in CASES for match in re.findall(r"\(([\w-]+)\)", (case / "expected.txt").read_text())}
    assert {rule.RULE for rule in RULES} - shown <= {"missing-phrase", "unknown-intent"}
    assert len(CASES) > 40


def test_every_message_says_what_to_do() -> None:
    """Two sentences at least: what is wrong, and a remedy."""
    for case in CASES:
        for problem in check_all(read_project(case / "flows", None, TODAY)):
            assert re.search(r"[.:?;] [A-Z]|: ", problem.message), problem


@pytest.mark.parametrize("name", sorted(pages.all_pages(RULES)))
def test_the_page_of_a_rule_says_what_its_docstring_says(name: str) -> None:
    path = PROJECT / "docs" / "rules" / name
    assert path.is_file(), "run: hotline check --write-pages"
    assert path.read_text() == pages.all_pages(RULES)[name], "run: hotline check --write-pages"


def test_there_is_no_page_without_a_rule() -> None:
    assert {path.name for path in (PROJECT / "docs" / "rules").iterdir()} == set(pages.all_pages(RULES))


def test_our_own_texts_are_without_a_fault() -> None:
    open_work = {"missing-translation", "text-on-hold", "dear-letters"}
    found = check_all(read_project(FLOWS, NLU_DATA, TODAY))
    # Training examples in other languages than English are still to be written; nothing else may be open.
    few = [problem for problem in found if problem.rule == "training-examples" and " in en;" not in problem.message]
    rest = [str(problem) for problem in found if problem.rule not in open_work and problem not in few]
    assert rest == []
    assert [str(problem) for problem in few if problem.level == "error"] == []


def test_an_intent_without_examples_and_one_without_flow(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "nlu").mkdir()
    (tmp_path / "flows/door.yml").write_text(
        "flows:\n  door:\n    description: Test.\n    nlu_trigger:\n      - intent: dor\n"
        "    steps:\n      - say: Hello.\n"
    )
    (tmp_path / "nlu/en.yml").write_text("nlu:\n- intent: door\n  examples: |\n    - door\n")
    problems = check_all(read_project(tmp_path / "flows", tmp_path / "nlu"))
    found = {str(problem.place): problem.message for problem in problems if problem.rule == "unknown-intent"}
    assert 'Did you mean "door"?' in found["flows/door.yml:5:17"]
    assert 'No flow answers the intent "door"' in found["nlu/en.yml:2:11"]


def test_a_missing_phrase_is_found(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/phrases.yml").write_text("phrases:\n  apology:\n    say: Sorry.\n")
    rules = {problem.rule for problem in check_all(read_project(tmp_path / "flows", None))}
    assert rules == {"missing-phrase", "missing-schema-line"}


def _run(*arguments: str, cwd: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("hotline")
    return subprocess.run([command, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def test_the_command_prints_places_and_exits_with_1() -> None:

    result = _run("check", "tests/flow_checks/missing_step/flows", "--format", "json")
    assert result.returncode == 1
    problems = json.loads(result.stdout)
    assert {"file": "flows/door.yml", "line": 8, "column": 15}.items() <= next(
        problem for problem in problems if problem["rule"] == "missing-step"
    ).items()
    github = _run("check", "tests/flow_checks/missing_step/flows", "--format", "github").stdout
    assert "::error file=flows/door.yml,line=8,col=15,title=missing-step::" in github


def test_check_never_imports_rasa() -> None:
    program = (
        "import sys; from bot.staff.check import run; run((), 'text', False); "
        "assert 'rasa' not in sys.modules and 'tensorflow' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=False).returncode == 0


def test_fix_mends_what_is_safe_and_nothing_else(tmp_path: Path) -> None:
    source = "flows:\n  door:\n    description: Test.\n    steps:\n      - ask: Ready?\n        choices:\n"
    source += "          - {say: No, then: answer}\n          - {say: Later, synonyms: [no, off], then: answer}\n"
    source += "      - id: answer\n        say: 08\n"
    (tmp_path / "flows").mkdir()
    file = tmp_path / "flows" / "door.yml"
    file.write_text(source)
    result = _run("check", str(tmp_path / "flows"), "--fix")
    assert "mended (yaml-trap)" in result.stderr
    assert "mended (missing-schema-line)" in result.stderr
    wanted = source.replace("say: No,", 'say: "No",').replace("[no, off]", '["no", "off"]').replace("08", '"08"')
    assert file.read_text() == f"# yaml-language-server: $schema=flows.schema.json\n{wanted}"
    again = check_all(read_project(tmp_path / "flows", None, TODAY))
    assert not [problem for problem in again if problem.fix]
