"""The rules' pages for staff, docs/rules: made from their docstrings, so that they say what the rule says."""

from __future__ import annotations

import inspect
import re
from types import ModuleType

_PART = re.compile(r"^(Passes|Fails|Why|Mend):\s+(.*?)(?=^\w+:|\Z)", re.MULTILINE | re.DOTALL)


def title(rule: ModuleType) -> str:
    """What the rule finds: the first sentence of its docstring."""
    return (inspect.getdoc(rule) or "").partition("\n\n")[0].replace("\n", " ")


def page(rule: ModuleType) -> str:
    """The rule's page in Markdown."""
    parts = {name: " ".join(text.split()) for name, text in _PART.findall(inspect.getdoc(rule) or "")}
    return (
        f"# {rule.RULE}\n\n{title(rule)}\n\n"
        f"**Passes:** {parts['Passes']}\n\n**Fails:** {parts['Fails']}\n\n"
        f"**Why:** {parts['Why']}\n\n**How to mend it:** {parts['Mend']}\n"
    )


def index(rules: tuple[ModuleType, ...]) -> str:
    """The table of all rules."""
    rows = "\n".join(f"| [{rule.RULE}]({rule.RULE}.md) | {title(rule)} |" for rule in _sorted(rules))
    return (
        "# What `hotline check` looks for\n\n"
        "One page a rule. The name of the rule stands in brackets at the end of each line that the check prints.\n\n"
        f"| rule | finds |\n|---|---|\n{rows}\n"
    )


def all_pages(rules: tuple[ModuleType, ...]) -> dict[str, str]:
    """File name → text, for the folder docs/rules."""
    return {"README.md": index(rules), **{f"{rule.RULE}.md": page(rule) for rule in _sorted(rules)}}


def _sorted(rules: tuple[ModuleType, ...]) -> list[ModuleType]:
    return sorted(rules, key=lambda rule: str(rule.RULE))
