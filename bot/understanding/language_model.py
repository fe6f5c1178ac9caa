"""Which language a short text is in: the script decides; among Latin texts a naive Bayes model of n-grams does.

General language detectors fail here: on one to eight words they are near a coin flip for Latin scripts, and most do
not know Haitian Creole. This model is trained on the hotline's own example texts.
"""

from __future__ import annotations

import io
import json
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.languages.choosing import LIKELY, SURE, UNSURE, Evidence
from bot.understanding.ngrams import language_features

# Script name in Unicode's character names → language.
_SCRIPTS = {
    "CJK": "zh-Hans",
    "HANGUL": "ko",
    "BENGALI": "bn",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
}
_URDU_LETTERS = frozenset("ٹڈڑںےھہکگچپی")
# Names and words that are the same in every language say nothing.
_NEUTRAL = frozenset(("ice", "daca", "tps", "nyc", "idnyc", "actionnyc", "uscis", "ok", "visa", "911", "311", "asap"))
_SMOOTHING = 0.3
# Languages with a script of their own: in Latin letters they need more words to be believed.
_ROMANISED = frozenset({"zh-Hans", "zh-Hant", "ko", "ru", "bn", "ar", "ur"})
_WORD = re.compile(r"[^\W\d_]+")


@dataclass
class LanguageModel:
    """Log-probabilities of n-grams: a row per n-gram, a column per language; the row past the end is an unknown one."""

    languages: list[str]
    vocabulary: dict[str, int]
    rows: Any  # (n-grams + 1) × languages, float32

    def identify(self, text: str) -> Evidence:
        """The language of `text` and how certain it is."""
        script = script_language(text)
        if script is not None:
            return Evidence(script, SURE)
        words = [word for word in text.split() if word.casefold().strip(".,;:!?¡¿") not in _NEUTRAL]
        letters = sum(character.isalpha() for word in words for character in word)
        if letters < 2 or not self.languages:
            return Evidence()
        share, best = self._shares(" ".join(words))
        if len(words) == 1 and f"w {words[0].casefold().strip('.,;:!?¡¿()')}" not in self.vocabulary:
            return Evidence(best, UNSURE)  # a name, a slip, a word of a language we do not know
        if best in _ROMANISED and len(words) < 3:
            return Evidence(best, UNSURE)  # English words look like pinyin
        if share >= 0.98 and letters >= 10 and len(words) >= 3:
            return Evidence(best, SURE)
        if share >= 0.85 and letters >= 4:
            return Evidence(best, LIKELY)
        return Evidence(best, UNSURE)

    def _shares(self, text: str) -> tuple[float, str]:
        features = language_features(text)
        unknown = len(self.vocabulary)
        total = self.rows[[self.vocabulary.get(name, unknown) for name in features]].sum(axis=0)
        # n-grams overlap, so their evidence is far from independent: temper it.
        total *= 3.0 / (3.0 + math.sqrt(len(features)))
        shares = np.exp(total - total.max())
        shares /= shares.sum()
        best = int(shares.argmax())
        return float(shares[best]), self.languages[best]

    def to_bytes(self) -> bytes:
        """The model as one NPZ archive; holds no pickles."""
        buffer = io.BytesIO()
        words = json.dumps([self.languages, list(self.vocabulary)], ensure_ascii=False).encode()
        np.savez_compressed(buffer, words=np.frombuffer(words, dtype=np.uint8), rows=self.rows.astype(np.float16))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> LanguageModel:
        """The inverse of `to_bytes`."""
        archive = np.load(io.BytesIO(data), allow_pickle=False)
        languages, names = json.loads(archive["words"].tobytes())
        return cls(languages, {name: at for at, name in enumerate(names)}, archive["rows"].astype(np.float32))


def train(texts: Sequence[str], languages: Sequence[str]) -> LanguageModel:
    """Fit on texts whose language is known; texts in a script of their own are left out."""
    names = sorted(set(languages))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text, language in zip(texts, languages):
        if script_language(text) is None:
            counts[language].update(language_features(text))
    names = [name for name in names if counts[name]]
    vocabulary = sorted({feature for counter in counts.values() for feature, n in counter.items() if n >= 2})
    totals = np.array([sum(counts[name].values()) + _SMOOTHING * len(vocabulary) for name in names], dtype=np.float32)
    seen = np.array([[counts[name][feature] for name in names] for feature in vocabulary], dtype=np.float32)
    known = np.log((seen.reshape(len(vocabulary), len(names)) + _SMOOTHING) / totals)
    # An unknown n-gram must not speak for the language with the least training text: it costs each the same.
    unknown = np.full((1, len(names)), np.log(_SMOOTHING / totals).mean() if names else 0.0)
    rows = np.concatenate([known, unknown]).astype(np.float32)
    return LanguageModel(names, {feature: at for at, feature in enumerate(vocabulary)}, rows)


def script_language(text: str) -> str | None:
    """The language of a text that is not in Latin letters, or None. A few English words among it do not count."""
    found: Counter[str] = Counter()
    latin = 0
    for word in _WORD.findall(text):
        languages = Counter(filter(None, map(_script, word)))
        if not languages:
            latin += 1
        for language, letters in languages.items():
            # Where words are not spaced, each character says as much as a word.
            found[language] += letters if language in {"zh-Hans", "ko"} else 1
    if not found:
        return None
    language, weight = found.most_common(1)[0]
    if weight * 2 < latin:
        return None
    if language == "ar" and sum(character in _URDU_LETTERS for character in text) * 8 >= len(text):
        return "ur"
    return language


def _script(character: str) -> str | None:
    if character < "\u0250":
        return None
    return _SCRIPTS.get(unicodedata.name(character, "").split(" ")[0].split("-")[0])
