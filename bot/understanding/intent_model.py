"""Which intent a text has: two models over all languages at once, a linear one of n-grams, a small network of
sentence vectors (bot.understanding.sentence_model).

The n-grams know the words of New York's streets and all misspellings that were taught; the vectors know which words
mean much the same. Where the n-grams are sure they decide alone, in 0.2 ms; elsewhere the scores of both are added.

Training uses scikit-learn. Prediction is a sparse product in NumPy, because scikit-learn's own costs ten times more for
a single text (it copies the coefficients at each call).
"""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.flow_engine.folding import fold
from bot.understanding.ngrams import intent_features
from bot.understanding.sentence_model import SentenceModel

Ranking = list[tuple[str, float]]

_MIN_TEXTS = 2  # an n-gram seen in fewer training texts teaches nothing
_NGRAM_C = 0.5
# How much a score counts: such that the confidence is, in every language, about the share of right answers
# (docs/nlu-report.md). Settings for each language by itself, learned from a part of the training data, did no better.
_NGRAM_SHARPNESS = 6.0  # of the n-grams alone
_BOTH_SHARPNESS = (7.0, 0.6)  # of n-grams and vectors together
# Every intent counts alike, however many examples it has; but a text about something else is answered wrongly by any
# of sixty topics, so that intent counts more.
_OTHER_INTENT, _OTHER_WEIGHT = "out_of_scope", 4.0
# From this confidence on, the n-grams decide alone: then they are right in 98 of 100 texts or more.
SURE = 0.9


@dataclass
class NgramModel:
    """Weights over n-grams. `scores` is safe to call from any thread."""

    labels: list[str]
    vocabulary: dict[str, int]
    idf: Any
    weights: Any  # features × labels, float32, C-contiguous so that rows can be picked
    bias: Any

    def scores(self, text: str) -> Any:
        """One number a label; higher is likelier."""
        counts = Counter(intent_features(text))
        known = [(self.vocabulary[name], count) for name, count in counts.items() if name in self.vocabulary]
        if not known:
            return self.bias
        index = np.fromiter((at for at, _ in known), dtype=np.int64, count=len(known))
        counted = np.fromiter((count for _, count in known), dtype=np.float32, count=len(known))
        values = (1 + np.log(counted)) * self.idf[index]
        return self.bias + (values / np.sqrt(values @ values)) @ self.weights[index]

    def predict(self, text: str) -> Ranking:
        """Every intent with its probability by n-grams alone, best first."""
        return self.ranking(_NGRAM_SHARPNESS * self.scores(text), text)

    def predict_with(self, sentences: SentenceModel, vector: Any, text: str) -> Ranking:
        """The same by n-grams and the sentence's vector together."""
        of_ngrams, of_vector = _BOTH_SHARPNESS
        return self.ranking(of_ngrams * self.scores(text) + of_vector * sentences.scores(vector), text)

    def ranking(self, scores: Any, text: str) -> Ranking:
        """Scores as probabilities, best first."""
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        trust = self._trust(text)
        return [(self.labels[at], float(shares[at]) * trust) for at in np.argsort(-shares)]

    def _trust(self, text: str) -> float:
        """1 for a text of some length; less for one or two words that no training text holds: they are guessed at."""
        words = fold(text).split()
        if not 1 <= len(words) <= 2 or any("\u3040" <= character <= "\u9fff" for character in text):
            return 1.0
        return 0.5 + 0.5 * sum(f"w {word}" in self.vocabulary for word in words) / len(words)

    def to_bytes(self) -> bytes:
        """The model as one NPZ archive; holds no pickles."""
        words = json.dumps([self.labels, list(self.vocabulary)], ensure_ascii=False).encode()
        return _archive(
            words=np.frombuffer(words, dtype=np.uint8),
            idf=self.idf,
            weights=self.weights.astype(np.float16),
            bias=self.bias,
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> NgramModel:
        """The inverse of `to_bytes`."""
        archive = np.load(io.BytesIO(data), allow_pickle=False)
        labels, names = json.loads(archive["words"].tobytes())
        return cls(
            labels,
            {name: index for index, name in enumerate(names)},
            archive["idf"],
            np.ascontiguousarray(archive["weights"], dtype=np.float32),
            archive["bias"],
        )


def train_ngrams(texts: Sequence[str], intents: Sequence[str]) -> NgramModel:
    """Fit the n-grams. Each text is also shown once with a slip of the thumb, so that slips do not surprise."""
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    thumb = random.Random(7)
    all_texts = [*texts, *(_with_slip(text, thumb) for text in texts)]
    all_intents = [*intents, *intents]
    counted = [Counter(intent_features(text)) for text in all_texts]
    seen = Counter(name for counts in counted for name in counts)
    vocabulary = {name: index for index, name in enumerate(sorted(name for name, n in seen.items() if n >= _MIN_TEXTS))}
    names = list(vocabulary)
    idf = (np.log((1 + len(all_texts)) / (1 + np.array([seen[name] for name in names]))) + 1).astype(np.float32)
    rows, columns, values = [], [], []
    for row, counts in enumerate(counted):
        known = [(vocabulary[name], count) for name, count in counts.items() if name in vocabulary]
        weights = np.array([(1 + np.log(count)) * idf[at] for at, count in known], dtype=np.float32)
        if known:
            weights /= np.sqrt(weights @ weights)
        rows += [row] * len(known)
        columns += [at for at, _ in known]
        values += list(weights)
    matrix = csr_matrix((values, (rows, columns)), shape=(len(all_texts), len(vocabulary)), dtype=np.float32)
    machine = LinearSVC(C=_NGRAM_C, class_weight=_weights(all_intents), random_state=7).fit(matrix, all_intents)
    weights, bias = _one_column_a_label(machine)
    return NgramModel([str(name) for name in machine.classes_], vocabulary, idf, weights, bias)


def _weights(intents: Sequence[str]) -> dict[str, float]:
    """What an example of each intent counts in training."""
    counts = Counter(map(str, intents))
    even = {intent: len(intents) / (len(counts) * count) for intent, count in counts.items()}
    return {intent: weight * (_OTHER_WEIGHT if intent == _OTHER_INTENT else 1) for intent, weight in even.items()}


def _one_column_a_label(model: Any) -> tuple[Any, Any]:
    """Weights and bias. scikit-learn gives two classes one column; spread it so that prediction knows one form."""
    weights, bias = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    return np.ascontiguousarray(weights, dtype=np.float32), bias.astype(np.float32)


def _archive(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _with_slip(text: str, thumb: random.Random) -> str:
    """`text` with one letter of one longer word doubled, dropped or swapped with its neighbour."""
    words = text.split(" ")
    long_words = [index for index, word in enumerate(words) if len(word) >= 4]
    if not long_words:
        return text
    index = thumb.choice(long_words)
    word = words[index]
    at = thumb.randrange(1, len(word) - 1)
    slips = (
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    words[index] = thumb.choice(slips)
    return " ".join(words)
