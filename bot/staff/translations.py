"""hotline translations extract | update | status"""

from __future__ import annotations

import json
import sys
from collections import defaultdict

import click
from babel.messages.pofile import write_po

from bot.errors import ContentError
from bot.flow_checks.project import read_project
from bot.flow_engine.model import FlowSet
from bot.flow_engine.reading import read_flows
from bot.languages.catalog import catalog_path, read_catalog, shipped_languages, write_catalog
from bot.languages.extracting import template, updated
from bot.languages.supported import LANGUAGES, SOURCE
from bot.settings import FLOWS

LOCALES = FLOWS / "locales"


def extract() -> int:
    """Print the template. Returns the exit code."""
    write_po(sys.stdout.buffer, template(_readable_flows()), width=120)
    return 0


def update(languages: tuple[str, ...]) -> int:
    """Update the named catalogs, or all there are. Returns the exit code."""
    for language in languages:
        if language not in LANGUAGES or language == SOURCE:
            known = ", ".join(code for code in LANGUAGES if code != SOURCE)
            raise ContentError(f'"{language}" is not a language of the hotline; there are {known}.')
    flows = _readable_flows()
    for language in languages or shipped_languages(LOCALES):
        if language == SOURCE:
            continue
        old = read_catalog(LOCALES, language) if catalog_path(LOCALES, language).is_file() else None
        catalog = updated(old, language, flows)
        write_catalog(LOCALES, language, catalog)
        todo = sum(1 for message in catalog if message.id and (message.fuzzy or not message.string))
        click.echo(f"{language}: {len(catalog)} texts, {todo} to do")
    return 0


def status(as_json: bool) -> int:
    """Print flow × language. Returns the exit code."""
    table = _count()
    if as_json:
        click.echo(json.dumps(table, indent=1))
        return 0
    languages = [code for code in shipped_languages(LOCALES) if code != SOURCE]
    width = max(map(len, table), default=10)
    click.echo(" " * width + "".join(f"{language:>24}" for language in languages))
    for flow, row in table.items():
        click.echo(f"{flow:<{width}}" + "".join(f"{_cell(row[language]):>24}" for language in languages))
    click.echo("\nA number is done of all; then what is to do. Drafts are served, and wait for a person's review.")
    return 0


def _cell(counts: dict[str, int]) -> str:
    done = counts["done"]
    extra = [f"{counts[name]} {name}" for name in ("missing", "fuzzy", "draft") if counts[name]]
    return f"{done}/{counts['all']}" + (f" {', '.join(extra)}" if extra else "")


def _count() -> dict[str, dict[str, dict[str, int]]]:
    project = read_project(FLOWS, None)
    table: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for words in project.unique_texts():
        flow = words.context.partition("/")[0]
        for language, catalog in project.catalogs.items():
            counts = table[flow].setdefault(language, dict.fromkeys(("all", "done", "missing", "fuzzy", "draft"), 0))
            counts["all"] += 1
            message = catalog.get(words.text, words.context)
            if message is None or not message.string:
                counts["missing"] += 1
            elif message.fuzzy:
                counts["fuzzy"] += 1
            else:
                counts["done"] += 1
                counts["draft"] += any(comment.startswith("draft") for comment in message.user_comments)
    return dict(table)


def _readable_flows() -> FlowSet:
    flows = read_flows(FLOWS)
    errors = [problem for problem in flows.problems if problem.level == "error"]
    if errors:
        # A text that cannot be read would look like one that was deleted, and its translations would be lost.
        raise ContentError(f"The flows have errors; mend them first. The first: {errors[0]}")
    return flows
