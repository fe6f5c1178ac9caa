"""A few letters make a text twice as dear.

Passes:  `Envíe` reworded as `Mande`, where the whole text is then in the cheap alphabet.
Fails:   a Spanish text of two parts that takes four because of one `ó`.
Why:     á, í, ó and ú are not in the telephone alphabet: one of them cuts the room of
         every part from 153 to 67 letters.
Mend:    choose words without the letters the message names, if there are such; never leave an accent out.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.channels.gsm_alphabet import dear_characters, plain_punctuation
from bot.channels.sms import MAX_UCS2_SEGMENTS, segments
from bot.flow_checks.project import Project
from bot.flow_engine.model import Words
from bot.flow_engine.problems import Place, Problem
from bot.languages.supported import SOURCE

RULE = "dear-letters"
# Languages that are written in the cheap alphabet but for a few letters.
_CHEAP = {SOURCE, "es", "fr", "ht"}
_SENT = {"say", "ask", "collect", "phrase", "stale"}
_WORTH_IT = 2  # parts


def check(project: Project) -> Iterator[Problem]:
    """Texts that would save parts without a few letters."""
    for words in project.unique_texts():
        if words.kind in _SENT:
            yield from _dear(project, words, SOURCE, words.place)
    for language, words, message, place in project.translated():
        if words.kind in _SENT and language in _CHEAP and not message.fuzzy:
            yield from _dear(project, words, language, place)


def _dear(project: Project, words: Words, language: str, place: Place) -> Iterator[Problem]:
    text = plain_punctuation(project.content.text(words, language))
    dear = dear_characters(text)
    if not dear:
        return
    cheaper = segments("".join("a" if character in dear else character for character in text))
    price = segments(text)
    # A text that is too long has been named by too_many_segments.
    if price.count <= MAX_UCS2_SEGMENTS and price.count - cheaper.count >= _WORTH_IT:
        where = [word for word in text.split() if set(word) & set(dear)]
        yield Problem(
            place,
            "warning",
            f'In {language} "{dear}" makes this text {price.count} SMS parts instead of {cheaper.count}. Reword: '
            f"{', '.join(where[:8])}.",
            RULE,
        )
