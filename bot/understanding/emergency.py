"""What cannot wait: words that stand in for the model where seconds count. Staff keep them in YAML.

Thousands of phrases in a dozen languages are looked up by their first word, so that a text costs what its own words
cost, not what the lists hold.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError
from bot.flow_engine.folding import fold

_ARABIC_AND, _SHORTEST = "و", 3  # "and" is written on to the word behind it
_Phrase = tuple[tuple[str, ...], bool, str]  # the words after the first, whether the last may go on, the group


@dataclass
class WordGroups:
    """Which groups of words a text holds. "knock*" also means knocking; Chinese words are found inside others."""

    phrases: dict[str, list[_Phrase]] = field(default_factory=lambda: defaultdict(list))
    beginnings: dict[str, list[_Phrase]] = field(default_factory=lambda: defaultdict(list))
    inside: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, group: str, word: str) -> None:
        """Take up one entry of a group."""
        folded, open_end = fold(word), word.endswith("*")
        first, *rest = folded.split() or [""]
        if not first:
            return
        if any(map(_unspaced, folded)):
            self.inside[folded.replace(" ", "")].append(group)
        elif open_end and not rest:
            self.beginnings[first].append(((), False, group))
        else:
            self.phrases[first].append((tuple(rest), open_end, group))

    def found(self, text: str) -> set[str]:
        """The groups of which `text` holds a word."""
        folded = fold(text)
        words = folded.split()
        return {
            group
            for at in range(len(words))
            for rest, open_end, group in self._begun(words[at])
            if _goes_on(words, at + 1, rest, open_end)
        } | self._inside(folded)

    def _begun(self, word: str) -> Iterator[_Phrase]:
        yield from self._begun_by(word)
        if word[0] == _ARABIC_AND and len(word) > _SHORTEST:
            # Once: a word of nothing but this letter would be looked up as often as it is long.
            yield from self._begun_by(word[1:])

    def _begun_by(self, word: str) -> Iterator[_Phrase]:
        yield from self.phrases.get(word, ())
        for end in range(1, min(len(word), self._longest_beginning) + 1):
            yield from self.beginnings.get(word[:end], ())

    def _inside(self, folded: str) -> set[str]:
        if not any(map(_unspaced, folded)):
            return set()
        joined = folded.replace(" ", "")
        # One regular expression of all of them would be slower: it tries each at each place.
        return {
            group
            for start in range(len(joined))
            for end in range(start + 1, min(start + self._longest, len(joined)) + 1)
            for group in self.inside.get(joined[start:end], ())
        }

    @functools.cached_property
    def _longest_beginning(self) -> int:
        return max(map(len, self.beginnings), default=0)

    @functools.cached_property
    def _longest(self) -> int:
        return max(map(len, self.inside), default=0)


def _unspaced(character: str) -> bool:
    return "\u3040" <= character <= "\u9fff"


def _goes_on(words: list[str], at: int, rest: tuple[str, ...], open_end: bool) -> bool:
    if len(words) < at + len(rest):
        return False
    if not open_end:
        return tuple(words[at : at + len(rest)]) == rest
    return tuple(words[at : at + len(rest) - 1]) == rest[:-1] and words[at + len(rest) - 1].startswith(rest[-1])


@dataclass
class EmergencyPatterns:
    """Per flow: the groups of which each must occur, and those of which none may."""

    rules: tuple[tuple[str, frozenset[str], frozenset[str]], ...]
    groups: WordGroups = field(default_factory=WordGroups)

    def adopt(self, others: EmergencyPatterns) -> None:
        """Look for `others` from now on. Whoever holds this object sees all of them change at once."""
        self.__dict__.update(vars(others))

    def find(self, text: str) -> str | None:
        """The id of the flow that `text` calls for, or None."""
        found = self.groups.found(text)
        if found:
            for flow_id, needed, excluded in self.rules:
                if needed <= found and not excluded & found:
                    return flow_id
        return None


@functools.lru_cache(maxsize=4)
def read_patterns(path: Path) -> EmergencyPatterns:
    """Read `emergency.yml`; see the file for its form."""
    return patterns_in(path.read_text(encoding="utf-8"))


def patterns_in(source: str) -> EmergencyPatterns:
    """The patterns of a file's text; raises ContentError where it has another form."""
    try:
        # Both loaders are safe.
        return _read(yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"The emergency words cannot be read: line {line}, {error.problem}.") from error
    except KeyError as error:
        raise ContentError(f"The emergency words lack {error}.") from error
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ContentError(
            f"The emergency words have not the form that the head of their file tells ({type(error).__name__})."
        ) from error


def _read(data: Any) -> EmergencyPatterns:
    names: Mapping[str, Mapping[str, Iterable[object]]] = data["word_groups"]
    groups = WordGroups()
    for name, languages in names.items():
        for words in languages.values():
            for word in words:
                groups.add(name, str(word))
    rules = []
    for rule in data["emergencies"]:
        needed, excluded = frozenset(rule["all_of"]), frozenset(rule.get("none_of") or ())
        if unknown := (needed | excluded) - names.keys():
            raise KeyError(next(iter(unknown)))
        rules.append((str(rule["flow"]), needed, excluded))
    return EmergencyPatterns(tuple(rules), groups)
