"""Whatever stands in a file, reading and checking it gives problems with places, never an exception.

HOTLINE_FUZZ_EXAMPLES=100000 pytest tests/test_reader_is_total.py for the long run.
"""

import os
import random
from collections.abc import Callable

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content import Content
from bot.flow_checks import check_all
from bot.flow_checks.project import Project
from bot.flow_engine.reading import read_sources
from bot.flow_engine.yaml_nodes import parse
from bot.languages.catalog import Translations
from bot.settings import FLOWS

EXAMPLES = int(os.environ.get("HOTLINE_FUZZ_EXAMPLES", "300"))
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FLOWS.glob("*.yml"))}
KEYS = sorted({line.strip("- ").split(":")[0] for text in SOURCES.values() for line in text.split("\n") if ":" in line})
SIGNS = [
    *":-{}[]\"'#&*!|>%@`,?\\\n\t",
    "  ",
    "- ",
    ": ",
    "{{",
    "}}",
    "\u2028",
    "\ufeff",
    "\x00",
    "\ud800",
    "é",
    "中",
    "9" * 400,
]


def mutated(source: str, chance: random.Random) -> str:
    """`source` with one to six slips of a writer, a broken editor, or an enemy."""
    for _ in range(chance.randint(1, 6)):
        source = chance.choice(SLIPS)(source, chance)
    return source


def _delete(source: str, chance: random.Random) -> str:
    at = chance.randrange(len(source) + 1)
    return source[:at] + source[at + chance.randint(1, 30) :]


def _insert(source: str, chance: random.Random) -> str:
    at = chance.randrange(len(source) + 1)
    return source[:at] + chance.choice(SIGNS) + source[at:]


def _shift_line(source: str, chance: random.Random) -> str:
    lines = source.split("\n")
    at = chance.randrange(len(lines))
    lines[at] = " " * chance.randint(0, 12) + lines[at].lstrip()
    return "\n".join(lines)


def _swap_lines(source: str, chance: random.Random) -> str:
    lines = source.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _double_lines(source: str, chance: random.Random) -> str:
    lines = source.split("\n")
    at = chance.randrange(len(lines))
    return "\n".join(lines[: at + chance.randint(1, 8)] + lines[at:])


def _other_key(source: str, chance: random.Random) -> str:
    lines = source.split("\n")
    at = chance.randrange(len(lines))
    head, colon, rest = lines[at].partition(":")
    indent = head[: len(head) - len(head.lstrip("- "))]
    lines[at] = f"{indent}{chance.choice(KEYS)}:{rest if colon else ' ' + lines[at]}"
    return "\n".join(lines)


def _other_value(source: str, chance: random.Random) -> str:
    lines = source.split("\n")
    at = chance.randrange(len(lines))
    value = chance.choice(
        ["", " 1", " true", " null", " []", " {}", " [a, [b]]", " {a: {b: c}}", " 2026-13-45", " .inf", " *x"]
    )
    lines[at] = lines[at].partition(":")[0] + ":" + value
    return "\n".join(lines)


SLIPS: list[Callable[[str, random.Random], str]] = [
    *(_delete, _insert, _shift_line, _swap_lines, _double_lines, _other_key, _other_value)
]


def assert_total(source: str) -> None:
    """Reading and checking raise nothing, and every problem has a place in the file."""
    lines = (
        source.count("\n") + source.count("\r") + source.count("\x85") + source.count("\u2028") + source.count("\u2029")
    )
    flows = read_sources({"flows/test.yml": source})
    node, _ = parse(source, "flows/test.yml")
    content = Content(flows, Translations())
    documents = {"flows/test.yml": node} if node else {}
    project = Project(content, documents, {"flows/test.yml": source.partition("\n")[0]}, problems=content.problems)
    for problem in check_all(project):
        assert problem.place.line >= 1
        assert problem.place.column >= 1
        if problem.place.file == "flows/test.yml":
            assert problem.place.line <= lines + 2, problem
        assert problem.message.strip()
        assert problem.level in {"error", "warning"}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(SOURCES)), seed=st.integers(0, 2**48))
def test_a_mutated_file_never_raises(name: str, seed: int) -> None:
    assert_total(mutated(SOURCES[name], random.Random(seed)))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(KEYS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=25,
)


@settings(max_examples=max(EXAMPLES // 5, 60), deadline=None, suppress_health_check=list(HealthCheck))
@given(sections=st.dictionaries(st.sampled_from(["flows", "facts", "phrases", "words", "slots", "responses"]), values))
def test_any_structure_under_our_sections_never_raises(sections: dict[str, object]) -> None:
    assert_total(yaml.safe_dump(sections, allow_unicode=True))


@settings(max_examples=max(EXAMPLES // 5, 60), deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.dictionaries(st.sampled_from(KEYS), values, max_size=5), min_size=1, max_size=5))
def test_any_steps_never_raise(steps: list[object]) -> None:
    assert_total(yaml.safe_dump({"flows": {"door": {"description": "x", "steps": steps}}}, allow_unicode=True))


@settings(max_examples=max(EXAMPLES // 5, 60), deadline=None)
@given(source=st.text(max_size=300))
def test_any_text_never_raises(source: str) -> None:
    assert_total(source)


def test_a_file_nested_too_deep_never_raises() -> None:
    for source in ("[" * 5000, "flows:\n  a:\n    steps: " + "[" * 900 + "]" * 900, "a: " * 3, "- " * 3000):
        assert_total(source)
