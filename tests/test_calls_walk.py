"""Every step of every flow by telephone, in every language, by keys alone and by speech, under strict TwiML rules.

From the beginning of a call every key that is offered is pressed, in every question that is found. Flows no key leads
to (thanks, goodbye: one says them) begin where they stand.
"""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from bot.flow_engine.call_dialogue import MAX_OPTIONS, option_pages
from bot.flow_engine.desk_actions import served_by
from bot.flow_engine.model import Step
from bot.flow_engine.state import DialogueState
from bot.flow_engine.walking import Walk
from bot.languages.catalog import shipped_languages
from bot.scheduling.desk import NO_DESK
from bot.settings import FLOWS
from bot.staff.call import call_settings
from bot.staff.shown_desk import ShownClerk, circumstances
from bot.staff.telephone import HOTLINE_NUMBER, KEYS, OUTCOMES, DoorOf, Telephone
from bot.start import Hotline, start_hotline
from bot.texting import SENT
from tests.conftest import RedisServer

pytestmark = pytest.mark.engine

LANGUAGES = shipped_languages(FLOWS / "locales")
# Those that ask the desk of appointments are walked with every answer it can give.
DESK_FLOWS = {"actionnyc_book", "appointment_change", "appointment_reminder", "find_another", "delete_my_data"}
SERVICE_KEYS = "*#07"
OFFICE_HOURS, NIGHT = datetime.datetime(2026, 11, 18, 10, 0), datetime.datetime(2026, 11, 18, 23, 0)


class Texts:
    def send(self, to: str, body: str) -> str:
        assert 0 < len(body) <= 1600
        return SENT


@pytest.fixture(scope="module")
def hotline(redis_server: RedisServer) -> Hotline:
    hotline = start_hotline(call_settings(redis_server.url), logging.ERROR)
    hotline.calls.texting = Texts()
    return hotline


@dataclass
class Visit:
    """What one act of a caller led to."""

    state: DialogueState
    telephone: Telephone
    act: str


