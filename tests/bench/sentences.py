"""What residents text: the held-out sentences of tests/nlu in all languages, and the training data's files."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.settings import NLU_DATA, PROJECT

_HELD_OUT = PROJECT / "tests" / "nlu"


def training_files() -> list[Path]:
    """The files of nlu_data that Rasa trains on; the emergency patterns are not among them."""
    return [path for path in sorted(NLU_DATA.glob("*.yml")) if "nlu" in yaml.safe_load(path.read_text())]


def training_intents() -> list[str]:
    """Every intent of the training data, in the order of the first file."""
    return list(dict.fromkeys(intent for path in training_files() for intent, _ in _examples(path)))


def training_example_count() -> int:
    """How many sentences both sides learn from."""
    return sum(1 for path in training_files() for _ in _examples(path))


def free_texts() -> Iterator[str]:
    """Held-out sentences without end, the languages in turn, always in the same order."""
    languages = []
    for path in sorted(_HELD_OUT.glob("*.yml")):
        texts = [text for _, text in _examples(path)]
        random.Random(path.name).shuffle(texts)
        languages.append(itertools.cycle(texts))
    return (next(texts) for texts in itertools.cycle(languages))


def _examples(path: Path) -> Iterator[tuple[str, str]]:
    """(intent, sentence) of a file in Rasa's training format."""
    for block in yaml.safe_load(path.read_text())["nlu"]:
        for line in block["examples"].splitlines():
            if line.strip():
                yield block["intent"], line.strip().removeprefix("- ")
