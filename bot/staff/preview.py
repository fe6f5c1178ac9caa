"""hotline translations preview: one page with every text in English and one language, to read and sign."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.channels.gsm_alphabet import plain_punctuation
from bot.channels.sms import segments
from bot.errors import ContentError
from bot.flow_checks.project import Project, read_project
from bot.flow_engine.model import Words
from bot.languages.supported import LANGUAGES, SOURCE
from bot.reviews import MISSING, entry_state
from bot.settings import FLOWS

_PIECE = re.compile(r'(\{[a-z_][\w.]*\}|"[^"\n{}]+")')
_SENT = {"say", "ask", "collect", "phrase", "stale"}


def run(language: str, output: Path | None, folder: Path = FLOWS) -> int:
    """Write the page. Returns the exit code."""
    project = read_project(folder, None)
    if language not in project.catalogs:
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
    for words in project.unique_texts():
        part, _, step = words.context.partition("/")
        flow = project.flows.flows.get(part)
        title = f"{part}: {flow.name.text}" if flow else part
        entry = flows.setdefault(part, {"id": part, "title": title, "texts": []})
        entry["texts"].append(_text(project, words, step, language))
    for entry in flows.values():
        counted = Counter(text["state"] for text in entry["texts"])
        entry["counts"] = ", ".join(f"{count} {state}" for state, count in counted.items())
    page = environment.get_template("preview.html")
    return page.render(language=LANGUAGES[language], flows=list(flows.values()))


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
        price = segments(plain_punctuation(_filled(project, text, language)))
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
