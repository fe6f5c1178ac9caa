"""What the rules look at: the flows, the catalogs with their fuzzy entries, and the intents of the training data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError

from bot.content import Content
from bot.flow_engine.model import FlowSet, Words
from bot.flow_engine.problems import Place, Problem
from bot.flow_engine.reading import read_flows
from bot.flow_engine.yaml_nodes import Mapping as YamlMapping
from bot.flow_engine.yaml_nodes import Scalar, Sequence, parse
from bot.languages.catalog import catalog_path, read_catalog, read_translations, shipped_languages
from bot.languages.supported import SOURCE


@dataclass(frozen=True)
class Project:
    """Everything staff edit. `intents` tells where each intent of the training data first stands."""

    content: Content
    catalogs: Mapping[str, Catalog] = field(default_factory=dict)
    catalog_files: Mapping[str, str] = field(default_factory=dict)
    intents: Mapping[str, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def flows(self) -> FlowSet:
        return self.content.flows

    def translated(self) -> Iterator[tuple[str, Words, Message, Place]]:
        """Every text with its finished or fuzzy translation: (language, English, entry, place in the PO file)."""
        for language, catalog in self.catalogs.items():
            for words in self.unique_texts():
                message = catalog.get(words.text, words.context)
                if message is not None and message.string:
                    yield language, words, message, Place(self.catalog_files[language], message.lineno or 1)

    def unique_texts(self) -> Iterator[Words]:
        """Every text once, though it may stand in several places of a step."""
        seen: set[tuple[str, str]] = set()
        for words in self.flows.texts():
            if (words.context, words.text) not in seen:
                seen.add((words.context, words.text))
                yield words


def read_project(flows_folder: Path, nlu_folder: Path | None) -> Project:
    """Read everything; what cannot be read is in `problems`."""
    flows = read_flows(flows_folder)
    locales = flows_folder / "locales"
    translations = read_translations(locales)
    catalogs, files = {}, {}
    for language in shipped_languages(locales):
        if language != SOURCE:
            try:
                catalogs[language] = read_catalog(locales, language)
            except (PoFileError, UnicodeDecodeError, ValueError):
                continue  # read_translations has said so
            files[language] = str(catalog_path(locales, language).relative_to(flows_folder.parent))
    intents, problems = _read_intents(nlu_folder) if nlu_folder else ({}, [])
    content = Content(flows, translations)
    return Project(content, catalogs, files, intents, (*content.problems, *problems))


def _read_intents(folder: Path) -> tuple[dict[str, Place], list[Problem]]:
    intents: dict[str, Place] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        node, faults = parse(path.read_text(encoding="utf-8"), f"{folder.name}/{path.name}")
        problems += faults
        blocks = node.get("nlu") if isinstance(node, YamlMapping) else None
        for block in blocks.items if isinstance(blocks, Sequence) else ():
            intent = block.get("intent") if isinstance(block, YamlMapping) else None
            if isinstance(intent, Scalar):
                intents.setdefault(intent.text, intent.place)
    return intents, problems
