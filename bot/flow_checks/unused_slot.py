"""A slot is declared or set, and nothing ever reads it.

Passes:  a slot that a condition, a text or a question uses.
Fails:   `set_slots: [{visited: true}]` when no `if:` and no text has `visited`.
Why:     what is not needed should not be kept about anybody.
Mend:    delete the slot, or use it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.conditions import Condition
from bot.flow_engine.desk_actions import RESULTS
from bot.flow_engine.model import Flow
from bot.flow_engine.problems import Problem

RULE = "unused-slot"


def check(project: Project) -> Iterator[Problem]:
    """Declared slots that no condition or text reads. One that is asked for by `collect` counts as read."""
    read: set[str] = set(RESULTS)
    for flow in project.flows.flows.values():
        for condition in _conditions(flow):
            read.update(name.partition(".")[2] for name in condition.names if name.startswith("slots."))
        read.update(step.target for step in flow.steps.values() if step.kind == "collect")
    texts = "\n".join(words.text for words in project.flows.texts())
    for slot in project.flows.slots.values():
        if slot.name not in read and f"{{{slot.name}}}" not in texts:
            yield Problem(slot.place, "warning", f'Nothing reads the slot "{slot.name}". Delete it, or use it.', RULE)


def _conditions(flow: Flow) -> Iterator[Condition]:
    found = [flow.guard]
    for step in flow.steps.values():
        found += [branch.condition for branch in step.next]
        found += [choice.condition for choice in step.choices]
        found += [rejection.condition for rejection in step.rejections]
    yield from (condition for condition in found if condition)
