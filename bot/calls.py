"""The door for calls: one turn comes in, speech goes out, whatever happens in between."""

from __future__ import annotations

import time
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars

from bot import wording
from bot.caller_ids import sender_id
from bot.content import OPEN_HOURS, Content
from bot.conversation import DialogueEngine, begin_anew
from bot.counting.counters import count
from bot.counting.turns import count_conversation
from bot.deadline import deadline
from bot.errors import DeadlineExceeded, DeskUnavailable, MemoryUnavailable
from bot.flow_engine.desk_actions import served_by
from bot.flow_engine.folding import clean, fold
from bot.flow_engine.required import FLOW_OF_COMMAND
from bot.flow_engine.state import DialogueState
from bot.home_numbers import is_abroad
from bot.languages.supported import LANGUAGES, SOURCE
from bot.log_lines import place
from bot.messages import CallTurn
from bot.publication import Publication
from bot.scheduling.counter import Counter
from bot.scheduling.desk import NO_DESK, Desk
from bot.session_state import Memory
from bot.settings import Settings
from bot.speech import Speech, phrase_speech, speech_of
from bot.texting import BLOCKED, FAILED, SENT, Texting

log = structlog.get_logger()

MAX_TURNS = 120
MAX_SECONDS = 30 * 60
# Below this Twilio's hearing is asked about; a missing confidence is none.
DOUBTFUL = 0.45


