"""An option is called like a word that works everywhere, and hides it.

Passes:  the option `Menu` that leads to the menu.
Fails:   `synonyms: [back]` under an option that leads to the school topic; one word for two commands.
Why:     an open question's own words come first: a resident who texts BACK would not get back.
Mend:    choose another word, or let the option lead to what the word does.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_checks.same_choice import names_of, place_of
from bot.flow_engine.folding import fold
from bot.flow_engine.model import Choice, Flow
from bot.flow_engine.problems import Problem
from bot.flow_engine.required import FLOW_OF_COMMAND
from bot.languages.supported import SOURCE

RULE = "hidden-command"


def check(project: Project) -> Iterator[Problem]:
    """Options that hide a command, and commands that share a word, in every language."""
    for language in (SOURCE, *project.catalogs):
        commands: dict[str, str] = {}
        for name, words in project.flows.words.items():
            if not project.content.is_command(name):
                continue
            for word in (project.content.translations.find(words, language) or "").split("|"):
                other = commands.setdefault(fold(word), name)
                if other != name and fold(word):
                    yield Problem(
                        place_of(project, words, language),
                        "error",
                        f'In {language} "{word.strip()}" stands for the commands "{other}" and "{name}". Keep one.',
                        RULE,
                    )
        commands.pop("", None)
        for flow in project.flows.flows.values():
            for step in flow.steps.values():
                for choice in step.choices:
                    yield from _hidden(project, flow, choice, commands, language)


def _hidden(project: Project, flow: Flow, choice: Choice, commands: dict[str, str], language: str) -> Iterator[Problem]:
    for word, words in names_of(project, choice, language):
        command = commands.get(fold(word))
        if command and FLOW_OF_COMMAND.get(command) != _leads_to(flow, choice):
            yield Problem(
                place_of(project, words, language),
                "warning",
                f'In {language} "{word}" is the word for "{command}", which does not work while this question is open. '
                "Choose another word.",
                RULE,
            )


def _leads_to(flow: Flow, choice: Choice) -> str:
    step = flow.steps.get(choice.then)
    return step.target if step and step.kind in {"link", "call"} else flow.id
