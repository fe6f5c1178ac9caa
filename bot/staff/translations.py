"""hotline translations extract | update | export | import | status"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot.errors import ContentError
from bot.flow_checks.project import read_project
from bot.flow_engine.model import FlowSet
from bot.flow_engine.reading import read_flows
from bot.languages import exchange
from bot.languages.catalog import catalog_path, read_catalog, shipped_languages, write_catalog
from bot.languages.extracting import template, updated
from bot.languages.supported import LANGUAGES, SOURCE
from bot.reviews import FUZZY, MISSING, entry_state
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


def export(language: str, form: str, only: str, output: Path) -> int:
    """Write the texts of a language for a translator. Returns the exit code."""
    rows = exchange.rows_of(_readable_flows().translatable(), _catalog(language), only)
    rows = list(dict.fromkeys(rows))
    output.write_bytes(exchange.to_csv(rows) if form == "csv" else exchange.to_xliff(rows, language))
    click.echo(f"{output}: {len(rows)} texts. Back with: hotline translations import {output} --language {language}")
    return 0


def take(file: Path, language: str | None, dry_run: bool) -> int:
    """Take over a translator's file. Returns the exit code: 1 when some rows were refused."""
    data = file.read_bytes()
    is_xml = data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    language = language or (exchange.language_in(data) if is_xml else None)
    if language is None:
        raise ContentError("Say which language the file is in: --language, such as --language es.")
    catalog = _catalog(language)
    result = exchange.take_over(exchange.from_xliff(data) if is_xml else exchange.from_csv(data), catalog)
    if not dry_run and result.taken:
        write_catalog(LOCALES, language, catalog)
    would = "would be taken" if dry_run else "taken as drafts"
    click.echo(f"{language}: {result.taken} {would}, {result.unchanged} unchanged, {len(result.refused)} refused.")
    for english, why in result.refused:
        click.echo(f'  "{" ".join(english.split())[:60]}": {why}')
    return 1 if result.refused else 0


def _catalog(language: str) -> Catalog:
    if language == SOURCE or not catalog_path(LOCALES, language).is_file():
        known = ", ".join(code for code in shipped_languages(LOCALES) if code != SOURCE)
        raise ContentError(f'There is no catalog of "{language}"; there are {known}.')
    return read_catalog(LOCALES, language)


def status(as_json: bool) -> int:
    """Print flow × language. Returns the exit code."""
    table = _count()
    if as_json:
        click.echo(json.dumps(table, indent=1))
        return 0
    languages = [code for code in shipped_languages(LOCALES) if code != SOURCE]
    width = max(map(len, table), default=10)
    # Five languages beside each other fit a terminal of a hundred columns.
    for at in range(0, len(languages), 5):
        _print_table(table, languages[at : at + 5], width)
    click.echo("A number is texts done of all; then what is open, and the words left to translate.")
    click.echo("Drafts are served, and wait for a person's signature: hotline review FLOW --by NAME --language CODE")
    return 0


def _print_table(table: dict[str, dict[str, dict[str, int]]], languages: list[str], width: int) -> None:
    click.echo(" " * width + "".join(f"{language:>16}" for language in languages))
    total = {language: dict.fromkeys(_COUNTED, 0) for language in languages}
    for flow, row in table.items():
        click.echo(f"{flow:<{width}}" + "".join(f"{_cell(row[language]):>16}" for language in languages))
        for language in languages:
            for name in _COUNTED:
                total[language][name] += row[language][name]
    click.echo("-" * (width + 16 * len(languages)))
    click.echo(f"{'all':<{width}}" + "".join(f"{_cell(total[language]):>16}" for language in languages))
    for name, words in (
        ("missing", "missing"),
        ("fuzzy", "English changed"),
        ("draft", "draft"),
        ("words", "words left"),
    ):
        click.echo(f"{words:<{width}}" + "".join(f"{total[language][name]:>16}" for language in languages))
    click.echo("")


def _cell(counts: dict[str, int]) -> str:
    left = f" ({counts['words']} w)" if counts["words"] else ""
    return f"{counts['done']}/{counts['all']}{left}"


_OPEN = {"missing": "missing", "fuzzy": "English changed", "draft": "draft", "words": "words left"}
_COUNTED = ("all", "done", "missing", "fuzzy", "draft", "void", "reviewed", "words")


def _count() -> dict[str, dict[str, dict[str, int]]]:
    project = read_project(FLOWS, None)
    table: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for words in project.translatable():
        flow = words.context.partition("/")[0]
        for language, catalog in project.catalogs.items():
            counts = table[flow].setdefault(language, dict.fromkeys(_COUNTED, 0))
            state = entry_state(catalog.get(words.text, words.context))
            counts["all"] += 1
            counts[state] += 1
            if state in {MISSING, FUZZY}:
                counts["words"] += len(words.text.split())
            else:
                counts["done"] += 1
    return dict(table)


def _readable_flows() -> FlowSet:
    flows = read_flows(FLOWS)
    errors = [problem for problem in flows.problems if problem.level == "error"]
    if errors:
        # A text that cannot be read would look like one that was deleted, and its translations would be lost.
        raise ContentError(f"The flows have errors; mend them first. The first: {errors[0]}")
    return flows
