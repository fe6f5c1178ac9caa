"""hotline transcripts: every flow walked through every choice, in every language, as pages to read and compare."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot import wording
from bot.channels.sms import segments
from bot.content import Content, load_content
from bot.errors import ContentError
from bot.flow_engine.desk_actions import served_by
from bot.flow_engine.dialogue import take_turn
from bot.flow_engine.heard import Heard
from bot.flow_engine.model import Flow
from bot.flow_engine.state import DialogueState
from bot.flow_engine.walking import Walk
from bot.languages.supported import LANGUAGES
from bot.settings import FLOWS
from bot.staff.shown_desk import circumstances

# What a resident writes to a question without options.
_SAMPLES = {"float": "2", "date": "3/15"}


@dataclass(frozen=True)
class Exchange:
    """What a resident sends ("" for the start of the flow) and the pages that come back, each with its price."""

    where: str
    sent: str
    pages: tuple[tuple[str, str], ...]


def run(languages: tuple[str, ...], output: Path, folder: Path = FLOWS) -> int:
    """Write the pages. Returns the exit code."""
    content = load_content(folder)
    for language in languages:
        if language not in content.languages:
            raise ContentError(f'There is no catalog of "{language}"; there are {", ".join(content.languages)}.')
    shown = languages or content.languages
    output.mkdir(parents=True, exist_ok=True)
    pages = _Pages([LANGUAGES[language] for language in shown])
    index = []
    for flow in content.flows.flows.values():
        columns = [list(walk(content, flow, language)) for language in shown]
        (output / f"{flow.id}.html").write_text(pages.flow(flow, columns), encoding="utf-8")
        index.append((flow.id, flow.name.text, len(columns[0])))
    (output / "index.html").write_text(pages.index(index), encoding="utf-8")
    click.echo(f"{len(index)} flows in {', '.join(shown)}: open {output / 'index.html'}")
    return 0


def walk(content: Content, flow: Flow, language: str) -> Iterator[Exchange]:
    """The start of a flow, then every choice of every question in it, each question once.

    Flows that ask the desk of appointments are shown with every answer it can give.
    """
    seen: set[str] = set()
    for clerk in circumstances(content, flow):
        context: dict[str, object] = {"desk": "books" if clerk else "none"}
        with served_by(clerk) if clerk else contextlib.nullcontext():
            yield from _walk(content, flow, language, context, seen, {"appointment": clerk.before} if clerk else {})


def _walk(
    content: Content, flow: Flow, language: str, context: dict[str, object], seen: set[str], slots: dict[str, object]
) -> Iterator[Exchange]:
    state = DialogueState(language=language, language_sure=True, introduced=True, slots=slots)
    first = Walk(content, state, "sms", context)
    first.start(flow.id)
    state.said = first.said
    yield Exchange("", "", _pages(content, state))
    waiting = [state]
    while waiting:
        state = waiting.pop(0)
        there = Walk(content, state.copy(), "sms")
        if not there.has_open_question() or there.open_question()[0].id != flow.id:
            continue
        _, step = there.open_question()
        if step.id in seen:
            continue
        seen.add(step.id)
        choices = content.choices(step, state.slots)
        slot = content.flows.slots.get(step.target)
        texts = [f"{number} {content.text(choice.say, language)}" for number, choice in enumerate(choices, start=1)]
        for text in texts or [_SAMPLES.get(slot.type if slot else "", "ok")]:
            after = take_turn(content, state, Heard(text.split(" ")[0] if choices else text, context=context))
            yield Exchange(step.id, text, _pages(content, after))
            waiting.append(after)


def _pages(content: Content, state: DialogueState) -> tuple[tuple[str, str], ...]:
    """Every page of the reply, as a resident who asks for more gets them."""
    state = state.copy()
    past_the_end = wording.phrase_text(content, "no_more", state.language or "en")
    found = []
    for page in range(9):
        state.page = page
        text = wording.reply_text(content, state)
        if page and text == past_the_end:
            break
        price = segments(text)
        found.append((text, f"{price.count} {price.alphabet}"))
    return tuple(found)


class _Pages:
    def __init__(self, languages: list[object]) -> None:
        folder = FileSystemLoader(Path(__file__).parent)
        environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined)
        self._template = environment.get_template("transcripts.html")
        self._languages = languages

    def flow(self, flow: Flow, columns: list[list[Exchange]]) -> str:
        # Languages have the same steps; a row is one exchange in all of them.
        rows = [list(row) for row in zip(*columns)]
        return self._template.render(
            title=f"{flow.id}: {flow.name.text}", languages=self._languages, rows=rows, index=[]
        )

    def index(self, flows: list[tuple[str, str, int]]) -> str:
        return self._template.render(title="All transcripts", languages=self._languages, rows=[], index=flows)
