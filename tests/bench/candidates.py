"""`make bench-nlu`: ways to tell what a text is about, side by side: trained on nlu_data, asked the held-out texts.

python -m tests.bench.candidates [--diet MODEL | --diet-epochs N]

Everything is asked what the model says alone: without the words for emergencies, menus and commands, which help all
candidates alike. DIET is trained by Rasa's own command and kept for the next run.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.flow_engine.heard import ANSWER_THRESHOLD
from bot.flow_engine.required import OUT_OF_SCOPE
from bot.rasa_engine.intent_classifier import VECTORS
from bot.settings import NLU_DATA, STATE_FOLDER
from bot.understanding.intent_model import SURE, NgramModel, train_ngrams
from bot.understanding.sentence_encoder import SentenceEncoder, the_encoder
from bot.understanding.sentence_model import SentenceModel, train_sentences
from tests.bench.report import write
from tests.bench.sentences import training_files
from tests.bench.stock_project import stock_environment
from tests.nlu_report import HELD_OUT, Example, examples

_FOLDER = STATE_FOLDER / "bench_diet"
_DIET = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "constrain_similarities": True, "entity_recognition": False},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
_FALLBACK = "nlu_fallback"
_SAME = {"greet", "menu"}

Ranking = list[tuple[str, float]]


@dataclass(frozen=True)
class Candidate:
    """A way to tell intents: its name, what training took (None: not measured here), and what it says of a text."""

    name: str
    training_s: float | None
    rank: Callable[[str], Ranking]
    refuses_below: float = ANSWER_THRESHOLD


@dataclass(frozen=True)
class Outcome:
    """What a candidate made of a held-out text, and the CPU it took."""

    example: Example
    ranking: Ranking
    cpu_ms: float
    refuses_below: float

    @property
    def answered(self) -> str | None:
        name, confidence = self.ranking[0]
        return None if name in {OUT_OF_SCOPE, _FALLBACK} or confidence < self.refuses_below else name

    @property
    def right(self) -> bool:
        return self.answered == self.example.intent or {self.answered, self.example.intent} == _SAME

    @property
    def among_three(self) -> bool:
        named = [name for name, _ in self.ranking if name not in {OUT_OF_SCOPE, _FALLBACK}]
        return self.right or self.example.intent in named[:3]


def main() -> int:
    """Measure, print, write into BENCHMARKS.md. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.candidates", description=__doc__.split("\n")[0])
    parser.add_argument("--diet-epochs", type=int, default=12, metavar="N", help="default: %(default)s")
    parser.add_argument("--diet", type=Path, metavar="MODEL", help="a trained stock model, instead of training one")
    options = parser.parse_args()
    asked = examples(HELD_OUT)
    outcomes = {
        candidate: [_ask(candidate, example) for example in asked]
        for candidate in (*_ours(), _diet(options.diet, options.diet_epochs))
    }
    table = markdown(outcomes)
    print(table)
    print(write(table, "candidates"))
    return 0


def _ours() -> list[Candidate]:
    data = examples(NLU_DATA)
    texts, intents = [example.text for example in data], [example.intent for example in data]
    encoder = the_encoder()
    assert encoder is not None, "there is nothing to compare without the encoder"
    vectors = encoder.encode_all(texts, VECTORS)
    ngrams, for_ngrams = _timed(lambda: train_ngrams(texts, intents))
    network, for_network = _timed(lambda: train_sentences(vectors, intents))
    linear, for_linear = _timed(lambda: _linear(vectors, intents))
    both = for_ngrams + for_network
    return [
        Candidate("n-grams alone (the hotline without the encoder)", for_ngrams, ngrams.predict),
        Candidate("sentence vectors alone, linear", for_linear, _of_vectors(ngrams, linear, encoder)),
        Candidate("sentence vectors alone, network", for_network, _of_vectors(ngrams, network.scores, encoder)),
        Candidate("both for every text", both, _both(ngrams, network, encoder, 2.0)),
        Candidate("**the cascade: both where n-grams are not sure**", both, _both(ngrams, network, encoder, SURE)),
    ]


