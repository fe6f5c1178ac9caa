"""The Rasa agent inside our process: whole or not at all, and one question to ask it."""

from __future__ import annotations

from bot.rasa_engine import quiet_start  # noqa: F401  (before anything of rasa)

import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.content import Content
from bot.errors import EngineNotReady
from bot.flow_engine.heard import Heard
from bot.flow_engine.state import DialogueState
from bot.rasa_engine.flow_policy import STATE_SLOT, FlowPolicy, heard_from, state_of
from bot.rasa_engine.flow_wording import FlowWording
from bot.rasa_engine.lock_store import RedisLocks
from bot.rasa_engine.processor import HotlineProcessor, ReplyChannel
from bot.rasa_engine.tracker_store import RedisTrackers
from bot.rasa_engine.training import code_fingerprint, trained_models
from bot.session_state import Memory
from bot.spare_model import keep_spare
from bot.settings import SPARE_MODELS

log = structlog.get_logger()


class Engine:
    """Rasa, loaded once. `ask` for a conversation that is kept, `ask_forgetful` for one that cannot be."""

    def __init__(self, models: Path, content: Content, memory: Memory) -> None:
        self._models = models
        # A published model that could not be loaded; the one before goes on.
        self.model_refused = ""
        self._trackers = RedisTrackers(memory=memory)
        wording = FlowWording(content=content)
        self._agent = Agent(generator=wording, lock_store=RedisLocks(memory=memory))
        # Rasa wraps every store so that a failing one is silently replaced by memory; ours is to fail loudly.
        self._agent.tracker_store = self._trackers
        self._processor, self._model_file = self._first_that_loads(models, wording)
        keep_spare(self._model_file, SPARE_MODELS)
        self._processor.content = content
        self._model_name = self._model_file.name.removesuffix(".tar.gz")
        self._new_model: tuple[str, ModelMetadata, GraphRunner] | None = None
        self._agent.processor = self._processor
        self._agent.domain = self._trackers.domain = self._processor.domain
        self._refuse_half_loaded()

    def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> tuple[str, DialogueState]:
        """The reply to `text` and where the conversation stands now. Raises MemoryUnavailable."""
        self._take_new_model()
        channel = ReplyChannel()
        message = UserMessage(text, channel, sender, metadata=metadata)
        _finish(self._agent.handle_message(message))
        return "\n".join(channel.texts), self._trackers.last_state

    def ask_forgetful(
        self, text: str, metadata: dict[str, Any], state: dict[str, Any] | None = None
    ) -> tuple[str, DialogueState]:
        """The reply to `text` from `state` or, without one, as to someone known; nothing is read or kept."""
        tracker = DialogueStateTracker("forgotten", self._processor.domain.slots)
        tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        tracker.update(SlotSet(STATE_SLOT, {"introduced": True} if state is None else state))
        channel = ReplyChannel()
        message = UserMessage(text, channel, "forgotten", metadata=metadata)
        _finish(self._processor.answer(message, tracker))
        return "\n".join(channel.texts), state_of(tracker)

    def understand(self, text: str) -> Heard:
        """What the components make of a text on its own."""
        tracker = DialogueStateTracker("understand", self._processor.domain.slots)
        data = self._processor._parse_message_with_graph(UserMessage(text), tracker)
        return heard_from(data, text, {})

    @property
    def model_name(self) -> str:
        """The model in use, or the one that is being loaded."""
        return self._model_name

    @property
    def model_file(self) -> Path:
        """The file of the model that answers now."""
        return self._model_file

    def can_load(self, model_name: str) -> bool:
        """Whether a model was trained by code like ours."""
        return model_name.endswith(f"-{code_fingerprint()}")

    def change_model(self, path: Path) -> None:
        """Load a model beside the one in use, which answers until the new one is whole."""
        self._model_name = path.name.removesuffix(".tar.gz")
        threading.Thread(target=self._load, args=(path,), daemon=True).start()

    def _load(self, path: Path) -> None:
        try:
            self._new_model = HotlineProcessor._load_model(path)
            self.model_refused = ""
        except Exception as error:
            self.model_refused = path.name
            log.error("model_refused", model=path.name, why=type(error).__name__)

    def _take_new_model(self) -> None:
        """Between two messages, so that no message meets half a model."""
        loaded, self._new_model = self._new_model, None
        if loaded:
            self._processor.model_filename, self._processor.model_metadata, self._processor.graph_runner = loaded
            self._model_file = self._models / loaded[0]
            log.info("model", name=loaded[0])

    def _first_that_loads(self, models: Path, wording: FlowWording) -> tuple[HotlineProcessor, Path]:
        """A broken file, as after a full disk, is passed over for an older one."""
        broken = []
        for model in (*trained_models(models), *trained_models(SPARE_MODELS)):
            try:
                return HotlineProcessor(str(model), self._trackers, self._agent.lock_store, wording), model
            except Exception as error:
                broken.append(model.name)
                log.error("model_refused", model=model.name, why=type(error).__name__)
        what = f"No model loads; broken: {', '.join(broken)}." if broken else "There is no trained model."
        raise EngineNotReady(f"{what} Run: hotline train{' --force' if broken else ''}")

    def _refuse_half_loaded(self) -> None:
        if not self._agent.is_ready() or type(self._agent.tracker_store) is not RedisTrackers:
            raise EngineNotReady("Rasa came up without its model or its tracker store.")
        if self._processor.model_metadata.core_target is None or self._processor.model_metadata.nlu_target is None:
            raise EngineNotReady("The trained model has no dialogue part. Run: hotline train --force")
        policies = [
            node.uses
            for node in self._processor.model_metadata.predict_schema.nodes.values()
            if issubclass(node.uses, FlowPolicy)
        ]
        if not policies:
            raise EngineNotReady("The trained model was made without FlowPolicy. Run: hotline train --force")


def _finish(answer: Coroutine[Any, Any, Any]) -> None:
    """Run Rasa's coroutine to its end without an event loop: nothing in a turn waits for one, and a loop costs time."""
    try:
        answer.send(None)
    except StopIteration:
        return
    answer.close()
    raise RuntimeError("a part of the engine waits for an event loop; there is none in a turn")
