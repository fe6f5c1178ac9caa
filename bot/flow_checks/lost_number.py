"""A translation lost or changed a telephone number, a form number or a web address.

Passes:  `Llame al 311.` for `Call 311.`
Fails:   `Llame al 331.`
Why:     a wrong digit sends a frightened person to a stranger, or nowhere.
Mend:    copy the number from the English.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

RULE = "lost-number"
# Numbers of three digits and more, with the hyphens of telephone numbers and forms, and web addresses.
_NUMBERS = re.compile(r"[A-Z]-\d{3}|\d[\d-]*\d{2}|[a-z]+(?:\.[a-z]+)*\.(?:gov|org)\b(?:/[\w-]+)*")


def check(project: Project) -> Iterator[Problem]:
    """Entries whose numbers and addresses differ from the English."""
    for language, words, message, place in project.translated():
        if words.kind in {"synonyms", "words"}:
            continue
        wanted, found = Counter(_NUMBERS.findall(words.text)), Counter(_NUMBERS.findall(str(message.string)))
        if lost := list((wanted - found).elements()):
            yield Problem(
                place, "error", f"The {language} text lost {', '.join(lost)}. Copy it from the English.", RULE
            )
        if added := list((found - wanted).elements()):
            yield Problem(
                place, "error", f"The {language} text has {', '.join(added)}, the English does not. Correct it.", RULE
            )
