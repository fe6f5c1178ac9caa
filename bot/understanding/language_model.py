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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from bot.languages.choosing import LIKELY, SURE, UNSURE, Evidence
from bot.understanding.ngrams import language_features


def _changed(dictionary: str) -> Iterator[str]:
    """The characters that a dictionary of OpenCC turns into others."""
    for line in (resources.files("opencc") / "dictionary" / dictionary).read_text("utf-8").splitlines():
        character, _, others = line.partition("\t")
        if character not in others.split(" "):
            yield character


# Script name in Unicode's character names → the languages written in it, the likeliest first.
_SCRIPTS = {
    "CJK": ("zh-Hans", "zh-Hant"),
    "HANGUL": ("ko",),
    "BENGALI": ("bn",),
    "CYRILLIC": ("ru",),
    "ARABIC": ("ar", "ur"),
}
_URDU_LETTERS = frozenset("ٹڈڑںےھہگچپیک")
# Characters that only Simplified and only Traditional Chinese writes, Cantonese ones among the latter.
_SIMPLIFIED, _TRADITIONAL = (frozenset(_changed(name)) for name in ("STCharacters.txt", "TSCharacters.txt"))
_TRADITIONAL |= frozenset("嘅佢冇唔喺咗哋嚟啲嗰乜嘢攞喎啱")
# Names and words that are the same in every language say nothing.
_NEUTRAL = frozenset(("ice", "daca", "tps", "nyc", "idnyc", "actionnyc", "uscis", "ok", "visa", "911", "311", "asap"))
_SMOOTHING = 0.3
# Languages with a script of their own: in Latin letters they need more words to be believed.
_ROMANISED = frozenset({"zh-Hans", "zh-Hant", "ko", "ru", "bn", "ar", "ur"})
# Seldom written in Latin letters by people who text: a likeness there is little evidence.
_SELDOM_ROMANISED = frozenset({"zh-Hans", "zh-Hant", "ko"})
# How much seldomer than English a language comes in Latin letters: what tips the scale for one short word.
_RARITY = {code: 4.0 for code in _ROMANISED} | {"ht": 2.0, "fr": 2.0, "pl": 2.0}
_WORD = re.compile(r"[^\W\d_]+")
# A column of the model for texts in Arabic letters; Urdu and Arabic share them.
_IN_ARABIC = "/ARABIC"


