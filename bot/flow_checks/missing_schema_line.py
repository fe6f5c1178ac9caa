"""A flow file does not name its schema in the first line.

Passes:  `# yaml-language-server: $schema=flows.schema.json`
Fails:   a file that begins with `flows:`.
Why:     with that line an editor completes keys, explains them, and marks mistakes while you type.
Mend:    put it first; `hotline check --fix` does.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Edit, Place, Problem

RULE = "missing-schema-line"
LINE = "# yaml-language-server: $schema=flows.schema.json"


def check(project: Project) -> Iterator[Problem]:
    """Files that have another first line."""
    for file, first in project.first_lines.items():
        if first.strip() != LINE:
            place = Place(file)
            yield Problem(
                place,
                "warning",
                f"The first line does not name the schema, so editors cannot help. Put there: {LINE}",
                RULE,
                Edit(place, "", f"{LINE}\n"),
            )
