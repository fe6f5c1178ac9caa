"""Conditions of flow files: `slots.age < 18 and not context.channel is "voice"`. Compiled once, never eval'ed.

The language is that of Rasa CALM (pypred): not, and, or, =, ==, !=, <, <=, >, >=, is, is not, contains, matches;
numbers, quoted strings, true, false, null, undefined, empty, and sets {"a" "b"}. A comparison of unlike types is
false, as in Rasa.
"""

from __future__ import annotations

import operator as operators
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Mapping[str, object]]
_Evaluate = Callable[[Values], object]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>-?\d+(?:\.\d+)?)
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<op><=|>=|!=|==|=|<|>|\(|\)|\{|\})
    | (?P<word>[A-Za-z_][A-Za-z0-9_\-]*(?:\.[A-Za-z_][A-Za-z0-9_\-]*)*)
    )""",
    re.VERBOSE,
)


class _Undefined:
    """The value of a name nobody set: equal to nothing but itself, and not true."""

    def __bool__(self) -> bool:
        return False


UNDEFINED = _Undefined()
_CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None, "undefined": UNDEFINED, "empty": ()}
_KEYWORDS = {"not", "and", "or", "is", "contains", "matches", *_CONSTANTS}


class ConditionError(ValueError):
    """The condition cannot be read; `column` counts from 1 inside the text."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Condition:
    """A compiled condition. `names` are the dotted names it reads; `comparisons` the strings they meet."""

    text: str
    names: tuple[str, ...]
    comparisons: tuple[tuple[str, object], ...]
    evaluate: _Evaluate

    def holds(self, values: Values) -> bool:
        """Whether the condition is true for {"slots": {...}, "context": {...}}."""
        return bool(self.evaluate(values))


def compile_condition(text: str) -> Condition:
    """Compile `text`, or raise ConditionError."""
    if text.strip().startswith("{{") and text.strip().endswith("}}"):
        text = text.strip()[2:-2]
    parser = _Parser(text)
    evaluate = parser.either()
    parser.expect_end()
    return Condition(text, tuple(parser.names), tuple(parser.comparisons), evaluate)


class _Parser:
    def __init__(self, text: str) -> None:
        self.names: list[str] = []
        self.comparisons: list[tuple[str, object]] = []
        self._tokens: list[tuple[str, str, int]] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if not match:
                column = position + len(text[position:]) - len(text[position:].lstrip()) + 1
                raise ConditionError(f'"{text[position:].strip()[:12]}" is not understood in a condition', column)
            kind = match.lastgroup or ""
            self._tokens.append((kind, match.group(kind), match.start(kind) + 1))
            position = match.end()
        self._end = len(text) + 1
        self._at = 0

    def either(self) -> _Evaluate:
        left = self._both()
        while self._take("or"):
            left = _or(left, self._both())
        return left

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            _, text, column = self._tokens[self._at]
            raise ConditionError(f'"{text}" is not expected here; join two conditions with "and" or "or"', column)

    def _both(self) -> _Evaluate:
        left = self._negation()
        while self._take("and"):
            left = _and(left, self._negation())
        return left

    def _negation(self) -> _Evaluate:
        if self._take("not"):
            inner = self._negation()
            return lambda values: not inner(values)
        return self._comparison()

    def _comparison(self) -> _Evaluate:
        if self._take("("):
            inner = self.either()
            self._need(")")
            return inner
        start = self._at
        left = self._operand()
        operator = self._operator()
        if operator is None:
            return left
        right_start = self._at
        right = self._operand()
        self._note_comparison(start, right_start)
        return _compare(operator, left, right)

    def _note_comparison(self, left: int, right: int) -> None:
        kinds = self._tokens[left][0], self._tokens[right][0]
        if kinds == ("word", "string"):
            self.comparisons.append((self._tokens[left][1], _unquote(self._tokens[right][1])))

    def _operator(self) -> str | None:
        if self._at >= len(self._tokens):
            return None
        kind, text, _ = self._tokens[self._at]
        if kind == "op" and text not in "(){}":
            self._at += 1
            return "=" if text == "==" else text
        if text in {"is", "contains", "matches"}:
            self._at += 1
            if text == "is" and self._take("not"):
                return "!="
            return "=" if text == "is" else text
        return None

    def _operand(self) -> _Evaluate:
        if self._at >= len(self._tokens):
            raise ConditionError("the condition stops in the middle; a value is missing", self._end)
        kind, text, column = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return _constant(float(text))
        if kind == "string":
            return _constant(_unquote(text))
        if text == "{":
            return _constant(self._set())
        if kind == "op" or (text in _KEYWORDS and text not in _CONSTANTS):
            raise ConditionError(f'a name or a value is expected here, not "{text}"', column)
        if text in _CONSTANTS:
            return _constant(_CONSTANTS[text])
        if text.partition(".")[0] not in {"slots", "context"} or "." not in text:
            raise ConditionError(f'"{text}" is not known: write slots.{text} or context.{text}', column)
        self.names.append(text)
        return _lookup(text)

    def _set(self) -> frozenset[object]:
        members: set[object] = set()
        while not self._take("}"):
            if self._at >= len(self._tokens):
                raise ConditionError('the "{" is never closed', self._end)
            kind, text, column = self._tokens[self._at]
            self._at += 1
            if kind == "string":
                members.add(_unquote(text))
            elif kind == "number":
                members.add(float(text))
            else:
                raise ConditionError(f'only quoted words and numbers stand between braces, not "{text}"', column)
        return frozenset(members)

    def _take(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][1] == word and self._tokens[self._at][0] != "string":
            self._at += 1
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._take(word):
            column = self._tokens[self._at][2] if self._at < len(self._tokens) else self._end
            raise ConditionError(f'"{word}" is missing', column)


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _constant(value: object) -> _Evaluate:
    return lambda values: value


def _lookup(name: str) -> _Evaluate:
    space, _, key = name.partition(".")
    return lambda values: values.get(space, {}).get(key, UNDEFINED)


def _and(left: _Evaluate, right: _Evaluate) -> _Evaluate:
    return lambda values: bool(left(values)) and bool(right(values))


def _or(left: _Evaluate, right: _Evaluate) -> _Evaluate:
    return lambda values: bool(left(values)) or bool(right(values))


def _compare(operator: str, left: _Evaluate, right: _Evaluate) -> _Evaluate:
    if operator == "=":
        return lambda values: _same(left(values), right(values))
    if operator == "!=":
        return lambda values: not _same(left(values), right(values))
    if operator == "contains":
        return lambda values: _contains(left(values), right(values))
    if operator == "matches":
        return lambda values: _matches(left(values), right(values))
    return lambda values: _ordered(operator, left(values), right(values))


def _same(left: object, right: object) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if right == () and not isinstance(right, str):
        return left in ((), [], "", None) or left is UNDEFINED
    return left == right


def _contains(left: object, right: object) -> bool:
    return isinstance(left, (frozenset, list, tuple, str)) and right in left  # type: ignore[operator]


def _matches(left: object, right: object) -> bool:
    try:
        return isinstance(left, str) and isinstance(right, str) and re.search(right, left) is not None
    except re.error:
        return False


def _ordered(operator: str, left: object, right: object) -> bool:
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _ORDERS[operator](left, right)
    if isinstance(left, str) and isinstance(right, str):
        return _ORDERS[operator](left, right)
    return False


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}
