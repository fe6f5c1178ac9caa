"""A question that offers no choice, or a choice after which nothing is said.

Passes:  `choices` with two or more options, each with a `then` that says something or leads to a topic.
Fails:   a choice without `then`, a question with one option only, or `then: END` in a flow that leads nowhere.
Why:     the resident answers, and hears nothing more.
Mend:    give the choice a step or `{link: menu}`; turn a question with one option into a `say`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.model import END, Flow
from bot.flow_engine.problems import Problem

RULE = "dead-end"


def check(project: Project) -> Iterator[Problem]:
    """Questions with one option; choices that end a flow which nobody called."""
    called = {
        step.target
        for flow in project.flows.flows.values()
        for step in flow.steps.values()
        if step.kind == "call" and step.target
    }
    for flow in project.flows.flows.values():
        for step in flow.steps.values():
            if step.kind == "ask" and len(step.choices) == 1:
                yield Problem(
                    step.choices[0].place,
                    "warning",
                    "This question has one option only. Add another, such as the menu, or say the answer at once.",
                    RULE,
                )
            if step.kind == "ask" and flow.id not in called and not _says_good_bye(flow):
                for choice in step.choices:
                    if choice.then == END and choice.then_place:
                        yield Problem(
                            choice.then_place,
                            "warning",
                            f'After "{choice.say.text}" nothing is said. Lead on to a step or a topic.',
                            RULE,
                        )


def _says_good_bye(flow: Flow) -> bool:
    return bool(flow.metadata.get("closes_talk"))
