"""A choice or a word to text belongs to the telephone network (STOP, CANCEL, END, YES, HELP, START, ...).

Passes:  `say: Move my appointment`
Fails:   `say: Cancel`, or `synonyms: [quit]`.
Why:     the network acts on it before we see it: a resident who texts CANCEL is unsubscribed.
Mend:    choose another word.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.carrier_words import carrier_class
from bot.flow_checks.project import Project
from bot.flow_engine.problems import Place, Problem

RULE = "carrier-word"
# We may answer HELP ourselves, and a YES as the answer to a question.
_ALLOWED = {("words/help", "HELP"), ("phrases/yes", "START"), ("words/yes", "START")}


def check(project: Project) -> Iterator[Problem]:
    """Options and words that the network would swallow, in every language."""
    for words in project.unique_texts():
        if words.kind in {"choice", "synonyms", "words"}:
            yield from _carriers(words.text, words.context, words.place)
    for _, words, message, place in project.translated():
        if words.kind in {"choice", "synonyms", "words"}:
            yield from _carriers(str(message.string), words.context, place)


def _carriers(text: str, context: str, place: Place) -> Iterator[Problem]:
    for word in text.split("|"):
        name = carrier_class(word)
        if name and (context, name) not in _ALLOWED:
            yield Problem(
                place,
                "error",
                f'"{word.strip()}" belongs to the telephone network ({name}). Choose another word.',
                RULE,
            )
