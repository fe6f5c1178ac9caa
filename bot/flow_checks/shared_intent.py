"""One intent starts two flows.

Passes:  each intent under `nlu_trigger` of one flow.
Fails:   `- intent: school` in two flows.
Why:     only one of them would ever start.
Mend:    give the other flow an intent of its own, with examples.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

RULE = "shared-intent"


def check(project: Project) -> Iterator[Problem]:
    """Triggers that another flow has already."""
    owners: dict[str, str] = {}
    for flow in project.flows.flows.values():
        for trigger in flow.triggers:
            owner = owners.setdefault(trigger.intent, flow.id)
            if owner != flow.id:
                yield Problem(
                    trigger.place,
                    "error",
                    f'The intent "{trigger.intent}" starts the flow "{owner}" already. Give this one its own.',
                    RULE,
                )
