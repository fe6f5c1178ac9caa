"""A step leads to a step that does not exist.

Passes:  `next: call_school`, and a step with `id: call_school` in the same flow.
Fails:   `next: call_shool`.
Why:     the conversation would end there without a word.
Mend:    correct the name, or write END.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.model import END
from bot.flow_engine.problems import Problem, did_you_mean

RULE = "missing-step"


def check(project: Project) -> Iterator[Problem]:
    """Every destination that is no step of its flow."""
    for flow in project.flows.flows.values():
        for step in flow.steps.values():
            targets = [(branch.then, branch.then_place) for branch in step.next]
            targets += [(choice.then, choice.then_place or choice.place) for choice in step.choices if choice.then]
            for target, place in targets:
                if target != END and target not in flow.steps:
                    named = [step_id for step_id, other in flow.steps.items() if other.named]
                    hint = did_you_mean(target, named) or " Write the id of a step of this flow, or END."
                    yield Problem(place, "error", f'"{target}" is not a step of the flow "{flow.id}".{hint}', RULE)
