"""hotline cost: what the first answers of all topics cost in SMS parts, language by language."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path

import click

from bot.channels.sms import as_sent, segments
from bot.content import Content, load_content
from bot.flow_engine.dialogue import take_turn
from bot.flow_engine.heard import Heard
from bot.flow_engine.required import OUT_OF_SCOPE
from bot.flow_engine.state import DialogueState
from bot.languages.supported import LANGUAGES, SOURCE
from bot.settings import FLOWS
from bot.wording import reply_text

_DEAREST = 10


@dataclass(frozen=True)
class Answer:
    """The first reply to a question about a topic: how many parts, in which alphabet."""

    topic: str
    parts: int
    alphabet: str


def run(language: str | None, folder: Path = FLOWS) -> int:
    """Print the table or, for one language, its dearest answers. Returns the exit code."""
    content = load_content(folder)
    if language is not None and language not in content.languages:
        raise click.UsageError(f'There is no catalog of "{language}"; there are {", ".join(content.languages)}.')
    if language is not None:
        for answer in sorted(answers(content, language), key=lambda one: -one.parts)[:_DEAREST]:
            click.echo(f"{answer.parts} parts  {answer.alphabet:6}  {answer.topic}")
        return 0
    click.echo(f"{'first answers':32}{'mean':>6}{'most':>6}{'UCS-2':>7}{'to English':>12}")
    of = {code: answers(content, code) for code in content.languages}
    means = {code: statistics.mean(one.parts for one in found) for code, found in of.items()}
    for code, found in of.items():
        dear = sum(one.alphabet != "GSM-7" for one in found)
        name = f"{LANGUAGES[code].english_name} ({code})"
        most, ratio = max(one.parts for one in found), means[code] / means[SOURCE]
        click.echo(f"{name:32}{means[code]:6.1f}{most:6}{dear:7}{ratio:11.1f}x")
    click.echo(
        "\nParts of the first reply to a question about each topic. UCS-2: how many need the alphabet of 70 letters"
        " a part.\nThe dearest of a language: hotline cost --language CODE"
    )
    return 0


def answers(content: Content, language: str) -> list[Answer]:
    """The first reply of every topic that a question leads to, without what is said to newcomers."""
    found = []
    for intent, (flow, _) in content.flow_of_intent.items():
        if flow.id == OUT_OF_SCOPE:
            continue
        before = DialogueState(language=language, language_sure=True, introduced=True)
        text = reply_text(content, take_turn(content, before, Heard("", ranking=((intent, 1.0),))))
        price = segments(as_sent(text))
        found.append(Answer(flow.id, price.count, price.alphabet))
    return found
