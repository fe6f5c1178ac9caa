"""A flow waits for an intent that has no examples, an intent has no flow, or two flows want the same one.

Passes:  `nlu_trigger: [{intent: menu}]`, and examples for `menu` in nlu_data.
Fails:   `nlu_trigger: [{intent: meny}]`.
Why:     nobody could ever start the flow by asking.
Mend:    correct the name, or write examples in nlu_data/<language>.yml and run `hotline train`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem, did_you_mean

RULE = "unknown-intent"
_WITHOUT_FLOW = {"out_of_scope"}


def check(project: Project) -> Iterator[Problem]:
    """Triggers and intents that do not meet."""
    if not project.intents:
        return
    owner: dict[str, str] = {}
    for flow in project.flows.flows.values():
        for trigger in flow.triggers:
            if trigger.intent not in project.intents:
                hint = did_you_mean(trigger.intent, project.intents) or " Write examples for it in nlu_data."
                yield Problem(trigger.place, "error", f'The intent "{trigger.intent}" has no examples.{hint}', RULE)
            if owner.setdefault(trigger.intent, flow.id) != flow.id:
                other = owner[trigger.intent]
                yield Problem(
                    trigger.place, "error", f'The intent "{trigger.intent}" starts the flow "{other}" already.', RULE
                )
    for intent, place in project.intents.items():
        if intent not in owner and intent not in _WITHOUT_FLOW:
            yield Problem(place, "error", f'No flow answers the intent "{intent}". Add `nlu_trigger` to a flow.', RULE)
