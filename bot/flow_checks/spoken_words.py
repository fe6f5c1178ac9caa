"""Words for the telephone that cannot be spoken: a web address, an emoji; or more than six options.

Passes:  `voice: The page is on the City's website. I can text it to you.`
Fails:   `voice: See https://nyc.gov/idnyc`, or a question with seven choices.
Why:     a voice reads an address letter by letter and an emoji not at all; nobody keeps seven options in mind.
Mend:    write other words under `voice:`; split the question in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Place, Problem

RULE = "spoken-words"
MAX_OPTIONS = 6
_ADDRESS = re.compile(r"https?://|www\.|\b[\w-]+\.(?:gov|org|com|net|us)\b", re.IGNORECASE)
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u20e3\U0001f000-\U0001faff]")


def check(project: Project) -> Iterator[Problem]:
    """Spoken texts in every language, and questions that are too long to be heard."""
    for flow in project.flows.flows.values():
        for step in flow.steps.values():
            if len(step.choices) > MAX_OPTIONS:
                yield Problem(
                    step.place,
                    "warning",
                    f"This question has {len(step.choices)} options; callers keep {MAX_OPTIONS} in mind. Split it.",
                    RULE,
                )
    for words in project.unique_texts():
        if words.kind == "voice":
            yield from _speakable(words.text, words.place)
    for _, words, message, place in project.translated():
        if words.kind == "voice":
            yield from _speakable(str(message.string), place)


def _speakable(text: str, place: Place) -> Iterator[Problem]:
    for pattern, what in ((_ADDRESS, "a web address"), (_EMOJI, "an emoji")):
        if found := pattern.search(text):
            yield Problem(
                place,
                "error",
                f'"{found.group(0)}" is {what}, which cannot be spoken. Say it in words, or offer to text it.',
                RULE,
            )
