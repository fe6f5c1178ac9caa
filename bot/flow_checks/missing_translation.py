"""A text has no translation in a language the hotline speaks.

Passes:  every text of the flows with a msgstr in flows/locales/<language>/LC_MESSAGES/flows.po.
Fails:   a new sentence in a flow, without `hotline translations update` and a translator's work.
Why:     residents get it in English, with a line that says so.
Mend:    run `hotline translations update`, then fill in the entry.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

RULE = "missing-translation"


def check(project: Project) -> Iterator[Problem]:
    """Texts without a translation, one line for each text with all its languages."""
    for words in project.translatable():
        missing = []
        for language, catalog in project.catalogs.items():
            message = catalog.get(words.text, words.context)
            if message is None or not message.string:
                missing.append(language)
        if missing:
            text = words.text.replace("\n", " ")
            short = text if len(text) <= 50 else text[:47] + "..."
            yield Problem(
                words.place,
                "warning",
                f'"{short}" is not translated into {", ".join(missing)}: residents get English. '
                "Run `hotline translations update` and fill it in.",
                RULE,
            )
