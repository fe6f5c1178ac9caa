"""A flow asks for something that could hurt the resident: status, name, address, A-number, country, birth date.

Passes:  `ask: Which borough are you in?`
Fails:   `collect: full_name`, or `ask: What is your A-number?`
Why:     what we do not have, nobody can take from us. A promise of the hotline is that it never asks.
Mend:    leave the question out; a lawyer can ask it in private.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

RULE = "forbidden-data"
_SLOT = re.compile(
    r"(^|_)(status|name|surname|address|street|a_?number|alien|country|citizenship|nationality|birth|dob|ssn|passport"
    r"|phone|email|visa)(_|$)"
)
_WHAT = r"(?:full |first |last |legal |immigration |home |street |alien )*"
_QUESTIONS = re.compile(
    rf"\b(?:what(?:'s| is| are)|(?:tell|text|send|give) (?:me|us)|type|enter|write) your {_WHAT}"
    r"(?:name|status|address|a-?number|country|citizenship|nationality|birthday|date of birth|passport|social security)"
    r"|\bwhat country\b|\bwhich country\b|\bwhere (?:were you born|are you from|do you live)\b"
    r"|\bwhen were you born\b|\bare you (?:a )?(?:undocumented|illegal|a citizen|documented|here legally)\b"
    r"|\bdo you have (?:papers|legal status|a green card)\b\?",
    re.IGNORECASE,
)


def check(project: Project) -> Iterator[Problem]:
    """Slots and questions for data that may not be collected."""
    for slot in project.flows.slots.values():
        if _SLOT.search(slot.name.lower()):
            yield Problem(
                slot.place,
                "error",
                f'The slot "{slot.name}" would hold what may not be collected: status, name, address, A-number, '
                "country, birth date. Leave it out.",
                RULE,
            )
    for flow in project.flows.flows.values():
        for step in flow.steps.values():
            for words in (step.say, step.voice):
                # "You do not have to tell your name" is advice; only a question asks.
                if words and step.kind in {"ask", "collect"} and (found := _QUESTIONS.search(words.text)):
                    yield Problem(
                        words.place,
                        "error",
                        f'"{found.group(0)}" asks for what may not be collected. Leave it out.',
                        RULE,
                    )
