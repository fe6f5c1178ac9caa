"""The only door: a message comes in, a reply goes out, whatever happens in between."""

from __future__ import annotations

from typing import Any, Protocol

import structlog
from structlog.contextvars import bind_contextvars

from bot import wording
from bot.caller_ids import sender_id
from bot.carrier_words import carrier_class
from bot.channels.sms import fits
from bot.content import Content
from bot.counting.counters import count
from bot.counting.turns import count_conversation
from bot.deadline import deadline
from bot.errors import DeadlineExceeded, DeskUnavailable, MemoryUnavailable
from bot.flow_engine.desk_actions import served_by
from bot.flow_engine.folding import clean, fold
from bot.flow_engine.heard import Heard, likely_emergency
from bot.flow_engine.state import DialogueState
from bot.flow_engine.walking import Walk
from bot.home_numbers import is_abroad
from bot.languages.supported import SOURCE
from bot.log_lines import place
from bot.messages import SILENCE, IncomingMessage, Reply
from bot.publication import Publication
from bot.scheduling.counter import Counter
from bot.scheduling.desk import NO_DESK, Desk
from bot.session_state import SAME_TEXT_LIMIT, Memory, Turn
from bot.settings import Settings
from bot.understanding.language_model import script_language

log = structlog.get_logger()


class DialogueEngine(Protocol):
    """What the door needs of the engine; Rasa's is bot.rasa_engine.agent.Engine."""

    def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> tuple[str, DialogueState]: ...
    def ask_forgetful(
        self, text: str, metadata: dict[str, Any], state: dict[str, Any] | None = None
    ) -> tuple[str, DialogueState]: ...
    def understand(self, text: str) -> Heard: ...


