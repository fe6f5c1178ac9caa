"""Rasa policy: where the conversation goes. Positions only; the words are FlowWording's."""

from __future__ import annotations

from typing import Any

from rasa.core.constants import DEFAULT_POLICY_PRIORITY
from rasa.core.featurizers.precomputation import MessageContainerForCoreFeaturization
from rasa.core.policies.policy import Policy, PolicyPrediction, confidence_scores_for
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.content import Content, load_content
from bot.flow_engine.call_dialogue import take_call_turn
from bot.flow_engine.dialogue import take_turn
from bot.flow_engine.heard import Heard
from bot.flow_engine.state import DialogueState
from bot.languages.choosing import UNSURE, Evidence
from bot.settings import FLOWS

STATE_SLOT = "dialogue"
SAY_ACTION = "utter_flow_step"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class FlowPolicy(Policy):
    """After a message: one turn through the flows, then say it; after saying it: listen."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        content: Content | None = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context)
        self._content = content

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": DEFAULT_POLICY_PRIORITY}

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> FlowPolicy:
        """The flows are read here, not trained: a changed flow needs a restart, never a training."""
        return cls(config, model_storage, resource, execution_context, load_content(FLOWS))

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Nothing to learn; Rasa asks for the method and its resource all the same."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        precomputations: MessageContainerForCoreFeaturization | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predict `utter_flow_step` after a message, `action_listen` after that."""
        if tracker.latest_action_name != ACTION_LISTEN_NAME or tracker.latest_message is None:
            return self._prediction(confidence_scores_for(ACTION_LISTEN_NAME, 1.0, domain))
        content = self._content or load_content(FLOWS)
        heard = heard_in(tracker)
        turn = take_call_turn if heard.channel == "voice" else take_turn
        state = turn(content, state_of(tracker), heard)
        return self._prediction(
            confidence_scores_for(SAY_ACTION, 1.0, domain),
            events=[SlotSet(STATE_SLOT, state.to_json())],
        )


def state_of(tracker: DialogueStateTracker) -> DialogueState:
    """Where the conversation of `tracker` stands."""
    return DialogueState.from_json(tracker.get_slot(STATE_SLOT))


def heard_in(tracker: DialogueStateTracker) -> Heard:
    """What the components made of the latest message."""
    message = tracker.latest_message
    data = (message.parse_data or {}) if message else {}
    return heard_from(data, (message.text or "") if message else "", (message.metadata or {}) if message else {})


def heard_from(data: Any, text: str, metadata: dict[str, Any]) -> Heard:
    """Rasa's parse result as the dialogue's own value."""
    language = data.get("language") or {}
    ranking = data.get("intent_ranking") or [data.get("intent") or {}]
    return Heard(
        text=text,
        evidence=Evidence(language.get("code"), language.get("certainty", UNSURE), tuple(language.get("also") or ())),
        ranking=tuple((item["name"], float(item["confidence"])) for item in ranking if item.get("name")),
        emergency=data.get("emergency"),
        unreadable=bool(metadata.get("unreadable")),
        channel=str(metadata.get("channel", "sms")),
        event=str(metadata.get("event") or ""),
        doubtful=bool(metadata.get("doubtful")),
        context=metadata.get("context") or {},
    )
