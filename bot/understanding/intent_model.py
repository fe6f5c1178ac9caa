"""One joint intent model for all languages: TF-IDF n-grams and multinomial logistic regression.

Training uses scikit-learn. Prediction is one sparse product in NumPy, because scikit-learn's own costs ten times more
for a single text (it copies the coefficients at each call).
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

_MIN_TEXTS = 2  # an n-gram seen in fewer training texts teaches nothing
_C = 30.0  # inverse strength of regularisation; see BENCHMARKS.md
_SHARPNESS = 1.35  # the regression is too modest on TF-IDF; chosen on cross-validated training data


@dataclass
class IntentModel:
    """Weights of the model. `predict` is safe to call from any thread."""

    labels: list[str]
    vocabulary: dict[str, int]
    idf: Any
    weights: Any  # features × labels, float32, C-contiguous so that rows can be picked
    bias: Any

    def predict(self, text: str) -> list[tuple[str, float]]:
        """Every intent with its probability, best first."""
        counts = Counter(intent_features(text))
        known = [(self.vocabulary[name], count) for name, count in counts.items() if name in self.vocabulary]
        scores = self.bias
        if known:
            index = np.fromiter((at for at, _ in known), dtype=np.int64, count=len(known))
            values = (
                1 + np.log(np.fromiter((count for _, count in known), dtype=np.float32, count=len(known)))
            ) * self.idf[index]
            scores = scores + (values / np.sqrt(values @ values)) @ self.weights[index]
        scores = _SHARPNESS * (scores - scores.max())
        shares = np.exp(scores)
        shares /= shares.sum()
        order = np.argsort(-shares)
        trust = self._trust(text)
        return [(self.labels[at], float(shares[at]) * trust) for at in order]

    def _trust(self, text: str) -> float:
        """1 for a text of some length; less for one or two words that no training text holds: they are guessed at."""
        words = fold(text).split()
        if not 1 <= len(words) <= 2 or any("\u3040" <= character <= "\u9fff" for character in text):
            return 1.0
        return 0.5 + 0.5 * sum(f"w {word}" in self.vocabulary for word in words) / len(words)

    def to_bytes(self) -> bytes:
        """The model as one NPZ archive; holds no pickles."""
        buffer = io.BytesIO()
        words = json.dumps([self.labels, list(self.vocabulary)], ensure_ascii=False).encode()
        np.savez_compressed(
            buffer,
            words=np.frombuffer(words, dtype=np.uint8),
            idf=self.idf,
            weights=self.weights.astype(np.float16),
            bias=self.bias,
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> IntentModel:
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


def train(texts: Sequence[str], intents: Sequence[str]) -> IntentModel:
    """Fit the model. Each text is also shown once with a slip of the thumb, so that slips do not surprise it."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

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
    regression = LogisticRegression(C=_C, max_iter=300, class_weight="balanced").fit(matrix, all_intents)
    weights = regression.coef_.T
    bias = regression.intercept_
    if len(regression.classes_) == 2:
        # scikit-learn gives two classes one column; spread it so that prediction knows one form.
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    return IntentModel(
        [str(name) for name in regression.classes_],
        vocabulary,
        idf,
        np.ascontiguousarray(weights, dtype=np.float32),
        bias.astype(np.float32),
    )


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