@dataclass
class Explorer:
    """Calls again for every key of every question it finds."""

    hotline: Hotline
    door: DoorOf
    language: str
    by_speech: bool
    caller: str = "+15005550006"
    heard: set[tuple[str, str]] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    waiting: list[DialogueState] = field(default_factory=list)

    def explore(self) -> None:
        begun = self._after(None, "")
        self.waiting.append(begun.state)
        self._walk_on()

    def ask_for_a_person(self, at: datetime.datetime, caller: str) -> None:
        """Press 0 at another time, from another telephone."""
        self.hotline.content.clock, self.caller = lambda: at, caller
        begun = self._after(None, "")
        visit = self._after(begun.state, "0")
        self.waiting.append(visit.state)
        if visit.telephone.dial is not None:
            self._transfers(begun.state, "0")
        self._walk_on()

    def begin_at(self, flow: str, desk: str = "none", **slots: str) -> None:
        """Follow a flow that is begun by what a caller says."""
        state = DialogueState(language=self.language, language_sure=True, introduced=True, slots=slots)
        walk = Walk(self.hotline.content, state, "voice", {"person": "closed", "reachable": True, "desk": desk})
        walk.start(flow)
        state.said = walk.said
        self.waiting.append(self._after(state, "*").state)
        self._walk_on()

    def at_the_desk(self, flow: str, clerk: ShownClerk) -> None:
        """Follow a flow that asks the desk of appointments, which answers as `clerk` does."""
        self.forget_the_desk()
        with served_by(clerk):
            self.begin_at(flow, "books", appointment=clerk.before)

    def forget_the_desk(self) -> None:
        """What was seen in these flows is another matter with another answer of the desk."""
        self.seen = {name for name in self.seen if not DESK_FLOWS & {frame[0] for frame in json.loads(name)[1]}}

    def _walk_on(self) -> None:
        while self.waiting:
            state = self.waiting.pop()
            question = self._question(state)
            name = json.dumps([question and question.id, state.frames[-1:], state.page, state.offer])
            if name in self.seen or question is None:
                continue
            self.seen.add(name)
            for act in self._answers(state, question):
                visit = self._after(state, act)
                self.waiting.append(visit.state)
                if visit.telephone.dial is not None:
                    assert visit.telephone.dial.get("callerId") == HOTLINE_NUMBER, (
                        "the caller's own is nobody's business"
                    )
                    self._transfers(state, act)

    def _answers(self, state: DialogueState, step: Step) -> Iterator[str]:
        content = self.hotline.content
        choices = content.choices(step, state.slots)
        slot = content.flows.slots.get(step.target) if step.kind == "collect" else None
        if slot and slot.type == "language":
            yield from (voice.key for voice in content.flows.voices.values())
        elif self.by_speech:
            yield from (content.text(choice.say, self.language) for choice in choices)
            if not choices:
                yield "1234 5678"
        else:
            first = state.page * MAX_OPTIONS
            yield from (str(at) for at in range(1, 1 + len(choices[first : first + MAX_OPTIONS])))
            if option_pages(content, state) > 1:
                yield "9"
            yield from SERVICE_KEYS
            yield "8"
            yield ""

    def _transfers(self, state: DialogueState, act: str) -> None:
        for outcome in OUTCOMES:
            visit = self._after(state, act)
            visit.telephone.dialled(outcome)
            self.waiting.append(self._checked(visit.telephone, f"{act}, {outcome}").state)

    def _after(self, state: DialogueState | None, act: str) -> Visit:
        """Call, stand where `state` stands, act."""
        telephone = Telephone(self.door, self.caller)
        key = self._key(telephone)
        known = state or DialogueState(language=self.language, language_sure=True)
        if state is None:
            self.hotline.memory.save(key, known.to_json())
            telephone.call()
        else:
            telephone.call()
            self.hotline.memory.save(key, known.to_json())
            if not act:
                telephone.wait()
            elif all(key in KEYS for key in act):
                telephone.press(act)
            else:
                telephone.say(act)
        return self._checked(telephone, act)

    def _checked(self, telephone: Telephone, act: str) -> Visit:
        state = DialogueState.from_json(self.hotline.memory.load(self._key(telephone)))
        self._note(state)
        where = f"{self.language} {state.frames[-1:]} after {act!r}"
        self.faults += [f"{where}: {fault}" for fault in telephone.faults]
        if not telephone.heard and telephone.dial is None:
            self.faults.append(f"{where}: nothing is heard")
        if telephone.listens_to_speech and state.language in self.deaf:
            self.faults.append(f"{where}: speech is asked for in a language that Twilio does not hear")
        erased = self.hotline.memory.load(self._key(telephone)) is None
        if telephone.over and not state.ended and not erased:
            self.faults.append(f"{where}: a dead end")
        return Visit(state, telephone, act)

    def _key(self, telephone: Telephone) -> str:
        return self.hotline.calls.sender_of(telephone.id, "" if self.caller == "anonymous" else self.caller)

    @property
    def deaf(self) -> set[str]:
        return {voice.language for voice in self.hotline.content.flows.voices.values() if not voice.hear_language}

    def _note(self, state: DialogueState) -> None:
        self.heard |= {(item[1], item[2]) for item in state.said if item[0] in {"step", "ask"}}

    def _question(self, state: DialogueState) -> Step | None:
        walk = Walk(self.hotline.content, state.copy(), "voice")
        return walk.open_question()[1] if walk.has_open_question() and not state.ended else None


@pytest.fixture(scope="module")
def door(hotline: Hotline) -> DoorOf:
    return DoorOf(hotline)


@pytest.mark.parametrize("by_speech", [False, True], ids=["keys", "speech"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_every_flow_is_heard(
    hotline: Hotline, door: DoorOf, language: str, by_speech: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = Explorer(hotline, door, language, by_speech)
    hotline.content.clock = lambda: OFFICE_HOURS
    if by_speech and not hotline.content.flows.voices[language].hear_language:
        explorer.by_speech = False  # Twilio does not hear it: nothing may ask callers to speak
    explorer.explore()
    explorer.ask_for_a_person(NIGHT, explorer.caller)
    explorer.ask_for_a_person(OFFICE_HOURS, "anonymous")
    for flow in hotline.content.flows.flows.values():
        if (flow.id, flow.first_step) not in explorer.heard:
            explorer.begin_at(flow.id)
    hotline.content.clock = lambda: NIGHT
    for flow_id in sorted(DESK_FLOWS):
        for clerk in circumstances(hotline.content, hotline.content.flows.flows[flow_id]):
            monkeypatch.setattr("bot.calls.Counter", lambda *_, shown=clerk: shown)
            hotline.calls.desk = hotline.desk if clerk else NO_DESK
            if clerk:
                explorer.at_the_desk(flow_id, clerk)
            else:
                explorer.forget_the_desk()
                explorer.begin_at(flow_id)
    monkeypatch.undo()
    hotline.calls.desk = hotline.desk
    assert explorer.faults == []
    spoken = {
        (flow.id, step.id)
        for flow in hotline.content.flows.flows.values()
        for step in flow.steps.values()
        if (step.say or step.kind in {"ask", "collect"}) and not step.hold
    }
    assert spoken - explorer.heard == set()
