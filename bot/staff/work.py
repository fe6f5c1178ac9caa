"""hotline work: the worker beside the web processes. Sends reminders, hands appointments over, forgets what is over.

Any number may run; each piece of work is claimed in the database, so killing one at any moment loses and doubles
nothing.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot import log_lines
from bot.content import load_content
from bot.counting import folder
from bot.errors import DeskUnavailable, MemoryUnavailable, SettingsError
from bot.private_files import no_core_files
from bot.publication import Publication
from bot.releases import Releases
from bot.scheduling.handoffs import Handoffs
from bot.scheduling.reminders import Reminders
from bot.scheduling.tables import Database
from bot.scheduling.tidying import forget_what_is_over
from bot.session_state import Memory
from bot.settings import MODELS, Settings
from bot.start import database_of
from bot.texting import TracedTexting
from bot.twilio_copies import TwilioCopies
from bot.understanding.emergency import EmergencyPatterns
from webhooks.twilio_rest import texting_of

log = structlog.get_logger()

PAUSE = 5.0  # seconds between two looks
_TIDY_EVERY = 600.0


@dataclass
class _NoModel:
    """The worker says what was written; it understands nothing and needs no model."""

    model_name: str = ""

    model_refused: str = ""

    def can_load(self, model_name: str) -> bool:
        return False

    def change_model(self, path: Path) -> None:
        return None


class Worker:
    """All that the worker does, one look at a time."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        texting: TracedTexting | None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._content = load_content(settings.flows)
        self._content.serve_holds = not settings.production
        self._database = database
        memory = Memory(settings.redis_url, settings.secret_keys)
        self._releases = Releases(settings.redis_url, settings.secret_keys)
        self._publication = Publication(
            self._releases, self._content, EmergencyPatterns(()), _NoModel(), MODELS, settings.production
        )
        self._publication.begin()
        clock = self._content.clock
        self._tasks: list[tuple[str, Callable[[], int]]] = []
        if texting is not None:
            keys = settings.contact_private_keys
            reminders = Reminders(database, memory, self._content, texting, keys, clock, stopping)
            self._tasks.append(("reminders", reminders.send_due))
            if settings.twilio_copies != "keep":
                copies = TwilioCopies(memory, texting, settings.twilio_copies, stopping)
                self._tasks.append(("copies", copies.forget_due))
        if settings.desk == "webhook":
            url, secret = settings.partner_url, settings.partner_secret
            handoffs = Handoffs(database, url, secret, settings.contact_private_keys, clock, stopping)
            self._tasks.append(("handoffs", handoffs.deliver_due))
        self._tidied = 0.0

    def look(self) -> int:
        """Do what is due; how much was done. Never raises: a fault of one task leaves the others alone."""
        done = 0
        with contextlib.suppress(MemoryUnavailable):
            self._publication.follow(self._releases.version())
        for name, task in self._tasks:
            try:
                done += task()
            except DeskUnavailable:
                log.warning("worker", task=name, why="the database does not answer")
            except Exception as error:
                log.error("worker", task=name, why=type(error).__name__)
        if time.monotonic() - self._tidied > _TIDY_EVERY:
            try:
                forget_what_is_over(self._database, int(self._content.clock().timestamp()))
                self._tidied = time.monotonic()
            except DeskUnavailable:
                log.warning("worker", task="tidying", why="the database does not answer")
        return done


def run(once: bool, settings: Settings | None = None) -> int:
    """Work until told to stop, or once. Returns the exit code."""
    settings = settings or Settings.from_environment()
    log_lines.configure(settings.production)
    no_core_files()
    folder.share(settings.port)
    database = database_of(settings)
    if database is None:
        raise SettingsError("SCHEDULING_DESK is phone: there is nothing for a worker to do.")
    if not settings.contact_private_keys:
        raise SettingsError("CONTACT_PRIVATE_KEY is not set: the worker cannot read whom to remind.")
    texting = texting_of(settings)
    if texting is None:
        log.warning("worker", why="no TWILIO_ACCOUNT_SID and number: reminders are not sent")
    stop = threading.Event()
    # What is begun is finished; nothing new is begun.
    worker = Worker(settings, database, texting, stop.is_set)
    if once:
        worker.look()
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.info("worker", state="ready")
    while not stop.is_set():
        if not worker.look():
            stop.wait(PAUSE)
    log.info("worker", state="stopped")
    return 0
