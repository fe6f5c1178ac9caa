"""A word or number without quotes that other YAML readers turn into something else.

Passes:  `- say: "No"` and `value: "0800"`.
Fails:   `- say: No` and `value: 08`.
Why:     YAML reads a bare yes, no, on or off as true or false, and drops the zero of 08. We keep the words; Rasa's own
         tools and editors do not.
Mend:    put quotes around it; `hotline check --fix` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Edit, Problem
from bot.flow_engine.yaml_nodes import TRAP_WORDS, Mapping, Node, Scalar, Sequence

RULE = "yaml-trap"
# 08, 0x1F, 12:30, 1_000: numbers whose form would be lost.
_ODD_NUMBER = re.compile(r"0\d+|0[xob][0-9A-Fa-f_]+|\d+(?::\d\d)+|\d[\d_]*_\d[\d_]*|\d+e\d+")


def check(project: Project) -> Iterator[Problem]:
    """Bare yes, no, on, off, and numbers with a form of their own, as keys or values."""
    for node in project.documents.values():
        yield from _scalars(node)


def _scalars(node: Node) -> Iterator[Problem]:
    if isinstance(node, Scalar):
        if not node.quoted and (node.text in TRAP_WORDS or _ODD_NUMBER.fullmatch(node.text)):
            yield Problem(
                node.place,
                "warning",
                f'{node.text} without quotes is not a text for every reader of YAML. Write "{node.text}".',
                RULE,
                Edit(node.place, node.text, f'"{node.text}"'),
            )
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, Mapping):
        for key, value in node.pairs:
            yield from _scalars(key)
            yield from _scalars(value)
