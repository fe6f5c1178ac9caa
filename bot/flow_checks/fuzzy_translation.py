"""A translation belongs to an older English sentence.

Passes:  an entry without the `fuzzy` flag.
Fails:   an entry marked `#, fuzzy`: the English was changed after it was translated.
Why:     it is not served, since it may say something that no longer holds; residents get English.
Mend:    compare with the English, correct the msgstr, and delete the word `fuzzy`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

RULE = "fuzzy-translation"


def check(project: Project) -> Iterator[Problem]:
    """Fuzzy entries of texts that are in use."""
    for language, words, message, place in project.entries():
        if message.fuzzy:
            yield Problem(
                place,
                "warning",
                f"The English of this text changed ({words.place}), so its {language} translation is not served. "
                "Correct it and delete the mark `fuzzy`.",
                RULE,
            )
