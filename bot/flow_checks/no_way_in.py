"""No resident can get to a flow.

Passes:  a flow with an intent under `nlu_trigger`, or one that another flow links to or calls.
Fails:   a flow with neither.
Why:     it was written for nothing.
Mend:    give it an intent with examples, or a choice in another flow.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem
from bot.flow_engine.required import AFTER_ANSWER, FLOW_OF_COMMAND, REMINDER

RULE = "no-way-in"


def check(project: Project) -> Iterator[Problem]:
    """Flows without a trigger that nothing leads to; a project of one flow is a draft and is left alone."""
    flows = project.flows.flows
    named = {step.target for flow in flows.values() for step in flow.steps.values() if step.kind in {"link", "call"}}
    named |= {*FLOW_OF_COMMAND.values(), AFTER_ANSWER, REMINDER}
    for flow in flows.values():
        if len(flows) > 1 and not flow.triggers and flow.id not in named:
            yield Problem(
                flow.place,
                "warning",
                f'Nothing leads to the flow "{flow.id}". Give it an intent, or a choice in another flow.',
                RULE,
            )
