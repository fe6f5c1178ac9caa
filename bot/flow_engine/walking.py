"""From step to step: what is said next, and where the conversation waits. Positions only, no words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.content import Content
from bot.errors import FlowLoop
from bot.flow_engine import desk_actions
from bot.flow_engine.grammar import CALL_BACK, DESK_ACTIONS, ERASE, OPT_OUT, REPEAT, TRANSFER
from bot.flow_engine.model import END, Flow, Step
from bot.flow_engine.state import MAX_FRAMES, DialogueState, Utterance
from bot.languages.supported import SOURCE

MAX_STEPS = 200  # in one turn; a longer walk is a loop in the flow


class Walk:
    """One turn's walk through the flows. Changes `state`; collects what is said in `said`."""

    def __init__(
        self, content: Content, state: DialogueState, channel: str, context: Mapping[str, object] | None = None
    ) -> None:
        self.content = content
        self.state = state
        self.channel = channel
        self.context = dict(context or {})
        self.said: list[Utterance] = []

    # --- moves ------------------------------------------------------------------------------------

    def start(self, flow_id: str) -> None:
        """Begin a flow. An open question below it is kept, to come back to."""
        if flow_id in self.content.off:
            self.said.append(["phrase", "topic_off"])
            self.ask_again()
            return
        flow = self.content.flows.flows[flow_id]
        self.remember()
        if flow.metadata.get("closes_talk"):
            self.state.frames = []
        # A flow under way that is asked for again begins anew, with all that was on top of it.
        self.state.frames = [frame for frame in self.state.frames if frame[0] != flow_id and self._exists(frame)]
        self.state.frames = self.state.frames[-(MAX_FRAMES - 1) :]
        self._begin(flow)
        self.state.frames.append([flow_id, flow.first_step])
        self._run()

    def choose(self, index: int) -> None:
        """Follow option `index` of the open question."""
        flow, step = self.open_question()
        choice = self.content.choices(step, self.state.slots)[index]
        if step.kind == "collect":
            self.fill(choice.value)
            return
        self.remember()
        self._go(flow, choice.then)
        self._run()

    def fill(self, value: object) -> None:
        """Give the open `collect` its value; a rejected one is asked for again."""
        flow, step = self.open_question()
        self.remember()
        values = self.values()
        values["slots"] = {**self.state.slots, step.target: value}
        for index, rejection in enumerate(step.rejections):
            if rejection.condition.holds(values):
                self.said.append(["rejected", flow.id, step.id, str(index)])
                self.ask_again()
                return
        self.state.slots[step.target] = value
        self._advance(flow, step)
        self._run()

    def transferred(self, outcome: str) -> None:
        """Go on after a transfer that ended as `outcome` says: done, busy, no-answer, failed."""
        self.context["person"] = outcome
        flow, step = self.open_question()
        self._advance(flow, step)
        self._run()

    def ask_again(self) -> None:
        """Say the open question once more."""
        if self.has_open_question():
            flow_id, step_id = self.state.frames[-1]
            self.said.append(["ask", flow_id, step_id])

    def back(self) -> bool:
        """Return to the question before; False when there is none."""
        while self.state.past:
            self.state.frames = self.state.past.pop()
            if self.has_open_question():
                self.ask_again()
                return True
        return False

    def repeat(self) -> None:
        """Say the last answer once more, from its beginning."""
        self.state.page = 0
        self.said = self.state.said or [["phrase", "nothing_to_repeat"]]

    def erase(self) -> None:
        """Forget all of the conversation but its language."""
        found = None
        if self.context.get("desk") == "books":
            found = desk_actions.act("action_my_appointment", {}, self.state.language or SOURCE)
        fresh = DialogueState(language=self.state.language, erased=True)
        vars(self.state).update(vars(fresh))
        self.said = [["phrase", "erased"]]
        if found and found.get("visit"):
            # For the words of this turn alone: an erased state is not kept.
            self.state.slots = found
            self.said = [["phrase", "erased_booking"], *self.said]

    def opt_out(self) -> None:
        """Have it noted that no texts of ours are wanted, and tell the network's word."""
        self.state.deeds.append(["opt_out"])
        self.said.append(["phrase", "texts_stopped"])

    def remember(self) -> None:
        """Note the open question for BACK."""
        if self.has_open_question():
            self.state.remember()

    # --- where we are -----------------------------------------------------------------------------

    def has_open_question(self) -> bool:
        """Whether the conversation waits for an answer (and the content still has that question)."""
        while self.state.frames and not self._exists(self.state.frames[-1]):
            self.state.frames.pop()
        if not self.state.frames:
            return False
        return self.open_question()[1].kind in {"ask", "collect"}

    def lost(self) -> str | None:
        """Why the open question is there no more: "topic_off" or "topic_changed"; None while it is. Forgets it."""
        if not self.state.frames or self._exists(self.state.frames[-1]):
            return None
        off = self.state.frames[-1][0] in self.content.off
        self.state.frames = []
        return "topic_off" if off else "topic_changed"

    def open_question(self) -> tuple[Flow, Step]:
        flow_id, step_id = self.state.frames[-1]
        flow = self.content.flows.flows[flow_id]
        return flow, flow.steps[step_id]

    def values(self) -> dict[str, Mapping[str, Any]]:
        """What conditions read."""
        initial = {slot.name: slot.initial for slot in self.content.flows.slots.values()}
        context = {**self.context, "channel": self.channel, "language": self.state.language}
        return {"slots": {**initial, **self.state.slots}, "context": context}

    def _exists(self, frame: list[str]) -> bool:
        flow = self.content.flows.flows.get(frame[0])
        return flow is not None and frame[1] in flow.steps and frame[0] not in self.content.off

    # --- the walk ---------------------------------------------------------------------------------

    def _run(self) -> None:
        for _ in range(MAX_STEPS):
            if not self.state.frames or self._step():
                return
        flow_id, step_id = self.state.frames[-1]
        raise FlowLoop(f"flow {flow_id} goes round in circles near step {step_id}")

    def _step(self) -> bool:
        """Take the step on top; True when the turn is over (a question waits, or all flows have ended)."""
        flow, step = self.open_question()
        if step.kind == "action" and step.target == TRANSFER and self.channel == "voice":
            if self.context.get("person") == "open":
                self.said.append(["transfer"])
                return True
        elif step.kind == "action" and step.target == CALL_BACK and self.channel == "voice":
            self.state.deeds.append(["call_back", self.state.slots.get("call_back_window") or "any"])
        elif step.kind == "action" and step.target == REPEAT:
            self.state.frames.pop()
            self.repeat()
            return True
        elif step.kind == "action" and step.target == ERASE:
            self.erase()
            return True
        elif step.kind == "action" and step.target == OPT_OUT:
            self.opt_out()
        elif step.kind == "action" and step.target in DESK_ACTIONS:
            results = desk_actions.act(step.target, self.state.slots, self.state.language or SOURCE)
            if results is None:
                self.said.append(["phrase", "desk_closed"])
                return self._end(flow)
            self.state.slots.update(results)
        elif step.kind in {"say", "action"}:
            if step.say and (self.content.serve_holds or not step.hold):
                self.said.append(["step", flow.id, step.id])
        elif step.kind == "ask":
            self.said.append(["ask", flow.id, step.id])
            return True
        elif step.kind == "collect":
            if step.ask_before_filling or self.state.slots.get(step.target) is None:
                self.said.append(["ask", flow.id, step.id])
                return True
        elif step.kind == "set_slots":
            for name, value, _ in step.assignments:
                self.state.slots[name] = value
        elif step.kind in {"call", "link"} and step.target in self.content.off:
            self.said.append(["phrase", "topic_off"])
        elif step.kind == "call" and step.target in self.content.flows.flows:
            self._begin(self.content.flows.flows[step.target])
            self.state.frames.append([step.target, self.content.flows.flows[step.target].first_step])
            return False
        elif step.kind == "link" and step.target in self.content.flows.flows:
            self._forget_slots(flow)
            self.state.frames.pop()
            self.state.frames = [frame for frame in self.state.frames if frame[0] != step.target]
            self._begin(self.content.flows.flows[step.target])
            self.state.frames.append([step.target, self.content.flows.flows[step.target].first_step])
            return False
        return self._advance(flow, step)

    def _advance(self, flow: Flow, step: Step) -> bool:
        return self._go(flow, self._following(step))

    def _following(self, step: Step) -> str:
        for branch in step.next:
            if branch.condition is None or branch.condition.holds(self.values()):
                return branch.then
        return END

    def _go(self, flow: Flow, step_id: str) -> bool:
        if step_id != END and step_id in flow.steps:
            self.state.frames[-1][1] = step_id
            return False
        return self._end(flow)

    def _end(self, flow: Flow) -> bool:
        """The flow on top is over: go on with the one that called it, or return to the one it interrupted."""
        self._forget_slots(flow)
        self.state.frames.pop()
        if not self.state.frames:
            return True
        below, step = self.open_question()
        if step.kind == "call":
            return self._advance(below, step)
        if below.resumable:
            self.said.append(["phrase", "welcome_back", below.id])
            self.said.append(["ask", below.id, step.id])
        return True

    def _forget_slots(self, flow: Flow) -> None:
        """A flow's slots end with it, as in CALM, unless it says `persisted_slots`; its last words still have them."""
        self.state.fading += [name for name in _own_slots(flow) if name not in self.state.fading]

    def _begin(self, flow: Flow) -> None:
        """What a flow asks for itself it does not know yet from an earlier time."""
        self.fade([name for name in _own_slots(flow) if name in self.state.fading])

    def fade(self, names: list[str]) -> None:
        """Forget slots of flows that are over."""
        for name in names:
            if name in self.state.fading:
                self.state.fading.remove(name)
                self.state.slots.pop(name, None)


def _own_slots(flow: Flow) -> list[str]:
    names: list[str] = []
    for step in flow.steps.values():
        names += [step.target] if step.kind == "collect" and not step.keep_slot else []
        names += [name for name, _, _ in step.assignments]
        names += desk_actions.RESULTS if step.target in DESK_ACTIONS else ()
    return [name for name in dict.fromkeys(names) if name not in flow.persisted_slots]
