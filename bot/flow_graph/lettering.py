"""How wide letters are on paper, about, and where lines break."""

from __future__ import annotations

import unicodedata

SIZE, LINE = 12.0, 16.0
_MOST_LINES = 7


def width_of(text: str) -> float:
    """The width of `text` in pixels at the drawing's size: wide letters a full square, others a little over half."""
    return sum(SIZE if unicodedata.east_asian_width(letter) in "WF" else SIZE * 0.56 for letter in text)


def lines_of(text: str, width: float, most: int = _MOST_LINES) -> tuple[str, ...]:
    """`text` in lines of at most `width` pixels; more than `most` lines end in an ellipsis."""
    lines: list[str] = []
    for paragraph in text.strip().split("\n"):
        line = ""
        for word in _words(paragraph):
            if line and width_of(line + word.rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            while width_of(word.rstrip()) > width:
                cut = max(1, sum(width_of(word[:at]) <= width for at in range(1, len(word) + 1)))
                lines.append(word[:cut])
                word = word[cut:]
            line += word
        if line.strip():
            lines.append(line.rstrip())
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][:-1].rstrip()} …"]
    return tuple(lines)


def _words(text: str) -> list[str]:
    """Words with the space behind them; wide letters one by one, since such a line may break anywhere."""
    words: list[str] = []
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in "WF"
        if not words or wide or words[-1].endswith(" ") or unicodedata.east_asian_width(words[-1][-1]) in "WF":
            words.append(letter)
        else:
            words[-1] += letter
    return words
