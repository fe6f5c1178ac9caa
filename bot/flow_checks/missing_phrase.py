"""One of the bot's own sentences is gone.

Passes:  flows/phrases.yml with every phrase the bot needs (apology, not_understood, more_hint, ...).
Fails:   a phrases.yml without `apology`.
Why:     residents would get an empty message when something goes wrong.
Mend:    add the phrase again.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Place, Problem, did_you_mean
from bot.flow_engine.required import REQUIRED_PHRASES

RULE = "missing-phrase"


def check(project: Project) -> Iterator[Problem]:
    """Required phrases that no file has, in one line."""
    phrases = project.flows.phrases
    file = next((phrase.place.file for phrase in phrases.values()), "flows/phrases.yml")
    missing = [name for name in REQUIRED_PHRASES if name not in phrases]
    if missing:
        spare = [known for known in phrases if known not in REQUIRED_PHRASES]
        hint = next((hint for name in missing if (hint := did_you_mean(name, spare))), "")
        what = f'The phrase "{missing[0]}" is' if len(missing) == 1 else f"The phrases {', '.join(missing)} are"
        yield Problem(Place(file), "error", f"{what} missing. Add what is missing under `phrases:`.{hint}", RULE)
