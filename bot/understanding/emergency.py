"""What cannot wait: word patterns that stand in for the model where seconds count. Staff keep them in YAML."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.flow_engine.folding import fold


@dataclass
class EmergencyPatterns:
    """Per flow: lists of word groups of which each must occur, and one of which none may."""

    rules: tuple[tuple[str, tuple[re.Pattern[str], ...], re.Pattern[str] | None], ...]

    def find(self, text: str) -> str | None:
        """The id of the flow that `text` calls for, or None."""
        folded = fold(text)
        for flow_id, needed, excluded in self.rules:
            if all(pattern.search(folded) for pattern in needed) and not (excluded and excluded.search(folded)):
                return flow_id
        return None


@functools.lru_cache(maxsize=4)
def read_patterns(path: Path) -> EmergencyPatterns:
    """Read `emergency.yml`; see the file for its form."""
    return patterns_in(path.read_text(encoding="utf-8"))


def patterns_in(source: str) -> EmergencyPatterns:
    """The patterns of a file's text; raises ValueError, KeyError or TypeError where it has another form."""
    try:
        data = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise ValueError("the emergency words are not YAML") from error
    groups: Mapping[str, re.Pattern[str]] = {
        name: _pattern([str(word) for words in languages.values() for word in words])
        for name, languages in data["word_groups"].items()
    }
    return EmergencyPatterns(
        tuple(
            (
                rule["flow"],
                tuple(groups[name] for name in rule["all_of"]),
                _any([groups[name] for name in rule["none_of"]]) if rule.get("none_of") else None,
            )
            for rule in data["emergencies"]
        )
    )


def _pattern(words: list[str]) -> re.Pattern[str]:
    alternatives = []
    for word in words:
        folded = re.escape(fold(word)).replace(r"\ ", r"\s+")
        if not fold(word)[:1].isascii() and "\u3040" <= fold(word)[:1] <= "\u9fff":
            alternatives.append(folded)  # no spaces between words: anywhere
        else:
            alternatives.append(rf"\b{folded}" + ("" if word.endswith("*") else r"\b"))
    return re.compile("|".join(alternatives))


def _any(patterns: list[re.Pattern[str]]) -> re.Pattern[str]:
    return re.compile("|".join(pattern.pattern for pattern in patterns))
