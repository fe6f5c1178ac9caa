"""Texts made comparable: one case, no accents, no punctuation; digits of every script as numbers."""

from __future__ import annotations

import re
import unicodedata

_CJK_NUMERALS = {
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "兩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
# Accents that people leave out when they type; vowel signs of Indic scripts are letters and stay.
_LOOSE_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u20e3\ufe0e\ufe0f]")
_APOSTROPHES = re.compile("['\u2019\u02bc`\u00b4]")
_NOT_WORDS = re.compile(r"(?:[^\w\u0900-\u0dff\u0e00-\u0e7f]|_)+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_EXTRA = re.compile(r"(?:number|numero|nimewo|num|no|option|opcion|opsyon|第|选|选择)?\s*(\d{1,2})\s*(?:号|个|項|项)?")


def clean(text: str) -> str:
    """`text` without control characters and lone surrogates; line breaks stay."""
    return _CONTROL.sub(" ", _SURROGATES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def fold(text: str) -> str:
    """Lower case, without accents and punctuation, one space between words.

    >>> fold("  ¡ÑANDÚ!  (2)")
    'nandu 2'
    """
    text = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold()
    text = unicodedata.normalize("NFKC", _LOOSE_MARKS.sub("", text))
    return _NOT_WORDS.sub(" ", _APOSTROPHES.sub("", text)).strip()


def number_in(text: str) -> int | None:
    """The number a whole message stands for, in the digits of any script, or None.

    >>> [number_in(text) for text in ("2", "২", "٢", "۲", "二", "2️⃣", "(2).", "numero 2", "12", "2 kids")]
    [2, 2, 2, 2, 2, 2, 2, 2, 12, None]
    """
    folded = fold(text)
    digits = "".join(_digit(character) for character in folded)
    match = _EXTRA.fullmatch(digits)
    return int(match.group(1)) if match else None


def _digit(character: str) -> str:
    if character in _CJK_NUMERALS:
        return str(_CJK_NUMERALS[character])
    value = unicodedata.digit(character, None)
    return character if value is None else str(value)
