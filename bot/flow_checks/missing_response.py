"""An `action` or a `collect` has no words to say.

Passes:  `action: utter_welcome` with `responses: {utter_welcome: [{text: Welcome.}]}`; `collect: borough` with `ask:`.
Fails:   `action: utter_welcom`; `action: action_find_slots`.
Why:     a response that does not exist says nothing, and the bot runs no custom actions: there is no action server.
Mend:    correct the name, add the response, or write `say:` in the step.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.grammar import ACTIONS
from bot.flow_engine.problems import Problem, did_you_mean

RULE = "missing-response"


def check(project: Project) -> Iterator[Problem]:
    """Steps without words."""
    for flow in project.flows.flows.values():
        for step in flow.steps.values():
            place = step.target_place or step.place
            if step.kind == "action" and step.say is None and step.target not in {"action_listen", *ACTIONS, ""}:
                if not step.target.startswith("utter_"):
                    yield Problem(
                        place,
                        "error",
                        f'The custom action "{step.target}" cannot run here. Use `say`, `set_slots` or `call`.',
                        RULE,
                    )
                else:
                    hint = (
                        did_you_mean(step.target, project.flows.phrases) or " Add it under `responses:`, or use `say:`."
                    )
                    yield Problem(place, "error", f'There is no response "{step.target}".{hint}', RULE)
            elif step.kind == "collect" and step.say is None and step.target:
                name = step.utter or f"utter_ask_{step.target}"
                yield Problem(
                    place,
                    "error",
                    f'Nothing asks for "{step.target}". Write `ask:` in this step, or add the response "{name}".',
                    RULE,
                )
            elif step.kind == "ask" and not step.choices:
                yield Problem(place, "error", "This question has no `choices`. Add them, or use `collect`.", RULE)
