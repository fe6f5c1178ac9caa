"""hotline understand"""

from __future__ import annotations

import dataclasses
import json
from typing import TextIO

from bot.content import Content, load_content
from bot.flow_engine.dialogue import take_turn
from bot.flow_engine.heard import Heard
from bot.flow_engine.state import DialogueState
from bot.settings import FLOWS, MODELS


def run(lines: TextIO, output: TextIO) -> int:
    """One JSON object for each line. Returns the exit code."""
    from bot.rasa_engine.agent import Engine
    from bot.session_state import Memory
    from bot.settings import Settings

    content = load_content(FLOWS)
    settings = Settings.from_environment()
    # Understanding remembers nothing: no Redis is asked.
    engine = Engine(MODELS, content, Memory(settings.redis_url, settings.secret_keys))
    for line in lines:
        text = line.rstrip("\n")
        if text.strip():
            output.write(json.dumps(_describe(content, engine.understand(text)), ensure_ascii=False) + "\n")
            output.flush()
    return 0


def _describe(content: Content, heard: Heard) -> dict[str, object]:
    intent, confidence = heard.intent
    return {
        "text": heard.text,
        "language": heard.evidence.language,
        "intent": intent,
        "confidence": round(confidence, 4),
        "flow": flow_for(content, heard),
    }


def flow_for(content: Content, heard: Heard) -> str | None:
    """The flow a known resident without an open question would get; None: not understood, or about something else."""
    # Nobody stands at the desk of appointments here; flows that ask it lead to the telephone instead.
    alone = dataclasses.replace(heard, context={"desk": "none"})
    state = take_turn(content, DialogueState(introduced=True), alone)
    if state.misses:
        return None
    for phrase, flow_id in _BY_PHRASE.items():
        if ["phrase", phrase] in state.said:
            return flow_id
    started = [utterance[1] for utterance in state.said if utterance[0] in {"step", "ask"}]
    return started[0] if started else None


# Flows that act and leave the words to the bot's own sentences.
_BY_PHRASE = {"language_set": "change_language", "nothing_to_repeat": "repeat", "texts_stopped": "stop_texts"}
