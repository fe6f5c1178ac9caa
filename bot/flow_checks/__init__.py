"""What `hotline check` looks for: one rule, one file. A rule takes the Project and yields Problems.

Every module here with a `RULE` is a rule; its docstring is its page in docs/rules. One without `check` explains what
the readers find on their own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem

Check = Callable[[Project], Iterator[Problem]]

RULES: tuple[ModuleType, ...] = tuple(
    module
    for found in pkgutil.iter_modules(__path__)
    for module in [importlib.import_module(f"{__name__}.{found.name}")]
    if hasattr(module, "RULE")
)
ALL_CHECKS: tuple[Check, ...] = tuple(module.check for module in RULES if hasattr(module, "check"))


def check_all(project: Project) -> list[Problem]:
    """Every problem of the project, by file and line: what the readers found, then what the rules find."""
    found = set(project.problems)
    for check in ALL_CHECKS:
        found.update(check(project))
    return sorted(found)
