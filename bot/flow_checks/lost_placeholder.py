"""A translation lost, added or changed something in braces.

Passes:  `Llame al {legal_help.phone}.` for `Call {legal_help.phone}.`
Fails:   `Llame al {ayuda.telefono}.`
Why:     residents would read a sentence without the telephone number.
Mend:    copy the braces and what is in them from the English.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

RULE = "lost-placeholder"
_BRACES = re.compile(r"\{[^{}]*\}")


def check(project: Project) -> Iterator[Problem]:
    """Entries whose braces differ from the English."""
    for language, words, message, place in project.translated():
        wanted, found = Counter(_BRACES.findall(words.text)), Counter(_BRACES.findall(str(message.string)))
        lost, added = list((wanted - found).elements()), list((found - wanted).elements())
        if lost:
            yield Problem(
                place, "error", f"The {language} text lost {', '.join(lost)}. Copy it from the English.", RULE
            )
        if added:
            yield Problem(
                place, "error", f"The {language} text has {', '.join(added)}, the English does not. Take it out.", RULE
            )
