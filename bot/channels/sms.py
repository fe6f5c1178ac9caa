"""How a text becomes SMS: its parts and their price, and pages short enough to send."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from bot.channels.bidi import isolated
from bot.channels.gsm_alphabet import EXTENSION, dear_characters, plain_punctuation

# Capacity of one part alone and of each part of a joined message, in septets or UTF-16 units (3GPP TS 23.040).
GSM_SINGLE, GSM_JOINED = 160, 153
UCS2_SINGLE, UCS2_JOINED = 70, 67
# A reply's limit. Scripts outside GSM get one part more, since each holds less than half as much.
MAX_GSM_SEGMENTS, MAX_UCS2_SEGMENTS = 3, 4
MAX_CHARACTERS = 1600  # Twilio drops a longer message without a word

# A sentence ends at . ! ? (then a space or a closing quote or bracket) and at their Chinese and Urdu forms.
_SENTENCE = re.compile(r"(?<=[.!?])[\"')]*\s+|(?<=[。！？؟۔।])[\"”』」）]*\s*|\n")


@dataclass(frozen=True)
class Segments:
    """The price of a text: number of parts, and "GSM-7" or "UCS-2"."""

    count: int
    alphabet: str


@functools.lru_cache(maxsize=4096)  # replies are made of the same few hundred texts
def segments(text: str) -> Segments:
    """Count the parts as the network does: no escape and no surrogate pair is split between two.

    >>> segments("a" * 160), segments("a" * 161).count, segments("я" * 71).count
    (Segments(count=1, alphabet='GSM-7'), 2, 2)
    """
    if dear_characters(text):
        widths = [2 if character > "\uffff" else 1 for character in text]
        return Segments(_parts(widths, UCS2_SINGLE, UCS2_JOINED), "UCS-2")
    widths = [2 if character in EXTENSION else 1 for character in text]
    return Segments(_parts(widths, GSM_SINGLE, GSM_JOINED), "GSM-7")


def as_sent(text: str) -> str:
    """`text` as it goes out: plain punctuation, and numbers isolated where the text runs from right to left."""
    return isolated(plain_punctuation(text))


def fits(text: str) -> bool:
    """Whether `text` can be one reply."""
    text = as_sent(text)
    price = segments(text)
    limit = MAX_GSM_SEGMENTS if price.alphabet == "GSM-7" else MAX_UCS2_SEGMENTS
    return price.count <= limit and len(text) <= MAX_CHARACTERS


@dataclass(frozen=True)
class Block:
    """A part of a reply. One that is `whole` (a question with its options) is moved on rather than split."""

    text: str
    whole: bool = False


def pages(blocks: list[Block], more_hint: str) -> list[str]:
    """`blocks` as replies in order: as much on each as it holds, split at ends of lines and sentences.

    Only as a last resort is a text split between words. Every page but the last ends in `more_hint`.
    """
    result: list[str] = []
    page = ""
    for block in blocks:
        text = block.text
        joined = f"{page}\n{text}" if page else text
        if fits(joined):
            page = joined
            continue
        whole = block.whole and fits(f"{text}\n{more_hint}")
        for piece in [text] if whole else _pieces(text, more_hint):
            joined = f"{page}\n{piece}" if page else piece
            if page and not fits(f"{joined}\n{more_hint}"):
                result.append(f"{page}\n{more_hint}")
                joined = piece
            page = joined
    if page:
        result.append(page)
    return [as_sent(page) for page in _make_room(result, more_hint)]


def _make_room(result: list[str], more_hint: str) -> list[str]:
    """Move the last line of a page on where the hint made the page too long."""
    for index, page in enumerate(result[:-1]):
        if fits(page):
            continue
        lines = page.removesuffix(f"\n{more_hint}").split("\n")
        moved: list[str] = []
        while len(lines) > 1 and not fits("\n".join([*lines, more_hint])):
            moved.insert(0, lines.pop())
        rest = (
            pages([Block("\n".join(moved)), *map(Block, result[index + 1 :])], more_hint)
            if moved
            else result[index + 1 :]
        )
        return [*result[:index], "\n".join([*lines, more_hint]), *rest]
    return result


def _pieces(block: str, more_hint: str) -> list[str]:
    """The sentences of a block; one that does not fit a page by itself is cut between words, or hard."""
    pieces: list[str] = []
    position = 0
    for match in _SENTENCE.finditer(block):
        pieces.append(block[position : match.end()].strip())
        position = match.end()
    pieces.append(block[position:].strip())
    return [part for piece in pieces if piece for part in _cut(piece, more_hint)]


def _cut(piece: str, more_hint: str) -> list[str]:
    parts: list[str] = []
    while not fits(f"{piece}\n{more_hint}"):
        low, high = 1, len(piece)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if fits(f"{piece[:middle]}\n{more_hint}") else (low, middle - 1)
        space = piece.rfind(" ", low // 2, low + 1)
        end = space if space > 0 else low
        parts.append(piece[:end].rstrip())
        piece = piece[end:].lstrip()
    return [*parts, piece] if piece else parts


def _parts(widths: list[int], single: int, joined: int) -> int:
    if sum(widths) <= single:
        return 1
    count, room = 1, joined
    for width in widths:
        if width > room:
            count, room = count + 1, joined
        room -= width
    return count
