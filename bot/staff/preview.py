"""hotline translations preview: one page with every text, its English beside it, to read and sign.

For English the page is the lawyer's: every text with its sources, dates, facts and what is on hold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.channels.sms import as_sent, segments
from bot.errors import ContentError
from bot.flow_checks.project import Project, read_project
from bot.flow_engine.model import PLACEHOLDER, Flow, Words
from bot.languages.supported import LANGUAGES, SOURCE
from bot.reviews import MISSING, entry_state
from bot.settings import FLOWS

_PIECE = re.compile(r'(\{[a-z_][\w.]*\}|"[^"\n{}]+")')
_TYPED = {"synonyms", "words"}
_SENT = {"say", "ask", "collect", "phrase", "stale"}


def run(language: str, output: Path | None, folder: Path = FLOWS) -> int:
    """Write the page. Returns the exit code."""
    project = read_project(folder, None)
    if language not in {SOURCE, *project.catalogs}:
        raise ContentError(f'There is no catalog of "{language}"; there are {", ".join(project.catalogs)}.')
    page = preview(project, language)
    if output is None:
        click.echo(page, nl=False)
    else:
        output.write_text(page, encoding="utf-8")
        click.echo(f"Written: {output}. Open it in a browser; print it to sign.")
    return 0


def preview(project: Project, language: str) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    flows: dict[str, dict[str, Any]] = {}
    for words in project.unique_texts() if language == SOURCE else project.translatable():
        part, _, step = words.context.partition("/")
        flow = project.flows.flows.get(part)
        title = f"{part}: {flow.name.text}" if flow else part
        entry = flows.setdefault(part, {"id": part, "title": title, "texts": [], "about": _about(flow)})
        if language != SOURCE:
            entry["texts"].append(_text(project, words, step, language))
        elif words.kind not in _TYPED:
            entry["texts"].append(_english_text(project, words, step, flow))
    for entry in flows.values():
        counted = Counter(text["state"] for text in entry["texts"])
        entry["counts"] = ", ".join(f"{count} {state or 'texts'}" for state, count in counted.items())
    page = environment.get_template("preview.html")
    shown = [entry for entry in flows.values() if entry["texts"]]
    return page.render(language=LANGUAGES[language], english=language == SOURCE, flows=shown)


def _about(flow: Flow | None) -> list[str]:
    """Where a topic is from, whether it is signed, and by when it is to be read again."""
    if flow is None:
        return []
    signed = flow.metadata.get("reviewed_by")
    return [
        *(f"Source: {source}" for source in flow.sources),
        f"Signed by {signed} on {flow.metadata.get('reviewed_on')}" if signed else "Not signed yet",
        f"To be read again by {flow.metadata.get('review_by')}",
    ]


def _english_text(project: Project, words: Words, step: str, flow: Flow | None) -> dict[str, Any]:
    """A text with the sources of the facts in it, and why it is on hold if it is."""
    facts = [project.flows.facts.get(name) for name in PLACEHOLDER.findall(words.text)]
    notes = [f"{fact.id}: {fact.source}, as of {fact.as_of}; valid until {fact.review_by}" for fact in facts if fact]
    held = flow.steps[step].hold if flow and step in flow.steps else None
    price = segments(as_sent(_filled(project, words.text, SOURCE)))
    return {
        "where": f"{step} · {words.kind}" if step else words.kind,
        "state": "on hold" if held else "",
        "price": f"{price.count} {price.alphabet}" if words.kind in _SENT else "",
        "english": _marked(project, words.text, SOURCE),
        "translation": "\n".join([f"On hold: {held}"] * bool(held) + notes),
    }


def _text(project: Project, words: Words, step: str, language: str) -> dict[str, Any]:
    message = project.catalogs[language].get(words.text, words.context)
    state = entry_state(message)
    translation = str(message.string) if message and message.string else ""
    sent = words.kind in _SENT and state != MISSING
    prices = _prices(project, words, translation, language) if sent else ()
    return {
        "where": f"{step} · {words.kind}" if step else words.kind,
        "state": state,
        "price": " / ".join(prices),
        "english": _marked(project, words.text, SOURCE),
        "translation": _marked(project, translation, language),
    }


def _prices(project: Project, words: Words, translation: str, into: str) -> Iterator[str]:
    for text, language in ((words.text, SOURCE), (translation, into)):
        price = segments(as_sent(_filled(project, text, language)))
        yield f"{price.count} {price.alphabet}"


def _filled(project: Project, text: str, language: str) -> str:
    return re.sub(r"\{([a-z_][\w.]*)\}", lambda match: _fact(project, match.group(1), language), text)


def _fact(project: Project, name: str, language: str) -> str:
    fact = project.flows.facts.get(name)
    if fact is None:
        return f"{{{name}}}"
    return project.content.text(fact.words, language) if fact.words else fact.value


def _marked(project: Project, text: str, language: str) -> Markup:
    """The text with its facts filled in and the sentences to say in English marked; everything else escaped."""
    pieces = []
    for piece in _PIECE.split(text):
        if piece.startswith("{") and piece.endswith("}"):
            filled = _fact(project, piece[1:-1], language)
            pieces.append(Markup('<span class="fact" title="{}">{}</span>').format(piece, filled))
        elif len(piece) > 1 and piece.startswith('"') and piece.endswith('"'):
            pieces.append(Markup("<q>{}</q>").format(piece))
        else:
            pieces.append(escape(piece))
    return Markup("").join(pieces)
