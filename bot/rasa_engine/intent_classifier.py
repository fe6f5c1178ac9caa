"""Rasa component: the intent of a message, by the joint n-gram model of all languages."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.understanding import intent_model
from bot.understanding.intent_model import IntentModel

_FILE = "intent_model.npz"
_RANKING_LENGTH = 8


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class IntentClassifier(GraphComponent, RasaIntentClassifier):
    """Sets `intent` and `intent_ranking`, as Rasa's own classifiers do."""

    def __init__(self, model: IntentModel | None, storage: ModelStorage, resource: Resource) -> None:
        self._model = model
        self._storage = storage
        self._resource = resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        return cls(None, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        with model_storage.read_from(resource) as folder:
            model = IntentModel.from_bytes((folder / _FILE).read_bytes())
        return cls(model, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit and store the model."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        self._model = intent_model.train(
            [message.get(TEXT) for message in examples], [message.get(INTENT) for message in examples]
        )
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_bytes(self._model.to_bytes())
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the intents with their confidences."""
        for message in messages:
            text = message.get(TEXT)
            if not text or self._model is None:
                continue
            ranking = [{"name": name, "confidence": share} for name, share in self._model.predict(text)]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking[:_RANKING_LENGTH], add_to_output=True)
        return messages
