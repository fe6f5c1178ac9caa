"""A catalog has an entry that no text of the flows uses.

Passes:  entries made by `hotline translations update`; what is not used any more stands at the end as `#~`.
Fails:   an entry whose English was changed by hand in the catalog.
Why:     a translator's work is never served, and nobody notices.
Mend:    run `hotline translations update`: the entry is matched with the new text, or put at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Place, Problem

RULE = "unused-translation"


def check(project: Project) -> Iterator[Problem]:
    """Live entries without a text."""
    known = {(words.context, words.text) for words in project.unique_texts()}
    for language, catalog in project.catalogs.items():
        for message in catalog:
            if message.id and (message.context or "", str(message.id)) not in known:
                text = " ".join(str(message.id).split())[:50]
                yield Problem(
                    Place(project.catalog_files[language], message.lineno or 1),
                    "warning",
                    f'No flow has the text "{text}". Run: hotline translations update',
                    RULE,
                )
