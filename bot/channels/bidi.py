"""Numbers, links and English sentences inside right-to-left text, kept in one piece on the reader's screen.

After Arabic letters the digits count as Arabic ones, and a telephone shows 212-555-0100 as 0100-555-212 (UAX #9, rules
W2 and W4). A pair of isolates around it costs two characters. Texts are sent so; the catalogs stay without them.
"""

from __future__ import annotations

import re

_OPEN, _CLOSE = "\u2068", "\u2069"  # first strong isolate, and its end
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_WITHIN = r"[A-Za-z0-9 .,:;/()'@#&+_-]"
_LEFT_TO_RIGHT = re.compile(
    "[\u2066-\u2068][^\u2069\n]*\u2069"  # isolated by the writer
    '|"[^"\n\u0590-\u08ff]*[A-Za-z][^"\n\u0590-\u08ff]*"'  # an English sentence to say
    rf"|\+?[A-Za-z0-9](?:{_WITHIN}*[A-Za-z0-9])?"
)
_LATIN = re.compile("[A-Za-z]")
_NUMBER = re.compile(r"\+?\(?\d(?:[ \d\-.:/()]*\d)?")  # groups of digits with a space between are one number
_SHORT = re.compile(r"\d{1,2}|[A-Za-z]+")  # one word or a small number has no order to lose


def isolated(text: str) -> str:
    """`text` with what runs from left to right isolated, in the lines that run from right to left.

    >>> isolated("اتصل 311-22") == "اتصل ⁨311-22⁩", isolated("Call 311-22")
    (True, 'Call 311-22')
    """
    if not _RIGHT_TO_LEFT.search(text):
        return text
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    if not _RIGHT_TO_LEFT.search(line):
        return line
    return _LEFT_TO_RIGHT.sub(lambda found: _run(found.group(0)), line)


def _run(run: str) -> str:
    if run[0] in "\u2066\u2067\u2068" or _SHORT.fullmatch(run):
        return run
    if _LATIN.search(run):
        return f"{_OPEN}{run}{_CLOSE}"
    # Numbers behind commas are read in the order of the text around them: each is a piece of its own.
    return _NUMBER.sub(lambda number: _run_of_digits(number.group(0)), run)


def _run_of_digits(number: str) -> str:
    return number if _SHORT.fullmatch(number) else f"{_OPEN}{number}{_CLOSE}"
