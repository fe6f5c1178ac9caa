"""Rasa's message processor without what a flow turn does not use, and a graph runner without Dask.

What is left out (slot extraction, side effects, copies for debug lines) has no meaning for one action and one slot;
BENCHMARKS.md says what it costs. The order of a turn is Rasa's: load, understand, predict, act, save.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.actions.action import action_for_index
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata, ModelStorage
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from bot.content import Content
from bot.flow_engine.dialogue import needs_understanding
from bot.flow_engine.folding import number_in
from bot.languages.choosing import SURE, UNSURE
from bot.rasa_engine.flow_policy import state_of
from bot.understanding.language_model import script_languages

_NO_INTENT = {"name": None, "confidence": 0.0}


class ReplyChannel(OutputChannel):
    """Collects the one reply of a turn."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    @classmethod
    def name(cls) -> str:
        return "hotline"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Take the text as it is: Rasa's own channel would split it at blank lines."""
        if message.get("text"):
            self.texts.append(message["text"])


class SequentialRunner(GraphRunner):
    """Runs a Rasa graph node after node in an order computed once per target."""

    def __init__(self, schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self._schema = schema
        self._nodes = nodes
        self._orders: dict[str, list[tuple[str, GraphNode, list[str]]]] = {}

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> SequentialRunner:
        """Instantiate every node, as Rasa's Dask runner does."""
        nodes = {
            name: GraphNode.from_schema_node(name, node, model_storage, execution_context, hooks)
            for name, node in graph_schema.nodes.items()
        }
        return cls(graph_schema, nodes)

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The results of `targets`."""
        results: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        wanted = targets or self._schema.target_names
        for target in wanted:
            for name, node, needs in self._order(target):
                if name not in results:
                    results[name] = node(*(results[need] for need in needs))
        return {target: results[target][1] for target in wanted}

    def _order(self, target: str) -> list[tuple[str, GraphNode, list[str]]]:
        if target not in self._orders:
            order: list[tuple[str, GraphNode, list[str]]] = []
            self._visit(target, order, set())
            self._orders[target] = order
        return self._orders[target]

    def _visit(self, name: str, order: list[tuple[str, GraphNode, list[str]]], seen: set[str]) -> None:
        if name in seen or name not in self._nodes:
            return
        seen.add(name)
        needs = list(self._schema.nodes[name].needs.values())
        for need in needs:
            self._visit(need, order, seen)
        order.append((name, self._nodes[name], needs))


class HotlineProcessor(MessageProcessor):
    """One turn: load, understand (unless the text answers the open question), predict, say, save."""

    content: Content

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            metadata, runner = loader.load_predict_graph_runner(
                Path(folder), Path(model_path), LocalModelStorage, SequentialRunner
            )
        return Path(model_path).name, metadata, runner

    async def handle_message(self, message: UserMessage) -> list[dict[str, Any]] | None:
        """Answer on the message's output channel."""
        tracker = await self.tracker_store.retrieve(message.sender_id)
        assert tracker is not None
        await self.answer(message, tracker)
        await self.save_tracker(tracker)
        return None

    async def answer(self, message: UserMessage, tracker: DialogueStateTracker) -> None:
        """The turn itself, on a tracker that may or may not be kept."""
        data = await self.understand(message, tracker)
        tracker.update(
            UserUttered(message.text, data["intent"], data["entities"], data, metadata=message.metadata), self.domain
        )
        await self._run_prediction_loop(message.output_channel, tracker)

    async def understand(self, message: UserMessage, tracker: DialogueStateTracker) -> dict[str, Any]:
        """Rasa's parse data; for an answer to the open question or a command, without asking any model."""
        # By telephone a turn can be a key or silence: then there are no words to understand.
        if (message.metadata or {}).get("event") or not needs_understanding(
            self.content, state_of(tracker), message.text or ""
        ):
            # A command in another script is in another language; a number or a digit of another script is not.
            script = () if number_in(message.text or "") is not None else script_languages(message.text or "")
            language = (
                {"code": script[0], "certainty": SURE, "also": list(script[1:])} if script else {"certainty": UNSURE}
            )
            return {"text": message.text, "intent": _NO_INTENT, "entities": [], "language": language}
        return self._parse_message_with_graph(message, tracker)

    async def _run_prediction_loop(self, output_channel: OutputChannel, tracker: DialogueStateTracker) -> None:
        """One prediction, one action: what follows it is always to listen, so the policy is not asked for that."""
        prediction = self._predict_next_with_tracker(tracker)
        tracker.update_with_events(prediction.events, self.domain)
        action = action_for_index(prediction.max_confidence_index, self.domain, self.action_endpoint)
        events = await action.run(output_channel, self.nlg, tracker, self.domain)
        await self._send_bot_messages(events, tracker, output_channel)
