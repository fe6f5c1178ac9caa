"""Steps go round in circles, or a question has no way out.

Passes:  a step that leads back to a question: there the bot waits for the resident.
Fails:   `- id: a` with `next: b`, and `- id: b` with `next: a`; two flows that link to each other at once; a question
         whose every choice leads back to it.
Why:     the bot breaks off such a walk with an apology; of a question without a way out only MENU helps.
Mend:    lead one of the steps to a question, to another topic, or to END.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_checks.unreachable_step import destinations
from bot.flow_engine.model import END, Flow, FlowSet, Step
from bot.flow_engine.problems import Problem

RULE = "endless-loop"
_WAITING = {"ask", "collect"}
_Spot = tuple[str, str]


def check(project: Project) -> Iterator[Problem]:
    """Walks that never wait; questions that only lead back to themselves."""
    flows = project.flows
    sound = {flow.id for flow in project.sound_flows()}
    for flow_id, step_id in _in_circles(flows):
        if flow_id not in sound:
            continue
        yield Problem(
            flows.flows[flow_id].steps[step_id].place,
            "error",
            "From here the steps go round without a question. Lead one of them to a question, a topic, or END.",
            RULE,
        )
    for flow in flows.flows.values():
        for step in flow.steps.values():
            if step.kind == "ask" and step.choices and not _has_way_out(flow, step):
                yield Problem(
                    step.place,
                    "warning",
                    "Every choice leads back to this question. Add one that leads on, such as the menu.",
                    RULE,
                )


def _in_circles(flows: FlowSet) -> Iterator[_Spot]:
    """One step of each circle in which nobody waits."""
    state: dict[_Spot, int] = {}
    for flow in flows.flows.values():
        for step_id in flow.steps:
            stack: list[tuple[_Spot, list[_Spot]]] = []
            start = (flow.id, step_id)
            if state.get(start):
                continue
            state[start] = 1
            stack.append((start, _onward(flows, start)))
            while stack:
                spot, waiting = stack[-1]
                if not waiting:
                    state[spot] = 2
                    stack.pop()
                    continue
                following = waiting.pop()
                if state.get(following) == 1:
                    yield following
                elif not state.get(following):
                    state[following] = 1
                    stack.append((following, _onward(flows, following)))


def _onward(flows: FlowSet, spot: _Spot) -> list[_Spot]:
    """Where the walk may go on from `spot` in the same turn."""
    flow = flows.flows[spot[0]]
    step = flow.steps[spot[1]]
    if step.kind in _WAITING:
        return []
    if step.kind in {"link", "call"} and step.target in flows.flows:
        first = (step.target, flows.flows[step.target].first_step)
        if step.kind == "link":
            return [first]
        return [first, *_within(flow, step)]
    return _within(flow, step)


def _within(flow: Flow, step: Step) -> list[_Spot]:
    return [(flow.id, then) for branch in step.next if (then := branch.then) in flow.steps]


def _has_way_out(flow: Flow, question: Step) -> bool:
    """Whether some choice leads to another question, another flow or the end."""
    seen: set[str] = set()
    waiting = [choice.then for choice in question.choices]
    while waiting:
        step_id = waiting.pop()
        step = flow.steps.get(step_id)
        if step_id == END or step is None:
            return True
        if step_id in seen or step is question:
            continue
        seen.add(step_id)
        if step.kind in {*_WAITING, "link", "call"}:
            return True
        waiting += destinations(flow, step)
    return False