class Calls:
    """Answers calls turn by turn, each turn once. A call is a conversation of its own; its language is the person's."""

    def __init__(
        self,
        engine: DialogueEngine,
        memory: Memory,
        content: Content,
        settings: Settings,
        publication: Publication | None = None,
        desk: Desk = NO_DESK,
        texting: Texting | None = None,
    ) -> None:
        self._engine = engine
        self._memory = memory
        self._content = content
        self._settings = settings
        self.desk = desk
        self._contact_key = settings.contact_key
        self._publication = publication
        self.texting = texting

    def answer(self, turn: CallTurn) -> Speech:
        """What is said and heard next. Never raises; in trouble it is an apology with a person's number."""
        outcome = "answered"
        try:
            with deadline(self._settings.deadline):
                speech = self._answer(turn)
        except DeadlineExceeded:
            outcome, speech = "too_slow", self._give_up(turn)
        except Exception as error:
            outcome, speech = "failed", self._give_up(turn)
            log.error("call_failed", error=type(error).__name__, at=place(error))
        finally:
            fold.cache_clear()
        count("hotline_turns", channel="voice", outcome=outcome)
        bind_contextvars(outcome=outcome, channel="voice", language=speech.language, turn=turn.turn)
        return speech

    def apology(self, language: str) -> Speech:
        """The apology, spoken; then the bot hangs up."""
        return phrase_speech(self._content, "apology", language if self._content.spoken(language) else SOURCE)

    def whisper(self, language: str, topic: str) -> Speech:
        """What the person who takes a call hears first, in English: language and topic of the caller, nothing else."""
        flow = self._content.flows.flows.get(topic)
        known = LANGUAGES.get(language)
        names = {"language": known.english_name if known else "", "topic": flow.name.text if flow else ""}
        return speech_of(self._content, DialogueState(said=[["phrase", "whisper"]], slots=names, ended=True))

    def sender_of(self, call: str, caller: str) -> str:
        """Under which name a call is remembered; behind the @ the person, "" for a withheld number."""
        name = sender_id("voice", call, self._memory.hash_key)
        return f"{name}@{self._person_at(caller)}" if caller else name

    def _person_at(self, caller: str) -> str:
        """The same one as by text; only for a number that is not withheld."""
        return sender_id("sms", caller, self._memory.hash_key)

    def _caller_of(self, turn: CallTurn, sender: str) -> str:
        return self._person_at(turn.caller) if turn.caller else sender

    # --- the steps --------------------------------------------------------------------------------

    def _answer(self, turn: CallTurn) -> Speech:
        if turn.turn >= MAX_TURNS or (turn.started and time.time() - turn.started > MAX_SECONDS):
            language = turn.language if self._content.spoken(turn.language) else SOURCE
            return phrase_speech(self._content, "call_too_long", language)
        text = clean(turn.text)[:1600]
        sender = self.sender_of(turn.call, turn.caller)
        try:
            begun = self._memory.begin_when_free(f"{turn.call}:{turn.turn}", sender, None)
            if isinstance(begun, dict):
                return Speech.from_json(begun["speech"])
            if self._publication:
                self._publication.follow(begun.content_version)
            self._go_on_from_what_was_heard(turn, sender)
            # Who withholds the number is known by this call alone: what they book is theirs by its code.
            person = self._caller_of(turn, sender)
            try:
                with served_by(Counter(self.desk, person, turn.caller, self._contact_key)):
                    _, state = self._engine.ask(sender, text, self._metadata(turn, self.desk))
            except (MemoryUnavailable, DeskUnavailable):
                raise
            except Exception as error:
                known, metadata = self._content.spoken(turn.language), self._metadata(turn, NO_DESK)
                _, state = begin_anew(self._engine, self._memory, sender, text, metadata, known, error)
            if state.erased:
                self.desk.erase(person)
            self._do(turn, sender, state)
            if not state.erased and count_conversation(self._content, state, "voice"):
                self._memory.save(sender, state.to_json())
            speech = speech_of(self._content, state)
        except MemoryUnavailable:
            return self._answer_without_memory(turn, text)
        try:
            self._memory.end({"speech": speech.to_json()})
        except MemoryUnavailable:
            # What was to be done is done; the call carries its language and question itself.
            return self.apology(speech.language) if state.erased else speech
        return speech

    def _go_on_from_what_was_heard(self, turn: CallTurn, sender: str) -> None:
        """If Redis missed the turn before, what it holds is over; question and language came with this turn."""
        if not turn.turn or self._memory.kept(f"{turn.call}:{turn.turn - 1}"):
            return
        flow, _, step = turn.question.partition("/")
        with self._memory.lock(sender):
            state = DialogueState.from_json(self._memory.load(sender))
            state.leave_question()
            state.frames, state.introduced = [[flow, step]] if step else [], True
            spoken = self._content.spoken(turn.language)
            # While the language is being chosen it is a guess.
            if spoken and flow != FLOW_OF_COMMAND["language"] and spoken != (state.language or SOURCE):
                state.language, state.language_sure = spoken, True
            self._memory.go_on_from(sender, state.to_json())

    def _answer_without_memory(self, turn: CallTurn, text: str) -> Speech:
        """Redis is gone: the language and the open question came with the turn, so the call goes on."""
        flow, _, step = turn.question.partition("/")
        before = DialogueState(
            language=turn.language or None,
            language_sure=bool(turn.language),
            introduced=turn.turn > 0,
            frames=[[flow, step]] if step else [],
        )
        _, state = self._engine.ask_forgetful(text, self._metadata(turn, NO_DESK), before.to_json())
        if state.erased:
            return self.apology(state.language or SOURCE)
        self._do(turn, "", state)
        return speech_of(self._content, state)

    def _do(self, turn: CallTurn, sender: str, state: DialogueState) -> None:
        """What the turn has the bot do: text an answer or no more, note a call-back. A failure is told in the reply."""
        for kind, *what in state.deeds:
            if kind == "text":
                outcome = self._send(turn, state, what)
                if outcome != SENT:
                    failed = ["phrase", "text_blocked" if outcome == BLOCKED else "text_failed"]
                    state.said = [failed if item == ["phrase", "text_sent"] else item for item in state.said]
            elif kind == "opt_out" and (person := self._caller_of(turn, sender)):
                self.desk.opt(person, out=True)
            elif kind == "call_back" and turn.caller:
                topic = next((frames[-1][0] for frames in reversed(state.past) if frames), "")
                wish = {"number": turn.caller, "language": state.language, "topic": topic, "at": int(time.time())}
                wish["window"] = what[0]
                if sender:
                    self._memory.keep_call_back(sender, wish)
                else:
                    raise MemoryUnavailable("a call-back cannot be noted")

    def _send(self, turn: CallTurn, state: DialogueState, said: list[Any]) -> str:
        try:
            if self.desk.opted_out(self._person_at(turn.caller)):
                return BLOCKED
            abroad = is_abroad(turn.caller, self._settings.home_prefixes)
            if abroad and self._memory.count_abroad() > self._settings.abroad_limit:
                return FAILED
        except (DeskUnavailable, MemoryUnavailable):
            return FAILED  # nobody can say whether it is wanted, or how many went abroad
        told = DialogueState(language=state.language, language_sure=True, slots=state.slots, said=said)
        assert self.texting is not None, "the key is taken only when texts can be sent"
        return self.texting.send(turn.caller, wording.reply_text(self._content, told))

    def _metadata(self, turn: CallTurn, desk: Desk) -> dict[str, Any]:
        doubtful = turn.confidence is not None and turn.confidence < DOUBTFUL and not turn.event
        context = {
            "person": self._person(),
            "reachable": bool(turn.caller),
            "desk": "books" if desk.books else "none",
            "textable": bool(turn.caller and self.texting),
        }
        return {"channel": "voice", "event": turn.event, "doubtful": doubtful, "context": context}

    def _person(self) -> str:
        """Whether a caller can be connected now: open, closed, or none where nobody takes calls."""
        fact = self._content.flows.facts.get(OPEN_HOURS)
        if not self._settings.transfer_number or fact is None or fact.hours is None:
            return "none"
        return "open" if fact.hours.is_open(self._content.clock()) else "closed"

    def _give_up(self, turn: CallTurn) -> Speech:
        """The apology, kept for repeats of the turn; the conversation stays where it was."""
        self._memory.disconnect()
        speech = self.apology(turn.language or SOURCE)
        try:
            self._memory.end({"speech": speech.to_json()}, moved=False)
        except MemoryUnavailable:
            log.warning("reply_not_kept")
        return speech
