"""One of the bot's own sentences is gone.

Passes:  flows/phrases.yml with every phrase the bot needs (apology, not_understood, more_hint, ...).
Fails:   a phrases.yml without `apology`.
Why:     residents would get an empty message when something goes wrong.
Mend:    add the phrase again.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.dialogue import REQUIRED_PHRASES
from bot.flow_engine.problems import Place, Problem, did_you_mean

RULE = "missing-phrase"


def check(project: Project) -> Iterator[Problem]:
    """Required phrases that no file has."""
    phrases = project.flows.phrases
    place = next((phrase.place for phrase in phrases.values()), Place("flows/phrases.yml"))
    for name in REQUIRED_PHRASES:
        if name not in phrases:
            spare = [known for known in phrases if known not in REQUIRED_PHRASES]
            hint = did_you_mean(name, spare)
            yield Problem(
                Place(place.file), "error", f'The phrase "{name}" is missing. Add it under `phrases:`.{hint}', RULE
            )
