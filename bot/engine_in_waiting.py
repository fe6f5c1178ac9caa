"""The engine where its model is missing or broken: a stand-in answers until there is a model that loads.

A model is trained meanwhile, beside the web server; or staff put one there, or publish one. Each web process takes it
up by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import structlog

from bot.content import Content
from bot.conversation import DialogueEngine
from bot.errors import EngineNotReady
from bot.flow_engine.heard import Heard
from bot.flow_engine.state import DialogueState
from bot.session_state import Memory
from bot.settings import PROJECT
from bot.stand_in import StandIn
from bot.understanding.emergency import EmergencyPatterns

log = structlog.get_logger()

LOOK_EVERY = 5.0  # seconds
_TRAIN = "import os; os.nice(10); from bot.staff.cli import main; main(['train', '--force'])"


class EngineInWaiting:
    """Rasa's engine as soon as there is a model for it, a stand-in until then."""

    def __init__(
        self, models: Path, content: Content, memory: Memory, patterns: EmergencyPatterns, nlu_data: Path
    ) -> None:
        self._models = models
        self._content = content
        self._memory = memory
        self._stand_in = StandIn(content, memory, patterns, nlu_data)
        self._engine: Any = None
        self._look_at = 0.0
        self._looking: threading.Thread | None = None
        # A thread stays behind in the parent.
        os.register_at_fork(after_in_child=self._forget_thread)

    def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> tuple[str, DialogueState]:
        """The reply to `text`. Raises MemoryUnavailable."""
        return self._answering().ask(sender, text, metadata)

    def ask_forgetful(
        self, text: str, metadata: dict[str, Any], state: dict[str, Any] | None = None
    ) -> tuple[str, DialogueState]:
        """The reply to `text` from `state`; nothing is kept."""
        return self._answering().ask_forgetful(text, metadata, state)

    def understand(self, text: str) -> Heard:
        """What is made of a text on its own."""
        return self._answering().understand(text)

    @property
    def model_name(self) -> str:
        """The model in use; "" while there is none."""
        return str(self._engine.model_name) if self._engine else ""

    @property
    def model_file(self) -> Path | None:
        """The file of the model that answers; None while there is none."""
        return self._engine.model_file if self._engine else None

    @property
    def model_refused(self) -> str:
        """A published model that could not be loaded."""
        return str(self._engine.model_refused) if self._engine else ""

    def can_load(self, model_name: str) -> bool:
        """Whether a model was trained by code like ours."""
        from bot.rasa_engine.training import code_fingerprint

        return model_name.endswith(f"-{code_fingerprint()}")

    def change_model(self, path: Path) -> None:
        """Take up a model that was published."""
        if self._engine:
            self._engine.change_model(path)
        self._look_at = 0.0

    def _answering(self) -> DialogueEngine:
        if self._engine is None and self._looking is None and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY
            self._looking = threading.Thread(target=self._look, daemon=True)
            self._looking.start()
        return self._engine or self._stand_in

    def _look(self) -> None:
        from bot.rasa_engine.agent import Engine

        try:
            self._engine = Engine(self._models, self._content, self._memory)
            log.info("model", name=self.model_name)
        except EngineNotReady:
            pass  # it is not there yet
        except Exception as error:
            log.error("model_refused", why=type(error).__name__)
        finally:
            self._looking = None

    def _forget_thread(self) -> None:
        self._looking = None


def begin_training() -> subprocess.Popen[bytes]:
    """Train a model beside the web server, out of the way of those who answer."""
    log.error("no_model", why="none loads; one is being trained, menus and emergencies are answered meanwhile")
    return subprocess.Popen(
        [sys.executable, "-c", _TRAIN], cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
