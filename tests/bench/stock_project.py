"""A stock Rasa project on our training data: default pipeline, default policies, the first text of each flow."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from bot.content import Content, load_content
from bot.flow_engine.model import Flow
from bot.settings import FLOWS, STATE_FOLDER
from bot.wording import phrase_text, question
from tests.bench.processes import BenchmarkFailed, last_lines, running
from tests.bench.sentences import training_files, training_intents

_MODELS = STATE_FOLDER / "bench"
_VERSION = "3.1"
_SECONDS_BETWEEN_LINES = 20
# What residents may write for the choice n of the menu; stock Rasa has no menus, so a digit is a text like any other.
_WAYS_TO_CHOOSE = "- {n}\n- {n}.\n- {n})\n- number {n}\n"


def train_stock(epochs: int) -> Path:
    """The trained model of the present data; made anew only when data or epochs changed."""
    files = _project_files(load_content(FLOWS), epochs)
    digest = hashlib.sha256("\0".join(f"{name}\0{text}" for name, text in sorted(files.items())).encode())
    model = _MODELS / f"stock-{digest.hexdigest()[:12]}.tar.gz"
    if model.is_file():
        print(f"  the stock model of this data with {epochs} epochs is there: no training", flush=True)
        return model
    print(f"  training stock Rasa with {epochs} epochs (many minutes; kept for the next run) ...", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for relative, text in files.items():
            (folder / relative).parent.mkdir(exist_ok=True)
            (folder / relative).write_text(text)
        _train(folder)
        _MODELS.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / "models" / "stock.tar.gz", model)
    return model


def stock_environment() -> dict[str, str]:
    """No telemetry, fewer warnings of Rasa's libraries."""
    return os.environ | {
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def _train(folder: Path) -> None:
    command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", "stock", "--out", "models"]
    log = folder / "log"
    with running(command, folder, stock_environment(), log) as process:
        while _goes_on(process):
            print(f"    {''.join(last_lines(log, 1))[:110]}", flush=True)
    if process.returncode != 0:
        raise BenchmarkFailed("Training stock Rasa failed:\n" + "\n".join(last_lines(log, 15)))


def _goes_on(process: subprocess.Popen[bytes]) -> bool:
    """Wait a while; whether the process still runs then."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_SECONDS_BETWEEN_LINES)
    return process.poll() is None


def _project_files(content: Content, epochs: int) -> dict[str, str]:
    """Name in the project → text of the file."""
    choices = _intents_of_choices(content)
    files = {f"data/{path.name}": path.read_text() for path in training_files()}
    parts = {
        "config.yml": _config(epochs),
        "domain.yml": _domain(content, choices),
        "data/choices.yml": _choice_examples(choices),
        "data/rules.yml": _rules(),
        "data/stories.yml": _stories(choices),
    }
    return files | {
        name: yaml.safe_dump(part, allow_unicode=True, sort_keys=False, width=1000) for name, part in parts.items()
    }


def _config(epochs: int) -> dict[str, Any]:
    """Rasa's default configuration, but for the number of epochs."""
    return {
        "recipe": "default.v1",
        "assistant_id": "stock",
        "language": "en",
        "pipeline": [
            {"name": "WhitespaceTokenizer"},
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
            {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True},
            {"name": "EntitySynonymMapper"},
            {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
        ],
        "policies": [
            {"name": "MemoizationPolicy"},
            {"name": "RulePolicy"},
            {"name": "TEDPolicy", "max_history": 5, "epochs": epochs, "constrain_similarities": True},
        ],
    }


def _domain(content: Content, choices: list[str]) -> dict[str, Any]:
    intents = training_intents()
    responses = {f"utter_{intent}": [{"text": _first_text(content, intent)}] for intent in intents}
    not_understood = [{"text": phrase_text(content, "not_understood", "en")}]
    return {
        "version": _VERSION,
        "intents": [*intents, *(f"choose_{number}" for number, _ in enumerate(choices, start=1))],
        "responses": responses | {"utter_default": not_understood, "utter_fallback": not_understood},
    }


def _first_text(content: Content, intent: str) -> str:
    """The first English words of the flow an intent starts; without a flow, that we did not understand."""
    flow = content.flow_of_intent[intent][0] if intent in content.flow_of_intent else None
    for step in flow.steps.values() if flow else ():
        if step.choices and flow:
            return question(content, flow, step, "en", {})
        if step.say:
            return content.text(step.say, "en")
    return phrase_text(content, "not_understood", "en")


def _intents_of_choices(content: Content) -> list[str]:
    """The intent behind each line of the menu."""
    menu = content.flow_of_intent["menu"][0]
    step = next(step for step in menu.steps.values() if step.choices)
    flows = [content.flows.flows[menu.steps[choice.then].target] for choice in step.choices]
    return [_intent_of(flow) for flow in flows]


def _intent_of(flow: Flow) -> str:
    return flow.triggers[0].intent


def _choice_examples(choices: list[str]) -> dict[str, Any]:
    blocks = [
        {"intent": f"choose_{number}", "examples": _WAYS_TO_CHOOSE.format(n=number)}
        for number, _ in enumerate(choices, start=1)
    ]
    return {"version": _VERSION, "nlu": blocks}


def _rules() -> dict[str, Any]:
    """Every intent has its one answer, whatever went before."""
    answers = {intent: f"utter_{intent}" for intent in training_intents()} | {"nlu_fallback": "utter_fallback"}
    rules = [
        {"rule": f"answer {intent}", "steps": [{"intent": intent}, {"action": action}]}
        for intent, action in answers.items()
    ]
    return {"version": _VERSION, "rules": rules}


def _stories(choices: list[str]) -> dict[str, Any]:
    """A choice means something after the menu only: that is the dialogue model's part."""
    stories = [
        {
            "story": f"choose {number} in the menu",
            "steps": [
                {"intent": "menu"},
                {"action": "utter_menu"},
                {"intent": f"choose_{number}"},
                {"action": f"utter_{intent}"},
            ],
        }
        for number, intent in enumerate(choices, start=1)
    ]
    return {"version": _VERSION, "stories": stories}
