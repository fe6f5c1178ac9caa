"""A step or a condition uses a slot that no file declares, or compares it with a value it can never have.

Passes:  `collect: borough`, with `slots: {borough: {type: categorical, values: [bronx, queens]}}` in a flow file.
Fails:   `if: slots.burough is "bronx"`.
Why:     a slot that nobody sets is never anything: the condition always takes the `else`.
Mend:    correct the name, or declare the slot under `slots:` in the flow's file.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.conditions import Condition
from bot.flow_engine.grammar import CONTEXT
from bot.flow_engine.model import Flow, Step
from bot.flow_engine.problems import Place, Problem, did_you_mean

RULE = "missing-slot"
_KNOWN = ", ".join(f"context.{key}" for key in CONTEXT)


def check(project: Project) -> Iterator[Problem]:
    """Undeclared slots in `collect`, `set_slots` and conditions."""
    for flow in project.flows.flows.values():
        if flow.guard:
            yield from _in_condition(project, flow.guard, flow.place)
        for step in flow.steps.values():
            yield from _in_step(project, flow, step)


def _in_step(project: Project, flow: Flow, step: Step) -> Iterator[Problem]:
    if step.kind == "collect" and step.target:
        yield from _known(project, step.target, step.target_place or step.place)
    for name, _, place in step.assignments:
        yield from _known(project, name, place)
    for branch in step.next:
        if branch.condition:
            yield from _in_condition(project, branch.condition, branch.place)
    for rejection in step.rejections:
        yield from _in_condition(project, rejection.condition, rejection.place)
    for choice in step.choices:
        if choice.condition:
            yield from _in_condition(project, choice.condition, choice.place)


def _in_condition(project: Project, condition: Condition, place: Place) -> Iterator[Problem]:
    for name in condition.names:
        space, _, key = name.partition(".")
        if space == "slots":
            yield from _known(project, key, place)
        elif key not in CONTEXT:
            hint = did_you_mean(key, CONTEXT)
            yield Problem(place, "error", f'"{name}" is not known; there is {_KNOWN}.{hint}', RULE)
    for name, value in condition.comparisons:
        slot = project.flows.slots.get(name.partition(".")[2])
        if slot and slot.type == "categorical" and isinstance(value, str) and value not in slot.values:
            hint = did_you_mean(value, slot.values)
            yield Problem(place, "error", f'"{value}" is not a value of the slot "{slot.name}".{hint}', RULE)


def _known(project: Project, name: str, place: Place) -> Iterator[Problem]:
    if name not in project.flows.slots:
        hint = did_you_mean(name, project.flows.slots) or " Declare it under `slots:` in this file."
        yield Problem(place, "error", f'There is no slot "{name}".{hint}', RULE)
