"""A `next` with conditions has no `else`.

Passes:  `- if: slots.child` with `then: school`, and `- else: work` below it.
Fails:   the same without `else`.
Why:     where no condition holds the topic ends without a word.
Mend:    add `- else:` with a step, or `- else: END` if silence is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

RULE = "branch-without-else"


def check(project: Project) -> Iterator[Problem]:
    """Branches of which the last has a condition."""
    for flow in project.flows.flows.values():
        for step in flow.steps.values():
            if step.next and step.next[-1].condition is not None:
                yield Problem(
                    step.next[-1].place,
                    "error",
                    "This `next` has no `- else:`: where no condition holds, the topic ends without a word. Add one.",
                    RULE,
                )
