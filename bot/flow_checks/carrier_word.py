"""A choice or a word to text belongs to the telephone network (STOP, CANCEL, END, YES, HELP, START, ...).

Passes:  `say: Move my appointment`
Fails:   `say: Cancel`, `synonyms: [quit]`, or a text with "Reply YES".
Why:     the network acts on it before we see it: a resident who texts CANCEL is unsubscribed.
Mend:    choose another word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.carrier_words import carrier_class
from bot.flow_checks.project import Project
from bot.flow_engine.problems import Place, Problem

RULE = "carrier-word"
# We may answer HELP ourselves, and a YES as the answer to a question.
# A text may tell how to stop all texts; nothing else may ask for such a word.
_TOLD = {"phrases/texts_stopped"}
_INVITATION = re.compile(
    r"(?i:\b(?:reply|text|send|type|answer|responda|escriba|mande|env[ií]e|conteste|reponn|ekri|voye|r[eé]pondez|envoyez)\b"
    r"|回复|发送|发|输入)\s*[\"'“«]?\s*([A-Z]{2,})\b"
)
_ALLOWED = {("words/help", "HELP"), ("phrases/yes", "START"), ("words/yes", "START")}


def check(project: Project) -> Iterator[Problem]:
    """Options and words that the network would swallow, in every language."""
    for words in project.unique_texts():
        if words.kind in {"choice", "synonyms", "words"}:
            yield from _carriers(words.text, words.context, words.place)
        elif words.context not in _TOLD:
            yield from _asked_for(words.text, words.place)
    for _, words, message, place in project.translated():
        if words.kind in {"choice", "synonyms", "words"}:
            yield from _carriers(str(message.string), words.context, place)
        elif words.context not in _TOLD:
            yield from _asked_for(str(message.string), place)


def _asked_for(text: str, place: Place) -> Iterator[Problem]:
    for found in _INVITATION.finditer(text):
        if carrier_class(found.group(1)):
            yield Problem(
                place,
                "error",
                f'"{found.group(0)}" asks for a word of the telephone network. Choose another word.',
                RULE,
            )


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
