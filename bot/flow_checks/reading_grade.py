"""An English text is hard to read.

Passes:  `You do not have to open the door.`
Fails:   `Individuals are not obligated to authorize admission into residential premises.`
Why:     many residents read English as a second language, on a small screen, in fear. School grade 6 is the limit.
Mend:    shorter sentences; common words. The message names the longest sentence and the hardest words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.model import Words
from bot.flow_engine.problems import Problem

RULE = "reading-grade"
MAX_GRADE = 6.0
_JUDGED = {"say", "voice", "phrase", "ask"}
# Too short to judge: one long name decides.
_MIN_WORDS = 12
_WORD = re.compile(r"[A-Za-z']+")
_SENTENCES = re.compile(r"[.!?:;]+(?:\s|\"|$)|\n")
# Not read as words: facts, addresses, numbers, abbreviations, lists of names.
_NOT_WORDS = re.compile(r"\{[^}]*\}|\S+\.(?:gov|org)\S*|\S*\d\S*|\b[A-Z]{2,}\b|\b[A-Z]\w+(?:, [A-Z]\w+){2,}")
# Everybody in New York knows these, however many syllables they have.
_KNOWN = {"immigration", "immigrant", "immigrants", "emergency", "hospital", "language", "languages", "telephone"}


def check(project: Project) -> Iterator[Problem]:
    """English texts above the limit."""
    for words in project.unique_texts():
        if words.kind in _JUDGED and (found := grade(words.text)) > MAX_GRADE:
            yield _problem(words, found)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade; 0 for a text that is too short to judge."""
    text = _NOT_WORDS.sub("it", text)
    words = _WORD.findall(text)
    if len(words) < _MIN_WORDS:
        return 0.0
    sentences = sum(1 for sentence in _SENTENCES.split(text) if _WORD.search(sentence))
    return 0.39 * len(words) / max(sentences, 1) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """About how many syllables an English word has.

    >>> [syllables(word) for word in ("open", "warrant", "signed", "police", "individual", "immigration", "the")]
    [2, 2, 1, 2, 5, 2, 1]
    """
    word = word.lower().strip("'")
    if word in _KNOWN:
        return 2
    stem = re.sub(r"(?:[^laeiouy]es|[^td]ed|[^l]e)$", lambda end: end.group(0)[0], word)
    groups = len(re.findall(r"[aeiouy]+", stem))
    # Two vowels that are spoken apart: individu-al, resid-enti-al, immigrati-on stays one.
    groups += len(re.findall(r"(?<![tcs])i[aou](?!n)|ua", stem))
    return max(groups, 1)


def _problem(words: Words, found: float) -> Problem:
    sentences = [sentence.strip() for sentence in re.split(r"(?<=[.!?])\s+|\n", words.text) if sentence.strip()]
    longest = max(sentences, key=lambda sentence: len(sentence.split()))
    hardest = sorted(set(_WORD.findall(_NOT_WORDS.sub("", words.text))), key=lambda word: (-syllables(word), word))[:3]
    return Problem(
        words.place,
        "warning",
        f"This text reads at grade {found:.1f}; the limit is {MAX_GRADE:.0f}. "
        f'Longest sentence: "{longest[:60]}". Hardest words: {", ".join(hardest)}. Shorten it.',
        RULE,
    )
