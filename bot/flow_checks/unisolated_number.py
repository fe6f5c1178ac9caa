"""A number or a Latin word in a right-to-left text is not isolated.

Passes:  `اتصل على ⁨{legal_help.phone}⁩` with U+2068 before and U+2069 behind the number.
Fails:   `اتصل على 800-354-0365` without them.
Why:     a telephone may show the parts of the number in the wrong order.
Mend:    put U+2068 (first strong isolate) before it and U+2069 behind it; `hotline check --fix` cannot guess where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem
from bot.languages.supported import LANGUAGES

RULE = "unisolated-number"
_OPEN, _CLOSE = "\u2066\u2067\u2068", "\u2069"
_ISOLATED = re.compile(f"[{_OPEN}][^{_CLOSE}]*{_CLOSE}")
# What has an order of its own: numbers with signs in them, Latin words, facts.
_LEFT_TO_RIGHT = re.compile(r"\{[a-z_][\w.]*\}|\d[\d\-.:/]*\d|[A-Za-z][A-Za-z.\-/]+")


def check(project: Project) -> Iterator[Problem]:
    """Texts of right-to-left languages."""
    for language, words, message, place in project.translated():
        if not LANGUAGES[language].right_to_left or words.kind in {"synonyms", "words"}:
            continue
        text = str(message.string)
        if sum(text.count(sign) for sign in _OPEN) != text.count(_CLOSE):
            yield Problem(place, "error", "An isolate is opened and not closed (U+2066 to U+2069). Close it.", RULE)
            continue
        if found := _LEFT_TO_RIGHT.search(_ISOLATED.sub("", text)):
            yield Problem(
                place,
                "error",
                f'"{found.group(0)}" may be shown in the wrong order. Put U+2068 before it and U+2069 behind it.',
                RULE,
            )
