"""The real hotline in this process: real content, trained model, a Redis and a database of its own; started once."""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import redis
import structlog

from bot import local_redis
from bot.settings import Settings
from bot.start import Hotline, start_hotline
from bot.understanding import sentence_encoder

TOKEN = "the auth token of the fuzzer"
SECRET = "a secret of the fuzzer that is long enough"
PERSON, OURS = "+12125550100", "+15005550010"
PUBLIC_URL = "https://rights.example.org"
_TABLES = ("reminders", "handoffs", "appointments", "opt_outs")


class QuickEncoder:
    """Stands in for the sentence encoder, which costs more than all the rest of a message: true vectors of a few true
    sentences, chosen by the text. The target `understand` runs the true one."""

    SENTENCES = ("police at my door", "no tengo abogado", "我的孩子在学校", "mwen pèdi travay mwen", "hello", "asdf")

    def __init__(self) -> None:
        true = sentence_encoder.SentenceEncoder()
        self._vectors = [true.encode(sentence) for sentence in self.SENTENCES]

    def encode(self, text: str) -> Any:
        at = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=2).digest()
        vector = self._vectors[at[0] % len(self._vectors)] + 0.3 * self._vectors[at[1] % len(self._vectors)]
        return (vector / np.linalg.norm(vector)).astype(np.float32)


class UnderTest:
    """A hotline, its log, and a way back to the beginning between two inputs."""

    def __init__(self, hotline: Hotline, redis_url: str) -> None:
        self.hotline = hotline
        self.store = redis.Redis.from_url(redis_url)
        self.log: list[dict[str, Any]] = []
        self._booked = False
        database = hotline.database
        assert database is not None
        writing = database.writing

        @contextlib.contextmanager
        def noted() -> Iterator[Any]:
            self._booked = True
            with writing() as connection:
                yield connection

        self._writing = writing
        database.writing = noted  # type: ignore[method-assign]

    def begin(self) -> None:
        """Nobody has ever called: an input must find what it found when it was first tried."""
        structlog.configure(
            processors=[structlog.contextvars.merge_contextvars, self._note],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        )
        self.store.flushdb()
        self.log.clear()
        if self._booked:
            with self._writing() as connection:
                for table in _TABLES:
                    connection.exec_driver_sql(f"DELETE FROM {table}")
            self._booked = False

    def failures(self) -> list[str]:
        """What the hotline had to excuse itself for."""
        said = [
            f"{line['event']} {line.get('error')} {line.get('at', '')}" for line in self.log if line["level"] == "error"
        ]
        return said or ["too slow" for line in self.log if line.get("outcome") == "too_slow"]

    def _note(self, logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
        self.log.append({**event, "level": method})
        raise structlog.DropEvent


@functools.lru_cache(maxsize=2)
def under_test(true_encoder: bool = False) -> UnderTest:
    """The hotline of this process."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    url = stack.enter_context(local_redis.of_our_own())
    # In memory where there is such a folder: the disk is not what is tried here.
    shared = Path("/dev/shm")
    folder = stack.enter_context(tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None))
    settings = Settings(
        secret_keys=(SECRET,),
        redis_url=url,
        database_url=f"sqlite:///{folder}/appointments.db",
        contact_private_keys=("ab" * 32,),
        transfer_number=PERSON,
        phone_number=OURS,
    )
    if true_encoder:
        return UnderTest(start_hotline(settings, logging.INFO), url)
    from bot.rasa_engine import intent_classifier

    with mock.patch.object(intent_classifier, "the_encoder", functools.lru_cache(QuickEncoder)):
        return UnderTest(start_hotline(settings, logging.INFO), url)
