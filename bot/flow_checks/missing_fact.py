"""A text names a fact that flows/facts.yml does not have.

Passes:  `Call {legal_help.phone}.`
Fails:   `Call {legal_help.fone}.`
Why:     the resident would read a sentence with a hole.
Mend:    correct the name, or add the fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.model import OPEN_NOW
from bot.flow_engine.problems import Problem, did_you_mean

RULE = "missing-fact"
# Filled in by the bot itself.
_OF_A_VISIT = {"when", "place", "address"}
_OWN = {"topic", "key", "option", "day", "time", "hour", "minutes", "month", "sources", "signed"}


def check(project: Project) -> Iterator[Problem]:
    """Braces around something that is neither a fact nor a slot."""
    flows = project.flows
    for words in project.unique_texts():
        for name in re.findall(r"\{([^{}]*)\}", words.text):
            if name.endswith(OPEN_NOW) and (hours := flows.facts.get(f"{name.removesuffix(OPEN_NOW)}.hours")):
                if hours.hours is None:
                    message = (
                        f'"{{{name}}}" needs hours for the clock: add `open: Mon-Fri 09:00-18:00` to "{hours.id}".'
                    )
                    yield Problem(words.place, "error", message, RULE)
                continue
            asked = flows.visit_slot(name)
            if asked and asked[1] in _OF_A_VISIT:
                continue
            if name not in flows.facts and name not in flows.slots and name not in _OWN:
                hint = did_you_mean(name, [*flows.facts, *flows.slots]) or " Add it to flows/facts.yml."
                yield Problem(words.place, "error", f'"{{{name}}}" is not a fact.{hint}', RULE)
