"""Putting the hotline together: content, memory, engine, conversation. Used by the web process and the terminal."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from bot.content import Content, load_content
from bot.conversation import Conversation
from bot.errors import ContentError
from bot.flow_engine.dialogue import FLOW_OF_COMMAND, REQUIRED_PHRASES
from bot.languages.catalog import read_catalog
from bot.languages.supported import SOURCE
from bot.reviews import DRAFT, REVIEWED, VOID, entry_state, flow_state
from bot.session_state import Memory
from bot.settings import MODELS, Settings


@dataclass(frozen=True)
class Hotline:
    """A hotline that can answer."""

    settings: Settings
    content: Content
    memory: Memory
    conversation: Conversation


def start_hotline(settings: Settings, log_level: int = logging.INFO) -> Hotline:
    """Load everything once; raises ContentError or EngineNotReady rather than start half-loaded."""
    from bot.rasa_engine import quiet_start
    from bot.rasa_engine.agent import Engine

    quiet_start.silence_rasa_debug(log_level)

    content = load_content(settings.flows)
    content.serve_holds = not settings.production
    refuse_unfit_content(content, settings)
    memory = Memory(settings.redis_url, settings.secret_keys)
    engine = Engine(MODELS, content, memory)
    return Hotline(settings, content, memory, Conversation(engine, memory, content, settings))


def refuse_unfit_content(content: Content, settings: Settings) -> None:
    """Raise ContentError for content that would leave residents without an answer."""
    errors = [problem for problem in content.problems if problem.level == "error"]
    if errors:
        raise ContentError(f"The flows have {len(errors)} errors; run `hotline check`. The first: {errors[0]}")
    for phrase in REQUIRED_PHRASES:
        if phrase not in content.flows.phrases:
            raise ContentError(f'flows/phrases.yml lacks the phrase "{phrase}"; run `hotline check`.')
    for flow_id in FLOW_OF_COMMAND.values():
        if flow_id not in content.flows.flows:
            raise ContentError(f'The flow "{flow_id}" is missing; run `hotline check`.')
    if settings.production:
        refuse_unread_emergencies(content, settings.flows / "locales")


def refuse_unread_emergencies(content: Content, locales: Path) -> None:
    """Raise ContentError when an emergency text, in English or translated, was not signed as it stands now."""
    unread: list[str] = []
    flows = [flow for flow in content.flows.flows.values() if flow.emergency]
    unread += [flow.id for flow in flows if flow_state(flow) != REVIEWED]
    emergencies = {flow.id for flow in flows}
    for language in content.languages:
        if language != SOURCE:
            parts = {
                part
                for message in read_catalog(locales, language)
                if (part := (message.context or "").partition("/")[0]) in emergencies
                and entry_state(message) in {DRAFT, VOID}
            }
            unread += [f"{part} ({language})" for part in sorted(parts)]
    if unread:
        raise ContentError(
            f"Emergency texts without a review are not served in production: {', '.join(unread)}. "
            "Have them read and signed: hotline review FLOW --by NAME [--language CODE]"
        )
