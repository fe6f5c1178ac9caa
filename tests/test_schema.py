"""The schema that editors follow: made from the grammar, true for every file of ours, false for writers' mistakes."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bot.flow_engine.schema import flow_file_schema
from bot.flow_engine.yaml_nodes import parse, plain
from bot.settings import FLOWS, PROJECT
from bot.staff.check import schema_text

SCHEMA = flow_file_schema()
VALIDATOR = Draft7Validator(SCHEMA)
MISTAKES: list[dict[str, str]] = yaml.safe_load((PROJECT / "tests" / "schema_mistakes.yml").read_text())


def faults(text: str) -> list[str]:
    node, problems = parse(text, "test.yml")
    assert not problems
    return [error.message for error in VALIDATOR.iter_errors(plain(node))]


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)


def test_the_file_is_what_the_grammar_says() -> None:
    assert (FLOWS / "flows.schema.json").read_text() == schema_text(), "run: hotline check --write-pages"


@pytest.mark.parametrize("path", sorted(FLOWS.glob("*.yml")), ids=lambda path: path.name)
def test_our_files_fit(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("row", MISTAKES, ids=lambda row: row["reason"])
def test_a_mistake_is_marked(row: dict[str, str]) -> None:
    assert faults(row["file"]) != []


def described(schema: Any, where: str = "") -> None:
    """Every property that a writer can hover over has words."""
    if isinstance(schema, dict):
        for name, value in schema.get("properties", {}).items():
            assert isinstance(value, dict), where
            assert value.get("description", "").endswith((".", "`")), f"{where}/{name}"
        for name, value in schema.items():
            if name not in {"enum", "required"}:
                described(value, f"{where}/{name}")
    elif isinstance(schema, list):
        for value in schema:
            described(value, where)


def test_every_key_has_a_hover_text() -> None:
    described(SCHEMA)
