"""A translation is the English itself, or lost the English sentence that has to be said to an agent.

Passes:  `Diga: "I want a lawyer." (Quiero un abogado.)` for `Say: "I want a lawyer."`
Fails:   the English copied into the Spanish entry; `Diga: "Quiero un abogado."` alone.
Why:     an agent understands the English sentence; the resident has to understand what it means.
Mend:    translate the text; keep what stands in quotes in English, with its meaning in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

RULE = "untranslated-text"
# "Say: ..." and "Ask: ...": a sentence of three words or more in quotes.
_QUOTED = re.compile(r'"([A-Za-z][^"{}]*\s[^"{}]*\s[^"{}]*)"')
_PROSE = {"say", "voice", "ask", "collect", "phrase", "stale", "fact"}


def check(project: Project) -> Iterator[Problem]:
    """Copies of the English, and lost sentences."""
    for language, words, message, place in project.translated():
        text = str(message.string)
        if words.kind in _PROSE and text == words.text and len(re.findall(r"[A-Za-z]{2,}", words.text)) > 3:
            yield Problem(place, "warning", f"The {language} text is the English one. Translate it.", RULE)
            continue
        if words.kind in {"say", "voice", "phrase"}:
            flat = " ".join(text.split())
            for sentence in _QUOTED.findall(" ".join(words.text.split())):
                if _letters(sentence) not in _letters(flat):
                    yield Problem(
                        place,
                        "error",
                        f'The {language} text lost the sentence to say in English: "{sentence}". Quote it, with its '
                        "meaning in brackets.",
                        RULE,
                    )


def _letters(text: str) -> str:
    return re.sub(r"[^a-z ]", "", text.lower())
