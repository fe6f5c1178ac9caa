"""Rasa's NLG class: which words. It may choose texts; it never moves the conversation."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import wording
from bot.content import Content, load_content
from bot.rasa_engine.flow_policy import state_of
from bot.settings import FLOWS
from bot.speech import speech_of


class FlowWording(NaturalLanguageGenerator):
    """Words for the position that FlowPolicy left in the tracker."""

    def __init__(
        self,
        endpoint_config: EndpointConfig | None = None,
        domain: Domain | None = None,
        content: Content | None = None,
    ) -> None:
        self._content = content or load_content(FLOWS)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any]:
        """One message with the whole reply."""
        state, message = state_of(tracker), tracker.latest_message
        if message and (message.metadata or {}).get("channel") == "voice":
            return {"text": speech_of(self._content, state).transcript}
        return {"text": wording.reply_text(self._content, state)}
