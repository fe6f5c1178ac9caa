"""What `hotline check` looks for: one rule, one file. A rule takes the Project and yields Problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.flow_checks import (
    carrier_word,
    fuzzy_translation,
    lost_number,
    lost_placeholder,
    missing_fact,
    missing_flow,
    missing_phrase,
    missing_response,
    missing_slot,
    missing_step,
    missing_translation,
    too_many_segments,
    unknown_intent,
)
from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

Check = Callable[[Project], Iterator[Problem]]

ALL_CHECKS: tuple[Check, ...] = (
    missing_step.check,
    missing_flow.check,
    missing_slot.check,
    missing_fact.check,
    missing_response.check,
    missing_phrase.check,
    unknown_intent.check,
    missing_translation.check,
    fuzzy_translation.check,
    lost_placeholder.check,
    lost_number.check,
    too_many_segments.check,
    carrier_word.check,
)


def check_all(project: Project) -> list[Problem]:
    """Every problem of the project, by file and line: what the readers found, then what the rules find."""
    found = set(project.problems)
    for check in ALL_CHECKS:
        found.update(check(project))
    return sorted(found)
