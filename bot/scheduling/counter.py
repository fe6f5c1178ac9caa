"""What flows have the desk do: an action's name and the slots go in, the slots that it sets come out.

| action                    | reads                                | sets                                     |
|---------------------------|--------------------------------------|------------------------------------------|
| action_my_appointment     |                                      | visit, appointment_code, appointment     |
| action_find_code          | code                                 | the same                                 |
| action_find_times         | help_with, borough, meeting_language | times, times_found, times_skip           |
| action_more_times         | the same, times_skip                 | the same                                 |
| action_hold_time          | the same, chosen_time                | time_held, visit                         |
| action_book               | the same, visit, remind              | visit, appointment_code, appointment     |
| action_cancel_appointment |                                      | cancelled                                |

`appointment` is "booked", "waiting" (a partner has not confirmed yet), "declined" or "none". `times_found` is "some",
"elsewhere" (not in the borough asked for) or "none".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.scheduling.clinics import ANY, Visit, Wish
from bot.scheduling.contact import seal_contact
from bot.scheduling.desk import OFFERED, Appointment, Desk
from bot.scheduling.tables import DECLINED, WAITING

Slots = Mapping[str, Any]


@dataclass(frozen=True)
class Counter:
    """One resident at the desk, for one turn. `number` is theirs, "" where it is withheld; it is read to be sealed."""

    desk: Desk
    person: str
    number: str
    contact_key: str

    def act(self, action: str, slots: Slots, language: str) -> dict[str, Any]:
        """Do `action`. Raises DeskUnavailable."""
        return _ACTIONS[action](self, slots, language)

    def _mine(self, slots: Slots, language: str) -> dict[str, Any]:
        return _told(self.desk.find(self.person))

    def _by_code(self, slots: Slots, language: str) -> dict[str, Any]:
        code = slots.get("code")
        text = f"{code:.0f}" if isinstance(code, float) else str(code or "")
        return {**_told(self.desk.find_by_code(text, self.person)), "code": None}

    def _times(self, slots: Slots, language: str) -> dict[str, Any]:
        return self._look(slots, language, 0)

    def _more_times(self, slots: Slots, language: str) -> dict[str, Any]:
        return self._look(slots, language, int(slots.get("times_skip") or 0) + OFFERED)

    def _look(self, slots: Slots, language: str, skip: int) -> dict[str, Any]:
        found = self.desk.open_times(_wish(slots, language), skip)
        if not found.more:
            skip = 0
        return {
            "times": [visit.key for visit in found.visits],
            "times_found": "none" if not found.visits else "elsewhere" if found.elsewhere else "some",
            "times_skip": skip,
            "chosen_time": None,
        }

    def _hold(self, slots: Slots, language: str) -> dict[str, Any]:
        visit = Visit.read(slots.get("chosen_time"))
        held = visit is not None and self.desk.hold(self.person, visit, _wish(slots, language))
        return {"time_held": held, "visit": slots.get("chosen_time") if held else None, "chosen_time": None}

    def _book(self, slots: Slots, language: str) -> dict[str, Any]:
        def seal(appointment: str) -> bytes:
            return seal_contact(self.number, appointment, self.contact_key)

        wanted = slots.get("remind") == "remind" and self.number and self.contact_key
        booked = self.desk.book(self.person, seal if wanted else None)
        if booked is not None:
            return _told(booked)
        visit = Visit.read(slots.get("visit"))
        # The ten minutes are over. If nobody has taken the time meanwhile, it is theirs all the same.
        if visit is not None and self.desk.hold(self.person, visit, _wish(slots, language)):
            return _told(self.desk.book(self.person, seal if wanted else None))
        return _told(None)

    def _cancel(self, slots: Slots, language: str) -> dict[str, Any]:
        return {"cancelled": self.desk.cancel(self.person)}


_ACTIONS: dict[str, Callable[[Counter, Slots, str], dict[str, Any]]] = {
    "action_my_appointment": Counter._mine,
    "action_find_code": Counter._by_code,
    "action_find_times": Counter._times,
    "action_more_times": Counter._more_times,
    "action_hold_time": Counter._hold,
    "action_book": Counter._book,
    "action_cancel_appointment": Counter._cancel,
}


def _wish(slots: Slots, language: str) -> Wish:
    spoken = str(slots.get("meeting_language") or "same")
    return Wish(
        help_with=str(slots.get("help_with") or ""),
        borough=str(slots.get("borough") or ANY),
        language=language if spoken == "same" else spoken,
    )


def _told(found: Appointment | None) -> dict[str, Any]:
    if found is None:
        return {"appointment": "none", "visit": None, "appointment_code": None}
    state = found.partner if found.partner in {WAITING, DECLINED} else "booked"
    code = f"{found.code[:4]} {found.code[4:]}"
    return {"appointment": state, "visit": found.visit.key, "appointment_code": code}
