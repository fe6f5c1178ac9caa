"""Putting the hotline together: content, memory, engine, conversation. Used by the web process and the terminal."""

from __future__ import annotations

import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot import log_lines
from bot.audio import Audio
from bot.calls import Calls
from bot.content import Content, load_content
from bot.conversation import Conversation
from bot.engine_in_waiting import EngineInWaiting, begin_training
from bot.errors import EngineNotReady, SettingsError
from bot.fitness import refuse_broken_content, refuse_unread_emergencies, unread_emergencies
from bot.publication import Publication
from bot.readiness import Readiness
from bot.releases import Releases
from bot.scheduling.desk import NO_DESK, BookingDesk, Desk
from bot.scheduling.tables import Database
from bot.session_state import Memory
from bot.settings import MODELS, NLU_DATA, STATE_FOLDER, Settings
from bot.understanding.emergency import read_patterns


@dataclass(frozen=True)
class Hotline:
    """A hotline that can answer."""

    settings: Settings
    content: Content
    memory: Memory
    conversation: Conversation
    calls: Calls
    audio: Audio
    desk: Desk
    database: Database | None
    readiness: Readiness

    def calendar(self, clinic: str, token: str, now: int) -> bytes | None:
        """The calendar feed of a place, for who has its token; None for everybody else. Raises DeskUnavailable."""
        from bot.scheduling.calendar_feed import feed

        return feed(self.content, self.database, clinic, token, self.memory.hash_key, now) if self.database else None


def start_hotline(settings: Settings, log_level: int = logging.INFO, published: bool = False) -> Hotline:
    """Load everything once; raises ContentError or EngineNotReady rather than start half-loaded.

    With `published` it follows what staff publish; without, it serves the files of this installation and no others.
    """
    from bot.rasa_engine.agent import Engine

    log_lines.configure(settings.production, log_level)

    content = load_content(settings.flows)
    content.serve_holds = not settings.production
    refuse_broken_content(content)
    if settings.production:
        refuse_unread_emergencies(unread_emergencies(content, settings.flows / "locales"))
    memory = Memory(settings.redis_url, settings.secret_keys)
    engine: Engine | EngineInWaiting
    try:
        engine = Engine(MODELS, content, memory)
    except EngineNotReady:
        if not published:
            raise
        # Residents are answered all the same; as well as can be.
        patterns = read_patterns(NLU_DATA / "emergency.yml")
        engine = EngineInWaiting(MODELS, content, memory, patterns, NLU_DATA)
        begin_training()
    database = database_of(settings)
    desk = desk_of(settings, content, database)
    publication = None
    if published:
        patterns = read_patterns(NLU_DATA / "emergency.yml")
        releases = Releases(settings.redis_url, settings.secret_keys)
        publication = Publication(releases, content, patterns, engine, MODELS, settings.production)
        publication.begin()
    return Hotline(
        settings,
        content,
        memory,
        Conversation(engine, memory, content, settings, publication, desk),
        Calls(engine, memory, content, settings, publication, desk),
        Audio(content, settings.flows / "audio", STATE_FOLDER / "audio"),
        desk,
        database,
        Readiness(memory, content, database, publication, lambda: engine.model_file, _folders(database)),
    )


def _folders(database: Database | None) -> tuple[Path, ...]:
    """Where this machine writes."""
    file = database.file if database else None
    return (STATE_FOLDER, Path(tempfile.gettempdir()), *((file.parent,) if file else ()))


def database_of(settings: Settings) -> Database | None:
    """The tables of the desk. A development machine's are made here, others by `hotline migrate`."""
    if settings.desk == "phone":
        return None
    database = Database(settings.database_url)
    if not settings.production:
        database.migrate()
    elif not database.is_current():
        raise SettingsError("The tables of DATABASE_URL are not there or are old. Run: hotline migrate")
    os.register_at_fork(after_in_child=database.forget_connections)
    return database


def desk_of(settings: Settings, content: Content, database: Database | None) -> Desk:
    """The desk that the settings name."""
    if database is None:
        return NO_DESK
    return BookingDesk(database, lambda: content.places, lambda: content.clock(), settings.desk == "webhook")
