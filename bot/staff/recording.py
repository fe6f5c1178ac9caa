"""Writing conversations down: a chat becomes a test case; replies of a test case are brought up to date in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError


@dataclass(frozen=True)
class Exchange:
    """One text and its reply; `uttered` are the steps the reply consisted of, as "flow/step"."""

    user: str
    bot: str
    uttered: tuple[str, ...] = ()


def append_case(file: Path, name: str, exchanges: Sequence[Exchange], channel: str = "sms") -> None:
    """Add a test case at the end of `file`. Raises ContentError, and leaves the file alone, where it would not fit."""
    before = file.read_text(encoding="utf-8") if file.is_file() else "test_cases:\n"
    known = _cases(before, file)
    lines = [f"  - test_case: {_scalar(name)}"]
    lines += [f"    channel: {channel}"] if channel != "sms" else []
    lines.append("    steps:")
    for exchange in exchanges:
        lines.append(f"      - user: {_scalar(exchange.user)}")
        lines += [f"      - utter: {name}" for name in exchange.uttered]
        lines.append(f"      - bot: {_value(exchange.bot, 10)}")
    after = before.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
    if len(_cases(after, file)) != len(known) + 1:
        raise ContentError(f"{file} does not end with its `test_cases:`. Record into a file of its own.")
    file.write_text(after, encoding="utf-8")


def _cases(source: str, file: Path) -> list[Any]:
    try:
        data = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise ContentError(f"{file} cannot be read as YAML. Mend it, or record into another file.") from error
    return (data.get("test_cases") or []) if isinstance(data, dict) else []


def with_replies(source: str, reply_to: Callable[[str, int, str], str]) -> tuple[str, int]:
    """`source` with every `bot:` that is not true any more written anew, and how many those were.

    `reply_to(case, step, text)` is what the bot says now. Everything else in the file stays as it is, byte for byte.
    """
    root = yaml.compose(source, Loader=yaml.SafeLoader)
    edits: list[tuple[int, int, str]] = []
    for case in _items(_get(root, "test_cases")):
        name = _text(_get(case, "test_case"))
        for number, step in enumerate(_items(_get(case, "steps"))):
            wanted = _get(step, "bot")
            if isinstance(wanted, yaml.ScalarNode):
                reply = reply_to(name, number, wanted.value)
                if reply != wanted.value.strip():
                    key = next(key for key, value in step.value if value is wanted)
                    start, end = _extent(source, wanted, key.start_mark.column)
                    # A block cannot stand before a remark in the same line.
                    remark = source[end:].partition("\n")[0].strip()
                    text = _scalar(reply) if remark else _value(reply, key.start_mark.column + 2)
                    edits.append((start, end, text))
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source, len(edits)


def _extent(source: str, node: yaml.ScalarNode, key_column: int) -> tuple[int, int]:
    """Where the value stands in the text, without the blank lines and comments below a block."""
    start = node.start_mark.index
    if node.style not in {"|", ">"}:
        return start, node.end_mark.index
    end = position = source.index("\n", start) + 1 if "\n" in source[start:] else len(source)
    end -= 1
    for line in source[position:].splitlines(keepends=True):
        if line.strip() and len(line) - len(line.lstrip(" ")) <= key_column:
            break
        position += len(line)
        if line.strip():
            end = position - (1 if line.endswith("\n") else 0)
    return start, end


def _get(node: Any, key: str) -> Any:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _items(node: Any) -> list[Any]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _text(node: Any) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _value(text: str, indent: int) -> str:
    """A text of several lines as a block, which people can read."""
    if "\n" not in text or any(line != line.rstrip() or line.startswith(" ") for line in text.split("\n")):
        return _scalar(text)
    return "|\n" + "\n".join(" " * indent + line if line else "" for line in text.split("\n"))


def _scalar(text: str) -> str:
    quoted = yaml.safe_dump(text, allow_unicode=True, width=10**6, default_style='"' if "\n" in text else None)
    return quoted.removesuffix("\n").removesuffix("\n...")