def _timed(train: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return train(), time.perf_counter() - started


def _linear(vectors: Any, intents: Sequence[str]) -> Callable[[Any], Any]:
    from sklearn.linear_model import LogisticRegression

    machine = LogisticRegression(C=100.0, max_iter=300, class_weight="balanced").fit(vectors, intents)
    return lambda vector: np.log(machine.predict_proba(vector[None])[0] + 1e-7)


def _of_vectors(ngrams: NgramModel, scores: Callable[[Any], Any], encoder: SentenceEncoder) -> Callable[[str], Ranking]:
    return lambda text: ngrams.ranking(scores(encoder.encode(text)), text)


def _both(
    ngrams: NgramModel, network: SentenceModel, encoder: SentenceEncoder, sure: float
) -> Callable[[str], Ranking]:
    def rank(text: str) -> Ranking:
        found = ngrams.predict(text)
        return found if found[0][1] >= sure else ngrams.predict_with(network, encoder.encode(text), text)

    return rank


def _diet(model: Path | None, epochs: int) -> Candidate:
    """Rasa's default pipeline with DIET."""
    from rasa.core.agent import Agent

    training_s = None
    if model is None:
        model = _FOLDER / "models" / "diet.tar.gz"
        _, training_s = _timed(lambda: _train_diet(epochs))
    agent = Agent.load(str(model))

    def rank(text: str) -> Ranking:
        data = asyncio.run(agent.parse_message(text))
        ranking = [(str(found["name"]), float(found["confidence"])) for found in data["intent_ranking"]]
        # The fallback stands first where Rasa would fall back.
        return sorted(ranking, key=lambda found: found[0] != data["intent"]["name"])

    return Candidate(f"stock Rasa: DIET, {epochs} epochs", training_s, rank, 0.0)


def _train_diet(epochs: int) -> None:
    (_FOLDER / "data").mkdir(parents=True, exist_ok=True)
    for path in training_files():
        (_FOLDER / "data" / path.name).write_text(path.read_text())
    pipeline = [{**part, "epochs": epochs} if part["name"] == "DIETClassifier" else part for part in _DIET]
    config = {"recipe": "default.v1", "assistant_id": "stock", "language": "en", "pipeline": pipeline}
    (_FOLDER / "config.yml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "rasa", "train", "nlu", "--nlu", "data", "--config", "config.yml"]
    print(f"Training stock Rasa's DIET for {epochs} epochs: three minutes each ...", flush=True)
    subprocess.run(
        [*command, "--out", "models", "--fixed-model-name", "diet"], cwd=_FOLDER, env=stock_environment(), check=True
    )


def _ask(candidate: Candidate, example: Example) -> Outcome:
    started = time.process_time()
    ranking = candidate.rank(example.text)
    return Outcome(example, ranking, (time.process_time() - started) * 1000, candidate.refuses_below)


def markdown(outcomes: dict[Candidate, list[Outcome]]) -> str:
    """The table: a row a candidate, a column a language."""
    languages = sorted({item.example.language for found in outcomes.values() for item in found})
    head = [
        "right flow",
        *languages,
        "all",
        "among three",
        "out of scope refused",
        "CPU ms, median",
        "p95",
        "training, s",
    ]
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    for candidate, found in outcomes.items():
        ours = [item for item in found if item.example.intent != OUT_OF_SCOPE]
        others = [item for item in found if item.example.intent == OUT_OF_SCOPE]
        costs = sorted(item.cpu_ms for item in found)
        cells = [_share([item.right for item in ours if item.example.language == code]) for code in languages]
        cells += [_share([item.right for item in ours]), _share([item.among_three for item in ours])]
        cells += [_share([item.answered is None for item in others])]
        cells += [f"{costs[len(costs) // 2]:.1f}", f"{costs[int(len(costs) * 0.95)]:.1f}"]
        cells += ["" if candidate.training_s is None else f"{candidate.training_s:,.0f}"]
        lines.append(f"| {candidate.name} | {' | '.join(cells)} |")
    lines += ["", f"{len(examples(NLU_DATA)):,} training texts, {len(found):,} held-out texts, one process."]
    return "\n".join(lines)


def _share(values: Sequence[bool]) -> str:
    return f"{sum(values) / len(values):.1%}"


if __name__ == "__main__":
    sys.exit(main())
