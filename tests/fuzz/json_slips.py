"""How a JSON value is spoiled: another shape somewhere inside, or no JSON any more."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.fuzz import slips
from tests.fuzz.nasty_texts import NASTY

ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2**63,
        1e308,
        float("nan"),
        float("inf"),
        "",
        "0",
        "en",
        "zz",
        [],
        {},
        [[]],
        [None],
        {"": None},
    ),
    *(
        [["step"]],
        [["ask", "x", "y"]],
        [["phrase"]],
        [["topics"]],
        [["rejected", "a", "b", "c"]],
        [["main_menu", "menu"]],
        ["a"] * 50,
    ),
)


def spoil(data: bytes, chance: random.Random) -> bytes:
    """Mostly a value in another place's shape; sometimes broken text, sometimes nesting without end."""
    if chance.random() < 0.15:
        return slips.spoiled(data, chance, slips.BYTES)
    if chance.random() < 0.01:
        return chance.choice((b"[", b'{"a":')) * chance.choice((50, 900, 5000, 30000))
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return slips.spoiled(data, chance, slips.BYTES)
    for _ in range(chance.randint(1, 3)):
        value = _changed(value, chance, value)
    try:
        return json.dumps(value).encode()
    except RecursionError:
        return b"[" * 5000


def _changed(value: Any, chance: random.Random, whole: Any, depth: int = 0) -> Any:
    inside = isinstance(value, (dict, list)) and value and depth < 12
    if not inside or chance.random() < 0.15:
        return _other(chance, whole)
    if isinstance(value, dict):
        key = chance.choice(list(value))
        if chance.random() < 0.15:
            return {**value, chance.choice(tuple(NASTY)): _other(chance, whole)}
        if chance.random() < 0.1:
            return {name: held for name, held in value.items() if name != key}
        return {**value, key: _changed(value[key], chance, whole, depth + 1)}
    at = chance.randrange(len(value))
    if chance.random() < 0.15:
        return [*value[:at], *value[at + 1 :]]
    return [*value[:at], _changed(value[at], chance, whole, depth + 1), *value[at + 1 :]]


def _other(chance: random.Random, whole: Any) -> Any:
    if chance.random() < 0.2:
        return chance.choice(tuple(NASTY.values()))
    if chance.random() < 0.1 and len(str(whole)) < 2000:
        return whole
    return chance.choice(ODD)
