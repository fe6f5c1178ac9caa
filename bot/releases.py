"""Releases: what staff published, in Redis, where every web process finds it.

| key                  | holds                                                                       |
|----------------------|-----------------------------------------------------------------------------|
| hotline:content      | a number that grows with every change below; each message reads it          |
| hotline:active       | the release that is served                                                  |
| hotline:releases     | what can be served again, newest first                                      |
| hotline:release:<id> | a bundle: the texts of a release                                            |
| hotline:model:<name> | a trained model                                                             |
| hotline:off          | flow → why it is switched off, by whom, since when                          |
| hotline:history      | what was done: publish, rollback, off, on; newest first                     |

Nothing here is secret: it is what residents are told. That it is ours is another matter: bundles and models carry a
mark under HOTLINE_SECRET_KEY, so that who gets at Redis can put neither words into our mouth nor a model into our
memory.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import redis

from bot import redis_client
from bot.errors import MemoryUnavailable, NoSuchRelease
from bot.flow_engine.model import FlowSet
from bot.flow_engine.reading import read_sources
from bot.languages.catalog import Translations, read_translations
from bot.languages.supported import LANGUAGES, SOURCE
from bot.sealing import Marks

_Kept = TypeVar("_Kept")
VERSION_KEY = "hotline:content"
_ACTIVE, _RELEASES, _OFF, _HISTORY = "hotline:active", "hotline:releases", "hotline:off", "hotline:history"
_KEPT = 50  # releases; older ones cannot be rolled back to
_TIMEOUT = 2.0


@dataclass(frozen=True)
class Bundle:
    """The texts of a release: flow files, finished translations, emergency patterns, the model, and what nobody signed.

    `unread` names emergency texts without a valid sign-off; production does not serve a bundle that has some.
    """

    flows: dict[str, str]
    translations: dict[str, list[tuple[str, str, str]]]
    emergency: str
    model: str = ""
    unread: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return hashlib.sha256(self._json()).hexdigest()[:12]

    def to_bytes(self) -> bytes:
        return zlib.compress(self._json(), 9)

    def _json(self) -> bytes:
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Bundle:
        """The inverse of `to_bytes`; raises ValueError for anything else."""
        try:
            values = json.loads(zlib.decompress(data))
            values["unread"] = tuple(values["unread"])
            values["translations"] = {
                language: [(context, text, translation) for context, text, translation in entries]
                for language, entries in values["translations"].items()
            }
            bundle = cls(**values)
            bundle._refuse_other_types()
            return bundle
        except (zlib.error, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(f"not a bundle: {type(error).__name__}") from error

    def _refuse_other_types(self) -> None:
        entries = (text for found in self.translations.values() for entry in found for text in entry)
        texts = (
            *self.flows,
            *self.flows.values(),
            *self.translations,
            *entries,
            self.emergency,
            self.model,
            *self.unread,
        )
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("a text that is none")
        if not re.fullmatch(r"[A-Za-z0-9._-]*", self.model):
            raise ValueError("a model of that name would be a file elsewhere")

    def read(self) -> tuple[FlowSet, Translations]:
        """The bundle as the readers would give it from a folder."""
        entries = {
            language: {(context, text): translation for context, text, translation in found}
            for language, found in self.translations.items()
            if language != SOURCE
        }
        languages = tuple(code for code in LANGUAGES if code in self.translations)
        return read_sources(self.flows), Translations(languages, entries)

    def changes(self, before: Bundle | None) -> list[str]:
        """What differs from `before`, in words for staff: files, languages, the model."""
        if before is None:
            return ["everything: it is the first release"]
        changed = [
            name for name in sorted({*self.flows, *before.flows}) if self.flows.get(name) != before.flows.get(name)
        ]
        changed += [
            f"translations ({code})"
            for code in sorted({*self.translations, *before.translations})
            if self.translations.get(code) != before.translations.get(code)
        ]
        changed += ["emergency words"] if self.emergency != before.emergency else []
        return changed + (["the model"] if self.model != before.model else [])


def bundle_of(flows: Path, emergency: Path, model: str, unread: tuple[str, ...]) -> Bundle:
    """The bundle of a flows folder. Its files must be readable: `hotline check` comes first."""
    translations = read_translations(flows / "locales")
    return Bundle(
        {f"{flows.name}/{path.name}": path.read_text(encoding="utf-8-sig") for path in sorted(flows.glob("*.yml"))},
        {
            language: sorted((context, text, found) for (context, text), found in entries.items())
            for language in translations.languages
            for entries in [translations.entries.get(language, {})]
        },
        emergency.read_text(encoding="utf-8"),
        model,
        unread,
    )


@dataclass(frozen=True)
class Release:
    """One published bundle."""

    number: int
    id: str
    by: str
    at: str
    note: str = ""


@dataclass(frozen=True)
class Event:
    """One line of the history. `what` is publish, rollback, off or on; `about` a release number or a flow."""

    what: str
    about: str
    by: str
    at: str
    note: str = ""


class Releases:
    """The releases in one Redis. Every method raises MemoryUnavailable when it does not answer."""

    def __init__(self, url: str, secret_keys: tuple[str, ...]) -> None:
        self._marks = Marks(secret_keys, b"releases")
        self._redis = redis_client.client(url, _TIMEOUT)

    def version(self) -> str:
        """The number that grows with every change; "" before the first."""
        with _guarded():
            found = self._redis.get(VERSION_KEY)
        return found.decode() if found else ""

    def active(self) -> Release | None:
        """The release that is served; None when the files of the installation are."""
        with _guarded():
            found = self._redis.get(_ACTIVE)
        return _read(Release, found) if found else None

    def bundle(self, release: Release) -> Bundle | None:
        """The texts of a release; None when they are gone or damaged."""
        key = _bundle_key(release)
        with _guarded():
            stored = self._redis.get(key)
        data = self._marks.unmarked(stored, key) if stored else None
        try:
            return Bundle.from_bytes(data) if data else None
        except ValueError:
            return None

    def model(self, name: str) -> bytes | None:
        """A published model; None when it is not there, or nobody who has our key put it there."""
        key = _model_key(name)
        with _guarded():
            stored: bytes | None = self._redis.get(key)
        return self._marks.unmarked(stored, key) if stored else None

    def publish(self, bundle: Bundle, model: bytes, by: str, note: str = "") -> Release:
        """Make `bundle` what is served."""
        numbers = [release.number for release in self.published()]
        release = Release(max(numbers, default=0) + 1, bundle.id, by, _now(), note)
        with _guarded(), self._redis.pipeline() as pipeline:
            for key, data in ((_bundle_key(release), bundle.to_bytes()), (_model_key(bundle.model), model)):
                pipeline.set(key, self._marks.marked(data, key))
            pipeline.lpush(_RELEASES, json.dumps(dataclasses.asdict(release)))
            self._activate(pipeline, release, Event("publish", str(release.number), by, release.at, note))
        self._forget_old()
        return release

    def rollback(self, by: str, number: int | None = None) -> Release:
        """Serve an earlier release again: number `number`, or the one that was published before the active one.

        Raises NoSuchRelease.
        """
        active, published = self.active(), self.published()
        if number is None:
            earlier = [release for release in published if active and release.number < active.number]
            wanted = max(earlier, key=lambda release: release.number, default=None)
        else:
            wanted = next((release for release in published if release.number == number), None)
        if wanted is None or self.bundle(wanted) is None:
            known = ", ".join(str(release.number) for release in published) or "none yet"
            raise NoSuchRelease(f"There is no such earlier release. There are: {known}.")
        with _guarded(), self._redis.pipeline() as pipeline:
            self._activate(pipeline, wanted, Event("rollback", str(wanted.number), by, _now()))
        return wanted

    def switch_off(self, flow: str, by: str, because: str) -> None:
        """Stop serving a topic."""
        event = Event("off", flow, by, _now(), because)
        with _guarded(), self._redis.pipeline() as pipeline:
            pipeline.hset(_OFF, flow, json.dumps(dataclasses.asdict(event)))
            self._note(pipeline, event)

    def switch_on(self, flow: str, by: str) -> None:
        """Serve a topic again."""
        with _guarded(), self._redis.pipeline() as pipeline:
            pipeline.hdel(_OFF, flow)
            self._note(pipeline, Event("on", flow, by, _now()))

    def switched_off(self) -> dict[str, Event]:
        """The topics that are off."""
        with _guarded():
            found = self._redis.hgetall(_OFF)
        events = {flow.decode("utf-8", "replace"): _read(Event, event) for flow, event in found.items()}
        return {flow: event for flow, event in events.items() if event}

    def history(self) -> list[Event]:
        """What was done, newest first."""
        with _guarded():
            lines = self._redis.lrange(_HISTORY, 0, -1)
        return [event for line in lines if (event := _read(Event, line))]

    def published(self) -> list[Release]:
        """Every release that can be served again, newest first."""
        with _guarded():
            lines = self._redis.lrange(_RELEASES, 0, _KEPT - 1)
        return [release for line in lines if (release := _read(Release, line))]

    def _activate(self, pipeline: Any, release: Release, event: Event) -> None:
        pipeline.set(_ACTIVE, json.dumps(dataclasses.asdict(release)))
        self._note(pipeline, event)

    def _note(self, pipeline: Any, event: Event) -> None:
        pipeline.lpush(_HISTORY, json.dumps(dataclasses.asdict(event)))
        pipeline.ltrim(_HISTORY, 0, 999)
        pipeline.incr(VERSION_KEY)
        pipeline.execute()

    def _forget_old(self) -> None:
        """Delete bundles and models that no kept release needs."""
        with _guarded():
            lines = self._redis.lrange(_RELEASES, 0, -1)
            everything = [release for line in lines if (release := _read(Release, line))]
            kept, old = everything[:_KEPT], everything[_KEPT:]
            if old:
                self._redis.ltrim(_RELEASES, 0, _KEPT - 1)
                needed = {release.id for release in kept}
                for release in old:
                    if release.id not in needed:
                        self._redis.delete(_bundle_key(release))
            bundles = [bundle for release in kept if (bundle := self.bundle(release))]
            models = {_model_key(bundle.model) for bundle in bundles}
            for key in self._redis.scan_iter("hotline:model:*"):
                if key.decode() not in models:
                    self._redis.delete(key)


def _bundle_key(release: Release) -> str:
    return f"hotline:release:{release.id}"


def _model_key(name: str) -> str:
    return f"hotline:model:{name}"


def _read(kind: Callable[..., _Kept], stored: bytes) -> _Kept | None:
    """A release or an event as it was stored; None for anything else."""
    try:
        return kind(**json.loads(stored))
    except (ValueError, TypeError, RecursionError):
        return None


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


@contextlib.contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except (redis.RedisError, OSError) as error:
        why = redis_client.why(error)
        raise MemoryUnavailable(f"Redis does not answer: {why}", why) from error
