"""A `link` or `call` names a flow that does not exist; or a flow that the bot itself starts is gone.

Passes:  `then: {link: actionnyc_about}` when flows/actionnyc_about.yml has that flow.
Fails:   `then: {link: actionnyc}`.
Why:     the resident's choice would lead nowhere.
Mend:    correct the name.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem, did_you_mean
from bot.flow_engine.required import FLOW_OF_COMMAND

RULE = "missing-flow"


def check(project: Project) -> Iterator[Problem]:
    """Links and calls to nowhere; calls of a flow that links away; required flows that are gone."""
    flows = project.flows.flows
    for flow in flows.values():
        for step in flow.steps.values():
            if step.kind not in {"link", "call"} or not step.target:
                continue
            place = step.target_place or step.place
            if step.target not in flows:
                hint = did_you_mean(step.target, flows)
                yield Problem(place, "error", f'There is no flow "{step.target}".{hint}', RULE)
            elif step.kind == "call" and any(inner.kind == "link" for inner in flows[step.target].steps.values()):
                yield Problem(
                    place,
                    "error",
                    f'"{step.target}" cannot be called: it has a `link`, so it never comes back. Use `link`.',
                    RULE,
                )
    if flows:
        for word, flow_id in FLOW_OF_COMMAND.items():
            if flow_id not in flows and word in project.flows.words:
                place = project.flows.words[word].place
                yield Problem(
                    place, "error", f'The word "{word}" starts the flow "{flow_id}", which does not exist.', RULE
                )