class Conversation:
    """Answers messages, one after the other for each sender, each delivery once."""

    def __init__(
        self,
        engine: DialogueEngine,
        memory: Memory,
        content: Content,
        settings: Settings,
        publication: Publication | None = None,
        desk: Desk = NO_DESK,
    ) -> None:
        self._engine = engine
        self._memory = memory
        self._content = content
        self._settings = settings
        self.desk = desk
        self._contact_key = settings.contact_key
        self._publication = publication

    def reply_to(self, message: IncomingMessage) -> Reply:
        """The reply to `message`. Never raises; in trouble it is an apology with a person's number."""
        sender = sender_id(message.channel, message.sender, self._memory.hash_key)
        text = clean(message.text)[:1600]
        outcome = "answered"
        try:
            with deadline(self._settings.deadline):
                reply = self._reply(message, sender, text)
        except DeadlineExceeded:
            outcome, reply = "too_slow", self._give_up(sender, text)
        except Exception as error:
            # The exception's own text may quote the message; its type and place do not.
            outcome, reply = "failed", self._give_up(sender, text)
            log.error("message_failed", error=type(error).__name__, at=place(error))
        finally:
            fold.cache_clear()
        outcome = outcome if reply.text else "silent"
        count("hotline_turns", channel=message.channel, outcome=outcome)
        # For the line that the edge writes of this request.
        bind_contextvars(outcome=outcome, channel=message.channel, language=reply.language)
        return reply

    # --- the steps --------------------------------------------------------------------------------

    def _reply(self, message: IncomingMessage, sender: str, text: str) -> Reply:
        if self._belongs_to_carrier(message, sender, text):
            return SILENCE
        try:
            counted = text if self._settings.rate_limit else None
            turn = self._memory.begin_when_free(message.id, sender, counted)
            if isinstance(turn, dict):
                return Reply(turn["text"], turn["language"])
            if self._publication:
                self._publication.follow(turn.content_version)
            refusal = self._over_limit(turn, sender, text)
            if refusal is None:
                refusal = self._over_budget(message, text)
            reply = refusal if refusal is not None else self._ask(message, sender, text)
        except MemoryUnavailable:
            return self._answer_without_memory(message, sender, text)
        try:
            self._memory.end({"text": reply.text, "language": reply.language})
        except MemoryUnavailable:
            return self._unkept(reply)
        return reply

    def _unkept(self, reply: Reply) -> Reply:
        """The reply is right, but it may be that nothing of it was kept: that is said, and never that all is erased."""
        if reply.erases:
            return Reply(wording.phrase_text(self._content, "apology", reply.language), reply.language)
        return self._with_note(reply.text, reply.language) if reply.text else reply

    def _ask(self, message: IncomingMessage, sender: str, text: str) -> Reply:
        counter = Counter(self.desk, sender, message.sender, self._contact_key)
        self._leave_what_is_over(sender)
        try:
            with served_by(counter):
                words, state = self._engine.ask(sender, text, self._metadata(message, self.desk))
        except (MemoryUnavailable, DeskUnavailable):
            raise
        except Exception as error:
            language = self._known_language(sender)
            metadata = self._metadata(message, NO_DESK)
            words, state = begin_anew(self._engine, self._memory, sender, text, metadata, language, error)
        if not words:
            raise RuntimeError("the engine gave no words")
        if not state.erased and count_conversation(self._content, state, message.channel):
            self._memory.save(sender, state.to_json())
        if ["opt_out"] in state.deeds:
            self.desk.opt(sender, out=True)
        if state.erased:
            # Before the words are: they say that all is deleted.
            self.desk.erase(sender)
        return Reply(words, state.language or SOURCE, erases=state.erased)

    def _leave_what_is_over(self, sender: str) -> None:
        """What is open by what Redis holds is not what was asked last, if Redis missed a question."""
        if self._memory.languages.missed(sender) is None:
            return
        with self._memory.lock(sender):
            missed = self._memory.missed(sender)
            if missed is None:
                return
            state = DialogueState.from_json(self._memory.load(sender))
            if missed.asked:
                state.leave_question()
            if missed.language:
                state.language, state.language_sure = missed.language, True
            self._memory.go_on_from(sender, state.to_json())

    def _answer_without_memory(self, message: IncomingMessage, sender: str, text: str) -> Reply:
        """Redis is gone: a topic is still answered, an emergency above all; a menu cannot be followed."""
        known = self._content.spoken(self._known_language(sender))
        before = DialogueState(language=known, language_sure=bool(known), introduced=True)
        words, state = self._engine.ask_forgetful(text, self._metadata(message, NO_DESK), before.to_json())
        language = state.language or SOURCE
        if state.erased:
            return Reply(wording.phrase_text(self._content, "apology", language), language)
        if ["opt_out"] in state.deeds:
            self.desk.opt(sender, out=True)
        self._memory.note_missed(sender, state.to_json(), asked=bool(state.frames))
        return self._with_note(words, language)

    def _with_note(self, words: str, language: str) -> Reply:
        """`words`, and that they will not be remembered."""
        note = wording.phrase_text(self._content, "memory_gone", language)
        return Reply(f"{words}\n{note}" if fits(f"{words}\n{note}") else words, language)

    def _belongs_to_carrier(self, message: IncomingMessage, sender: str, text: str) -> bool:
        """Whether the network has answered this word, or owns it: we stay silent then."""
        if message.opt_out:
            self._note_opt_out(sender, message.opt_out)
            return True
        if message.channel != "sms":
            return False
        word = carrier_class(text)
        if word == "HELP":
            return self._settings.twilio_answers_help
        if word == "START" and self._asks_yes_or_no(sender):
            return False
        if word is not None:
            self._note_opt_out(sender, word)
        return word in {"START", "STOP"}

    def _note_opt_out(self, sender: str, word: str) -> None:
        """The network holds back our replies by itself; what we send on our own account we have to hold back."""
        if word in {"STOP", "START"}:
            try:
                self.desk.opt(sender, out=word == "STOP")
            except DeskUnavailable:
                # The network refuses texts to this number all the same.
                log.warning("opt_out_not_noted")

    def _asks_yes_or_no(self, sender: str) -> bool:
        """YES also signs up again after STOP; as the answer to an open question it is an answer."""
        try:
            state = DialogueState.from_json(self._memory.load(sender))
        except MemoryUnavailable:
            return False
        walk = Walk(self._content, state, "sms")
        if not walk.has_open_question():
            return False
        slot = self._content.flows.slots.get(walk.open_question()[1].target)
        return slot is not None and slot.type == "bool"

    def _over_limit(self, turn: Turn, sender: str, text: str) -> Reply | None:
        """None when the sender is within the limits, else what is said: once a sentence, then silence."""
        if not self._settings.rate_limit:
            return None
        if turn.in_minute <= self._settings.rate_limit and turn.repeats <= SAME_TEXT_LIMIT:
            return None
        if self._is_emergency(text):
            return None
        if turn.repeats <= SAME_TEXT_LIMIT and turn.in_minute == self._settings.rate_limit + 1:
            language = self._known_language(sender) or SOURCE
            count("hotline_rate_limited", how="said")
            return Reply(wording.phrase_text(self._content, "slow_down", language), language)
        count("hotline_rate_limited", how="silent")
        return SILENCE

    def _over_budget(self, message: IncomingMessage, text: str) -> Reply | None:
        """Silence where this minute's texts to numbers from elsewhere are spent: many senders are no better than one.

        Only SMS: through the other channels nobody earns by what we send.
        """
        if message.channel != "sms" or not self._settings.rate_limit:
            return None
        if not is_abroad(message.sender, self._settings.home_prefixes):
            return None
        within = self._memory.count_abroad() <= self._settings.abroad_limit
        return None if within or self._is_emergency(text) else SILENCE

    def _is_emergency(self, text: str) -> bool:
        heard = self._engine.understand(text)
        return bool(heard.emergency or likely_emergency(self._content, heard))

    # --- trouble ----------------------------------------------------------------------------------

    def _give_up(self, sender: str, text: str) -> Reply:
        """The apology, kept for repeats of the delivery; the conversation stays where it was."""
        # Something was broken off in the middle: a connection may be in any state.
        self._memory.disconnect()
        reply = self._apology(sender, text)
        try:
            self._memory.end({"text": reply.text, "language": reply.language}, moved=False)
        except MemoryUnavailable:
            log.warning("reply_not_kept")
        return reply

    def _apology(self, sender: str, text: str) -> Reply:
        language = self._content.spoken(self._known_language(sender) or script_language(text)) or SOURCE
        return Reply(wording.phrase_text(self._content, "apology", language), language)

    def _known_language(self, sender: str) -> str | None:
        if known := self._memory.languages.find(sender):
            return known
        try:
            return DialogueState.from_json(self._memory.load(sender)).language
        except MemoryUnavailable:
            return None

    def _metadata(self, message: IncomingMessage, desk: Desk) -> dict[str, Any]:
        context = {"desk": "books" if desk.books else "none"}
        return {"channel": message.channel, "unreadable": message.unreadable, "context": context}


def begin_anew(
    engine: DialogueEngine,
    memory: Memory,
    sender: str,
    text: str,
    metadata: dict[str, Any],
    language: str | None,
    error: Exception,
) -> tuple[str, DialogueState]:
    """The position that is remembered cannot be gone on from: it is left, or every text until tomorrow would get the
    apology. The text is answered as one that begins a conversation; when that fails too, it is the text: then `error`,
    by which it failed before, is raised."""
    fresh = DialogueState(language=language, language_sure=bool(language), introduced=True)
    try:
        words, state = engine.ask_forgetful(text, metadata, fresh.to_json())
    except Exception:
        raise error from None
    log.warning("position_left", error=type(error).__name__, at=place(error))
    memory.save(sender, state.to_json())
    return words, state
