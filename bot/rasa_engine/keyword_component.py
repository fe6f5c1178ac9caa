"""Rasa component: words that call for help at once, from nlu_data/emergency.yml."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.settings import NLU_DATA
from bot.understanding.emergency import EmergencyPatterns, read_patterns


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class KeywordComponent(GraphComponent):
    """Sets `emergency` (a flow id) on messages whose words match a pattern. Read at load: no training needed."""

    def __init__(self, patterns: EmergencyPatterns) -> None:
        self._patterns = patterns

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> KeywordComponent:
        return cls(read_patterns(NLU_DATA / "emergency.yml"))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the emergency a text calls for."""
        for message in messages:
            text = message.get(TEXT)
            found = self._patterns.find(text) if text else None
            if found:
                message.set("emergency", found, add_to_output=True)
        return messages
