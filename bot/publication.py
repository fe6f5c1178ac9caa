"""Keeping a web process at what staff have published: texts, topics switched off, the model."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

import structlog

from bot.content import Content
from bot.counting.counters import count
from bot.errors import ContentError, MemoryUnavailable
from bot.fitness import refuse_broken_content, refuse_unread_emergencies
from bot.releases import Bundle, Release, Releases
from bot.understanding.emergency import EmergencyPatterns, patterns_in

log = structlog.get_logger()

# Seconds after which a release is tried again that could not be taken over, as with a disk that was full.
TRY_AGAIN_AFTER = 30.0


class LearningEngine(Protocol):
    """What this needs of the engine."""

    @property
    def model_name(self) -> str: ...
    @property
    def model_refused(self) -> str: ...
    def can_load(self, model_name: str) -> bool: ...
    def change_model(self, path: Path) -> None: ...


class Publication:
    """Follows the releases. What cannot be read or is not fit to be served is refused, and the old stays."""

    def __init__(
        self,
        releases: Releases,
        content: Content,
        patterns: EmergencyPatterns,
        engine: LearningEngine,
        models: Path,
        production: bool,
    ) -> None:
        self._releases = releases
        self._content = content
        self._patterns = patterns
        self._engine = engine
        self._models = models
        self._production = production
        self._version = ""
        self._release: Release | None = None
        self._refused = ""
        self._again_at: float | None = None

    @property
    def refused(self) -> str:
        """One sentence about the newest release if it could not be served as it is; else ""."""
        if self._engine.model_refused:
            return f"The model {self._engine.model_refused} could not be loaded."
        return self._refused

    def catch_up(self) -> None:
        """Take over what changed, without a message that brings word of it. Raises MemoryUnavailable."""
        self.follow(self._releases.version())

    def begin(self) -> None:
        """At the start: a production process serves the active release; in development the files come first, so that
        an edited flow shows after a restart. Topics switched off are off in both."""
        try:
            self._release = None if self._production else self._releases.active()
            self.follow(self._releases.version())
        except (MemoryUnavailable, ValueError, TypeError):
            log.warning("releases_unknown", why="Redis does not say; the files of this installation are served")

    def follow(self, version: str) -> None:
        """Take over what changed since the last call. `version` is what Redis says now; "" means nothing was ever
        published, or Redis lost it: then what is served stays."""
        due = self._again_at is not None and time.monotonic() >= self._again_at
        if version == "" or (version == self._version and not due):
            return
        self._again_at = None
        try:
            self._take_over(version)
        except Exception as fault:
            # Whatever staff or a disk have broken: residents go on with what is served.
            self._version, self._again_at = version, time.monotonic() + TRY_AGAIN_AFTER
            self._refused = f"The newest release could not be taken over ({type(fault).__name__}); it is tried again."
            count("hotline_releases_refused")
            log.error("release_refused", why=type(fault).__name__)

    def _take_over(self, version: str) -> None:
        try:
            release, off = self._releases.active(), self._releases.switched_off()
            bundle = self._releases.bundle(release) if release and release != self._release else None
            model = self._model_file(bundle) if bundle else None
        except MemoryUnavailable:
            return
        self._version = version
        self._content.off = frozenset(off)
        if bundle and release:
            self._serve(release, bundle, model)
        elif release and release != self._release:
            self._refuse(release, "gone or damaged")
        log.info("content", release=self._release.number if self._release else 0, off=sorted(off))

    def _serve(self, release: Release, bundle: Bundle, model: Path | None) -> None:
        self._release, self._refused = release, ""
        try:
            flows, translations = bundle.read()
            refuse_broken_content(Content(flows, translations))
            patterns = patterns_in(bundle.emergency)
            if self._production:
                refuse_unread_emergencies(bundle.unread)
        except (ContentError, ValueError, KeyError, TypeError) as fault:
            self._refuse(release, f"not fit to be served ({type(fault).__name__})")
            return
        self._content.adopt(flows, translations)
        self._patterns.adopt(patterns)
        if model:
            self._engine.change_model(model)

    def _refuse(self, release: Release, why: str) -> None:
        self._refused = f"Release {release.number} is {why}."
        count("hotline_releases_refused")
        log.error("release_refused", release=release.number, why=why)

    def _model_file(self, bundle: Bundle) -> Path | None:
        """The release's model on our disk; None when it is the one in use, or is not to be had."""
        if bundle.model in {"", self._engine.model_name}:
            return None
        if not self._engine.can_load(bundle.model):
            log.error("model_of_other_code", model=bundle.model)
            return None
        path = self._models / f"{bundle.model}.tar.gz"
        if not path.is_file():
            data = self._releases.model(bundle.model)
            if data is None:
                log.error("model_missing", model=bundle.model)
                return None
            unfinished = path.with_suffix(f".{id(self)}.new")
            unfinished.write_bytes(data)
            unfinished.replace(path)
        return path
