"""A text is too long for one reply, so residents have to ask for the rest.

Passes:  a text of up to 3 SMS parts (4 in scripts outside the GSM alphabet).
Fails:   a step of 500 characters.
Why:     a frightened person reads the first lines; a dear letter such as a curly quote halves the room.
Mend:    cut the text, split it over two steps, or choose words without the letters the message names.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.channels.gsm_alphabet import dear_characters
from bot.channels.sms import MAX_GSM_SEGMENTS, MAX_UCS2_SEGMENTS, as_sent, segments
from bot.flow_checks.project import Project
from bot.flow_engine.model import Words
from bot.flow_engine.problems import Place, Problem
from bot.languages.supported import SOURCE

RULE = "too-many-segments"
_SENT = {"say", "ask", "collect", "phrase", "stale"}


def check(project: Project) -> Iterator[Problem]:
    """Texts over the limit, in every language."""
    for words in project.unique_texts():
        if words.kind in _SENT:
            yield from _too_long(project, words, SOURCE, words.place)
    for language, words, _, place in project.translated():
        if words.kind in _SENT:
            yield from _too_long(project, words, language, place)


def _too_long(project: Project, words: Words, language: str, place: Place) -> Iterator[Problem]:
    text = as_sent(project.content.text(words, language))
    price = segments(text)
    limit = MAX_GSM_SEGMENTS if price.alphabet == "GSM-7" else MAX_UCS2_SEGMENTS
    if price.count <= limit:
        return
    dear = dear_characters(text)
    reason = ""
    if dear and len(dear) <= 8:
        cheaper = segments("".join("a" if character in dear else character for character in text))
        reason = f' because of "{dear}", which leave 67 characters a part; without them it would take {cheaper.count}'
    yield Problem(
        place,
        "warning",
        f"In {language} this text takes {price.count} SMS parts{reason}; one reply holds {limit}. Shorten, split or "
        "reword it.",
        RULE,
    )
