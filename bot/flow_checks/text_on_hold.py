"""A text is on hold, or a fact in it is out of date without a sentence to say instead.

Passes:  a text without `hold`.
Fails:   `hold: The lawyer has to sign off the second sentence`.
Why:     in production the text is left out; a resident who chose it hears nothing of it.
Mend:    do what the reason says, then delete `hold`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.model import PLACEHOLDER
from bot.flow_engine.problems import Problem

RULE = "text-on-hold"


def check(project: Project) -> Iterator[Problem]:
    """Held steps; texts whose facts are stale without a substitute."""
    for flow in project.flows.flows.values():
        for step in flow.steps.values():
            if step.hold:
                yield Problem(
                    step.place,
                    "warning",
                    f"This text is on hold and not served in production: {step.hold}. Mend it, then delete `hold`.",
                    RULE,
                )
    for words in project.unique_texts():
        for name in PLACEHOLDER.findall(words.text):
            fact = project.flows.facts.get(name)
            if fact and fact.stale(project.today) and not fact.when_stale:
                yield Problem(
                    words.place,
                    "error",
                    f'The fact "{name}" is out of date and has no `when_stale`: residents still get it. Mend the fact.',
                    RULE,
                )
