"""Texts made comparable: one case, no accents, no punctuation; digits of every script as numbers."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from importlib import resources

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
_CJK_TEEN = re.compile("^(第?)十([一二两三四五六七八九]?)")
# Accents that people leave out when they type; vowel signs of Indic scripts are letters and stay.
_LOOSE_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u20e3\ufe0e\ufe0f]")
# Letters that Arabic and Urdu keyboards, and their writers, put for each other.
_SAME_LETTERS = str.maketrans("ىیےةہھۂۃکںٱ", "يييهههههكنا")
_APOSTROPHES = re.compile("['\u2019\u02bc`\u00b4]")
_NOT_WORDS = re.compile(r"(?:[^\w\u0900-\u0dff\u0e00-\u0e7f]|_)+")
# "ICE" is written on to the letters of other scripts: 被ICE抓, ICE가.
_OTHER_SCRIPTS = "[\u0400-\u04ff\u0600-\u06ff\u0980-\u09ff\u3040-\u9fff\uac00-\ud7af]"
_SCRIPT_BORDER = re.compile(f"(?<=[a-z])(?={_OTHER_SCRIPTS})|(?<={_OTHER_SCRIPTS})(?=[a-z])")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
# What people write beside the number they choose; folded.
_BESIDE_NUMBER = re.compile(
    r"(?:(?:number|numero|nimewo|num|nro|no|option|opcion|opsyon|chif|la|el|the)\s*|我?选择?项?)?\s*第?\s*"
    r"(?P<number>\d{1,2}|[^\W\d]+?)"
    r"\s*(?:st|nd|rd|th|do|da|ro|ra|er|yem)?\s*(?:号|个|项|please|pls|por favor|tanpri|souple|请|吧)?"
)
_TO_SIMPLIFIED = str.maketrans(
    {
        traditional: simplified.split(" ")[0]
        for line in (resources.files("opencc") / "dictionary" / "TSCharacters.txt").read_text("utf-8").splitlines()
        for traditional, _, simplified in [line.partition("\t")]
        if len(traditional) == 1
    }
)


def clean(text: str) -> str:
    """`text` without control characters and lone surrogates; line breaks stay."""
    return _CONTROL.sub(" ", _SURROGATES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


# A turn folds its text a dozen times. Conversation empties this after each message: texts are not to be kept.
@functools.lru_cache(maxsize=16)
def fold(text: str) -> str:
    """Lower case, without accents and punctuation, one space between words and between Latin and other letters;
    Chinese in simplified characters.

    >>> fold("  ¡ÑANDÚ!  (2)"), fold("ICE가")
    ('nandu 2', 'ice 가')
    """
    text = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold()
    text = unicodedata.normalize("NFKC", _LOOSE_MARKS.sub("", text)).translate(_TO_SIMPLIFIED)
    text = _SCRIPT_BORDER.sub(" ", text.translate(_SAME_LETTERS))
    return _NOT_WORDS.sub(" ", _APOSTROPHES.sub("", text)).strip()


def number_in(text: str, numerals: Mapping[str, int] | None = None) -> int | None:
    """The number a whole message stands for, in the digits of any script or in `numerals` (folded words), or None.

    >>> [number_in(text) for text in ("2", "২", "٢", "۲", "二", "2️⃣", "(2).", "numero 2", "十二", "2 kids")]
    [2, 2, 2, 2, 2, 2, 2, 2, 12, None]
    >>> number_in("number two please", {"two": 2})
    2
    """
    folded = fold(text)
    words = numerals or {}
    if folded in words:
        return words[folded]
    folded = _CJK_TEEN.sub(lambda teen: f"{teen[1]}1{teen[2] or 0}", folded)
    match = _BESIDE_NUMBER.fullmatch("".join(_digit(character) for character in folded))
    if match is None:
        return None
    found = match.group("number")
    return int(found) if found.isdecimal() else words.get(found)


def _digit(character: str) -> str:
    if character in _CJK_NUMERALS:
        return str(_CJK_NUMERALS[character])
    value = unicodedata.digit(character, None)
    return character if value is None else str(value)
