"""Reading single values out of YAML nodes; every fault becomes a Problem at its own place."""

from __future__ import annotations

import dataclasses
import datetime

from bot.flow_engine.conditions import Condition, ConditionError, compile_condition
from bot.flow_engine.model import Words
from bot.flow_engine.problems import Place, Problem, did_you_mean
from bot.flow_engine.yaml_nodes import Mapping, Node, Scalar, Sequence


class NodeReader:
    """Collects `problems` while it reads."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def condition(self, node: Node | None) -> Condition | None:
        """Compile the condition in `node`; a fault becomes a problem at its own column."""
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.error(node.place, "A condition is one line of text, such as: slots.age < 18", "condition")
            return None
        text = node.text.lower() if isinstance(node.value, bool) else node.text
        try:
            return compile_condition(text)
        except ConditionError as error:
            column = node.place.column + error.column - (0 if node.quoted else 1)
            place = dataclasses.replace(node.place, column=column)
            self.error(place, f"This condition cannot be read: {error}.", "condition")
            return None

    def text(self, node: Mapping, key: str, context: str, kind: str) -> Words | None:
        value = node.get(key)
        if value is None:
            return None
        if not isinstance(value, Scalar):
            self.error(
                node.key_place(key), f'`{key}` is a text. A text that begins with "{{" or "[" needs quotes.', "syntax"
            )
            return None
        if not value.text.strip():
            self.error(node.key_place(key), f"`{key}` is empty. Write the text or delete the line.", "syntax")
            return None
        return Words(value.text.strip(), context, kind, value.place)

    def synonyms(self, node: Node | None, context: str, kind: str) -> Words | None:
        if node is None:
            return None
        if not isinstance(node, Sequence) or not all(isinstance(item, Scalar) for item in node.items):
            self.error(node.place, "Here a list of words is expected, such as: [door, my door]", "syntax")
            return None
        words = [item.text.strip() for item in node.items if isinstance(item, Scalar)]
        return Words(" | ".join(words), context, kind, node.place)

    def date(self, node: Mapping, key: str) -> datetime.date | None:
        value = node.get(key)
        if not isinstance(value, Scalar) or value.value is None:
            return None
        try:
            return datetime.date.fromisoformat(value.text)
        except ValueError:
            self.error(value.place, f'"{value.text}" is not a date. Write it as 2027-03-31.', "syntax")
            return None

    def known_keys(self, node: Mapping, known: set[str], what: str) -> None:
        for key, _ in node.pairs:
            if key.text not in known:
                hint = did_you_mean(key.text, known)
                self.error(key.place, f'"{key.text}" is not a part of a {what}.{hint}', "unknown-key")

    def error(self, place: Place, message: str, rule: str) -> None:
        self.problems.append(Problem(place, "error", message, rule))
