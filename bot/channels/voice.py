"""How a text becomes speech: what cannot be spoken left out, numbers digit by digit, one voice for each language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WORDS, PHONE, NUMBER, PAUSE = "words", "phone", "number", "pause"

_PHONE = re.compile(r"(?<![\d-])(?:1-)?\d{3}-\d{3}-\d{4}(?![\d-])|(?<![\d-])(?:911|311|988)(?![\d-])")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:gov|org|com|net)\b\S*", re.IGNORECASE)
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u20e3\ufe0f\U0001f000-\U0001faff]")
_QUOTED = re.compile(r"[\"“]([^\"“”]+)[\"”]")
_SENTENCE_END = ".!?:;,。！？：；，、۔؟।"


@dataclass(frozen=True)
class Part:
    """One thing said: words, a telephone number (digit by digit) or a number, in the voice of `language`.

    A pause is the punctuation that follows what was said before.
    """

    text: str
    language: str
    kind: str = WORDS


def parts_of(text: str, language: str, spoken_as: Iterable[tuple[str, str]] = (), english: str = "") -> list[Part]:
    """`text` as parts. A quotation that stands in `english` too is to be said to an agent: an English voice says it."""
    text = sayable(text)
    found: list[Part] = []
    position = 0
    for match in _QUOTED.finditer(text):
        if language == "en" or not _is_english(match.group(1), english):
            continue
        found += _numbers(_spoken(text[position : match.start()], spoken_as), language)
        found += _numbers(match.group(1), "en")
        position = match.end()
    found += _numbers(_spoken(text[position:], spoken_as), language)
    return found


def sayable(text: str) -> str:
    """`text` without web addresses and pictures, its lines joined to sentences.

    >>> sayable("Call 311\\nSee nyc.gov/help 🙂")
    'Call 311. See'
    """
    text = _EMOJI.sub("", _ADDRESS.sub("", text))
    lines = [line.strip() for line in text.split("\n")]
    closed = [line if line.rstrip('"”)')[-1:] in _SENTENCE_END else f"{line}." for line in lines[:-1] if line]
    return re.sub(r"\s+", " ", " ".join([*closed, lines[-1]])).strip()


def _spoken(text: str, spoken_as: Iterable[tuple[str, str]]) -> str:
    for short, words in spoken_as:
        text = (
            re.sub(rf"(?<!\w){re.escape(short)}(?![\w])", words, text)
            if short.isascii()
            else text.replace(short, words)
        )
    return text


def _numbers(text: str, language: str) -> Iterator[Part]:
    """`text` cut at telephone numbers."""
    position = 0
    for match in _PHONE.finditer(text):
        yield from _words(text[position : match.start()], language)
        yield Part(match.group(0), language, PHONE)
        position = match.end()
    yield from _words(text[position:], language)


def _words(text: str, language: str) -> Iterator[Part]:
    words = text.strip().lstrip(f"{_SENTENCE_END}) ")
    pause = text.strip()[: len(text.strip()) - len(words)].strip(") ")
    if pause:
        yield Part(pause, language, PAUSE)
    if any(character.isalnum() for character in words):
        yield Part(words, language)


def joined(before: str, part: Part) -> str:
    """What is said before with `part` after it: a pause directly behind a word, never two pauses in a row.

    >>> joined("Call 311", Part(".", "en", PAUSE))
    'Call 311.'
    """
    if part.kind != PAUSE:
        return f"{before} {part.text}" if before else part.text
    return before if before and before[-1] in _SENTENCE_END else f"{before}{part.text}"


def _is_english(quoted: str, english: str) -> bool:
    return quoted.strip(" .?!") in english
