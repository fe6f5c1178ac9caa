"""Which intent a sentence's vector has: five small networks with one hidden layer, whose opinions are averaged.

A network, because what a text is about is no linear matter: on held-out texts it is right in 86 of 100, a linear model
of the same vectors in 78 (BENCHMARKS.md, "Ways to tell what a text is about").
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_HIDDEN = 512
_NETWORKS = 5
_SETTINGS = {"alpha": 0.01, "max_iter": 15, "learning_rate_init": 0.001, "batch_size": 128}
_LEAST_SHARE = 1e-7  # what a network holds impossible, another may not


@dataclass
class SentenceModel:
    """The weights; its labels are those of the n-gram model it was trained beside, in alphabetical order."""

    networks: list[tuple[Any, Any, Any, Any]]  # dimensions × hidden, hidden, hidden × labels, labels; float32

    def scores(self, vector: Any) -> Any:
        """The logarithm of each label's share; of one vector, or of many, one a row."""
        return np.mean([np.log(_shares(vector, *network) + _LEAST_SHARE) for network in self.networks], axis=0)

    def to_bytes(self) -> bytes:
        """The model as one NPZ archive; holds no pickles."""
        buffer = io.BytesIO()
        arrays = {
            f"{at} {part}": array for at, network in enumerate(self.networks) for part, array in enumerate(network)
        }
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> SentenceModel:
        """The inverse of `to_bytes`."""
        archive = np.load(io.BytesIO(data), allow_pickle=False)
        count = len(archive.files) // 4
        return cls([tuple(archive[f"{at} {part}"] for part in range(4)) for at in range(count)])  # type: ignore[misc]


def train_sentences(vectors: Any, intents: Sequence[str]) -> SentenceModel:
    """Fit on vectors, one a row, and their intents."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    mean, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
    networks = []
    for seed in range(_NETWORKS):
        machine = MLPClassifier((_HIDDEN,), random_state=seed, **_SETTINGS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # more rounds learn the examples by heart
            machine.fit((vectors - mean) / spread, intents)
        (first, second), (bias, last_bias) = machine.coefs_, machine.intercepts_
        if len(machine.classes_) == 2:  # scikit-learn gives two classes one column
            second, last_bias = np.hstack([-second, second]) / 2, np.array([-last_bias[0], last_bias[0]]) / 2
        # The vectors' mean and spread become part of the first layer.
        scaled = first / spread[:, None]
        arrays = (scaled, bias - mean @ scaled, second, last_bias)
        networks.append(tuple(np.ascontiguousarray(array, dtype=np.float32) for array in arrays))
    return SentenceModel(networks)  # type: ignore[arg-type]


def _shares(vector: Any, first: Any, bias: Any, second: Any, last_bias: Any) -> Any:
    scores = np.maximum(vector @ first + bias, 0) @ second + last_bias
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)
