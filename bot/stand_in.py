"""Who answers while there is no model: menus, commands, languages and the words of emergencies need none.

Only a question in free words is not understood; then a person's number is what it leads to. The rules and the words
are the same as ever (bot.flow_engine, bot.wording); what is left out is Rasa, which does not load without a model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.content import Content
from bot.flow_engine.call_dialogue import take_call_turn
from bot.flow_engine.dialogue import take_turn
from bot.flow_engine.folding import number_in
from bot.flow_engine.heard import Heard
from bot.flow_engine.state import DialogueState
from bot.languages.choosing import UNSURE, Evidence
from bot.session_state import Memory
from bot.speech import speech_of
from bot.understanding.emergency import EmergencyPatterns
from bot.understanding.examples import texts_and_languages
from bot.understanding.language_model import train
from bot.wording import reply_text


class StandIn:
    """A dialogue engine without a model."""

    def __init__(self, content: Content, memory: Memory, patterns: EmergencyPatterns, nlu_data: Path) -> None:
        self._content = content
        self._memory = memory
        self._patterns = patterns
        # Learned in a second, as no file of it may be left.
        self._languages = train(*texts_and_languages(nlu_data))

    def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> tuple[str, DialogueState]:
        """The reply to `text` and where the conversation stands now. Raises MemoryUnavailable."""
        with self._memory.lock(sender):
            words, state = self.ask_forgetful(text, metadata, self._memory.load(sender) or {})
            if state.erased:
                self._memory.forget(sender)
            else:
                self._memory.save(sender, state.to_json())
        return words, state

    def ask_forgetful(
        self, text: str, metadata: dict[str, Any], state: dict[str, Any] | None = None
    ) -> tuple[str, DialogueState]:
        """The reply to `text` from `state` or, without one, as to someone known; nothing is read or kept."""
        before = DialogueState.from_json({"introduced": True} if state is None else state)
        heard = self._heard(text, metadata)
        if heard.channel == "voice":
            after = take_call_turn(self._content, before, heard)
            return speech_of(self._content, after).transcript, after
        after = take_turn(self._content, before, heard)
        return reply_text(self._content, after), after

    def understand(self, text: str) -> Heard:
        """What can be made of a text by its words and its script."""
        return self._heard(text, {})

    def _heard(self, text: str, metadata: dict[str, Any]) -> Heard:
        # A digit of another script is not a language.
        return Heard(
            text=text,
            evidence=self._languages.identify(text) if text and number_in(text) is None else Evidence(None, UNSURE),
            emergency=self._patterns.find(text) if text else None,
            unreadable=bool(metadata.get("unreadable")),
            channel=str(metadata.get("channel", "sms")),
            event=str(metadata.get("event") or ""),
            doubtful=bool(metadata.get("doubtful")),
            context=metadata.get("context") or {},
        )
