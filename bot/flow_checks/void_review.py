"""A text was changed after somebody signed it.

Passes:  a flow or a translation that is as it was when it was signed, or one that is still a draft.
Fails:   a flow whose `reviewed_hash` does not fit its words any more.
Why:     the name of a person stands for words they have not read; production refuses such emergency texts.
Mend:    have the text read again, then sign it: `hotline review FLOW --by NAME [--language es]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Place, Problem
from bot.reviews import VOID, entry_sign_off, entry_state, flow_state

RULE = "void-review"


def check(project: Project) -> Iterator[Problem]:
    """Sign-offs that do not hold any more."""
    for flow in project.flows.flows.values():
        if flow_state(flow) == VOID:
            by = flow.metadata.get("reviewed_by") or "somebody"
            yield Problem(
                flow.place,
                "warning",
                f"This flow changed after {by} signed it on {flow.metadata.get('reviewed_on')}. Have it read again, "
                f"then: hotline review {flow.id} --by NAME",
                RULE,
            )
    for language, catalog in project.catalogs.items():
        for message in catalog:
            if message.id and entry_state(message) == VOID and (sign_off := entry_sign_off(message)):
                part = (message.context or "").partition("/")[0]
                yield Problem(
                    Place(project.catalog_files[language], message.lineno or 1),
                    "warning",
                    f"This translation changed after {sign_off.by} signed it on {sign_off.on}. Have it read again, "
                    f"then: hotline review {part} --by NAME --language {language}",
                    RULE,
                )
