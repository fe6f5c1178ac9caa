"""A value of the wrong kind: yes in quotes where true is meant, a threshold above 1, a hold without a reason.

Passes:  `emergency: true`, `confidence_threshold: 0.6`, `hold: A lawyer has to sign off the second sentence`.
Fails:   `emergency: "yes"`, `confidence_threshold: 60`, `hold: true`; a categorical slot without `values`.
Why:     the bot would take it for something else, without a word.
Mend:    write it as the message says.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine import grammar
from bot.flow_engine.model import Flow
from bot.flow_engine.problems import Problem, did_you_mean

RULE = "wrong-type"
_SWITCHES = {key.name for key in grammar.METADATA if key.form == "switch"}
_KNOWN = grammar.names(grammar.METADATA)


def check(project: Project) -> Iterator[Problem]:
    """Metadata, triggers, holds, slots."""
    for flow in project.flows.flows.values():
        yield from _flow(project, flow)
    for slot in project.flows.slots.values():
        if slot.type == "categorical" and not slot.values:
            yield Problem(
                slot.place, "error", f'The slot "{slot.name}" is categorical and needs `values: [one, other]`.', RULE
            )


def _flow(project: Project, flow: Flow) -> Iterator[Problem]:
    for key, value in flow.metadata.items():
        place = flow.metadata_places.get(key, flow.place)
        if key in _SWITCHES and not isinstance(value, bool):
            yield Problem(place, "error", f'`{key}` is "{value}" here. Write true or false, without quotes.', RULE)
        elif hint := "" if key in _KNOWN else did_you_mean(key, _KNOWN):
            yield Problem(place, "warning", f'"{key}" means nothing here.{hint}', RULE)
    for trigger in flow.triggers:
        if not 0 <= trigger.threshold <= 1:
            yield Problem(
                trigger.place,
                "error",
                f"`confidence_threshold` is between 0 and 1, not {trigger.threshold:g}: write 0.6.",
                RULE,
            )
    for name in sorted(flow.persisted_slots - set(project.flows.slots)):
        hint = did_you_mean(name, project.flows.slots)
        yield Problem(flow.place, "error", f'`persisted_slots` names "{name}", which is no slot.{hint}', RULE)
    for step in flow.steps.values():
        if step.hold is not None and step.hold.lower() in {"true", "yes", "false", "no", "none", ""}:
            yield Problem(step.place, "error", "`hold` needs a reason: what has to happen before it is served?", RULE)
        if step.kind in {"link", "call"} and step.target == flow.id:
            yield Problem(
                step.target_place or step.place,
                "error",
                f"This flow leads to itself. Name its first step instead: {flow.first_step}.",
                RULE,
            )
