"""Rasa component: which language a message is in. Trained on the language each example is filed under."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.understanding import language_model
from bot.understanding.language_model import LanguageModel

_FILE = "language_model.npz"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=True)
class LanguageComponent(GraphComponent):
    """Sets `language` ({"code", "certainty", "also"}) on every message."""

    def __init__(self, model: LanguageModel | None, storage: ModelStorage, resource: Resource) -> None:
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
    ) -> LanguageComponent:
        return cls(None, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LanguageComponent:
        with model_storage.read_from(resource) as folder:
            model = LanguageModel.from_bytes((folder / _FILE).read_bytes())
        return cls(model, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit and store the model."""
        texts, languages = [], []
        for message in training_data.intent_examples:
            code = ((message.get("metadata") or {}).get("intent") or {}).get("language")
            if code:
                texts.append(message.get(TEXT))
                languages.append(code)
        self._model = language_model.train(texts, languages)
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_bytes(self._model.to_bytes())
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what is known of the language."""
        for message in messages:
            text = message.get(TEXT)
            if text and self._model:
                evidence = self._model.identify(text)
                found = {"code": evidence.language, "certainty": evidence.certainty, "also": list(evidence.also)}
                message.set("language", found, add_to_output=True)
        return messages
