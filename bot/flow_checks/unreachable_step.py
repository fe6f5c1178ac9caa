"""No way leads to a step.

Passes:  a step that the one above goes on to, or that a choice or a `next` names.
Fails:   `- id: bring` below a step with `next: END`, when no choice has `then: bring`.
Why:     somebody wrote it to be read; nobody ever will.
Mend:    name it in a choice or a `next`, or delete it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.model import Flow, Step
from bot.flow_engine.problems import Problem

RULE = "unreachable-step"


def check(project: Project) -> Iterator[Problem]:
    """Steps that cannot be reached from the first of their flow."""
    for flow in project.sound_flows():
        reached: set[str] = set()
        waiting = [flow.first_step]
        while waiting:
            step_id = waiting.pop()
            if step_id in flow.steps and step_id not in reached:
                reached.add(step_id)
                waiting += destinations(flow, flow.steps[step_id])
        for step in flow.steps.values():
            if step.id not in reached:
                name = f'the step "{step.id}"' if step.named else "this step"
                yield Problem(
                    step.place,
                    "warning",
                    f"No way leads to {name}. Name it in a choice or a `next`, or delete it.",
                    RULE,
                )


def destinations(flow: Flow, step: Step) -> list[str]:
    """Where a step may go on to within its flow."""
    if step.kind == "link":
        return []
    return [branch.then for branch in step.next] + [choice.then for choice in step.choices]
