"""hotline review: a person signs what they have read; any later change voids it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message

from bot.errors import ContentError
from bot.flow_checks import check_all
from bot.flow_checks.project import Project, read_project
from bot.flow_engine.model import Flow
from bot.flow_engine.problems import did_you_mean
from bot.languages.catalog import write_catalog
from bot.reviews import FUZZY, MISSING, SignOff, entry_state, flow_sign_off, sign_entry
from bot.settings import FLOWS

# What a translation can be signed for beside flows: the other parts of the content.
_PARTS = ("phrases", "words", "facts")


def run(name: str, by: str, language: str | None, folder: Path = FLOWS) -> int:
    """Sign the flow `name` in English, or its translation in `language`. Returns the exit code."""
    by = " ".join(by.split())
    if not by or len(by) > 60 or "[" in by or "]" in by:
        raise ContentError("Say who has read it: --by and a name of at most 60 letters, without brackets.")
    project = read_project(folder, None)
    if name not in project.flows.flows and (language is None or name not in _PARTS):
        hint = did_you_mean(name, [*project.flows.flows, *(_PARTS if language else ())])
        raise ContentError(f'There is no flow "{name}".{hint}')
    file = project.flows.flows[name].place.file if name in project.flows.flows else ""
    faults = [problem for problem in check_all(project) if problem.level == "error" and problem.place.file == file]
    if faults:
        raise ContentError(f"A flow with errors cannot be signed; run `hotline check`. The first: {faults[0]}")
    if language is None:
        return _sign_flow(project.flows.flows[name], by, folder)
    return _sign_translation(project, name, by, language, folder)


def _sign_flow(flow: Flow, by: str, folder: Path) -> int:
    sign_off = flow_sign_off(flow, by, datetime.date.today())
    path = folder.parent / flow.place.file
    path.write_bytes(signed(path.read_bytes().decode("utf-8"), flow, sign_off).encode("utf-8"))
    texts = sum(1 for step in flow.steps.values() if step.say)
    click.echo(f"{flow.id}: {texts} texts signed by {by}. Any change of them voids this; commit {flow.place.file}.")
    return 0


def signed(source: str, flow: Flow, sign_off: SignOff) -> str:
    """`source` with the sign-off in the metadata of `flow`; every other line stays as it is.

    Raises ContentError when the flow has no block of metadata to sign.
    """
    lines = source.split("\n")
    start = flow.place.line
    indent = flow.place.column - 1
    end = next((at for at in range(start, len(lines)) if _ends_block(lines[at], indent)), len(lines))
    head = next((at for at in range(start, end) if re.fullmatch(r"\s+metadata:\s*(#.*)?", lines[at])), None)
    if head is None:
        raise ContentError(f'The flow "{flow.id}" has no `metadata:`. Add it with a `source:`; then sign again.')
    inner = len(lines[head + 1]) - len(lines[head + 1].lstrip())
    values = {
        "reviewed_on": sign_off.on,
        "reviewed_by": '"' + sign_off.by.replace("\\", "\\\\").replace('"', '\\"') + '"',
        "reviewed_hash": f'"{sign_off.hash}"',
    }
    block_end = next((at for at in range(head + 1, end) if _ends_block(lines[at], inner - 1)), end)
    at = head + 1
    for key, value in values.items():
        found = next((at for at in range(head + 1, block_end) if re.match(rf"\s{{{inner}}}{key}:", lines[at])), None)
        if found is None:
            lines.insert(at, f"{' ' * inner}{key}: {value}")
            found, block_end = at, block_end + 1
        else:
            lines[found] = f"{' ' * inner}{key}: {value}"
        at = found + 1
    return "\n".join(lines)


def _ends_block(line: str, indent: int) -> bool:
    """Whether `line` stands at `indent` or left of it, and so outside the block."""
    text = line.strip()
    return bool(text) and not text.startswith("#") and len(line) - len(line.lstrip()) <= indent


def _sign_translation(project: Project, name: str, by: str, language: str, folder: Path) -> int:
    if language not in project.catalogs:
        hint = did_you_mean(language, project.catalogs)
        raise ContentError(f'There is no catalog of "{language}"; there are {", ".join(project.catalogs)}.{hint}')
    catalog = project.catalogs[language]
    open_texts = [words for words, message in _entries(project, catalog, name) if entry_state(message) in _UNFINISHED]
    if open_texts:
        raise ContentError(
            f"{len(open_texts)} texts of {name} are not translated to {language} yet and cannot be signed. "
            f'The first: "{open_texts[0]}"'
        )
    count = 0
    for _, message in _entries(project, catalog, name):
        assert message is not None
        sign_entry(message, by, datetime.date.today())
        count += 1
    write_catalog(folder / "locales", language, catalog)
    click.echo(f"{name} in {language}: {count} texts signed by {by}. Any change of them voids this.")
    return 0


_UNFINISHED = {MISSING, FUZZY}


def _entries(project: Project, catalog: Catalog, name: str) -> Iterator[tuple[str, Message | None]]:
    """The texts of a flow or part with their entries."""
    for words in project.translatable():
        if words.context.partition("/")[0] == name:
            yield words.text, catalog.get(words.text, words.context)
