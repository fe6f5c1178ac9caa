"""Two options of one question can be called the same.

Passes:  `I want a lawyer` beside `I want to talk to a person`.
Fails:   `School` beside `school!`, or one synonym under two options, in any language.
Why:     capitals, accents and signs do not count when a resident replies: only the first option can be chosen.
Mend:    choose other words in the language the message names.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.folding import fold
from bot.flow_engine.model import Choice, Step, Words
from bot.flow_engine.problems import Place, Problem
from bot.languages.supported import SOURCE

RULE = "same-choice"


def check(project: Project) -> Iterator[Problem]:
    """Labels and synonyms that read the same after folding."""
    for flow in project.flows.flows.values():
        for step in flow.steps.values():
            for language in (SOURCE, *project.catalogs):
                yield from _in_language(project, step, language)


def _in_language(project: Project, step: Step, language: str) -> Iterator[Problem]:
    named: dict[str, tuple[int, str]] = {}
    for index, choice in enumerate(step.choices):
        for word, words in names_of(project, choice, language):
            first, label = named.setdefault(fold(word), (index, choice.say.text))
            if first != index:
                yield Problem(
                    place_of(project, words, language),
                    "error",
                    f'In {language} "{word}" stands for "{label}" and for "{choice.say.text}". Choose another word.',
                    RULE,
                )


def names_of(project: Project, choice: Choice, language: str) -> Iterator[tuple[str, Words]]:
    """Everything an option can be called in a language, and the text it stands in."""
    for words in (choice.say, choice.synonyms):
        text = project.content.translations.find(words, language) if words else None
        for word in (text or "").split("|"):
            if words and fold(word):
                yield word.strip(), words


def place_of(project: Project, words: Words, language: str) -> Place:
    """Where the words of a language stand: in the flow, or in the catalog."""
    if language == SOURCE:
        return words.place
    message = project.catalogs[language].get(words.text, words.context)
    return Place(project.catalog_files[language], (message.lineno or 1) if message else 1)
