"""How an input is spoiled: what a careless writer, a broken network or an enemy would do to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from urllib.parse import quote_from_bytes

from tests.fuzz.nasty_texts import NASTY

NASTY_BYTES = tuple(text.encode("utf-8", "surrogatepass") for text in NASTY.values())
# Bytes that end, open or mean something somewhere.
SIGNS = tuple(
    sign.encode("latin-1")
    for sign in (*":-{}[]()\"'#&*!|>%@`,?\\\n\t\r=+;/<~.0123456789", "\r\n", "  ", "- ", ": ", "\xff", "\xc3\x28", "\0")
)
ODD_VALUES = (
    *(b"", b"null", b"true", b"[]", b"{}", b"-1", b"0", b"1e999", b"NaN", b"9" * 60, b"[a, [b]]", b"{a: {b: c}}"),
    *(b"*x", b"&x y", b"!!binary x", b"2026-13-45", b"|\n", b"\xef\xbb\xbf", b"'" * 3, b'"\\ud800"', b"[" * 400),
)

Slip = Callable[[bytes, random.Random], bytes]


def spoiled(data: bytes, chance: random.Random, slips: Sequence[Slip], most: int = 5) -> bytes:
    """`data` with one to `most` slips."""
    for _ in range(chance.randint(1, most)):
        data = chance.choice(slips)(data, chance)
    return data


def escaped(text: bytes) -> bytes:
    """A text as a form carries it."""
    return quote_from_bytes(text, safe="").encode()


def nasty(chance: random.Random) -> bytes:
    """One of the nasty texts, whole or a piece of it, or two together."""
    text = chance.choice(NASTY_BYTES)
    if chance.random() < 0.3:
        return text + chance.choice(NASTY_BYTES)
    if text and chance.random() < 0.3:
        at = chance.randrange(len(text))
        return text[at : at + chance.randint(1, 40)]
    return text


def delete(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.randint(1, 30) :]


def insert_sign(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(SIGNS) + data[at:]


def insert_nasty(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + nasty(chance) + data[at:]


def flip(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def double(data: bytes, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(data) + 1), chance.randint(1, 60)
    return data[: at + length] + data[at : at + length] * chance.choice((1, 1, 1, 2, 40)) + data[at + length :]


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def swap_lines(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def double_lines(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join(lines[: at + chance.randint(1, 8)] + lines[at:])


def drop_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    del lines[chance.randrange(len(lines))]
    return b"\n".join(lines)


def shift_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    lines[at] = b" " * chance.randint(0, 12) + lines[at].lstrip()
    return b"\n".join(lines)


def other_value(data: bytes, chance: random.Random) -> bytes:
    """A line keeps its name and gets another value."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    name, colon, _ = lines[at].partition(b":")
    lines[at] = name + (colon or b":") + b" " + (chance.choice(ODD_VALUES) if chance.random() < 0.7 else nasty(chance))
    return b"\n".join(lines)


BYTES: tuple[Slip, ...] = (delete, insert_sign, insert_nasty, flip, double, cut)
LINES: tuple[Slip, ...] = (*BYTES, swap_lines, double_lines, drop_line, shift_line, other_value)
