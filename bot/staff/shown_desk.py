"""A desk for showing flows: always the same answers, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.content import Content
from bot.flow_engine.grammar import DESK_ACTIONS
from bot.flow_engine.model import Flow
from bot.scheduling.clinics import Visit

_FIRST = 1_796_137_200  # a Tuesday at ten in New York
_HALF_AN_HOUR = 1800


@dataclass(frozen=True)
class ShownClerk:
    """Answers as the desk would to a resident whose appointment is `before`, and who books what becomes `after`."""

    clinic: str
    before: str = "none"
    after: str = "booked"
    found: str = "some"

    def act(self, action: str, slots: Mapping[str, Any], language: str) -> dict[str, Any]:
        """What `action` sets."""
        times = [Visit(_FIRST + number * _HALF_AN_HOUR, self.clinic).key for number in range(3)]
        own = {"visit": times[0], "appointment_code": "1234 5678"}
        if action in {"action_find_times", "action_more_times"}:
            return {"times": times, "times_found": self.found, "times_skip": 0, "chosen_time": None}
        if action == "action_hold_time":
            return {"time_held": True, "visit": slots.get("chosen_time"), "chosen_time": None}
        if action == "action_cancel_appointment":
            return {"cancelled": self.after != "none"}
        state = self.before if action == "action_my_appointment" else self.after
        none = {"visit": None, "appointment_code": None}
        return {"appointment": state, **(own if state != "none" else none)}


def circumstances(content: Content, flow: Flow) -> Iterator[ShownClerk | None]:
    """Whom a flow has to be shown with: nobody at the desk; for flows that ask it, every answer it can give."""
    clinic = next(iter(content.flows.clinics), "")
    if any(step.target in DESK_ACTIONS for step in flow.steps.values()) and clinic:
        for before in ("none", "booked", "waiting", "declined"):
            yield ShownClerk(clinic, before)
        yield ShownClerk(clinic, after="waiting", found="elsewhere")
        yield ShownClerk(clinic, after="none")
        yield ShownClerk(clinic, found="none")
    yield None
