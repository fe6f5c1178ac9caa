"""Whether the hotline can serve: each thing it stands on, whether it holds, and what to do if not."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.content import Content
from bot.errors import DeskUnavailable, MemoryUnavailable
from bot.publication import Publication
from bot.scheduling.tables import Database
from bot.session_state import Memory

# Below this an operator still has time to make room.
LEAST_FREE = 200 * 1024 * 1024
# Above this share of what Redis may use.
_NEARLY_FULL = 0.9

# A word of bot.redis_client → what is wrong and what to do.
_REDIS = {
    "unreachable": "does not answer. Is it running, and does REDIS_URL lead to it?",
    "too_slow": "does not answer in time. Look at its load, its disk and the network between.",
    "refused": "refuses the user or the password. Look at REDIS_URL.",
    "loading": "is reading its data after a start. Wait.",
    "read_only": "is a replica that cannot be written to. Let REDIS_URL lead to the master, or to the sentinels.",
    "full": "is full. Give it more memory (maxmemory).",
    "not_saving": "cannot save to its disk and takes nothing new. Make room there.",
    "no_replicas": "has lost its replicas and takes nothing new. Bring one back.",
    "no_master": "has no master that the sentinels agree on. Look at the sentinels.",
    "error": "answers with an error. Look at its log.",
}
_STATELESS = " Meanwhile topics are answered, conversations are not remembered."


@dataclass(frozen=True)
class Finding:
    """One thing the hotline stands on. `needed`: without it residents are served less."""

    name: str
    ok: bool
    needed: bool = True
    what_to_do: str = ""


class Readiness:
    """Looks at everything the hotline stands on. Never raises."""

    def __init__(
        self,
        memory: Memory,
        content: Content,
        database: Database | None,
        publication: Publication | None,
        model: Callable[[], Path | None],
        folders: tuple[Path, ...],
    ) -> None:
        self._memory = memory
        self._content = content
        self._database = database
        self._publication = publication
        self._model = model
        self._folders = folders
        self._whole: tuple[Path, int, int] | None = None

    def findings(self) -> list[Finding]:
        """Every thing, in the order an operator would look."""
        redis = self._redis()
        room = self._redis_room() if redis.ok else ()
        return [redis, *room, self._database_answers(), self._model_whole(), *self._texts(), self._disk()]

    def _redis(self) -> Finding:
        try:
            self._memory.probe()
        except MemoryUnavailable as fault:
            return Finding("redis", False, True, f"Redis {_REDIS.get(fault.why, _REDIS['error'])}{_STATELESS}")
        return Finding("redis", True)

    def _redis_room(self) -> Iterator[Finding]:
        try:
            used, most, policy = self._memory.room()
        except (MemoryUnavailable, KeyError, ValueError):
            return  # told already, or a Redis that does not say
        if most and used > _NEARLY_FULL * most:
            yield Finding("redis_room", False, False, f"Redis uses {used * 100 // most} % of its memory: give it more.")
        elif policy and most and policy != "noeviction":
            told = f"Redis throws keys away when it is full ({policy}): releases too. Set maxmemory-policy noeviction."
            yield Finding("redis_room", False, False, told)
        else:
            yield Finding("redis_room", True, False)

    def _database_answers(self) -> Finding:
        if self._database is None:
            return Finding("appointments", True)
        try:
            if self._database.is_current():
                return Finding("appointments", True)
            return Finding("appointments", False, True, "The tables are not of this version. Run: hotline migrate")
        except DeskUnavailable:
            told = "The database does not answer. Is it running, and does DATABASE_URL lead to it?"
            meanwhile = "Meanwhile no appointments are made; residents are told whom to call."
            return Finding("appointments", False, True, f"{told} {meanwhile}")

    def _model_whole(self) -> Finding:
        path = self._model()
        told = "This process answers, the next start will not. Run: hotline train --force"
        if path is None or not path.is_file():
            return Finding("model", False, True, f"The trained model is missing. {told}")
        try:
            stamp = (path, path.stat().st_mtime_ns, path.stat().st_size)
            if stamp != self._whole:
                _read_to_the_end(path)
                self._whole = stamp
        except (OSError, EOFError, zlib.error):
            return Finding("model", False, True, f"The trained model is damaged. {told}")
        return Finding("model", True)

    def _texts(self) -> Iterator[Finding]:
        refused = self._refused()
        told = f"{refused} Meanwhile the release before it is served. Publish again, or: hotline rollback"
        yield Finding("release", not refused, False, told if refused else "")
        late = sum(1 for _ in _overdue(self._content, self._content.clock().date()))
        told = f"{late} texts or facts are past their date. See: hotline status"
        yield Finding("texts_up_to_date", not late, False, told if late else "")

    def _refused(self) -> str:
        if self._publication is None:
            return ""
        # This process may not have had a message since the release was published. What Redis lacks is told already.
        with contextlib.suppress(MemoryUnavailable):
            self._publication.catch_up()
        return self._publication.refused

    def _disk(self) -> Finding:
        for folder in self._folders:
            while not folder.exists():
                folder = folder.parent
            free = shutil.disk_usage(folder).free
            if free < LEAST_FREE:
                told = f"The disk of {folder.name or '/'} has {free // 1024 // 1024} MB left: make room."
                # Without it appointments in SQLite cannot be written.
                on_disk = self._database is not None and self._database.file is not None
                return Finding("disk", False, on_disk, told)
        return Finding("disk", True, False)


def _read_to_the_end(path: Path) -> None:
    """Its last bytes carry a sum over all of it."""
    if not path.stat().st_size:
        raise EOFError
    with gzip.open(path) as file:
        while file.read(1024 * 1024):
            pass


def _overdue(content: Content, today: datetime.date) -> Iterator[str]:
    for flow in content.flows.flows.values():
        day = str(flow.metadata.get("review_by"))
        if len(day) == 10 and day < today.isoformat():
            yield flow.id
    for fact in content.flows.facts.values():
        if fact.review_by and fact.review_by < today:
            yield fact.id
