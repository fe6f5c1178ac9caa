"""Rasa component: the intent of a message, by n-grams and, where these are not sure, by the sentence's vector too."""

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

from bot.flow_engine.folding import fold
from bot.settings import STATE_FOLDER
from bot.understanding.intent_model import SURE, NgramModel, Ranking, train_ngrams
from bot.understanding.sentence_encoder import the_encoder
from bot.understanding.sentence_model import SentenceModel, train_sentences

_NGRAMS, _SENTENCES = "ngrams.npz", "sentences.npz"
VECTORS = STATE_FOLDER / "sentence_vectors.npz"  # of the training texts, so that only new ones are read
_RANKING_LENGTH = 8


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class IntentClassifier(GraphComponent, RasaIntentClassifier):
    """Sets `intent` and `intent_ranking`, as Rasa's own classifiers do."""

    def __init__(
        self,
        ngrams: NgramModel | None,
        sentences: SentenceModel | None,
        storage: ModelStorage,
        resource: Resource,
    ) -> None:
        self._ngrams = ngrams
        self._sentences = sentences
        # A model trained with the encoder works without it: less exactly, by n-grams alone.
        self._encoder = the_encoder() if sentences else None
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
        return cls(None, None, model_storage, resource)

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
            ngrams = NgramModel.from_bytes((folder / _NGRAMS).read_bytes())
            stored = folder / _SENTENCES
            sentences = SentenceModel.from_bytes(stored.read_bytes()) if stored.is_file() else None
        return cls(ngrams, sentences, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit and store the models."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        texts, intents = [message.get(TEXT) for message in examples], [message.get(INTENT) for message in examples]
        self._ngrams = train_ngrams(texts, intents)
        encoder = the_encoder()
        if encoder:
            self._encoder = encoder
            self._sentences = train_sentences(encoder.encode_all(texts, VECTORS, _show_progress), intents)
        with self._storage.write_to(self._resource) as folder:
            (folder / _NGRAMS).write_bytes(self._ngrams.to_bytes())
            if self._sentences:
                (folder / _SENTENCES).write_bytes(self._sentences.to_bytes())
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the intents with their confidences."""
        for message in messages:
            text = message.get(TEXT)
            if not text or self._ngrams is None:
                continue
            # Where its words call for help at once, nobody waits for a second opinion.
            ranked = self._ngrams.predict(text) if message.get("emergency") else self._rank(self._ngrams, text)
            ranking = [{"name": name, "confidence": share} for name, share in ranked]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking[:_RANKING_LENGTH], add_to_output=True)
        return messages

    def _rank(self, ngrams: NgramModel, text: str) -> Ranking:
        found = ngrams.predict(text)
        if self._encoder is None or self._sentences is None or found[0][1] >= SURE or not fold(text):
            return found
        return ngrams.predict_with(self._sentences, self._encoder.encode(text), text)


def _show_progress(done: int, of: int) -> None:
    print(f"\r  reading new training texts: {done} of {of}", end="" if done < of else "\n", flush=True)
