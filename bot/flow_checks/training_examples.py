"""Training examples that teach the model nothing, or the wrong thing.

Passes:  25 examples or more for each intent and language, each in one intent only.
Fails:   the same sentence under two intents; an intent with six examples; an example with a telephone number in it.
Why:     the model guesses where it has seen too little, and a guess on a legal question can hurt.
Mend:    delete the doubles; add examples as people really write them, without anybody's data.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bot.carrier_words import carrier_class
from bot.flow_checks.project import Example, Project
from bot.flow_engine.folding import fold
from bot.flow_engine.problems import Problem

RULE = "training-examples"
MIN_EXAMPLES = 25
_PERSONAL = re.compile(r"\+?\d[\d\-. ()]{8,}\d|\b[Aa]-?\d{8,9}\b|[\w.]+@[\w.]+\.\w+")


def check(project: Project) -> Iterator[Problem]:
    """Doubles, intents with too few examples, personal data, carriers' words."""
    seen: dict[tuple[str, str], Example] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for example in project.examples:
        counts[example.intent, example.language] += 1
        # Across languages one spelling may be two words.
        first = seen.setdefault((example.language, fold(example.text)), example)
        if first.intent != example.intent:
            yield Problem(
                example.place,
                "error",
                f'"{example.text}" is an example of "{first.intent}" too ({first.place}). Keep it in one.',
                RULE,
            )
        elif first is not example:
            yield Problem(
                example.place,
                "warning",
                f'"{example.text}" stands here a second time (first in line {first.place.line}). Delete one.',
                RULE,
            )
        if _PERSONAL.search(example.text):
            yield Problem(
                example.place, "error", "This example holds a number or an address of somebody. Take it out.", RULE
            )
        if carrier_class(example.text) == "STOP":
            yield Problem(
                example.place, "error", f'"{example.text}" never reaches us: the network acts on it. Delete it.', RULE
            )
    languages = {example.language for example in project.examples}
    for intent, place in project.intents.items():
        for language in sorted(languages):
            count = counts[intent, language]
            if count < MIN_EXAMPLES:
                yield Problem(
                    place,
                    "warning",
                    f'"{intent}" has {count} examples in {language}; {MIN_EXAMPLES} is the least. Add some.',
                    RULE,
                )