@dataclass
class LanguageModel:
    """Log-probabilities of n-grams: a row per n-gram, a column per language; the row past the end is an unknown one."""

    languages: list[str]
    vocabulary: dict[str, int]
    rows: Any  # (n-grams + 1) × languages, float32

    def identify(self, text: str) -> Evidence:
        """The language of `text` and how certain it is."""
        candidates = script_languages(text)
        if candidates == _SCRIPTS["ARABIC"] or candidates == ("ur",):
            return self._in_arabic_letters(text, candidates)
        if candidates:
            return Evidence(candidates[0], SURE, candidates[1:])
        words = [word for word in text.split() if word.casefold().strip(".,;:!?¡¿") not in _NEUTRAL]
        letters = sum(character.isalpha() for word in words for character in word)
        if letters < 2 or not self.languages:
            return Evidence()
        features = language_features(" ".join(words))
        share, best = self._shares(features, "")
        if len(words) <= 2:
            # Runs of letters are much alike in all languages; a whole word is not.
            by_word, best_by_word = self._shares([name for name in features if name[:2] == "w "], "")
            share = max(share, by_word) if best == best_by_word else share
        if len(words) == 1 and f"w {words[0].casefold().strip('.,;:!?¡¿()')}" not in self.vocabulary:
            return Evidence(best, UNSURE)  # a name, a slip, a word of a language we do not know
        if best in _ROMANISED and len(words) < 3:
            return Evidence(best, UNSURE)  # English words look like pinyin
        if share >= 0.98 and letters >= 10 and len(words) >= 3 and best not in _SELDOM_ROMANISED:
            return Evidence(best, SURE)
        if share >= 0.8 and letters >= 4:
            return Evidence(best, LIKELY)
        return Evidence(best, UNSURE)

    def _in_arabic_letters(self, text: str, candidates: tuple[str, ...]) -> Evidence:
        share, best = self._shares(language_features(text), _IN_ARABIC)
        if best:
            others = [code for code in _SCRIPTS["ARABIC"] if code != best]
            candidates = (best,) if share >= 0.9 else (best, *others)
        return Evidence(candidates[0], SURE, candidates[1:])

    def _shares(self, features: Sequence[str], script: str) -> tuple[float, str]:
        """The likeliest of the languages in one script, and how likely; (0, "") where the model knows none."""
        columns = [
            at for at, name in enumerate(self.languages) if name.endswith(script) and (script or "/" not in name)
        ]
        if not columns:
            return 0.0, ""
        unknown = len(self.vocabulary)
        total = self.rows[[self.vocabulary.get(name, unknown) for name in features]].sum(axis=0)[columns]
        # n-grams overlap, so their evidence is far from independent: temper it.
        total *= 3.0 / (3.0 + math.sqrt(len(features) - 1))
        if not script:
            total -= [math.log(_RARITY.get(self.languages[at], 1.0)) for at in columns]
        shares = np.exp(total - total.max())
        shares /= shares.sum()
        best = int(shares.argmax())
        return float(shares[best]), self.languages[columns[best]].removesuffix(script)

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
    """Fit on texts whose language is known; those in a script of one language teach nothing and are left out."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text, language in zip(texts, languages):
        script = script_languages(text)
        if not script:
            counts[language].update(language_features(text))
        elif language in _SCRIPTS["ARABIC"]:
            counts[language + _IN_ARABIC].update(language_features(text))
    names = sorted(counts)
    vocabulary = sorted({feature for counter in counts.values() for feature, n in counter.items() if n >= 2})
    totals = np.array([sum(counts[name].values()) + _SMOOTHING * len(vocabulary) for name in names], dtype=np.float32)
    seen = np.array([[counts[name][feature] for name in names] for feature in vocabulary], dtype=np.float32)
    known = np.log((seen.reshape(len(vocabulary), len(names)) + _SMOOTHING) / totals)
    # What a language has never shown must not speak for the one with the least training text: it costs each the same.
    known = np.where(seen.reshape(known.shape) > 0, known, np.log(_SMOOTHING / totals).min())
    unknown = np.full((1, len(names)), np.log(_SMOOTHING / totals).mean() if names else 0.0)
    rows = np.concatenate([known, unknown]).astype(np.float32)
    return LanguageModel(names, {feature: at for at, feature in enumerate(vocabulary)}, rows)


def script_language(text: str) -> str | None:
    """The likeliest language of a text that is not in Latin letters, or None."""
    return next(iter(script_languages(text)), None)


def script_languages(text: str) -> tuple[str, ...]:
    """The languages that a text in other than Latin letters may be in, the likeliest first; () for Latin letters.

    A few English words among it do not count.
    """
    found: Counter[tuple[str, ...]] = Counter()
    latin = 0
    for word in _WORD.findall(text):
        scripts = Counter(filter(None, map(_script, word)))
        if not scripts:
            latin += 1
        for languages, letters in scripts.items():
            # Where words are not spaced, each character says as much as a word.
            found[languages] += letters if languages[0] in {"zh-Hans", "ko"} else 1
    if not found:
        return ()
    languages, weight = found.most_common(1)[0]
    if weight * 2 < latin:
        return ()
    if languages[0] == "zh-Hans":
        traditional, simplified = (sum(map(letters.__contains__, text)) for letters in (_TRADITIONAL, _SIMPLIFIED))
        return languages if traditional == simplified else ("zh-Hant",) if traditional > simplified else ("zh-Hans",)
    if languages[0] == "ar" and sum(character in _URDU_LETTERS for character in text) * 8 >= len(text):
        return ("ur",)
    return languages


def _script(character: str) -> tuple[str, ...] | None:
    if character < "\u0250":
        return None
    return _SCRIPTS.get(unicodedata.name(character, "").split(" ")[0].split("-")[0])
