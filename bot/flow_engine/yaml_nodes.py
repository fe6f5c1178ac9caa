"""YAML as nodes that know their file, line and column; values exactly as the writer typed them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from bot.flow_engine.problems import Place, Problem

# The C parser is ten times faster; wheels without it exist.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TRUE, _FALSE = {"true", "True", "TRUE"}, {"false", "False", "FALSE"}
# YAML 1.1 turns these into true and false; writers mean the words.
TRAP_WORDS = {"yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "y", "n", "Y", "N"}


@dataclass(frozen=True)
class Scalar:
    """One value. `text` is what the file says; `quoted` tells whether quotes or a block made it text."""

    text: str
    quoted: bool
    place: Place

    @property
    def value(self) -> str | int | float | bool | None:
        """The value with YAML's plain types, but never the yes/no trap: those stay words."""
        if self.quoted:
            return self.text
        if self.text in _TRUE:
            return True
        if self.text in _FALSE:
            return False
        if self.text in {"null", "~", "Null", "NULL", ""}:
            return None
        for number in (int, float):
            try:
                return number(self.text)
            except ValueError:
                continue
        return self.text


@dataclass(frozen=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True)
class Mapping:
    """Keys and values in the order of the file."""

    pairs: tuple[tuple[Scalar, Node], ...]
    place: Place

    def get(self, key: str) -> Node | None:
        """The value under `key`, or None."""
        return next((value for name, value in self.pairs if name.text == key), None)

    def key_place(self, key: str) -> Place:
        """Where `key` itself stands (the mapping's place if it is absent)."""
        return next((name.place for name, _ in self.pairs if name.text == key), self.place)

    def __contains__(self, key: str) -> bool:
        return any(name.text == key for name, _ in self.pairs)


Node = Scalar | Sequence | Mapping


def plain(node: Node | None) -> object:
    """The node as ordinary Python values (dict, list, str, number, bool, None)."""
    if node is None:
        return None
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.pairs}


def parse(source: str, file: str) -> tuple[Node | None, list[Problem]]:
    """Parse one YAML document. A fault comes back as a Problem with its place, never as an exception."""
    try:
        tree = yaml.compose(source, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        return None, [Problem(place, "error", _explain(error, source, place), "syntax")]
    except UnicodeError:
        return None, [
            Problem(Place(file), "error", "This file holds half a character. Save it again as UTF-8.", "syntax")
        ]
    except RecursionError:
        return None, [Problem(Place(file), "error", "This file is nested too deep. Take lists out of lists.", "syntax")]
    except yaml.YAMLError as error:
        return None, [Problem(Place(file), "error", f"This file cannot be read as YAML: {error}", "syntax")]
    if tree is None:
        return None, []
    problems: list[Problem] = []
    try:
        return _convert(tree, file, problems), problems
    except RecursionError:
        return None, [Problem(Place(file), "error", "This file is nested too deep. Take lists out of lists.", "syntax")]


def walk(node: Node | None) -> Iterator[Scalar]:
    """Every scalar value below `node` (keys are left out)."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from walk(item)
    elif isinstance(node, Mapping):
        for _, value in node.pairs:
            yield from walk(value)


def _convert(node: yaml.Node, file: str, problems: list[Problem]) -> Node:
    place = Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, bool(node.style), place)
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_convert(item, file, problems) for item in node.value), place)
    pairs: list[tuple[Scalar, Node]] = []
    seen: dict[str, Place] = {}
    for key_node, value_node in node.value:
        key = _convert(key_node, file, problems)
        if not isinstance(key, Scalar):
            problems.append(
                Problem(
                    key.place,
                    "error",
                    "Here a name is expected before the colon, not a list or a group. A text with braces needs quotes.",
                    "syntax",
                )
            )
            continue
        if key.text in seen:
            problems.append(
                Problem(
                    key.place,
                    "error",
                    f'"{key.text}" stands here a second time (first in line {seen[key.text].line}). Keep one of them.',
                    "syntax",
                )
            )
            continue
        seen[key.text] = key.place
        pairs.append((key, _convert(value_node, file, problems)))
    return Mapping(tuple(pairs), place)


def _explain(error: yaml.MarkedYAMLError, source: str, place: Place) -> str:
    """The parser's finding in a writer's words."""
    lines = source.splitlines()
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    problem = error.problem or ""
    if "\t" in line[: place.column + 1] or "\\t" in problem:
        return "A tab is used for indentation. Replace it with spaces."
    if "mapping values are not allowed" in problem:
        return 'A text with a colon needs quotes. Write "..." around the whole text.'
    if "could not find expected ':'" in problem:
        return "A colon is missing after the name, or the line before is not finished. Check both lines."
    if "found unexpected end of stream" in problem:
        return "A quote is opened and never closed. Close it at the end of the text."
    if re.search(r"(?:^|\s)[\w.]+:\s+[{\[]", line[: place.column]):
        return 'A text that begins with "{" or "[" needs quotes. Write "..." around the whole text.'
    if "expected <block end>" in problem or "did not find expected" in problem:
        return "The indentation is off: this line does not line up with the lines above it."
    return f"This line cannot be read as YAML: {problem or error}. Check quotes, colons and indentation."
