"""A direction isolate in a translation is opened and not closed, or closed and not opened.

Passes:  `اتصل على 311` (numbers are isolated when they are sent), or U+2068 before 311 and U+2069 behind it.
Fails:   U+2068 before 311 and nothing behind it.
Why:     a telephone may show everything behind it in the wrong order.
Mend:    delete both signs: numbers, links and English sentences are isolated by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

RULE = "unclosed-isolate"
_OPEN, _CLOSE = "\u2066\u2067\u2068", "\u2069"


def check(project: Project) -> Iterator[Problem]:
    """Translations whose isolates do not pair."""
    for _, _, message, place in project.translated():
        text = str(message.string)
        if sum(text.count(sign) for sign in _OPEN) != text.count(_CLOSE):
            yield Problem(
                place, "error", "An isolate (U+2066 to U+2069) stands without its other half. Delete it.", RULE
            )
